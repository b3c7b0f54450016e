"""What exports and looks share: how they end, whose their rows are, evidence beside items, striking off.

Must only be called inside the one transaction that takes the export in, or decides about a look, with the
turns of registry and planner.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tracker.domain.errors import TransitionError
from tracker.domain.items import Item
from tracker.domain.lifecycle import FINAL, Event, State
from tracker.domain.people import SYSTEM
from tracker.domain.steps import Step
from tracker.intake.feeds.cases import Rejected
from tracker.intake.model import Finding, Source
from tracker.probes.base import Verdict
from tracker.services.advance import take_step
from tracker.services.evidence import Evidence
from tracker.services.office import Office
from tracker.services.outcomes import tell_units
from tracker.services.unit_names import KnownUnit, UnitNames, add_unit
from tracker.store import Connection, history, items, observations
from tracker.store.feeds import StoredFeed
from tracker.store.observations import StoredObservation

UPDATE_EVENT = "update"
_WITNESS = "数据核查"  # who hands in what the data show; the class's rule, not a person, verifies it


@dataclass(frozen=True)
class Doubtful:
    """An item that an export would change, if what it leaves out were gone; `why` are Chinese reasons."""

    item: Item
    left: int
    why: tuple[str, ...]


@dataclass(frozen=True)
class Refused:
    """An item that the system would have struck off, and why not, in Chinese and naming it."""

    number: int
    why: str


@dataclass
class Outcome:
    """What an export did to items, as they stand afterwards. refused: those of `cleared` that wait for people
    although their class verifies itself.
    """

    opened: list[Item] = field(default_factory=list)
    updated: list[Item] = field(default_factory=list)
    cleared: list[Item] = field(default_factory=list)
    doubtful: list[Doubtful] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def as_json(self) -> dict[str, list[object]]:
        """As the ledger of exports keeps it: numbers."""
        kept: dict[str, list[object]] = {
            name: [item.number for item in getattr(self, name)] for name in ("opened", "updated", "cleared")
        }
        kept["doubtful"] = [
            {"number": each.item.number, "left": each.left, "why": list(each.why)} for each in self.doubtful
        ]
        kept["refused"] = [{"number": each.number, "why": each.why} for each in self.refused]
        return kept


@dataclass(frozen=True)
class Fed:
    """An export taken in. `already`: these very bytes were taken in before, and nothing happened."""

    feed: StoredFeed
    outcome: Outcome
    already: bool = False
    new_units: tuple[str, ...] = ()

    @property
    def rejected(self) -> list[Rejected]:
        """The first rows that were not judged; `feed.rejected_rows` says how many there are."""
        return [Rejected(row, reason) for row, reason in self.feed.rejected]


def resolve_units(
    connection: Connection, office: Office, written: Iterable[str], now: datetime
) -> dict[str, KnownUnit]:
    """Written name → unit; none is stored for it."""
    bearers = [Finding(name, None, None, "", None, Source("", None, None, None, 0)) for name in written]
    names = UnitNames(connection, office.rules, bearers, issued_on=office.rules.calendar.today(now))
    return {bearer.unit_as_written: names.of(bearer) for bearer in bearers}


def store_unit(connection: Connection, unit: KnownUnit, *, now: datetime) -> KnownUnit:
    """The same with a row of its own."""
    return unit if unit.id is not None else replace(unit, id=add_unit(connection, unit, now=now))


def note_counts(
    connection: Connection,
    feed: StoredFeed,
    changes: Sequence[tuple[Item, int]],
    *,
    by: str,
    now: datetime,
) -> list[Item]:
    """Write how many are left of each item: another quantity, or that 0 are left; the items afterwards."""
    items.set_quantities(connection, [(item.number, left, "件") for item, left in changes if left])
    rows = []
    for item, left in changes:
        detail: dict[str, object] = {"file": feed.filename}
        if left:
            detail["quantity"] = [item.quantity, left]
        else:
            items.set_columns(connection, item.number, remaining=0)
        if left == 0 or item.standing.remaining is not None:
            detail["remaining"] = [item.standing.remaining, None if left else 0]
        standing = replace(item.standing, remaining=None if left else 0)
        rows.append((item.number, standing, detail))
    history.append(connection, at=now, actor=by, event=UPDATE_EVENT, rows=rows)
    return items.by_numbers(connection, [item.number for item, _ in changes])


def witness(
    connection: Connection,
    feed: StoredFeed,
    item: Item,
    verdict: Verdict,
    *,
    seen: Mapping[str, object],
    now: datetime,
) -> None:
    """Keep what the export shows as evidence beside the item; `seen` has a Chinese `summary`."""
    evidence = {**seen, "feed": feed.id, "file": feed.filename, "sha256": feed.sha256}
    observations.add(connection, StoredObservation(item.number, feed.kind, verdict.value, evidence, now))


def strike_off_verified(
    connection: Connection, office: Office, outcome: Outcome, *, words: str, now: datetime
) -> None:
    """Strike off the cleared items whose class says `auto_verify`; `outcome` has them as they stand then.

    What the workflow refuses (too few proofs) is left to people as it was, as with looks: one item must not
    keep a whole export out.
    """
    automatic = {each.code for each in office.rules.classes if each.auto_verify}
    for item in outcome.cleared:
        if item.problem_class not in automatic or item.standing.state in FINAL:
            continue
        try:
            with connection.begin_nested():  # handed in and struck off, or neither
                _strike_off(connection, office, item, words, now)
        except TransitionError as error:
            outcome.refused.append(Refused(item.number, error.message))
    outcome.cleared = items.by_numbers(connection, [each.number for each in outcome.cleared])


def _strike_off(connection: Connection, office: Office, item: Item, words: str, now: datetime) -> None:
    submitted = item
    if item.standing.state is not State.SUBMITTED:
        submit = Step(Event.SUBMIT, _WITNESS, now, words)
        take_step(connection, office, item, submit, [Evidence("note", words)])
        [submitted] = items.by_numbers(connection, [item.number])
    take_step(connection, office, submitted, Step(Event.STRIKE_OFF, SYSTEM, now, words), ())
    [after] = items.by_numbers(connection, [item.number])
    tell_units(connection, office, Event.STRIKE_OFF, [(item, after)], now)
