"""`config/ladders.toml`: the office's ladders, and which classes and lists they are for.

A further ladder writes only where it differs from `default`. Must never accept a ladder that cannot speak: a
sending time outside working hours, an audience, paper, channel or class that nobody knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import time

from pydantic import BaseModel, ConfigDict, Field, RootModel

from tracker.domain.ladders import CHANNELS, USUAL_STAGES, Audience, Colour, Ladder, Paper, Stage
from tracker.rules.files import ConfigFolder

DEFAULT = "default"
_FILE = "ladders.toml"
_FURTHEST = 250  # working days: a year


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _StageTable(_Strict):
    start: int = Field(alias="from", ge=-_FURTHEST, le=_FURTHEST)
    paper: str
    colour: str
    channels: list[str] = []


class _LadderTable(_Strict):
    before: list[int]
    on_the_day: bool
    daily_after: int = Field(ge=0, le=60)
    then_every: int = Field(ge=1, le=60)
    send_at: time
    escalate: dict[str, int] = {}
    stages: list[_StageTable] = []
    verify_after: int = Field(3, ge=0, le=_FURTHEST)
    verify_every: int = Field(1, ge=1, le=60)
    classes: list[str] = []
    lists: list[str] = []


class _Tables(RootModel[dict[str, dict[str, object]]]):
    pass


@dataclass(frozen=True)
class Ladders:
    """All ladders by code; whose list of problems names no ladder, and whose class neither, has `default`."""

    by_code: Mapping[str, Ladder]
    of_class: Mapping[str, str]
    of_list: Mapping[str, str]

    @property
    def default(self) -> Ladder:
        return self.by_code[DEFAULT]

    def for_item(self, problem_class: str, bulletin: str) -> Ladder:
        """The ladder of the first list whose words stand in the bulletin's title, else of the class."""
        code = next((code for words, code in self.of_list.items() if words in bulletin), None)
        return self.by_code[code or self.of_class.get(problem_class, DEFAULT)]


def read_ladders(folder: ConfigFolder, classes: Collection[str], closes: time | None) -> Ladders | None:
    """Read and check the file; `closes` is when sending ends. Errors are noted in `folder`."""
    raw = folder.model(_FILE, _Tables)
    if raw is None:
        return None
    where = folder.path(_FILE)
    if DEFAULT not in raw.root:
        folder.errors.append(f"{where}：缺少 [{DEFAULT}]")
        return None
    found: dict[str, Ladder] = {}
    of_class: dict[str, str] = {}
    of_list: dict[str, str] = {}
    before = len(folder.errors)
    for code, own in raw.root.items():
        common = {} if code == DEFAULT else {**raw.root[DEFAULT], "classes": [], "lists": []}
        table = folder.model(_FILE, RootModel[dict[str, _LadderTable]], {code: {**common, **own}})
        if table is None:
            continue
        entry = table.root[code]
        folder.errors += [f"{where}：{code}.{fault}" for fault in _faults(entry, classes, closes)]
        if code == DEFAULT and (entry.classes or entry.lists):
            folder.errors.append(f"{where}：{code}：默认阶梯适用于其余所有事项，不写 classes、lists")
        for name, given, taken in (("classes", entry.classes, of_class), ("lists", entry.lists, of_list)):
            folder.errors += [
                f"{where}：{code}.{name}：“{each}”已属于阶梯 {taken[each]}" for each in given if each in taken
            ]
            taken.update(dict.fromkeys(given, code))
        if len(folder.errors) == before:
            found[code] = _ladder(code, entry)
    return Ladders(found, of_class, of_list) if len(folder.errors) == before else None


def _faults(entry: _LadderTable, classes: Collection[str], closes: time | None) -> Iterator[str]:
    if any(days < 1 for days in entry.before):
        yield "before：须为正整数"
    if Audience.CONTACT in entry.escalate:
        yield "escalate：联络员始终告知，不必写在这里"
    yield from _strange("escalate", "角色", entry.escalate, [who.value for who in Audience])
    if closes is not None and entry.send_at >= closes:
        yield "send_at：须早于 app.toml 的 quiet.closes，否则提醒永远发不出去"
    starts = [stage.start for stage in entry.stages]
    if starts != sorted(set(starts)):
        yield "stages：from 须从小到大，且不重复"
    for place, stage in enumerate(entry.stages, start=1):
        key = f"stages 第{place}段"
        yield from _strange(f"{key}.paper", "文书", [stage.paper], [each.value for each in Paper])
        yield from _strange(f"{key}.colour", "颜色", [stage.colour], [each.value for each in Colour])
        yield from _strange(f"{key}.channels", "渠道", stage.channels, CHANNELS)
    yield from _strange("classes", "问题类别", entry.classes, classes)
    if any(not words.strip() for words in entry.lists):
        yield "lists：通报标题中的字样不能为空"


def _strange(key: str, kind: str, given: Collection[str], known: Collection[str]) -> Iterator[str]:
    for word in given:
        if word not in known:
            # Of the classes an office knows dozens: their file lists them.
            offered = "见 classes.toml" if kind == "问题类别" else f"可用：{'、'.join(known)}"
            yield f"{key}：不认识的{kind}“{word}”，{offered}"


def _ladder(code: str, entry: _LadderTable) -> Ladder:
    stages = tuple(
        Stage(stage.start, Paper(stage.paper), Colour(stage.colour), tuple(stage.channels))
        for stage in entry.stages
    )
    return Ladder(
        code=code,
        before=tuple(sorted(set(entry.before), reverse=True)),
        on_the_day=entry.on_the_day,
        daily_after=entry.daily_after,
        then_every=entry.then_every,
        send_at=entry.send_at,
        escalate=tuple((Audience(who), late) for who, late in entry.escalate.items()),
        stages=stages or USUAL_STAGES,
        verify_after=entry.verify_after,
        verify_every=entry.verify_every,
    )
