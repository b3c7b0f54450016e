"""A quarter, played by the drill: 64 working days from the day of issue, with units and a bureau that act.

What is right is looked up in the rules and the calendar. `RECTIFY_UPDATE_GOLDEN=1` writes the golden
summaries anew and fails.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifiers.sandbox import Sandbox
from tests.services.scenes import know
from tests.support import BULLETIN, at, shipped_rules, take_in
from tracker.cli.drill import summary_json
from tracker.domain.escalation import rungs
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event, State
from tracker.services import inspect
from tracker.services.advance import perform
from tracker.services.drill import Drill, Rehearsed, review
from tracker.services.evidence import Evidence
from tracker.services.office import SANDBOX, Office
from tracker.services.rehearsal import Timetable, Walk, understudy
from tracker.store import Database, rehearsal
from tracker.store.items import ItemFilter

pytestmark = pytest.mark.slow  # tests/cli/test_cli_drill.py plays a few days in the fast part
GOLDEN = Path(__file__).parent.parent / "golden"
RULES = shipped_rules()
CALENDAR = RULES.calendar
ISSUED = at("2021-07-23 17:00")
FIRST = date(2021, 7, 23)
WORKING_DAYS = [CALENDAR.add_working_days(FIRST, n) for n in range(1, 65)]
LAST = WORKING_DAYS[-1]
END = CALENDAR.at(LAST + timedelta(days=1), time(0))
OF_DEADLINES = {"reminder", "due_today", "overdue", "escalation"}
CHASED = {State.OPEN, State.SIGNED}
PROOF = (Evidence.link("https://yunlan.example.invalid/1"), Evidence.file("截图.png", b"png"))

# On which working day what happens, to every how-many-th item: most of the third that hands in early is
# struck off, the rest returned and handed in again; others only sign.
SCRIPT = (
    (2, Event.SIGN, 4, 1),
    (4, Event.SUBMIT, 3, 0),
    (6, Event.STRIKE_OFF, 6, 0),
    (6, Event.RETURN, 6, 3),
    (20, Event.SUBMIT, 6, 3),
    (23, Event.STRIKE_OFF, 12, 3),
    (23, Event.RETURN, 12, 9),
)
Spell = tuple[datetime, date]
Told = set[tuple[int, str, date]]


@dataclass(frozen=True)
class Quarter:
    """A quarter as it was played, and how every item stood after each step of the script."""

    drill: Drill
    standings: tuple[tuple[datetime, dict[int, Item]], ...]

    @cached_property
    def spells(self) -> dict[int, list[tuple[datetime, datetime, date]]]:
        """When each item was the unit's to work on without a break, and its deadline meanwhile."""
        found: dict[int, list[tuple[datetime, datetime, date]]] = {}
        for (since, items), until in zip(
            self.standings, [*(m for m, _ in self.standings[1:]), END], strict=True
        ):
            for number, item in items.items():
                known = found.setdefault(number, [])
                if item.standing.state not in CHASED or item.standing.due_on is None:
                    continue
                if known and known[-1][1:] == (since, item.standing.due_on):
                    since_before = known.pop()[0]
                    known.append((since_before, until, item.standing.due_on))
                else:
                    known.append((since, until, item.standing.due_on))
        return found

    def spell(self, number: int, moment: datetime) -> Spell | None:
        """The spell of an item at a moment: its beginning and deadline."""
        return next(
            ((since, due_on) for since, until, due_on in self.spells[number] if since <= moment < until), None
        )

    @cached_property
    def of_deadlines(self) -> list[Rehearsed]:
        return [each for each in self.drill.messages if each.kind in OF_DEADLINES and each.is_told]

    @cached_property
    def told(self) -> Told:
        """(item, recipient, day): who was spoken to of what."""
        return {
            (number, each.recipient, CALENDAR.today(each.at))
            for each in self.of_deadlines
            for number in each.numbers
        }


def town(folder: Path, text: str) -> Office:
    """An office that took in a bulletin on its day of issue and knows two people of each of its units."""
    database = Database(f"sqlite:///{folder / 'quarter.db'}")
    database.prepare()
    office = Office(database, RULES, {SANDBOX: Sandbox()}, ())
    take_in(office, ISSUED, text)
    units = sorted({item.unit for item in inspect.list_items(office, ItemFilter(), now=ISSUED)})
    lines = [
        f"{unit},{name}{place},{role},138000000{place % 100:02},,,"
        for place, unit in enumerate(units)
        for name, role in (("联络", "联络员"), ("负责", "负责人"))
    ]
    know(office, *lines, "市行政审批局,郑组,领导小组,13800000099,,,")
    return office


def play(office: Office, down: Collection[date] = ()) -> Quarter:
    """The quarter with the script, the scheduler being down on some days."""
    with understudy(office) as copy:
        with copy.database.read() as connection:
            before = rehearsal.mark(connection)
        walk = Walk(copy, Timetable(down=down))
        standings = [(ISSUED, _items(copy, ISSUED))]
        for day, event, every, rest in SCRIPT:
            moment = CALENDAR.at(WORKING_DAYS[day - 1], time(8))
            walk.run(standings[-1][0], moment)
            _act(copy, event, [number for number in standings[-1][1] if number % every == rest], moment)
            standings.append((moment, _items(copy, moment)))
        walk.run(standings[-1][0], END)
        return Quarter(review(copy, before, FIRST, LAST, walk.held_on), tuple(standings))


def _items(office: Office, moment: datetime) -> dict[int, Item]:
    return {item.number: item for item in inspect.list_items(office, ItemFilter(), now=moment)}


def _act(office: Office, event: Event, numbers: list[int], moment: datetime) -> None:
    by_unit = event in {Event.SIGN, Event.SUBMIT}
    perform(
        office,
        event,
        numbers,
        by="单位联络员" if by_unit else "审批局核验员",
        now=moment,
        reason="佐证材料不清楚" if event is Event.RETURN else None,
        evidence=PROOF if event is Event.SUBMIT else (),
    )


def check_times(quarter: Quarter) -> None:
    """Working days and the office's hours only; one message per recipient, channel and run."""
    assert quarter.of_deadlines
    for each in quarter.drill.messages:
        assert RULES.quiet.release(each.at, CALENDAR) == each.at
    runs = Counter((each.recipient, each.channel, each.at) for each in quarter.of_deadlines)
    assert set(runs.values()) == {1}
    days = Counter((each.recipient, CALENDAR.today(each.at)) for each in quarter.of_deadlines)
    assert set(days.values()) == {1}


def check_ladder(quarter: Quarter) -> None:
    """Those whom the rules name are told on each rung that an item lives to see, and on no other day."""
    expected: set[tuple[int, str, date]] = set()
    for number, spells in quarter.spells.items():
        for since, until, due_on in spells:
            for rung in rungs(RULES.ladder, due_on, CALENDAR):
                if rung.at >= until:
                    break
                if rung.at > since and CALENDAR.today(rung.at) > FIRST:
                    expected |= {
                        (number, who.value, CALENDAR.today(rung.at))
                        for who in RULES.ladder.audiences(rung.offset)
                    }
    roles = {(number, who[:-1].rpartition("（")[2], day) for number, who, day in quarter.told}
    # What was due on a day off is said on the next working day.
    assert roles == {(number, who, CALENDAR.on_or_after(day)) for number, who, day in expected}


def check_escalation(quarter: Quarter) -> None:
    """Whoever is to hear of an overdue item hears of it on the very day, and not before."""
    reached = Counter(who for who, _ in RULES.ladder.escalate)
    for number, spells in quarter.spells.items():
        for since, until, due_on in spells:
            for who, late in RULES.ladder.escalate:
                day = CALENDAR.add_working_days(due_on, late)
                days = {
                    told
                    for n, recipient, told in quarter.told
                    if n == number
                    and recipient.endswith(f"（{who.value}）")
                    and since <= CALENDAR.at(told, RULES.ladder.send_at) < until
                }
                if since < CALENDAR.at(day, RULES.ladder.send_at) < until:
                    assert min(days) == day
                    reached[who] += 1
                assert all(CALENDAR.working_days_between(due_on, told) >= late for told in days)
    assert all(count > 1 for count in reached.values())


def check_made_up_for(quarter: Quarter, usual: Quarter, down: Collection[date]) -> None:
    """What fell on a day without a scheduler is said on the next day with one, if it is still to be said."""
    expected: Told = set()
    for number, who, day in usual.told:
        up = day
        while up in down or not CALENDAR.is_working_day(up):
            up += timedelta(days=1)
        then, later = (CALENDAR.at(each, RULES.ladder.send_at) for each in (day, up))
        if up <= LAST and usual.spell(number, then) == usual.spell(number, later):
            expected.add((number, who, up))
    assert quarter.told == expected


def check_golden(name: str, document: dict[str, object]) -> None:
    path, text = GOLDEN / name, json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("RECTIFY_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
        pytest.fail(f"{name} was written anew: read it, then run without RECTIFY_UPDATE_GOLDEN")
    assert text == path.read_text(encoding="utf-8")


def golden(quarter: Quarter) -> dict[str, object]:
    """The quarter in figures, day by day."""
    summary = summary_json(quarter.drill)
    summary["recipients"] = len(quarter.drill.count("recipient"))
    days = {day.on.isoformat(): day.messages for day in quarter.drill.days if day.messages}
    return {**summary, "days": days}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return town(tmp_path_factory.mktemp("small"), BULLETIN)


@pytest.fixture(scope="module")
def small_quarter(small: Office) -> Quarter:
    return play(small)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Office:
    return town(tmp_path_factory.mktemp("real"), (shared / "seeds/bulletin-2021-q2.txt").read_text("utf-8"))


@pytest.fixture(scope="module")
def real_quarter(real: Office) -> Quarter:
    return play(real)


def test_an_invented_quarter_keeps_office_hours(small_quarter: Quarter) -> None:
    check_times(small_quarter)


def test_an_invented_quarter_climbs_the_ladder(small_quarter: Quarter) -> None:
    check_ladder(small_quarter)
    check_escalation(small_quarter)


def test_an_invented_quarter_in_figures(small_quarter: Quarter) -> None:
    check_golden("quarter_invented.json", golden(small_quarter))


@settings(max_examples=4)
@given(down=st.sets(st.sampled_from(WORKING_DAYS), max_size=25))
def test_days_without_a_scheduler_are_made_up_for(
    small: Office, small_quarter: Quarter, down: set[date]
) -> None:
    quarter = play(small, down)
    check_times(quarter)
    check_made_up_for(quarter, small_quarter, down)


def test_the_real_quarter(real_quarter: Quarter) -> None:
    assert len(WORKING_DAYS) == 64
    assert len(real_quarter.spells) == 454
    check_times(real_quarter)
    check_ladder(real_quarter)
    check_escalation(real_quarter)
    check_golden("quarter.json", golden(real_quarter))


def test_the_real_quarter_with_days_without_a_scheduler(real: Office, real_quarter: Quarter) -> None:
    down = set(random.Random(2021).sample(WORKING_DAYS, 20))
    quarter = play(real, down)
    check_times(quarter)
    check_made_up_for(quarter, real_quarter, down)
