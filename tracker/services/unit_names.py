"""Which unit a written name means: the registry, then the units already tracked, then a new one.

Must never take a likely match: it is offered beside the new unit for a person to confirm.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.domain.units import (
    Level,
    Match,
    Registry,
    UnitEntry,
    display_name,
    guess_level,
    unit_key,
)
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


def build_registry(connection: Connection, rules: Rules) -> Registry:
    """The office's registry and the units that people have confirmed, with the aliases they taught."""
    listed = {entry.name for entry in rules.units}
    confirmed = [
        UnitEntry(unit.name, (), Level(unit.level), unit.parent, unit.site)
        for unit in units.all_units(connection)
        if unit.confirmed and unit.name not in listed
    ]
    return Registry((*rules.units, *confirmed), rules.short_forms, units.aliases(connection))


class UnitNames:
    """Resolves the unit names of one document."""

    def __init__(self, connection: Connection, rules: Rules, findings: Iterable[Finding]) -> None:
        self._rules = rules
        self._registry = build_registry(connection, rules)
        stored = units.all_units(connection)
        self._by_name = {unit.name: unit for unit in stored}
        self._by_key = {unit.key: unit for unit in stored}
        self._entries = {entry.name: entry for entry in rules.units}
        self._units: dict[str, KnownUnit] = {}
        likely: dict[str, LikelyUnit] = {}
        written: dict[str, list[Finding]] = {}
        for finding in findings:
            written.setdefault(unit_key(finding.unit_as_written, rules.short_forms), []).append(finding)
        for group in written.values():
            self._resolve(group, likely)
        self.likely = tuple(likely.values())
        self.unknown = tuple(dict.fromkeys(unit.name for unit in self._units.values() if not unit.known))

    def of(self, finding: Finding) -> KnownUnit:
        """The unit of a finding of this document."""
        return self._units[finding.unit_as_written]

    def _resolve(self, findings: list[Finding], likely: dict[str, LikelyUnit]) -> None:
        """All names of one identity: one unit."""
        names = list(dict.fromkeys(finding.unit_as_written for finding in findings))
        new: list[str] = []
        for name in names:
            resolution = self._registry.resolve(name)
            if resolution.name is not None:
                self._units[name] = self._registered(resolution.name)
            else:
                new.append(name)
                if resolution.kind in {Match.LIKELY, Match.AMBIGUOUS}:
                    likely[name] = LikelyUnit(name, resolution.candidates)
        if new:
            unit = self._unregistered(new, findings[0].group_hint)
            self._units.update(dict.fromkeys(new, unit))

    def _registered(self, name: str) -> KnownUnit:
        stored = self._by_name.get(name)
        entry = self._entries.get(name)
        if entry is not None:
            key = stored.key if stored else unit_key(name, self._rules.short_forms)
            # The registry's word goes first; a unit tracked under another name keeps its row.
            stored = stored or self._by_key.get(key)
            return KnownUnit(
                stored.id if stored else None, name, key, entry.level, entry.parent, entry.site, known=True
            )
        assert stored is not None
        return _tracked(stored)

    def _unregistered(self, names: list[str], group_hint: str | None) -> KnownUnit:
        key = unit_key(names[0], self._rules.short_forms)
        if key in self._by_key:
            return _tracked(self._by_key[key])
        name = display_name(names, key)
        return KnownUnit(None, name, key, guess_level(name, group_hint), None, None, known=False)


def _tracked(unit: StoredUnit) -> KnownUnit:
    return KnownUnit(
        unit.id, unit.name, unit.key, Level(unit.level), unit.parent, unit.site, known=unit.confirmed
    )
