"""Which unit a written name means: the one resolver of imports, contacts, filters and pages.

Must never take a likely match: it is offered beside the new unit for a person to confirm.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from tracker.domain.errors import NotFoundError
from tracker.domain.registry import Registry, Resolution
from tracker.domain.units import Level, Match, UnitEntry, display_name, guess_level
from tracker.intake.model import Finding
from tracker.rules import Rules
from tracker.store import Connection, clockwork, units
from tracker.store.units import StoredUnit

_TURN = "registry"


@dataclass(frozen=True)
class KnownUnit:
    """A unit a finding belongs to; `id` is None before it is stored, `known` when somebody vouches for it."""

    id: int | None
    name: str
    key: str
    level: Level
    parent: str | None
    site: str | None
    known: bool


@dataclass(frozen=True)
class LikelyUnit:
    """A name that looks like a known unit's, for a person to decide."""

    as_written: str
    candidates: tuple[str, ...]


def take_registry_turn(connection: Connection) -> None:
    """Whoever may add units or items waits for the others: else two at once would add the same twice."""
    clockwork.take_turn(connection, _TURN)


class UnitBook:
    """Every unit the office knows: `units.toml` first, then the tracked ones, with the aliases people taught.

    The tables are asked once, when it is made.
    """

    def __init__(self, connection: Connection, rules: Rules) -> None:
        listed = Registry(rules.units, rules.short_forms, {}, rules.home)
        # Keys may stem from other short forms or another home. Names are asked again; a row whose key
        # still holds goes first, then the older one, so that two rows never bear one key.
        stored = sorted(units.all_units(connection), key=lambda row: row.key != listed.key(row.name))
        self._home, self._listed = rules.home, listed.entries
        self._by_key = {row.key: row for row in stored}
        self._rows = {row.name: row for row in stored if row.name in listed.entries}
        self._owners: dict[str, str] = {}  # a row's name -> the name it goes by
        claimed: dict[str, str] = {}
        for row in stored:
            listed_name = listed.resolve(row.name).name
            owner = listed_name or claimed.setdefault(listed.key(row.name), row.name)
            self._owners[row.name] = owner
            self._rows.setdefault(owner, row)
        tracked = [
            UnitEntry(row.name, (), Level(row.level), row.parent, row.site)
            for row in (self._rows[name] for name in claimed.values())
        ]
        learned = {
            alias: self._owners[name]
            for alias, name in units.aliases(connection).items()
            if listed.resolve(alias).name is None and listed.key(alias) not in claimed
        }
        self.registry = Registry((*rules.units, *tracked), rules.short_forms, learned, rules.home)

    def resolve(self, as_written: str, on: date | None = None) -> Resolution:
        """What a name meets; `on` is the day of the document it stands in."""
        return self.registry.resolve(as_written, on)

    def find(self, given: str) -> str:
        """The registered name that somebody means; raises NotFoundError that offers likely ones."""
        resolution = self.resolve(given)
        if resolution.name is None:
            likely = f"，是否为 {'、'.join(resolution.candidates)}" if resolution.candidates else ""
            details = {"unit": given, "candidates": list(resolution.candidates)}
            raise NotFoundError(f"没有名为“{given}”的责任单位{likely}", details=details)
        return resolution.name

    @property
    def row_names(self) -> Collection[str]:
        """The names of the tracked units' rows."""
        return self._owners.keys()

    def row(self, name: str) -> StoredUnit | None:
        """The row of a registered name."""
        return self._rows.get(name)

    def responsible(self, name: str, today: date | None = None) -> KnownUnit:
        """The unit that answers for a registered name today: itself, or its successor."""
        return self._unit(self.registry.responsible(name, today).name)

    def new_unit(self, names: list[str], group_hint: str | None) -> KnownUnit:
        """The unit of a name that the registry cannot tell, from all the ways a document writes it."""
        key = self.registry.key(names[0])
        if key in self._by_key:  # made by an earlier document that could not tell either
            return self._unit(self._owners[self._by_key[key].name])
        name = display_name(names, key)
        return KnownUnit(None, name, key, guess_level(name, group_hint, self._home), None, None, known=False)

    def _unit(self, name: str) -> KnownUnit:
        """In the registry's words; a unit tracked under another name keeps its row."""
        entry, row = self.registry.entries[name], self._rows.get(name)
        return KnownUnit(
            id=row.id if row else None,
            name=name,
            key=row.key if row else self.registry.key(name),
            level=entry.level,
            parent=entry.parent,
            site=entry.site,
            known=name in self._listed or (row is not None and row.confirmed),
        )


def add_unit(connection: Connection, unit: KnownUnit, *, now: datetime) -> int:
    """Store a unit that has no row yet and return its id."""
    return units.add_unit(
        connection,
        name=unit.name,
        key=unit.key,
        level=unit.level.value,
        parent=unit.parent,
        site=unit.site,
        confirmed=unit.known,
        at=now,
    )


class UnitNames:
    """The unit names of one document, each resolved once however many findings bear it.

    `matches` says of every written name how it met the registry, `likely` what to offer, `notes` (Chinese)
    that another unit has taken over, and `unknown` which units nobody has vouched for.
    """

    def __init__(
        self,
        connection: Connection,
        rules: Rules,
        findings: Iterable[Finding],
        *,
        issued_on: date | None = None,
        today: date | None = None,
    ) -> None:
        """A name means who bore it on `issued_on`; the unit is who answers for that one `today`."""
        self._book = UnitBook(connection, rules)
        self._issued_on, self._today = issued_on, today
        self._units: dict[str, KnownUnit] = {}
        self.matches: dict[str, Match] = {}
        self.notes: dict[str, str] = {}
        self._offered: dict[str, tuple[str, ...]] = {}
        hints: dict[str, str | None] = {}
        for finding in findings:
            hints.setdefault(finding.responsible, finding.group_hint)
        written: dict[str, list[str]] = {}
        for name in hints:
            if not self._is_registered(name):
                written.setdefault(self._book.registry.key(name), []).append(name)
        for names in written.values():
            unit = self._book.new_unit(names, hints[names[0]])
            self._units.update(dict.fromkeys(names, unit))
        self.likely = tuple(LikelyUnit(name, offered) for name, offered in self._offered.items() if offered)
        # In the order of the document, which is the order of `hints`.
        met = (self._units[name] for name in hints)
        self.unknown = tuple(dict.fromkeys(unit.name for unit in met if not unit.known))

    def of(self, finding: Finding) -> KnownUnit:
        """The unit of a finding of this document."""
        return self._units[finding.responsible]

    def _is_registered(self, name: str) -> bool:
        """Note how a name met the registry; True if it is (or has become) the name of a unit."""
        resolution = self._book.resolve(name, self._issued_on)
        self.matches[name] = resolution.kind
        self._offered[name] = resolution.candidates
        if resolution.name is None:
            return False
        unit = self._book.responsible(resolution.name, self._today)
        self._units[name] = unit
        if unit.name != resolution.name:
            ended_on = self._book.registry.entries[resolution.name].until
            self.notes[name] = f"“{resolution.name}”存续至 {ended_on}，由“{unit.name}”接手"
        if not unit.known:  # it was added without anybody's word: what it may be is still a question
            self._offered[name] = self._book.registry.candidates(name)
        return True
