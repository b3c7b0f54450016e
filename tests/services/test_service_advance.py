"""The workflow: every verb with its history, all or none, evidence, extensions, and two people at once."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from datetime import date
from functools import partial

import pytest

from notifiers.base import Letter
from notifiers.sandbox import Sandbox
from tests.conftest import Begin, BuildOffice
from tests.services.scenes import at_once, counts, messages, rows
from tests.support import at, take_in
from tracker.domain.errors import NotFoundError, RectifyError, TransitionError
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event, State
from tracker.services import inspect
from tracker.services.advance import perform, watch
from tracker.services.evidence import MAX_EVIDENCE_BYTES, Evidence
from tracker.services.office import Office
from tracker.services.remind import remind

MONDAY = at("2021-07-26 10:00")


def imported(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))


@pytest.fixture(autouse=True)
def _bulletin(begin: Begin) -> None:
    begin(imported)


def item(office: Office, number: int) -> Item:
    return inspect.open_file(office, number).item


STEPS: dict[Event, tuple[tuple[Event, ...], State]] = {
    Event.SIGN: ((), State.SIGNED),
    Event.SUBMIT: ((Event.SIGN,), State.SUBMITTED),
    Event.RETURN: ((Event.SUBMIT,), State.SIGNED),
    Event.STRIKE_OFF: ((Event.SUBMIT,), State.STRUCK_OFF),
    Event.EXTEND: ((), State.OPEN),
    Event.GRANT: ((Event.EXTEND,), State.OPEN),
    Event.REFUSE: ((Event.EXTEND,), State.OPEN),
    Event.WITHDRAW: ((), State.WITHDRAWN),
    Event.DEFER: ((), State.DEFERRED),
    Event.REOPEN: ((Event.WITHDRAW,), State.OPEN),
    Event.OBJECT: ((), State.OPEN),
    Event.UPHOLD: ((Event.OBJECT,), State.WITHDRAWN),
    Event.DISMISS: ((Event.OBJECT,), State.OPEN),
    Event.PROGRESS: ((), State.OPEN),
}
OF_UNIT = {Event.SIGN, Event.SUBMIT, Event.EXTEND, Event.OBJECT, Event.PROGRESS}


def step(office: Office, event: Event, *numbers: int) -> list[Item]:
    by = "单位联络员" if event in OF_UNIT else "审批局核验员"
    to, left = date(2021, 9, 15), 0 if event is Event.PROGRESS else None
    return perform(office, event, numbers, by=by, now=MONDAY, reason="材料齐全", to=to, left=left)


@pytest.mark.parametrize("event", STEPS)
def test_every_verb_moves_the_item_and_writes_its_history(office: Office, event: Event) -> None:
    before, state = STEPS[event]
    number = 1 if event is Event.PROGRESS else 4  # one that counts something
    for earlier in before:
        step(office, earlier, number)
    [moved] = step(office, event, number)
    assert moved.standing.state is state
    assert item(office, number) == moved
    row = inspect.open_file(office, number).history[-1]
    assert (row.event, row.state, row.reason, row.at) == (event.value, state.value, "材料齐全", MONDAY)
    assert row.actor == ("单位联络员" if event in OF_UNIT else "审批局核验员")
    assert counts(office)["history"] == 9 + len(before) + 1


def test_every_verb_of_the_contract_has_such_a_test() -> None:
    assert set(STEPS) == set(Event)


@pytest.mark.parametrize(
    ("event", "numbers", "error", "words"),
    [
        (Event.SIGN, (1, 2, 4), TransitionError, "第 4 号事项（市教育局）.*不能签收"),
        (Event.SIGN, (1, 99, 98), NotFoundError, "98、99"),
    ],
)
def test_of_several_numbers_all_move_or_none(
    office: Office, event: Event, numbers: Sequence[int], error: type[RectifyError], words: str
) -> None:
    step(office, Event.SUBMIT, 4)
    before = rows(office)
    with pytest.raises(error, match=words):
        step(office, event, *numbers)
    assert rows(office) == before


def test_a_number_given_twice_is_one_step(office: Office) -> None:
    assert len(step(office, Event.SIGN, 1, 1)) == 1
    assert counts(office)["history"] == 10


def test_evidence_is_kept_with_its_step(office: Office) -> None:
    proofs = [Evidence.link("https://example.invalid/a"), Evidence.file("C:\\桌面\\截图.png", b"png")]
    perform(office, Event.SUBMIT, [1, 2], by="李联", now=MONDAY, evidence=proofs)
    for number in (1, 2):
        file = inspect.open_file(office, number)
        assert [(proof.kind, proof.value) for proof in file.evidence] == [
            ("link", "https://example.invalid/a"),
            ("file", "截图.png"),
        ]
        assert {proof.history_id for proof in file.evidence} == {file.history[-1].id}
        stored = file.evidence[1]
        assert stored.sha256 == hashlib.sha256(b"png").hexdigest()
        assert inspect.evidence_file(office, number, stored.id) == ("截图.png", b"png")


def test_a_file_is_only_given_out_for_its_own_item(office: Office) -> None:
    perform(office, Event.SUBMIT, [1], by="李联", now=MONDAY, evidence=[Evidence.file("a.png", b"png")])
    [proof] = inspect.open_file(office, 1).evidence
    with pytest.raises(NotFoundError):
        inspect.evidence_file(office, 2, proof.id)


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "空文件"), (b"0" * (MAX_EVIDENCE_BYTES + 1), "超过 20 MB")]
)
def test_useless_evidence_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(RectifyError, match=f"截图.png.*{words}"):
        Evidence.file("截图.png", content)


def test_nobody_acts_without_a_name(office: Office) -> None:
    with pytest.raises(TransitionError, match="办理人"):
        perform(office, Event.SIGN, [1], by="  ", now=MONDAY)


@pytest.mark.parametrize("event", [Event.STRIKE_OFF, Event.RETURN])
def test_who_submits_may_not_verify(office: Office, event: Event) -> None:
    perform(office, Event.SUBMIT, [1], by="李联", now=MONDAY)
    with pytest.raises(TransitionError, match="不能是同一人") as caught:
        perform(office, event, [1], by=" 李联 ", now=MONDAY, reason="不符")
    first = {"number": 1, "refusal": "same_person"}
    message = "报送人与核验人不能是同一人（李联）"
    assert caught.value.details == {**first, "refused": [{**first, "message": message}]}


def test_a_submission_turns_the_ladder_to_the_bureau_and_a_return_back_to_the_unit(office: Office) -> None:
    step(office, Event.SUBMIT, 1)
    assert item(office, 1).next_reminder_at == at("2021-07-29 09:00")  # three working days unverified
    assert inspect.open_file(office, 1).why == (
        "不再提醒责任单位：已报送整改，等待核验；如被退回将重新提醒。"
        "2021-07-29 09:00 仍未核验的，提醒审批局；但审批局尚未登记联系人，提醒只进入本地收件箱，请尽快登记。"
    )
    perform(office, Event.RETURN, [1], by="核验员", now=at("2021-07-29 10:00"), reason="仍有3件")
    # Three working days anew: Tuesday, 3 August; of its rungs that of 29 July is over.
    assert item(office, 1).standing.due_on == date(2021, 8, 3)
    assert item(office, 1).next_reminder_at == at("2021-08-02 09:00")
    assert item(office, 1).standing.submitted_at is None


def test_a_granted_extension_moves_deadline_and_ladder(office: Office) -> None:
    perform(office, Event.EXTEND, [1], by="李联", now=MONDAY, reason="系统升级", to=date(2021, 8, 20))
    assert item(office, 1).standing.due_on == date(2021, 7, 30)
    perform(office, Event.GRANT, [1], by="核验员", now=MONDAY)
    after = item(office, 1)
    assert (after.standing.due_on, after.standing.due_at) == (
        date(2021, 8, 20),
        at("2021-08-20 23:59").replace(second=59),
    )
    assert after.next_reminder_at == at("2021-08-11 09:00")  # seven working days before the new day
    row = inspect.open_file(office, 1).history[-1]
    assert row.detail["due_on"] == ["2021-07-30", "2021-08-20"]


def test_an_extension_into_an_unpublished_year_is_provisional(office: Office) -> None:
    perform(office, Event.EXTEND, [1], by="李联", now=MONDAY, reason="开发", to=date(2035, 3, 1))
    [granted] = perform(office, Event.GRANT, [1], by="核验员", now=MONDAY)
    assert granted.provisional


def test_a_refused_extension_leaves_everything_as_it_was(office: Office) -> None:
    before = item(office, 1)
    perform(office, Event.EXTEND, [1], by="李联", now=MONDAY, reason="忙", to=date(2021, 8, 20))
    perform(office, Event.REFUSE, [1], by="核验员", now=MONDAY, reason="不影响整改")
    assert item(office, 1) == before


def test_an_extension_asked_for_too_late_is_refused(office: Office) -> None:
    with pytest.raises(TransitionError, match="2021-07-30已过") as caught:
        perform(
            office,
            Event.EXTEND,
            [1],
            by="李联",
            now=at("2021-07-31 00:00"),
            reason="忙",
            to=date(2021, 8, 20),
        )
    assert caught.value.details["refusal"] == "after_deadline"


def test_a_deferral_has_reminders_of_its_own_before_its_end_and_after(office: Office) -> None:
    perform(office, Event.DEFER, [1], by="核验员", now=MONDAY, reason="机构改革", to=date(2021, 8, 10))
    assert item(office, 1).next_reminder_at == at("2021-07-30 09:00")  # seven working days before the end
    assert "到期前7个工作日（时限2021-07-30，暂缓至2021-08-10）" in inspect.open_file(office, 1).why
    for day in ("2021-07-30", "2021-08-05", "2021-08-09", "2021-08-10", "2021-08-11"):
        assert item(office, 1).next_reminder_at == at(f"{day} 09:00")
        remind(office, now=at(f"{day} 09:00"))
    texts = [each.text for each in messages(office) if "**1号**" in each.text]
    assert "请于8月10日周二前完成，剩余7个工作日" in texts[0]
    assert "逾期1个工作日" in texts[-1]


def test_a_signature_does_not_swallow_a_reminder_that_is_still_to_be_sent(office: Office) -> None:
    # The scheduler was down on Tuesday morning; the unit signs, and is reminded all the same.
    perform(office, Event.SIGN, [1], by="李联", now=at("2021-07-27 10:00"))
    reminding = remind(office, now=at("2021-07-27 10:01"))
    assert 1 in {number for each in reminding.planned for number in each.numbers}


def test_watching_a_page_is_for_problems_that_a_probe_can_see(office: Office) -> None:
    [watched] = watch(office, [4], url="https://example.invalid/", by="核验员", now=MONDAY)
    assert watched.page_url == "https://example.invalid/"
    assert inspect.open_file(office, 4).history[-1].detail == {"url": "https://example.invalid/"}
    before = rows(office)
    with pytest.raises(RectifyError, match="第 1 号事项属“办件未评价”"):
        watch(office, [4, 1], url="https://example.invalid/b", by="核验员", now=MONDAY)
    with pytest.raises(RectifyError, match="http"):
        watch(office, [4], url="file:///etc/passwd", by="核验员", now=MONDAY)
    assert rows(office) == before


def test_of_two_people_at_once_exactly_one_moves_the_item(build_office: BuildOffice, office: Office) -> None:
    other = build_office()
    for number in range(1, 10):
        step(office, Event.SUBMIT, number)
        results = at_once(
            partial(perform, office, Event.STRIKE_OFF, [number], by="甲", now=MONDAY),
            partial(perform, other, Event.RETURN, [number], by="乙", now=MONDAY, reason="不符"),
        )
        [lost] = [result for result in results if isinstance(result, Exception)]
        assert isinstance(lost, TransitionError)
        last = inspect.open_file(office, number).history[-1]
        assert last.actor == ("甲" if item(office, number).standing.state is State.STRUCK_OFF else "乙")
        assert len(inspect.open_file(office, number).history) == 3


class Interrupting(Sandbox):
    """A channel in whose `compose`, while reminders are being planned, somebody else acts."""

    def __init__(self) -> None:
        self.act: threading.Thread | None = None

    def compose(self, letter: Letter) -> Sequence[bytes]:
        if self.act is not None and self.act.ident is None:
            self.act.start()
            self.act.join(0.5)  # it waits for the planner's transaction; without a lock it would be done
        return super().compose(letter)


def test_a_submission_made_while_reminders_are_planned_ends_the_chasing(
    build_office: BuildOffice, office: Office
) -> None:
    channel = Interrupting()
    planner = build_office(channels={"sandbox": channel})
    submit = partial(perform, office, Event.SUBMIT, [1], by="李联", now=at("2021-07-27 09:00"))
    channel.act = threading.Thread(target=submit)
    remind(planner, now=at("2021-07-27 09:00"))
    channel.act.join()
    assert item(office, 1).standing.state is State.SUBMITTED
    assert item(office, 1).next_reminder_at == at("2021-07-30 09:00")  # the bureau's, not the unit's
    sent = len(messages(office))
    remind(planner, now=at("2021-07-30 09:00"))
    assert all("第1号" not in each.text for each in messages(office)[sent:])
