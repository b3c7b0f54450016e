"""Deadlines after the calendar was edited: what moves and what stays, who is told, and that twice is once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.conftest import Begin, BuildOffice
from tests.services.scenes import at_once, know, messages, rows, strike_off
from tests.support import BULLETIN, Clock, at, take_in
from tracker.domain.deadlines import last_moment
from tracker.domain.errors import ConfigError, NotFoundError, RectifyError
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event
from tracker.resources import shipped
from tracker.services import inspect
from tracker.services.advance import perform
from tracker.services.office import Office
from tracker.services.recompute import Recomputed, follow_calendar, recompute, recompute_class
from tracker.services.remind import remind
from tracker.services.step_back import undo_step
from tracker.store import items
from tracker.store.schema import history

ISSUED = at("2021-07-23 17:00")  # a Friday
EDU, CIVIL, EAST = "市教育局 李联（联络员）", "市民政局 孙联（联络员）", "澜东区 周联（联络员）"
CONTACTS = ("市教育局,李联,联络员,,,,", "市民政局,孙联,联络员,,,,", "澜东区,周联,联络员,,,,")
LOCAL_HOLIDAY = '[[days]]\ndate = 2021-07-28\nkind = "off"\nnote = "本地假日"\n'
MAKE_UP_DAY = '[[days]]\ndate = 2021-07-24\nkind = "work"\n'
# By working days: 6 on 26 July; 1, 2, 5, 8 on the 30th; 4, 7, 9 on 6 August. 3 on the 23rd of the month.
AFTER_THE_HOLIDAY = {
    **dict.fromkeys((1, 2, 5, 8), date(2021, 8, 2)),
    **dict.fromkeys((4, 7, 9), date(2021, 8, 9)),
}

Edit = Callable[..., Office]


def counted(office: Office) -> None:
    """The bulletin taken in and its deadlines counted by the calendar as shipped."""
    take_in(office, ISSUED)
    know(office, *CONTACTS)
    assert follow_calendar(office, now=ISSUED) == Recomputed()


@pytest.fixture
def office(office: Office, begin: Begin) -> Office:
    begin(counted)
    return office


@pytest.fixture
def edit(build_office: BuildOffice, tmp_path: Path) -> Edit:
    """The office again, as it starts with edited files: `edit(calendar="…")`."""

    def build(**files: str) -> Office:
        folder = tmp_path / f"config{len(list(tmp_path.glob('config*')))}"
        folder.mkdir()
        for name, content in files.items():
            (folder / f"{name}.toml").write_text(content, "utf-8")
        return build_office(config=folder)

    return build


def listed(office: Office) -> dict[int, Item]:
    return {each.number: each for each in inspect.pick_items(office, range(1, 10))}


def due(office: Office) -> dict[int, date | None]:
    return {number: each.standing.due_on for number, each in listed(office).items()}


def moved(result: Recomputed) -> dict[int, date | None]:
    return {each.item.number: each.deadline.due_on for each in result.changes if each.moves}


def set_columns(office: Office, number: int, **values: object) -> None:
    with office.database.write() as connection:
        items.set_columns(connection, number, **values)


def as_before_extensions_became_rules(office: Office, number: int, rule: dict[str, object]) -> None:
    """What an earlier version left of a granted extension."""
    with office.database.write() as connection:
        items.set_columns(connection, number, rule=rule)
        own = (history.c.item_number == number) & (history.c.event == Event.GRANT.value)
        connection.execute(update(history).where(own).values(detail={}))


def test_a_local_holiday_moves_what_is_counted_in_working_days_and_nothing_else(
    office: Office, edit: Edit
) -> None:
    before = due(office)
    edited = edit(calendar=LOCAL_HOLIDAY)
    result = follow_calendar(edited, now=at("2021-07-26 10:00"))
    assert moved(result) == AFTER_THE_HOLIDAY
    assert due(edited) == before | AFTER_THE_HOLIDAY
    calendar = edited.rules.calendar
    assert {each.standing.due_at for each in listed(edited).values()} == {
        last_moment(day, calendar) for day in due(edited).values() if day
    }


def test_each_move_has_a_row_of_history_that_says_why(office: Office, edit: Edit) -> None:
    edited = edit(calendar=LOCAL_HOLIDAY)
    follow_calendar(edited, now=at("2021-07-26 10:00"))
    row = inspect.open_file(edited, 4).history[-1]
    assert (row.event, row.actor, row.state) == ("reschedule", "系统", "open")
    assert row.detail == {"due_on": ["2021-08-06", "2021-08-09"]}
    assert row.reason == "节假日安排有变，时限按新日历重新计算"
    assert [row.event for row in inspect.open_file(edited, 6).history] == ["import"]


def test_each_unit_is_told_once_about_all_its_items(office: Office, edit: Edit) -> None:
    edited = edit(calendar=LOCAL_HOLIDAY)
    result = follow_calendar(edited, now=at("2021-07-26 10:00"))
    assert result.told == (EDU, CIVIL, EAST)
    sent = messages(edited)
    assert [(each.recipient, each.kind) for each in sent] == [
        (who, "rescheduled") for who in (EDU, CIVIL, EAST)
    ]
    assert len({each.serial for each in sent}) == 3
    assert "请于8月2日周一前完成，剩余4个工作日，原时限7月30日周五" in sent[0].text
    assert "提前" not in sent[0].text
    assert [message.kind for message in inspect.open_file(edited, 5).messages] == ["rescheduled"]
    assert {each.send_after for each in sent} == {at("2021-07-26 10:00")}


def test_at_night_the_notice_waits_for_the_next_working_morning(office: Office, edit: Edit) -> None:
    follow_calendar(edit(calendar=LOCAL_HOLIDAY), now=at("2021-07-24 23:00"))
    assert {each.send_after for each in messages(office)} == {at("2021-07-26 08:30")}


def test_the_second_time_nothing_happens(office: Office, edit: Edit) -> None:
    edited = edit(calendar=LOCAL_HOLIDAY)
    follow_calendar(edited, now=at("2021-07-26 10:00"))
    before = rows(edited)
    assert follow_calendar(edited, now=at("2021-07-26 10:01")) == Recomputed()
    assert recompute(edited, now=at("2021-07-26 10:02")) == Recomputed()
    assert rows(edited) == before


def test_two_schedulers_are_one(office: Office, edit: Edit) -> None:
    both = [edit(calendar=LOCAL_HOLIDAY), edit(calendar=LOCAL_HOLIDAY)]
    results = at_once(*(partial(follow_calendar, each, now=at("2021-07-26 10:00")) for each in both))
    assert sorted(len(each.changes) for each in results if isinstance(each, Recomputed)) == [0, 7]
    assert len(messages(office)) == 3


def test_a_process_that_still_has_the_old_calendar_moves_nothing_back(office: Office, edit: Edit) -> None:
    edited = edit(calendar=LOCAL_HOLIDAY)
    follow_calendar(edited, now=at("2021-07-26 10:00"))
    with pytest.raises(ConfigError, match="rectify recompute"):
        follow_calendar(office, now=at("2021-07-26 10:01"))
    assert due(office) | AFTER_THE_HOLIDAY == due(office)
    assert moved(recompute(office, now=at("2021-07-26 10:02")))[4] == date(2021, 8, 6)  # staff insist
    assert follow_calendar(office, now=at("2021-07-26 10:03")) == Recomputed()


def test_a_day_that_comes_sooner_is_said_loudly(office: Office, edit: Edit) -> None:
    result = follow_calendar(edit(calendar=MAKE_UP_DAY), now=ISSUED)
    assert moved(result)[6] == date(2021, 7, 24)
    assert moved(result)[8] == date(2021, 7, 29)
    [text] = [each.text for each in messages(office) if each.recipient == EAST]
    assert "（有提前，请注意）" in text
    assert '其中 <font color="warning">2</font> 项提前' in text
    assert "比原时限7月30日周五提前" in text


def test_nobody_becomes_late_by_an_earlier_day(office: Office, edit: Edit) -> None:
    """Counted anew, 6 was due on the 24th and 1, 2, 5, 8 are due today: the unit could not act any more."""
    result = follow_calendar(edit(calendar=MAKE_UP_DAY), now=at("2021-07-29 10:00"))
    assert 6 not in moved(result)  # late already: not a day later than it is
    assert not moved(result).keys() & {1, 2, 5, 8}  # tomorrow is when they are due anyway
    assert moved(result)[4] == date(2021, 8, 5)


def test_what_a_person_has_set_stays(office: Office, edit: Edit) -> None:
    monday = at("2021-07-26 09:30")
    perform(office, Event.EXTEND, [1], by="李联", reason="系统升级", to=date(2021, 8, 20), now=monday)
    perform(office, Event.GRANT, [1], by="审批员", now=monday)
    perform(office, Event.EXTEND, [2], by="李联", reason="系统升级", to=date(2021, 8, 20), now=monday)
    perform(office, Event.GRANT, [2], by="审批员", now=monday)
    as_before_extensions_became_rules(office, 2, {"working_days": 5})
    strike_off(office, [5], monday)
    result = follow_calendar(edit(calendar=LOCAL_HOLIDAY), now=at("2021-07-26 10:00"))
    assert moved(result).keys() == {4, 7, 8, 9}
    assert due(office)[1] == due(office)[2] == date(2021, 8, 20)


def test_an_extension_that_was_taken_back_leaves_the_item_to_its_rule(office: Office, edit: Edit) -> None:
    now = at("2021-07-26 09:30")
    perform(office, Event.EXTEND, [8], by="周联", reason="系统升级", to=date(2021, 8, 20), now=now)
    perform(office, Event.GRANT, [8], by="审批员", now=now)
    undo_step(office, [8], by="审批员", now=now)
    result = follow_calendar(edit(calendar=LOCAL_HOLIDAY), now=at("2021-07-26 10:00"))
    assert moved(result)[8] == date(2021, 8, 2)


def test_a_clock_started_anew_counts_from_its_own_day(office: Office, edit: Edit) -> None:
    set_columns(office, 8, rule={"working_days": 3}, counted_from=date(2021, 7, 27), due_on=date(2021, 7, 30))
    result = follow_calendar(edit(calendar=LOCAL_HOLIDAY), now=at("2021-07-27 10:00"))
    assert moved(result)[8] == date(2021, 8, 2)


def test_who_has_handed_in_gets_the_longer_time_without_a_message(office: Office, edit: Edit) -> None:
    perform(office, Event.SUBMIT, [7], by="孙联", now=at("2021-07-26 09:30"))
    result = follow_calendar(edit(calendar=LOCAL_HOLIDAY), now=at("2021-07-26 10:00"))
    assert moved(result)[7] == date(2021, 8, 9)
    assert result.told == (EDU, EAST)


def test_reminders_follow_the_new_calendar(office: Office, edit: Edit) -> None:
    """3 is due on 23 August whatever the calendar says; seven working days before that move."""
    assert listed(office)[3].next_reminder_at == at("2021-08-12 09:00")
    edited = edit(calendar='[[days]]\ndate = 2021-08-16\nkind = "off"\n' + LOCAL_HOLIDAY)
    follow_calendar(edited, now=at("2021-07-27 10:00"))
    assert listed(edited)[3].next_reminder_at == at("2021-08-11 09:00")
    assert listed(edited)[8].next_reminder_at == at("2021-07-30 09:00")  # one working day before 2 August
    told = {each.recipient: each.numbers for each in remind(edited, now=at("2021-07-29 09:00")).planned}
    assert 8 not in told.get(EAST, ())


def test_a_dry_run_says_what_would_move_and_writes_nothing(office: Office, edit: Edit) -> None:
    edited, before = edit(calendar=LOCAL_HOLIDAY), rows(office)
    result = recompute(edited, now=at("2021-07-26 10:00"), dry_run=True)
    assert moved(result) == AFTER_THE_HOLIDAY
    assert rows(edited) == before


LAST_DAYS_OF_2026 = BULLETIN.replace("2021年7月23日", "2026年12月25日")
NOTICE_2027 = 'published_through = 2027-12-31\n[[days]]\nfrom = 2027-01-01\nto = 2027-01-03\nkind = "off"\n'


def test_when_the_notice_comes_a_provisional_day_that_stays_is_settled_in_silence(
    build_office: BuildOffice, edit: Edit
) -> None:
    office, now = build_office(), at("2026-12-25 17:00")
    take_in(office, now, LAST_DAYS_OF_2026)
    follow_calendar(office, now=now)
    waiting = {number for number, each in listed(office).items() if each.provisional}
    assert waiting == {1, 2, 4, 5, 7, 8, 9}
    result = follow_calendar(edit(calendar=NOTICE_2027), now=now)
    assert {each.item.number for each in result.changes} == waiting
    assert moved(result) == {}
    assert not any(each.provisional for each in listed(office).values())
    assert inspect.open_file(office, 4).history[-1].detail == {"provisional": [True, False]}
    assert messages(office) == []


def test_an_extension_beyond_the_notice_is_settled_by_it(build_office: BuildOffice, edit: Edit) -> None:
    office, now = build_office(), at("2026-12-25 17:00")
    take_in(office, now, LAST_DAYS_OF_2026)
    perform(office, Event.EXTEND, [8], by="周联", reason="系统升级", to=date(2027, 3, 31), now=now)
    perform(office, Event.GRANT, [8], by="审批员", now=now)
    assert listed(office)[8].provisional
    recompute(edit(calendar=NOTICE_2027), now=now)
    assert (due(office)[8], listed(office)[8].provisional) == (date(2027, 3, 31), False)


def shorter_classes() -> str:
    """Five working days instead of ten for a missing column."""
    before, section, after = (
        (shipped("config") / "classes.toml").read_text("utf-8").partition("[missing_column]")
    )
    assert "{ working_days = 10 }" in after
    return before + section + after.replace("{ working_days = 10 }", "{ working_days = 5 }", 1)


def test_a_new_rule_moves_no_item_that_has_its_own(office: Office, edit: Edit) -> None:
    edited, before = edit(classes=shorter_classes()), rows(office)
    assert follow_calendar(edited, now=at("2021-07-26 10:00")) == Recomputed()
    assert recompute(edited, now=at("2021-07-26 10:00")) == Recomputed()
    assert rows(edited) == before


def test_staff_apply_a_new_rule_to_the_open_items_of_a_class(office: Office, edit: Edit) -> None:
    now = at("2021-07-26 10:00")
    edited = edit(classes=shorter_classes())
    perform(office, Event.EXTEND, [9], by="周联", reason="系统升级", to=date(2021, 8, 20), now=now)
    perform(office, Event.GRANT, [9], by="审批员", now=now)
    result = recompute_class(edited, "missing_column", by="王核验", reason="会议决定", now=now)
    assert moved(result) == {4: date(2021, 7, 30), 7: date(2021, 7, 30)}
    assert result.kept == (9,)
    assert result.told == (EDU, CIVIL)
    row = inspect.open_file(edited, 7).history[-1]
    assert (row.event, row.actor, row.reason) == ("reschedule", "王核验", "会议决定")
    assert row.detail == {"due_on": ["2021-08-06", "2021-07-30"], "rule": ["10个工作日", "5个工作日"]}
    assert listed(edited)[7].rule == {"working_days": 5}
    assert "会议决定" not in messages(edited)[0].text  # what a person typed does not leave the house
    again = recompute_class(edited, "missing_column", by="王核验", reason="会议决定", now=now)
    assert (again.changes, again.told) == ((), ())


def test_a_new_rule_can_be_tried_first(office: Office, edit: Edit) -> None:
    edited, before = edit(classes=shorter_classes()), rows(office)
    result = recompute_class(
        edited, "missing_column", by="王核验", reason="会议决定", now=ISSUED, dry_run=True
    )
    assert moved(result).keys() == {4, 7, 9}
    assert rows(edited) == before


def test_a_new_rule_for_a_class_needs_a_name_a_reason_and_the_class(office: Office) -> None:
    with pytest.raises(NotFoundError, match="nonsense"):
        recompute_class(office, "nonsense", by="王核验", reason="会议决定", now=ISSUED)
    for by, reason in (("", "会议决定"), ("王核验", " ")):
        with pytest.raises(RectifyError, match="--reason"):
            recompute_class(office, "missing_column", by=by, reason=reason, now=ISSUED)


def test_a_unit_without_a_contact_is_told_in_the_sandbox(
    build_office: BuildOffice, edit: Edit, clock: Clock
) -> None:
    take_in(build_office(), clock())
    result = follow_calendar(edit(calendar=LOCAL_HOLIDAY), now=clock())
    assert result.told[0] == "市教育局（未登记联络员）"
