"""From faulty cases to items: one per unit and class, its quantity the number of cases.

Must only be called inside the transaction that recorded the cases.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tracker.domain.cases import Fault
from tracker.domain.exports import Move, Tracked, Trust, move_for
from tracker.domain.items import Item
from tracker.probes.base import Verdict
from tracker.services.feeding import Doubtful, Outcome, note_counts, strike_off_verified, witness
from tracker.services.office import Office
from tracker.services.opening import Origin, Problem, open_items
from tracker.store import Connection, cases, items, observations, sightings, units
from tracker.store.cases import CaseCount
from tracker.store.feeds import StoredFeed

_NONE = CaseCount(0, 0)
Place = tuple[int, str]


@dataclass
class _Plan:
    """What is to be done, by kind."""

    problems: list[Place] = field(default_factory=list)
    changes: list[tuple[Item, int]] = field(default_factory=list)
    doubtful: list[Doubtful] = field(default_factory=list)


def settle(
    connection: Connection, office: Office, feed: StoredFeed, trust: Trust, *, by: str, now: datetime
) -> Outcome:
    """Bring the items up to date: those of the units that the export tells of, and of all others with
    standing cases.
    """
    counted = cases.counts(connection, feed.source, feed.id, feed.judged)
    at_work = _at_work(connection, feed.judged, {unit_id for unit_id, _ in counted} | trust.rows.keys())
    told = _told(connection, feed, [item.number for some in at_work.values() for item in some])
    plan = _plan(counted, at_work, told, trust)
    outcome = Outcome(doubtful=plan.doubtful)
    names = {row.id: row.name for row in units.all_units(connection)}
    rules = office.rules.feeds.cases
    problems = [
        Problem(names[unit_id], code, rules.text(Fault(code), count), count)
        for unit_id, code in plan.problems
        if (count := counted[unit_id, code].standing)
    ]
    outcome.opened = open_items(
        connection, office, Origin.of(feed), problems, title=f"{feed.source}数据核查", by=by, now=now
    )
    left = {item.number: count for item, count in plan.changes}
    for item in note_counts(connection, feed, plan.changes, by=by, now=now):
        count = left[item.number]
        words = f"{feed.filename}中还有 {count} 件" if count else f"{feed.filename}中已没有这类办件"
        verdict = Verdict.NOT_FIXED if count else Verdict.FIXED
        witness(connection, feed, item, verdict, seen={"summary": words, "left": count}, now=now)
        (outcome.updated if count else outcome.cleared).append(item)
    words = f"{feed.filename}中已没有这类办件"
    strike_off_verified(connection, office, outcome, words=words, now=now)
    return outcome


def _at_work(
    connection: Connection, classes: Collection[str], unit_ids: Collection[int]
) -> Mapping[Place, list[Item]]:
    """The items that cases can change, newest first, locked."""
    numbers = cases.numbers_at_work(connection, classes, unit_ids)
    found: dict[Place, list[Item]] = defaultdict(list)
    for item in reversed(items.by_numbers(connection, numbers, lock=True)):
        found[item.unit_id, item.problem_class].append(item)
    return found


def _plan(
    counted: Mapping[Place, CaseCount],
    at_work: Mapping[Place, list[Item]],
    told: Mapping[int, int | None],
    trust: Trust,
) -> _Plan:
    plan = _Plan()
    for place in sorted(counted.keys() | at_work.keys()):
        count, some = counted.get(place, _NONE), at_work.get(place, [])
        if not some and count.standing:
            plan.problems.append(place)
        # The cases stand for the newest item; that none is left is said of all of them.
        for item in some if count.proven == 0 else some[:1]:
            doubts = trust.doubts_of(place[0], item.quantity, item.issued_on)
            tracked = Tracked(item.quantity, item.standing.remaining)
            move = move_for(tracked, count.standing, count.proven, doubts)
            if move is Move.DOUBT:
                why = tuple(doubt.chinese for doubt in doubts)
                plan.doubtful.append(Doubtful(item, count.proven, why))
            elif move is not Move.NOTHING and told.get(item.number) != count.standing:
                # What was said before is no news: a person may have put another number in its place.
                plan.changes.append((item, count.standing))
    return plan


def _told(connection: Connection, feed: StoredFeed, numbers: list[int]) -> dict[int, int | None]:
    """Item number → how many the last export, or else the last list, said there are."""
    told = {number: seen.quantity for number, seen in sightings.last_seen(connection, numbers).items()}
    for number, evidence in observations.last_of_probe(connection, feed.kind, numbers).items():
        left = evidence.get("left")
        told[number] = left if isinstance(left, int) else None
    return told
