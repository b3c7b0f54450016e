"""A unit's deadlines in a phone's calendar: as RFC 5545 wants them, under an address that can be ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest
from icalendar import Calendar

from tests.services.scenes import know
from tests.support import Clock, shipped_rules, take_in
from tracker.bootstrap import build_channels
from tracker.domain.errors import ConfigError, ForbiddenError, NotFoundError
from tracker.domain.lifecycle import Event
from tracker.rendering.calendars import DeadlineView, render_calendar
from tracker.services import calendars
from tracker.services.advance import perform
from tracker.services.contacts import remove_contact
from tracker.services.office import Office
from tracker.services.unit_aliases import teach_alias
from tracker.settings import Settings
from tracker.store import Database
from tracker.store.vault import Vault, new_key

UNIT, CONTACT, STAFF = "市教育局", "李联", "本局经办"


@pytest.fixture
def office(database_url: str, clock: Clock) -> Iterator[Office]:
    """Items 1 to 5 of 市教育局, 6 and 7 of 市民政局; 李联 is the contact of the one, 孙联 of the other."""
    database = Database(database_url, vault=Vault([new_key()]))
    url = "https://zhenggai.yunlan.example/"
    made = Office(database, shipped_rules(), build_channels(Settings()), (), url)
    take_in(made, clock())
    know(made, f"{UNIT},{CONTACT},联络员,13800000001,,,", "市民政局,孙联,联络员,13800000002,,,")
    yield made
    database.close()


def issued(office: Office, clock: Clock, unit: str = UNIT, **more: str) -> str:
    """The token of a new address."""
    address, _ = calendars.issue(office, unit, now=clock(), **{"by": STAFF, **more})
    assert address.startswith("https://zhenggai.yunlan.example/calendar/")
    return address.rpartition("/")[2].removesuffix(".ics")


def events(office: Office, token: str, now: datetime) -> dict[int, dict[str, object]]:
    content = calendars.calendar_of(office, token, now=now)
    assert content is not None
    parsed = Calendar.from_ical(content)
    return {int(str(each["uid"]).split("@")[0].removeprefix("item-")): each for each in parsed.events}


def test_each_unfinished_item_is_an_all_day_event_on_its_day(office: Office, clock: Clock) -> None:
    found = events(office, issued(office, clock), clock())
    assert sorted(found) == [1, 2, 3, 4, 5]
    first = found[1]
    assert first.decoded("dtstart") == date(2021, 7, 30)
    assert str(first["uid"]) == "item-1@zhenggai.yunlan.example"
    assert str(first["status"]) == "CONFIRMED"
    assert "有未评办件15件" in str(first["summary"])


def test_a_change_keeps_the_uid_and_raises_the_sequence(office: Office, clock: Clock) -> None:
    token = issued(office, clock)
    before = events(office, token, clock())
    unchanged = calendars.calendar_of(office, token, now=clock())
    clock.advance(days=1)
    assert calendars.calendar_of(office, token, now=clock()) == unchanged, "the same bytes, for the ETag"
    perform(office, Event.SUBMIT, [1], by=CONTACT, now=clock())
    after = events(office, token, clock())
    assert after[1]["uid"] == before[1]["uid"]
    assert after[1]["sequence"] > before[1]["sequence"]
    assert after[2]["sequence"] == before[2]["sequence"]


def test_what_is_finished_is_cancelled_and_leaves_after_a_month(office: Office, clock: Clock) -> None:
    token = issued(office, clock)
    perform(office, Event.WITHDRAW, [1], by=STAFF, now=clock(), reason="重复")
    assert str(events(office, token, clock())[1]["status"]) == "CANCELLED"
    clock.moment += calendars.SHOWN_AFTER_END
    assert 1 not in events(office, token, clock())


def test_an_address_shows_its_own_unit_and_nobodys_name(office: Office, clock: Clock) -> None:
    token = issued(office, clock, "市民政局", by="孙联")
    content = calendars.calendar_of(office, token, now=clock())
    assert content is not None
    assert sorted(events(office, token, clock())) == [6, 7]
    for name in ("孙联", "13800000002", UNIT, "经办"):
        assert name.encode() not in content.replace(b"\r\n ", b"")


def test_only_the_unit_or_the_bureau_gives_an_address_away(office: Office, clock: Clock) -> None:
    with pytest.raises(ForbiddenError):
        calendars.issue(office, UNIT, by="孙联", now=clock())
    [made] = [calendars.issue(office, UNIT, by=CONTACT, now=clock())[1]]
    with pytest.raises(ForbiddenError):
        calendars.revoke(office, made.id, by="孙联", now=clock())


def test_a_revoked_forged_or_foreign_address_shows_nothing(office: Office, clock: Clock) -> None:
    token = issued(office, clock)
    other = token[:-1] + ("A" if token[-1] != "A" else "B")
    for wrong in (other, "", "x" * 27, "é" * 27):
        assert calendars.calendar_of(office, wrong, now=clock()) is None
    calendars.revoke(office, 1, by=STAFF, now=clock())
    assert calendars.calendar_of(office, token, now=clock()) is None
    with pytest.raises(NotFoundError):
        calendars.revoke(office, 1, by=STAFF, now=clock())


def test_a_persons_address_ends_when_they_leave(office: Office, clock: Clock) -> None:
    token = issued(office, clock, person=CONTACT)
    assert sorted(events(office, token, clock())) == [1, 2, 3, 4, 5]
    remove_contact(office, UNIT, CONTACT, None, now=clock())
    assert calendars.calendar_of(office, token, now=clock()) is None
    with pytest.raises(NotFoundError):
        calendars.issue(office, UNIT, by=STAFF, now=clock(), person=CONTACT)


def test_an_address_follows_its_unit_into_another(office: Office, clock: Clock) -> None:
    token = issued(office, clock, "市民政局")
    teach_alias(office, "市民政局", UNIT, by=STAFF, now=clock())
    assert sorted(events(office, token, clock())) == [1, 2, 3, 4, 5, 6, 7]


def test_without_a_key_no_address_is_given(office: Office, clock: Clock, database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(ConfigError, match="TRACKER_SECRET_KEY"):
        calendars.issue(replace(office, database=database), UNIT, by=STAFF, now=clock())
    database.close()
    assert calendars.list_calendars(office) == []


def test_hostile_words_stay_words_and_lines_are_folded(clock: Clock) -> None:
    text = "没有设置专栏\r\nATTENDEE:mailto:evil@example.cn\nEND:VEVENT;," + "长" * 60
    view = DeadlineView(1, UNIT, text, date(2021, 7, 30), 9, clock(), is_provisional=True)
    content = render_calendar("时限\r\nX-EVIL:1", [view], "zhenggai.yunlan.example")
    lines = content.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in content.replace(b"\r\n", b"")
    [event] = Calendar.from_ical(content).events
    assert "attendee" not in event
    assert str(event["status"]) == "TENTATIVE"
    assert "X-EVIL" not in Calendar.from_ical(content)
