"""Handing out a new list: one message a contact and bulletin, whatever is pressed how often."""

from __future__ import annotations

from functools import partial

import pytest

from tests.conftest import BuildOffice
from tests.services.scenes import NEXT_BULLETIN, at_once, know, messages, rows, strike_off
from tests.support import at, take_in
from tracker.domain.errors import NotFoundError, TransitionError
from tracker.domain.lifecycle import Event
from tracker.services import contacts
from tracker.services.advance import perform
from tracker.services.deliver import deliver
from tracker.services.handout import hand_out
from tracker.services.office import Office
from tracker.services.undo import undo

NOW = at("2021-07-26 10:00")
EDU, CIVIL, EAST = "市教育局 李联（联络员）", "市民政局 孙联（联络员）", "澜东区 周联（联络员）"


@pytest.fixture(autouse=True)
def _town(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))
    know(
        office,
        "市教育局,李联,联络员,13800000001,,,",
        "市民政局,孙联,联络员,13800000002,,,",
        "市行政审批局,钱管,审批局,13800000004,,,",
    )


def kinds(office: Office) -> list[tuple[str, str, str]]:
    return [(each.kind, each.recipient, each.state) for each in messages(office)]


def test_each_contact_gets_one_message_that_counts_by_domain_and_names_the_earliest_deadline(
    office: Office,
) -> None:
    done = hand_out(office, 1, by="钱管", now=NOW)
    assert (done.told, done.without_contact, done.numbers) == ((EDU, CIVIL), ("澜东区",), 9)
    assert kinds(office) == [
        ("handout", EDU, "pending"),
        ("handout", CIVIL, "pending"),
        ("handout", "澜东区（未登记联络员）", "pending"),
    ]
    text = messages(office)[0].text
    assert "《全市政务服务季度考核情况通报》的问题清单现予交办，涉及 **市教育局** 的问题 **5** 项" in text
    assert "> 一网通办 **2** 项\n> 政务公开 **2** 项\n> 互联网+监管 **1** 项\n" in text
    assert "最早时限 **7月30日周五**" in text


def test_handing_out_again_tells_only_a_contact_added_since(office: Office) -> None:
    hand_out(office, 1, by="钱管", now=NOW)
    know(office, "市教育局,赵联,联络员,13800000009,,,")
    again = hand_out(office, None, by="钱管", now=at("2021-07-26 11:00"))
    assert again.told == ("市教育局 赵联（联络员）",)
    assert len(messages(office)) == 4
    assert hand_out(office, 1, by="钱管", now=at("2021-07-26 12:00")).told == ()
    assert len(messages(office)) == 4


def test_a_contact_who_was_registered_later_is_told_though_the_sandbox_has_it(office: Office) -> None:
    hand_out(office, 1, by="钱管", now=NOW)
    deliver(office, lambda: NOW)
    know(office, "澜东区,周联,联络员,13800000009,,,")
    again = hand_out(office, 1, by="钱管", now=at("2021-07-26 11:00"))
    assert (again.told, again.without_contact) == ((EAST,), ())


def test_what_waited_for_a_unit_without_a_contact_is_not_said_twice(office: Office) -> None:
    hand_out(office, 1, by="钱管", now=at("2021-07-26 19:00"))
    know(office, "澜东区,周联,联络员,13800000009,,,")
    assert hand_out(office, 1, by="钱管", now=at("2021-07-26 20:00")).told == ()
    assert ("handout", EAST, "pending") in kinds(office)


def test_two_people_who_press_at_once_tell_everybody_once(build_office: BuildOffice, office: Office) -> None:
    other = build_office()
    at_once(
        partial(hand_out, office, 1, by="钱管", now=NOW),
        partial(hand_out, other, 1, by="核验员", now=at("2021-07-26 10:01")),
    )
    assert sorted(who for _, who, _ in kinds(office)) == sorted([EDU, CIVIL, "澜东区（未登记联络员）"])


def test_a_dry_run_says_who_would_be_told_and_writes_nothing(office: Office) -> None:
    before = rows(office)
    assert hand_out(office, 1, by="钱管", now=NOW, dry_run=True).told == (EDU, CIVIL)
    assert rows(office) == before


def test_a_list_handed_out_at_night_leaves_in_the_morning_unless_all_was_handed_in_by_then(
    office: Office,
) -> None:
    hand_out(office, 1, by="钱管", now=at("2021-07-26 19:00"))
    assert deliver(office, lambda: at("2021-07-26 19:30")).accepted == 0
    perform(office, Event.SUBMIT, [6, 7], by="孙联", now=at("2021-07-26 20:00"))
    assert deliver(office, lambda: at("2021-07-27 09:00")).accepted == 2
    assert ("handout", CIVIL, "superseded") in kinds(office)


def test_what_is_finished_is_not_handed_out(office: Office) -> None:
    perform(office, Event.WITHDRAW, [6, 7], by="核验员", now=NOW, reason="不应列入")
    done = hand_out(office, 1, by="钱管", now=NOW)
    assert (done.told, done.numbers) == ((EDU,), 7)


def test_the_newest_list_is_chosen_and_what_it_lists_again_is_handed_out_with_it(office: Office) -> None:
    hand_out(office, None, by="钱管", now=NOW)
    strike_off(office, [6], at("2021-07-27 10:00"))
    take_in(office, at("2021-10-22 17:00"), NEXT_BULLETIN, "三季度.txt")
    done = hand_out(office, None, by="钱管", now=at("2021-10-25 10:00"))
    assert done.bulletin.id == 2
    assert done.told == (EDU,)  # 市民政局 is not in it
    assert done.without_contact == ("澜东区", "市审计局")
    assert done.numbers == 6


def test_only_the_bureau_hands_out(office: Office) -> None:
    before = rows(office)
    with pytest.raises(TransitionError, match="交办须由工作人员、分管领导或管理员办理"):
        hand_out(office, 1, by="李联", now=NOW)
    with pytest.raises(TransitionError, match="经办人"):
        hand_out(office, 1, by=" ", now=NOW)
    assert rows(office) == before


def test_a_list_that_is_not_there_or_was_taken_back_is_refused(office: Office) -> None:
    with pytest.raises(NotFoundError, match="没有序号为 7 的通报"):
        hand_out(office, 7, by="钱管", now=NOW)
    undo(office, 1, by="钱管", reason="选错了文件", now=NOW)
    with pytest.raises(TransitionError, match="已由钱管撤回，不能交办"):
        hand_out(office, 1, by="钱管", now=NOW)
    with pytest.raises(NotFoundError, match="还没有读入列有问题的通报"):
        hand_out(office, None, by="钱管", now=NOW)


def test_taking_an_import_back_takes_the_waiting_messages_of_its_hand_out_back(office: Office) -> None:
    hand_out(office, 1, by="钱管", now=NOW)
    undo(office, 1, by="钱管", reason="选错了文件", now=NOW)
    assert {state for _, _, state in kinds(office)} == {"superseded"}


def test_a_contact_who_has_left_passes_the_list_on(office: Office) -> None:
    hand_out(office, 1, by="钱管", now=at("2021-07-26 19:00"))
    know(office, "市教育局,赵联,联络员,13800000009,,,")
    contacts.remove_contact(office, "市教育局", "李联", now=at("2021-07-26 20:00"))
    assert hand_out(office, 1, by="钱管", now=at("2021-07-26 21:00")).told == ()
    assert ("handout", "市教育局 赵联（联络员）", "pending") in kinds(office)
