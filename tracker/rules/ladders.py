"""`config/ladders.toml`: the office's ladders, and which classes and lists they are for.

A further ladder writes only where it differs from `default`. Must never accept a ladder that cannot speak: a
sending time outside working hours, an audience, paper, channel or class that nobody knows; nor one that no
item would climb.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, RootModel

from tracker.domain.ladders import CHANNELS, USUAL_STAGES, Audience, Colour, Ladder, Paper, Stage
from tracker.rules.files import ConfigFolder

DEFAULT = "default"
_FILE = "ladders.toml"
_FURTHEST = 250  # working days: a year
_LONGEST_CODE = 50  # as the store keeps it
_TO_BE_APPROVED = frozenset(paper.value for paper in Paper if paper.needs_approval)

_Days = Annotated[int, Field(ge=1, le=_FURTHEST)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _StageTable(_Strict):
    start: int = Field(alias="from", ge=-_FURTHEST, le=_FURTHEST)
    paper: str
    colour: str
    channels: list[str] = []
    fail_over: list[str] = []


class _LadderTable(_Strict):
    before: list[_Days]
    on_the_day: bool
    daily_after: int = Field(ge=0, le=60)
    then_every: int = Field(ge=1, le=60)
    send_at: time
    escalate: dict[str, _Days] = {}
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
        """The ladder of the list whose words stand in the bulletin's title, else of the class.

        Of several such words the longest: they say most.
        """
        named = max((words for words in self.of_list if words in bulletin), key=len, default=None)
        code = self.of_class.get(problem_class, DEFAULT) if named is None else self.of_list[named]
        return self.by_code[code]


@dataclass(frozen=True)
class Surroundings:
    """What the other files say that a ladder must fit; None where they are at fault themselves.

    closes: when sending ends; half_day_ends: when it does on half days, None if the office has none.
    """

    classes: Collection[str]
    closes: time | None
    half_day_ends: time | None


def read_ladders(folder: ConfigFolder, around: Surroundings) -> Ladders | None:
    """Read and check the file. Errors are noted in `folder`."""
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
        whole = own if code == DEFAULT else _merged(raw.root[DEFAULT], own)
        table = folder.model(_FILE, RootModel[dict[str, _LadderTable]], {code: whole})
        if table is None:
            continue
        entry = table.root[code]
        folder.errors += [f"{where}：{code}.{fault}" for fault in _faults(entry, around)]
        folder.errors += [f"{where}：{code}：{fault}" for fault in _misplaced(code, entry)]
        for name, given, taken in (("classes", entry.classes, of_class), ("lists", entry.lists, of_list)):
            folder.errors += [
                f"{where}：{code}.{name}：“{each}”已属于阶梯 {taken[each]}" for each in given if each in taken
            ]
            taken.update(dict.fromkeys(given, code))
        if len(folder.errors) == before:
            found[code] = _ladder(code, entry)
    return Ladders(found, of_class, of_list) if len(folder.errors) == before else None


def _merged(default: Mapping[str, object], own: Mapping[str, object]) -> dict[str, object]:
    """The default with the differences; of the table `escalate` too only the differences are written."""
    whole = {**default, "classes": [], "lists": [], **own}
    common, further = default.get("escalate", {}), own.get("escalate", {})
    if isinstance(common, dict) and isinstance(further, dict):
        whole["escalate"] = {**common, **further}
    return whole


def _misplaced(code: str, entry: _LadderTable) -> Iterator[str]:
    is_for_some = bool(entry.classes or entry.lists)
    if code == DEFAULT and is_for_some:
        yield "默认阶梯适用于其余所有事项，不写 classes、lists"
    if code != DEFAULT and not is_for_some:
        yield "须写明适用的 classes 或 lists，否则没有事项用到它"
    if len(code) > _LONGEST_CODE:
        yield f"阶梯名称不得超过 {_LONGEST_CODE} 个字"


def _faults(entry: _LadderTable, around: Surroundings) -> Iterator[str]:
    if Audience.CONTACT in entry.escalate:
        yield "escalate：联络员始终告知，不必写在这里"
    yield from _strange("escalate", "角色", entry.escalate, [who.value for who in Audience])
    if around.closes is not None and entry.send_at >= around.closes:
        yield "send_at：须早于 app.toml 的 quiet.closes，否则提醒永远发不出去"
    elif around.half_day_ends is not None and entry.send_at >= around.half_day_ends:
        yield "send_at：须早于 calendar.toml 的 half_day_ends，否则半天班当日发不出提醒"
    starts = [stage.start for stage in entry.stages]
    if starts != sorted(set(starts)):
        yield "stages：from 须从小到大，且不重复"
    for place, stage in enumerate(entry.stages, start=1):
        key = f"stages 第{place}段"
        yield from _strange(f"{key}.paper", "文书", [stage.paper], [each.value for each in Paper])
        yield from _strange(f"{key}.colour", "颜色", [stage.colour], [each.value for each in Colour])
        yield from _strange(f"{key}.channels", "渠道", stage.channels, CHANNELS)
        yield from _strange(f"{key}.fail_over", "渠道", stage.fail_over, CHANNELS)
        if stage.start < 1 and stage.paper in _TO_BE_APPROVED:
            yield f"{key}.from：{stage.paper}只用于逾期之后，须不小于 1"
    yield from _strange("classes", "问题类别", entry.classes, around.classes)
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
        Stage(
            stage.start,
            Paper(stage.paper),
            Colour(stage.colour),
            tuple(stage.channels),
            tuple(stage.fail_over),
        )
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
