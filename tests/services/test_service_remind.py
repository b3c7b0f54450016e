"""Who is told what, when, and never twice: one small bulletin walked through its weeks."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import partial

import pytest

from tests.conftest import Begin, BuildOffice
from tests.services.scenes import at_once, carried, know, messages, rows
from tests.support import Clock, at, take_in
from tracker.domain.lifecycle import Event
from tracker.services import contacts, inspect
from tracker.services.advance import perform
from tracker.services.deliver import deliver
from tracker.services.office import Office
from tracker.services.remind import Reminding, remind
from tracker.services.sender import LEASE
from tracker.store import claiming, settling

ISSUED = at("2021-07-23 17:00")
EDU, CIVIL, EAST = "市教育局 李联（联络员）", "市民政局 孙联（联络员）", "澜东区 周联（联络员）"
HEAD, GROUP = "市民政局 吴负（负责人）", "市行政审批局 郑组（领导小组）"
CONTACTS = (
    "市教育局,李联,联络员,13800000001,,,",
    "市民政局,孙联,联络员,13800000002,,,",
    "市民政局,吴负,负责人,13800000003,,,",
    "澜东区,周联,联络员,13800000004,,,",
    "市行政审批局,郑组,领导小组,13800000005,,,",
)

# Due: 6 on 26 July; 1, 2, 5, 8 on the 30th; 4, 7, 9 on 6 August; 3 on the 23rd. Worked out by hand from
# the ladder (7, 3, 1, 0, then five days, then weekly) and the calendar.
WALK = {
    "2021-07-26": {CIVIL: ("due_today", {6})},
    "2021-07-27": {
        EDU: ("reminder", {1, 2, 5}),
        CIVIL: ("overdue", {6}),
        HEAD: ("escalation", {6}),
        EAST: ("reminder", {8}),
    },
    "2021-07-28": {
        EDU: ("reminder", {4}),
        CIVIL: ("overdue", {6, 7}),
        HEAD: ("escalation", {6}),
        EAST: ("reminder", {9}),
    },
    "2021-07-29": {
        EDU: ("reminder", {1, 2, 5}),
        CIVIL: ("overdue", {6}),
        HEAD: ("escalation", {6}),
        EAST: ("reminder", {8}),
    },
    "2021-07-30": {
        EDU: ("due_today", {1, 2, 5}),
        CIVIL: ("overdue", {6}),
        HEAD: ("escalation", {6}),
        EAST: ("due_today", {8}),
    },
    "2021-08-02": {
        EDU: ("overdue", {1, 2, 5}),
        CIVIL: ("overdue", {6}),
        HEAD: ("escalation", {6}),
        GROUP: ("escalation", {6}),
        EAST: ("overdue", {8}),
    },
    "2021-08-03": {
        EDU: ("overdue", {1, 2, 4, 5}),
        CIVIL: ("reminder", {7}),
        EAST: ("overdue", {8, 9}),
    },
    "2021-08-04": {EDU: ("overdue", {1, 2, 5}), EAST: ("overdue", {8})},
    "2021-08-05": {
        EDU: ("overdue", {1, 2, 4, 5}),
        CIVIL: ("reminder", {7}),
        EAST: ("overdue", {8, 9}),
    },
    "2021-08-06": {
        EDU: ("overdue", {1, 2, 4, 5}),
        CIVIL: ("due_today", {7}),
        EAST: ("overdue", {8, 9}),
        GROUP: ("escalation", {1, 2, 5, 8}),
    },
    "2021-08-09": {
        EDU: ("overdue", {4}),
        CIVIL: ("overdue", {6, 7}),
        HEAD: ("escalation", {6, 7}),
        GROUP: ("escalation", {6}),
        EAST: ("overdue", {9}),
    },
}


def walked(office: Office) -> None:
    take_in(office, ISSUED)
    know(office, *CONTACTS)


@pytest.fixture
def office(office: Office, begin: Begin) -> Office:
    begin(walked)
    return office


def told(result: Reminding) -> dict[str, tuple[str, set[int]]]:
    return {each.recipient: (each.kind, set(each.numbers)) for each in result.planned}


def test_a_bulletin_s_first_weeks_hour_by_hour(office: Office, clock: Clock) -> None:
    walked: dict[str, dict[str, tuple[str, set[int]]]] = {}
    while clock() < at("2021-08-10 00:00"):
        result = remind(office, now=clock())
        if result.planned:
            assert clock().strftime("%H:%M") == "09:00"
            recipients = [each.recipient for each in result.planned]
            assert len(recipients) == len(set(recipients))  # one message per recipient and run
            walked[clock().date().isoformat()] = told(result)
        clock.advance(hours=1)
    assert walked == WALK
    assert len(messages(office)) == sum(len(day) for day in WALK.values())


def test_every_message_says_why_it_went_out(office: Office) -> None:
    remind(office, now=at("2021-07-28 09:00"))
    reasons = {each.recipient: each.reason for each in messages(office)}
    assert reasons[EDU] == "到期前2个工作日3项，到期前7个工作日1项"
    assert all(reasons.values())
    [message] = [each for each in inspect.open_file(office, 6).messages if each.recipient == CIVIL]
    assert message.reason.startswith("逾期2个工作日1项")


def test_a_second_run_at_the_same_moment_changes_nothing(office: Office) -> None:
    assert remind(office, now=at("2021-07-27 09:00")).planned
    before = rows(office)
    assert remind(office, now=at("2021-07-27 09:00")).planned == ()
    assert rows(office) == before


def test_a_dry_run_foretells_and_writes_nothing(office: Office) -> None:
    before = rows(office)
    foretold = remind(office, now=at("2021-07-27 09:00"), dry_run=True)
    assert rows(office) == before
    assert told(foretold) == told(remind(office, now=at("2021-07-27 09:00")))


@pytest.mark.parametrize(
    ("moment", "released"),
    [
        ("2021-07-27 20:00", "2021-07-28 09:00"),
        ("2021-07-31 10:00", "2021-08-02 09:00"),  # Saturday
        ("2021-10-04 10:00", "2021-10-08 09:00"),  # National Day
    ],
)
def test_what_falls_into_the_night_is_held_and_merged_in_the_morning(
    office: Office, moment: str, released: str
) -> None:
    before = rows(office)
    held = remind(office, now=at(moment))
    assert held.planned == ()
    assert {each.send_after for each in held.held} == {at(released)}
    assert rows(office) == before
    morning = remind(office, now=at(released))
    assert {each.recipient for each in morning.planned} >= {each.recipient for each in held.held}
    assert max(Counter(each.recipient for each in morning.planned).values()) == 1


def test_after_downtime_each_gets_one_message_that_speaks_of_today(office: Office) -> None:
    remind(office, now=at("2021-07-26 09:00"))
    result = remind(office, now=at("2021-08-12 10:15"))
    assert max(Counter(each.recipient for each in result.planned).values()) == 1
    sent = {each.recipient: each for each in messages(office)}
    assert "逾期9个工作日3项" in sent[EDU].reason
    assert "并入此前未能发出的提醒" in sent[EDU].reason
    assert set(next(each.numbers for each in result.planned if each.recipient == EDU)) == {1, 2, 3, 4, 5}
    assert remind(office, now=at("2021-08-12 10:16")).planned == ()


def test_signed_for_is_not_silent_and_handed_in_is(office: Office) -> None:
    perform(office, Event.SIGN, [1], by="李联", now=at("2021-07-26 10:00"))
    perform(office, Event.SUBMIT, [2], by="李联", now=at("2021-07-26 10:00"))
    assert told(remind(office, now=at("2021-07-27 09:00")))[EDU] == ("reminder", {1, 5})


def test_a_unit_without_a_contact_is_shown_to_staff(build_office: BuildOffice) -> None:
    office = build_office()
    take_in(office, ISSUED)
    [planned] = remind(office, now=at("2021-07-26 09:00")).planned
    assert (planned.recipient, planned.channel) == ("市民政局（未登记联络员）", "sandbox")


def test_a_drill_leaves_the_real_days_working(office: Office) -> None:
    """A rung that was reached in a drill (`--now`) comes round again: nobody else may be kept waiting."""
    remind(office, now=at("2021-07-30 09:00"))
    perform(office, Event.SUBMIT, [1], by="李联", now=at("2021-07-26 10:00"))
    perform(office, Event.RETURN, [1], by="核验员", now=at("2021-07-27 10:00"), reason="仍有3件")
    perform(office, Event.SIGN, [8], by="周联", now=at("2021-07-29 10:00"))
    result = remind(office, now=at("2021-07-30 09:00"))
    assert told(result)[EDU] == ("due_today", {1})


def test_offices_reminding_at_once_neither_double_nor_lose(
    build_office: BuildOffice, office: Office, clock: Clock
) -> None:
    other = build_office()
    for day, expected in WALK.items():
        now = at(f"{day} 09:00")
        before = len(messages(office))
        results = at_once(*(partial(remind, each, now=now) for each in (office, other, office, other)))
        assert not [result for result in results if isinstance(result, Exception)]
        sent = messages(office)[before:]
        assert Counter(each.recipient for each in sent) == dict.fromkeys(expected, 1)


def test_what_a_weekend_held_joins_the_day_s_own_message(office: Office, clock: Clock) -> None:
    """48 hours from a Friday end on Sunday: Monday says it once, not at opening time and again at nine."""
    cell = "有5个办件信息没有在48小时内回传至统一受理平台。"
    text = (
        "附件1\n\n市直部门问题清单\n\n序号\t单位名称\t“一网通办”问题\t“互联网+监管”问题\t政务公开问题\t备注\n"
        f"1\t市民政局\t{cell}\t\t\t\n"
    )
    preview = take_in(office, ISSUED, f"云澜市季度考核情况通报\n\n2021年7月23日\n\n{text}")
    [sunday] = [draft.item for draft in preview.drafts]
    assert sunday.standing.due_on == date(2021, 7, 25)
    planned = []
    for hour in ("08:30", "08:59", "09:00", "09:01"):
        planned += remind(office, now=clock.set(f"2021-07-26 {hour}")).planned
    told_of = Counter(each.recipient for each in planned if sunday.number in each.numbers)
    assert told_of == {CIVIL: 1, HEAD: 1}


def test_a_clock_that_was_ahead_skips_no_rung_for_good(office: Office) -> None:
    """A drill with `--now` on the live database, or a server whose clock is set right again."""
    remind(office, now=at("2021-12-01 10:00"))
    back = remind(office, now=at("2021-07-29 09:00"))
    assert back.planned == ()  # nothing is due this very moment: every next rung lies ahead again
    due_day = remind(office, now=at("2021-07-30 09:00"))
    assert {EDU, EAST} <= {each.recipient for each in due_day.planned}


def test_what_could_not_leave_on_its_day_is_merged_into_the_next_message(
    office: Office, clock: Clock
) -> None:
    """Friday 17:59 decided, 18:00 closed: Monday must not be told to finish "today", on Friday."""
    remind(office, now=at("2021-07-30 17:59"))
    clock.set("2021-07-30 18:00")
    assert carried(office, clock) == []
    clock.set("2021-08-02 08:31")
    assert carried(office, clock) == []
    assert {message.state for message in messages(office)} == {"superseded"}
    monday = remind(office, now=clock.set("2021-08-02 09:00"))
    [told_edu] = [each for each in monday.planned if each.recipient == EDU]
    assert told_edu.kind == "overdue"
    assert {1, 2, 5} <= set(told_edu.numbers)
    assert {message.state for message in carried(office, clock)} == {"accepted"}


def test_a_message_that_was_begun_is_never_taken_back(office: Office, clock: Clock) -> None:
    remind(office, now=at("2021-07-30 17:59"))
    with office.database.write() as connection:
        claimed = claiming.claim(
            connection,
            at("2021-07-30 17:59"),
            LEASE,
            {},
            most=100,
            channels={"wecom_robot", "sms", "sandbox"},
        )
        settling.begin_calls(
            connection, claimed, {each.id for each in claimed}, at("2021-07-30 17:59"), LEASE
        )
    clock.set("2021-08-02 08:31")
    deliver(office, clock)
    assert "superseded" not in {message.state for message in messages(office)}


def test_reminders_go_to_the_successor_and_nobody_hears_the_same_twice(office: Office) -> None:
    remind(office, now=at("2021-07-27 09:00"))
    left = contacts.remove_contact(office, "市民政局", "孙联", now=at("2021-07-27 09:05"))
    assert [each.name for each in left] == ["吴负"]
    know(office, "市民政局,冯联,联络员,13800000006,,,")
    planned = told(remind(office, now=at("2021-07-27 09:10")))
    assert planned == {"市民政局 冯联（联络员）": ("overdue", {6})}
    states = {each.recipient: each.state for each in messages(office)}
    assert (states[CIVIL], states[HEAD]) == ("superseded", "pending")
    deliver(office, Clock(at("2021-07-27 09:15")))
    assert [each.state for each in messages(office) if each.recipient == HEAD] == ["accepted"]
    # The next rung speaks to those who are on the list then.
    assert set(told(remind(office, now=at("2021-07-28 09:00")))) >= {"市民政局 冯联（联络员）", HEAD}
