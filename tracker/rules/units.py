"""`units.toml`, `short_forms.toml` and the home place: who answers for what, checked as one registry.

Must never let a name mean two units of one time, or responsibility go round in a circle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from tracker.domain.units import LEVEL_SIGNS, Home, Level, UnitEntry, unit_key
from tracker.rules.files import ConfigFolder


class HomeTable(BaseModel):
    """`[home]` of app.toml; an empty name says nothing about names of places."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    level: Literal["", "省", "市", "州", "盟", "县", "区", "旗"] = ""

    @model_validator(mode="after")
    def _has_a_level(self) -> HomeTable:
        if self.name and not self.level and self.name[-1] not in LEVEL_SIGNS:
            raise ValueError(f"从“{self.name}”看不出层级，请用 level 写明")
        return self

    @property
    def home(self) -> Home | None:
        return Home(self.name, self.level or self.name[-1]) if self.name else None


class _UnitTable(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=2)
    aliases: list[str] = []
    level: Literal["department", "district", "below"]
    parent: str | None = None
    site: str | None = Field(None, pattern=r"^https?://")
    since: date | None = None
    until: date | None = None
    successor: str | None = None
    ranked: bool = True

    @model_validator(mode="after")
    def _ends_with_a_successor(self) -> _UnitTable:
        if (self.until is None) != (self.successor is None):
            raise ValueError("until 与 successor 须同时填写：撤并的单位由谁接手要写明")
        if self.since and self.until and self.since > self.until:
            raise ValueError("since 不得晚于 until")
        return self


class _Units(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    unit: list[_UnitTable] = []


class _ShortForms(RootModel[dict[str, str]]):
    pass


def read_units(folder: ConfigFolder, home: Home | None) -> tuple[tuple[UnitEntry, ...], dict[str, str]]:
    """The registry and the short forms; what is wrong with them is added to `folder.errors`."""
    forms = folder.model("short_forms.toml", _ShortForms)
    table = folder.model("units.toml", _Units)
    short_forms = forms.root if forms else {}
    entries = tuple(
        UnitEntry(
            unit.name,
            tuple(unit.aliases),
            Level(unit.level),
            unit.parent,
            unit.site,
            unit.since,
            unit.until,
            unit.successor,
            unit.ranked,
        )
        for unit in (table.unit if table else [])
    )
    faults = (*_double_names(entries, short_forms, home), *_wrong_relations(entries))
    folder.errors += [f"{folder.path('units.toml')}：{fault}" for fault in faults]
    return entries, short_forms


def _double_names(
    entries: Sequence[UnitEntry], short_forms: Mapping[str, str], home: Home | None
) -> Iterator[str]:
    """A unit's name is its own for ever; an alias may pass on, but on any one day it is one unit's.

    Names are compared as a document's are: 市自规局 is claimed by whoever is called 市自然资源和规划局.
    """
    claims = [
        (unit_key(name, short_forms, home), number, f"unit.{number}.{field}", name)
        for number, entry in enumerate(entries)
        for field, names in (("name", (entry.name,)), ("aliases", entry.aliases))
        for name in names
    ]
    for _, group in groupby(sorted(claims), key=lambda claim: claim[0]):
        same = list(group)
        for position, (_, number, place, name) in enumerate(same):
            for _, earlier, other_place, other in same[:position]:
                is_twice = number == earlier and name == other
                is_shared = number != earlier and (
                    (place.endswith("name") and other_place.endswith("name"))
                    or _overlap(entries[number], entries[earlier])
                )
                if is_twice or is_shared:
                    yield f"{place}：“{name}”与 {other_place} 的“{other}”重复"


def _overlap(one: UnitEntry, other: UnitEntry) -> bool:
    starts = max(one.since or date.min, other.since or date.min)
    return starts <= min(one.until or date.max, other.until or date.max)


def _wrong_relations(entries: Sequence[UnitEntry]) -> Iterator[str]:
    by_name = {entry.name: entry for entry in entries}
    for number, entry in enumerate(entries):
        for field in ("parent", "successor"):
            other = by_name.get(getattr(entry, field) or entry.name)
            if other is None:
                yield f"unit.{number}.{field}：名册中没有“{getattr(entry, field)}”"
            elif _comes_back(entry, field, by_name):
                yield f"unit.{number}.{field}：“{entry.name}”绕回了自己"
        parent = by_name.get(entry.parent or "")
        if parent and entry.level is not Level.BELOW and entry.level is not parent.level:
            yield f"unit.{number}.level：与上级“{parent.name}”的层级（{parent.level}）矛盾"


def _comes_back(entry: UnitEntry, field: str, by_name: Mapping[str, UnitEntry]) -> bool:
    """Whether following `field` from an entry ends at the entry; a circle further on is told there."""
    seen: set[str] = set()
    name = getattr(entry, field)
    while name in by_name and name not in seen:
        seen.add(name)
        name = getattr(by_name[name], field)
    return entry.name in seen
