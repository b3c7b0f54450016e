"""Who may what with whose item, evidence, the clock of a return, objections, progress, and bulk refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.conftest import Begin
from tests.services.scenes import NEXT_BULLETIN, know, rows
from tests.support import at, take_in
from tracker.domain.classes import Proof
from tracker.domain.errors import TransitionError
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event, State
from tracker.domain.people import Role
from tracker.services import accounts, inspect, undo
from tracker.services.advance import perform
from tracker.services.evidence import Evidence
from tracker.services.office import Office
from tracker.services.step_back import undo_step

MONDAY = at("2021-07-26 10:00")
LINK = Evidence.link("https://example.invalid/column")


def imported(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))


@pytest.fixture(autouse=True)
def _bulletin(begin: Begin) -> None:
    begin(imported)


def item(office: Office, number: int) -> Item:
    return inspect.open_file(office, number).item


def refusal(office: Office, event: Event, *numbers: int, by: str, **more: object) -> str:
    before = rows(office)
    with pytest.raises(TransitionError) as caught:
        perform(office, event, numbers, by=by, now=MONDAY, reason="情况属实", **more)
    assert rows(office) == before
    return str(caught.value.details["refusal"])


def with_proof(office: Office, proof: Proof) -> Office:
    """The same office, whose every class wants such evidence."""
    classes = tuple(replace(each, evidence=proof) for each in office.rules.classes)
    return replace(office, rules=replace(office.rules, classes=classes))


def test_contacts_act_for_their_own_unit_only_and_never_judge_it(office: Office) -> None:
    know(office, "市教育局,王丽,联络员,13800000001,,,", "市民政局,周敏,负责人,13800000002,,,")
    assert refusal(office, Event.SIGN, 1, by="周敏") == "wrong_role"
    assert refusal(office, Event.WITHDRAW, 1, by="王丽") == "wrong_role"
    perform(office, Event.SIGN, [1], by="王丽", now=MONDAY)
    perform(office, Event.SIGN, [6], by="周敏", now=MONDAY)
    perform(office, Event.SUBMIT, [1], by="王丽", now=MONDAY)
    assert refusal(office, Event.STRIKE_OFF, 1, by="周敏") == "wrong_role"
    [closed] = perform(office, Event.STRIKE_OFF, [1], by="谁也不认识的人", now=MONDAY)
    assert closed.standing.state is State.STRUCK_OFF


def test_an_account_says_more_than_the_contacts_file(office: Office) -> None:
    know(office, "市教育局,王丽,联络员,13800000001,,,")
    accounts.save_account(office, "王丽", "invented-password-1", now=MONDAY, role=Role.HEAD)
    accounts.save_account(office, "方局", "invented-password-1", now=MONDAY, role=Role.LEADER)
    perform(office, Event.SUBMIT, [1], by="王丽", now=MONDAY)
    assert refusal(office, Event.SIGN, 6, by="王丽") == "wrong_role"
    assert refusal(office, Event.SIGN, 6, by="方局") == "wrong_role"
    perform(office, Event.STRIKE_OFF, [1], by="方局", now=MONDAY)
    accounts.save_account(office, "王丽", "invented-password-2", now=MONDAY)  # a new password, no new role
    assert accounts.list_accounts(office) == {"王丽": Role.HEAD, "方局": Role.LEADER}


def test_a_bulk_step_names_every_item_that_may_not(office: Office) -> None:
    perform(office, Event.SUBMIT, [1, 2, 3, 4], by="王丽", now=MONDAY)
    perform(office, Event.SUBMIT, [5], by="李强", now=MONDAY)
    with pytest.raises(TransitionError) as caught:
        perform(office, Event.STRIKE_OFF, range(1, 8), by="王丽", now=MONDAY)
    assert "第 1、2、3、4 号事项：报送人与核验人不能是同一人（王丽）" in caught.value.message
    assert "第 6、7 号事项：当前状态为“待签收”" in caught.value.message
    refused = caught.value.details["refused"]
    assert [(each["number"], each["refusal"]) for each in refused] == [
        *((number, "same_person") for number in (1, 2, 3, 4)),
        *((number, "wrong_state") for number in (6, 7)),
    ]
    assert item(office, 5).standing.state is State.SUBMITTED


@pytest.mark.parametrize(
    ("wanted", "given", "reason", "enough"),
    [
        (Proof.LINK, LINK, None, True),
        (Proof.FILE, LINK, None, False),
        (Proof.ANY, LINK, None, True),
        (Proof.ANY, None, None, False),
        (Proof.NOTE, None, "栏目已设置", True),
        (Proof.NOTE, LINK, None, False),
    ],
)
def test_a_class_that_wants_evidence_is_not_struck_off_without(
    office: Office, wanted: Proof, given: Evidence | None, reason: str | None, enough: bool
) -> None:
    strict, proofs = with_proof(office, wanted), [given] if given else []
    perform(strict, Event.SUBMIT, [4], by="王丽", now=MONDAY, reason=reason, evidence=proofs)
    if enough:
        perform(strict, Event.STRIKE_OFF, [4], by="核验员", now=MONDAY)
    else:
        assert refusal(strict, Event.STRIKE_OFF, 4, by="核验员") == "evidence_missing"


def test_only_evidence_since_the_last_submission_counts(office: Office) -> None:
    strict = with_proof(office, Proof.LINK)
    perform(strict, Event.SUBMIT, [4], by="王丽", now=MONDAY, evidence=[LINK])
    perform(strict, Event.RETURN, [4], by="核验员", now=MONDAY, reason="网页打不开")
    perform(strict, Event.SUBMIT, [4], by="王丽", now=MONDAY)
    assert refusal(strict, Event.STRIKE_OFF, 4, by="核验员") == "evidence_missing"
    # Who verifies may bring the proof too.
    perform(strict, Event.STRIKE_OFF, [4], by="核验员", now=MONDAY, evidence=[LINK])


def test_evidence_of_a_step_that_was_taken_back_is_kept_and_not_counted(office: Office) -> None:
    strict = with_proof(office, Proof.ANY)
    perform(strict, Event.SUBMIT, [4], by="王丽", now=MONDAY, reason="已设置", evidence=[LINK])
    undo_step(strict, [4], by="王丽", now=MONDAY)
    perform(strict, Event.SUBMIT, [4], by="王丽", now=MONDAY)
    assert refusal(strict, Event.STRIKE_OFF, 4, by="核验员") == "evidence_missing"
    perform(strict, Event.STRIKE_OFF, [4], by="核验员", now=MONDAY, evidence=[LINK])
    undo_step(strict, [4], by="核验员", now=MONDAY)
    assert refusal(strict, Event.STRIKE_OFF, 4, by="核验员") == "evidence_missing"
    assert [each.value for each in inspect.open_file(strict, 4).evidence] == [LINK.value] * 2


def test_evidence_stands_in_the_sealed_history(office: Office) -> None:
    proofs = [LINK, Evidence.file("截图.png", b"png")]
    perform(office, Event.SUBMIT, [4], by="王丽", now=MONDAY, evidence=proofs)
    link, file = inspect.open_file(office, 4).history[-1].detail["evidence"]
    assert link == {"kind": "link", "value": LINK.value, "sha256": None}
    assert (file["value"], file["sha256"]) == ("截图.png", proofs[1].sha256)
    assert len(file["sha256"]) == 64


def test_a_return_in_time_starts_a_shorter_clock_and_says_by_what_rule(office: Office) -> None:
    now = at("2021-07-30 16:00")  # the deadline's own day
    perform(office, Event.SUBMIT, [1], by="王丽", now=now)
    [back] = perform(office, Event.RETURN, [1], by="核验员", now=now, reason="仍有3件")
    assert back.standing.due_on == date(2021, 8, 4)
    assert (back.rule, back.counted_from) == ({"working_days": 3}, date(2021, 7, 30))
    row = inspect.open_file(office, 1).history[-1]
    assert row.detail["due_on"] == ["2021-07-30", "2021-08-04"]


def test_a_return_never_shortens_what_was_left_nor_forgives_what_was_late(office: Office) -> None:
    before = item(office, 4)  # ten working days
    perform(office, Event.SUBMIT, [1, 4], by="王丽", now=MONDAY)
    [kept] = perform(office, Event.RETURN, [4], by="核验员", now=MONDAY, reason="仍为空")
    assert (kept.standing.due_on, kept.rule) == (before.standing.due_on, before.rule)
    perform(office, Event.RETURN, [1], by="核验员", now=MONDAY, reason="不符")
    late = at("2021-08-02 10:00")
    perform(office, Event.SUBMIT, [1], by="王丽", now=late)
    [still] = perform(office, Event.RETURN, [1], by="核验员", now=late, reason="不符")
    assert still.standing.due_on == date(2021, 7, 30)


def test_a_grant_fixes_the_day_and_is_counted(office: Office) -> None:
    for day in (20, 27):
        to = date(2021, 8, day)
        perform(office, Event.EXTEND, [4], by="王丽", now=MONDAY, reason="改版", to=to)
        [granted] = perform(office, Event.GRANT, [4], by="核验员", now=MONDAY)
        assert (granted.rule, granted.counted_from) == ({"fixed": to.isoformat()}, None)
    assert granted.standing.extensions == 2
    assert refusal(office, Event.EXTEND, 4, by="王丽", to=date(2021, 9, 30)) == "too_many"


def test_an_upheld_objection_leaves_the_denominator(office: Office) -> None:
    perform(office, Event.OBJECT, [4, 5], by="王丽", now=MONDAY, reason="由市统计局负责")
    assert refusal(office, Event.OBJECT, 4, by="王丽") == "already_asked"
    assert refusal(office, Event.UPHOLD, 4, by="王丽") == "same_person"
    perform(office, Event.SUBMIT, [5], by="王丽", now=MONDAY)
    [upheld] = perform(office, Event.UPHOLD, [4], by="核验员", now=MONDAY, reason="情况属实")
    assert upheld.standing.state is State.WITHDRAWN
    [dismissed] = perform(office, Event.DISMISS, [5], by="核验员", now=MONDAY, reason="职责在市教育局")
    assert (dismissed.standing.state, dismissed.standing.objection_by) == (State.SUBMITTED, None)


def test_progress_is_kept_until_a_bulletin_counts_anew_and_comes_back_with_its_undoing(
    office: Office,
) -> None:
    number = 8  # 982 cases of 澜东区
    [counted] = perform(office, Event.PROGRESS, [number], by="王丽", now=MONDAY, left=400)
    assert (counted.quantity, counted.standing.remaining) == (982, 400)
    assert inspect.open_file(office, number).history[-1].detail["remaining"] == [None, 400]
    later = at("2021-10-22 17:00")
    plan = take_in(office, later, NEXT_BULLETIN, "三季度.txt")
    assert (item(office, number).quantity, item(office, number).standing.remaining) == (300, None)
    assert plan.bulletin_id is not None
    undo.undo(office, plan.bulletin_id, by="经办", reason="误读", now=later)
    assert (item(office, number).quantity, item(office, number).standing.remaining) == (982, 400)
