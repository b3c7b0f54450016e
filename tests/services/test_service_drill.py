"""The drill foretells what then really happens, and leaves no trace."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

import pytest

from notifiers.base import Letter
from notifiers.sandbox import Sandbox
from notifiers.wecom_robot import WeComRobot
from tests.conftest import BuildOffice
from tests.fakes.loopback import loopback_only
from tests.fakes.wecom import FakeWeCom
from tests.services.scenes import know, messages, put, rows
from tests.support import Clock, at, take_in
from tracker.domain.errors import DeliveryError, Outcome, RectifyError
from tracker.services.drill import Drill, drill
from tracker.services.jobs import jobs
from tracker.services.office import SANDBOX, Office
from tracker.services.rehearsal import Timetable
from tracker.services.remind import remind
from tracker.store import Database

pytestmark = pytest.mark.slow  # tests/cli/test_cli_drill.py plays a few days in the fast part
KEY = "invented-robot-key-0001"
ISSUED = at("2021-07-23 17:00")
FRIDAY, MONDAY, LAST = date(2021, 7, 23), date(2021, 7, 26), date(2021, 8, 13)
CONTACTS = (
    f"市教育局,李联,联络员,,,{KEY},",
    f"市民政局,孙联,联络员,,,{KEY},",
    f"市民政局,吴负,负责人,,,{KEY},",
    f"市行政审批局,郑组,领导小组,,,{KEY},",
)
Foretold = tuple[datetime, str, str, str, str, str, str]


def set_up(office: Office) -> Office:
    take_in(office, ISSUED)
    know(office, *CONTACTS)
    return office


@pytest.fixture
def office(office: Office) -> Office:
    return set_up(office)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's temporary files go."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def play(office: Office, first: date = FRIDAY, last: date = LAST, now: datetime = ISSUED) -> Drill:
    return drill(office, first=first, last=last, now=now)


def foretold(played: Drill) -> list[Foretold]:
    """Each message of a drill as the real outbox would hold it."""
    return [
        (each.at, each.recipient, each.channel, each.kind, each.reason, each.state, each.text)
        for each in played.messages
    ]


class Line(Sandbox):
    """A real channel whose line is watched; `per_minute` as set."""

    channel = "wecom_robot"

    def __init__(self, per_minute: int | None = None) -> None:
        self.per_minute = per_minute
        self.sent: list[str] = []

    def send(self, address: str, payload: bytes) -> str:
        self.sent.append(address)
        return ""


def test_it_foretells_what_the_scheduler_then_does(build_office: BuildOffice) -> None:
    office = set_up(build_office(channels={"wecom_robot": Line(), SANDBOX: Sandbox()}))
    played = play(office, MONDAY, date(2021, 8, 3))
    clock = Clock(ISSUED)
    while clock() < at("2021-08-04 00:00"):
        for job in jobs(office, clock).values():
            job()
        clock.advance(hours=1)
    really = [
        (each.settled_at, each.recipient, each.channel, each.kind, each.reason, each.state, each.text)
        for each in messages(office)
    ]
    assert foretold(played) == really
    assert len(really) > 20
    assert {"reminder", "due_today", "overdue", "escalation", "digest"} == set(played.count("kind"))


def test_the_office_and_its_channels_notice_nothing(build_office: BuildOffice, temporary: Path) -> None:
    with loopback_only(), FakeWeCom() as server:
        server.add_robot(KEY)
        robot = WeComRobot(server.base_url)
        office = set_up(build_office(channels={"wecom_robot": robot, SANDBOX: Sandbox()}))
        before, digest = rows(office), _file_digest(office)
        played = play(office)
        assert rows(office) == before
        assert _file_digest(office) == digest
        assert server.captured == []
    assert played.count("channel")["wecom_robot"] > 20
    assert list(temporary.iterdir()) == []


def _file_digest(office: Office) -> str | None:
    """Of SQLite's file; PostgreSQL's rows are compared as rows."""
    name = office.database.url.database
    if not office.database.is_sqlite or name is None:
        return None
    with office.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return hashlib.sha256(Path(name).read_bytes()).hexdigest()


def test_the_copy_is_gone_even_after_a_failure(office: Office, temporary: Path) -> None:
    seen: list[list[Path]] = []

    def fail(day: date) -> None:
        seen.append(list(temporary.rglob("copy.db")))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        drill(office, first=FRIDAY, last=LAST, now=ISSUED, reached=fail)
    assert len(seen[0]) == 1
    assert list(temporary.iterdir()) == []


def test_the_same_data_in_another_database_give_the_same_drill(office: Office, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'other.db'}")
    database.prepare()
    other = set_up(replace(office, database=database))
    assert play(office) == play(other)
    database.close()


class Refusing(Line):
    """A channel that cannot carry some texts at all."""

    def compose(self, letter: Letter) -> Sequence[bytes]:
        if "负责人" in letter.text:
            raise DeliveryError("手机号码无效", outcome=Outcome.PERMANENT)
        return super().compose(letter)


def test_what_a_channel_refuses_to_carry_is_shown_as_refused(build_office: BuildOffice) -> None:
    office = set_up(build_office(channels={"wecom_robot": Refusing(), SANDBOX: Sandbox()}))
    refused = [each for each in play(office).messages if not each.is_told]
    assert refused
    assert {(each.state, each.error) for each in refused} == {("failed", "手机号码无效")}
    assert {each.recipient for each in refused} == {"市民政局 吴负（负责人）"}


def test_a_channel_s_limit_spreads_its_messages_over_minutes(build_office: BuildOffice) -> None:
    office = set_up(build_office(channels={"wecom_robot": Line(per_minute=1), SANDBOX: Sandbox()}))
    moments = [each.at for each in play(office).messages if each.channel == "wecom_robot"]
    assert len(moments) == len(set(moments))
    assert moments[1].minute - moments[0].minute == 1 or moments[0].date() != moments[1].date()


def test_what_waited_before_goes_out_first_and_is_marked(office: Office) -> None:
    remind(office, now=at("2021-07-27 09:00"))
    put(office, at("2021-07-27 17:00"), KEY, ["一条待发的消息"])
    played = play(office, date(2021, 7, 27), LAST, at("2021-07-27 18:30"))
    carried = {each.recipient: each for each in played.messages if each.carried_over}
    left = carried[f"市教育局 {KEY}（联络员）"]
    assert (left.at, left.state) == (at("2021-07-28 08:30"), "accepted")
    # Reminders of the day before are not sent late: the next planning speaks for them.
    assert carried["市教育局 李联（联络员）"].state == "superseded"
    assert not carried["市教育局 李联（联络员）"].is_told
    assert played.days[0].held
    assert [each.state for each in messages(office)] == ["pending"] * len(messages(office))


def test_nothing_that_was_really_sent_comes_again(build_office: BuildOffice) -> None:
    office = set_up(build_office(channels={"wecom_robot": Line(), SANDBOX: Sandbox()}))
    for job in jobs(office, Clock(at("2021-07-28 09:00"))).values():
        job()
    wednesday = date(2021, 7, 28)
    assert play(office, wednesday, wednesday, at("2021-07-28 08:00")).messages == ()
    assert play(office, wednesday, wednesday, at("2021-07-28 17:00")).messages == ()


def test_days_before_the_span_are_played_but_not_told_of(office: Office) -> None:
    whole, later = play(office, FRIDAY), play(office, date(2021, 8, 4))
    assert later.messages == tuple(each for each in whole.messages if each.at >= at("2021-08-04 00:00"))
    assert later.days[0].on == date(2021, 8, 4)


def test_who_cannot_be_reached_is_listed_with_the_items(build_office: BuildOffice) -> None:
    office = set_up(build_office(channels={"wecom_robot": Line(), SANDBOX: Sandbox()}))
    know(office, *CONTACTS, "澜东区,周联,联络员,,,,")
    assert [(each.unit, each.numbers, each.why) for each in play(office).unreachable] == [
        ("澜东区", (8, 9), "联络员没有可用的联系方式")
    ]
    other = build_office(channels={SANDBOX: Sandbox()})
    assert play(other).unreachable == ()


def test_a_unit_that_named_nobody_is_listed(office: Office) -> None:
    assert [(each.unit, each.numbers, each.why) for each in play(office).unreachable] == [
        ("澜东区", (8, 9), "未登记联络员")
    ]


def test_each_day_says_whether_it_is_worked_and_what_it_brings(office: Office) -> None:
    played = play(office)
    assert [day.on for day in played.days if not day.working] == [
        date(2021, 7, 24),
        date(2021, 7, 25),
        date(2021, 7, 31),
        date(2021, 8, 1),
        date(2021, 8, 7),
        date(2021, 8, 8),
    ]
    assert all(day.messages == 0 for day in played.days if not day.working)
    assert sum(day.messages for day in played.days) == len(played.messages)
    assert sum(played.count("recipient").values()) == len(played.messages)
    assert played.items_by_recipient()["市教育局 李联（联络员）"] == 5


def test_a_scheduler_that_is_down_leaves_its_days_empty_and_makes_up_for_them(office: Office) -> None:
    down = [date(2021, 7, 27), date(2021, 7, 28)]
    played = drill(office, first=FRIDAY, last=LAST, now=ISSUED, timetable=Timetable(down=down))
    by_day = {day.on: day for day in played.days}
    assert [by_day[day].messages for day in down] == [0, 0]
    assert all(by_day[day].held for day in down)
    after = [each for each in played.messages if each.at.date() == date(2021, 7, 29)]
    assert {each.at for each in after} == {at("2021-07-29 09:00")}  # with the day's own rung, not before it
    assert "并入此前未能发出的提醒" in "".join(each.reason for each in after)
    assert max(Counter(each.recipient for each in after).values()) == 1


def test_a_scheduler_that_runs_at_certain_hours_only_sends_then(office: Office) -> None:
    hours = [time(16, 0), time(10, 30)]
    played = drill(office, first=FRIDAY, last=LAST, now=ISSUED, timetable=Timetable(hours=hours))
    calendar = office.rules.calendar
    assert {calendar.local(each.at).time() for each in played.messages} == {time(10, 30)}
    assert Counter(calendar.today(each.at) for each in played.messages) == Counter(
        {day.on: day.messages for day in play(office).days if day.messages}
    )


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (LAST, FRIDAY, "结束日期 2021-07-23 早于开始日期 2021-08-13"),
        (FRIDAY, date(2022, 8, 27), "最长 400 天"),
        (date(2022, 12, 1), date(2022, 12, 2), "最长 400 天"),
        (date(1921, 7, 1), date(1921, 7, 2), "1921-07-02 不在 2000 年"),
    ],
)
def test_a_span_that_makes_no_sense_is_refused(office: Office, first: date, last: date, words: str) -> None:
    with pytest.raises(RectifyError, match=words):
        play(office, first, last)


def test_days_that_were_really_planned_cannot_be_played_again(office: Office) -> None:
    remind(office, now=at("2021-07-28 09:00"))
    with pytest.raises(RectifyError, match="提醒已真正判断到 2021-07-28"):
        play(office, date(2021, 7, 27), LAST, at("2021-07-28 09:30"))
    # `--now` may lie behind what was planned; the drill begins where planning got to.
    played = play(office, date(2021, 7, 28), LAST, at("2021-07-27 08:00"))
    assert min(each.at for each in played.messages) >= at("2021-07-28 09:00")
