"""All rules of an office, read once and checked as a whole.

Must never guess: an unknown key, class, audience or year is an error that names file and key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from tracker.domain.calendar import WorkCalendar
from tracker.domain.classes import ProblemClass
from tracker.domain.deadlines import DeadlineRule
from tracker.domain.errors import ConfigError
from tracker.domain.escalation import Audience, Ladder, QuietHours
from tracker.domain.lexicon import Lexicon
from tracker.domain.units import Home, UnitEntry
from tracker.rules.files import ConfigFolder
from tracker.rules.holidays import DayEntry, build_calendar
from tracker.rules.units import HomeTable, read_units

DEFAULT_LADDER = "default"
OTHER_CLASS = "other"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ClassTable(_Strict):
    name: str
    domain: str | None = None
    patterns: list[str] = []
    deadline: dict[str, object]
    source: str


class _Classes(RootModel[dict[str, _ClassTable]]):
    pass


class _LadderTable(_Strict):
    before: list[int] = Field(min_length=0)
    on_the_day: bool
    daily_after: int = Field(ge=0, le=60)
    then_every: int = Field(ge=1, le=60)
    send_at: time
    escalate: dict[str, int] = {}


class _Ladders(RootModel[dict[str, _LadderTable]]):
    pass


class _Quiet(_Strict):
    opens: time
    closes: time

    @model_validator(mode="after")
    def _ordered(self) -> _Quiet:
        if self.opens >= self.closes:
            raise ValueError("opens 须早于 closes")
        return self


class _Digest(_Strict):
    send_at: time
    roles: list[str]


class _Probes(_Strict):
    every_hours: int = Field(ge=1, le=24 * 30)


class _App(_Strict):
    quiet: _Quiet
    digest: _Digest
    probes: _Probes
    home: HomeTable = HomeTable()


class _Calendar(_Strict):
    published_through: date | None = None
    days: list[DayEntry] = []


@dataclass(frozen=True)
class Rules:
    """What the office decides about rectification, ready for the domain's functions."""

    calendar: WorkCalendar
    classes: tuple[ProblemClass, ...]
    deadlines: dict[str, DeadlineRule]
    ladder: Ladder
    quiet: QuietHours
    digest_at: time
    digest_roles: tuple[Audience, ...]
    check_every_hours: int
    units: tuple[UnitEntry, ...]
    short_forms: dict[str, str]
    home: Home | None = None

    @cached_property
    def lexicon(self) -> Lexicon:
        """The words by which units are recognised inside sentences. Only from files: a reading must not
        change because somebody confirmed a unit meanwhile."""
        names = (name for entry in self.units for name in (entry.name, *entry.aliases))
        return Lexicon.of(self.short_forms, names)

    @property
    def reminding(self) -> QuietHours:
        """When reminders may leave: not before the day's own rung, so that held ones join its message."""
        return QuietHours(max(self.quiet.opens, self.ladder.send_at), self.quiet.closes)

    def class_name(self, code: str) -> str:
        """The Chinese name of a class; the code itself if the office has removed the class since."""
        return next((each.name for each in self.classes if each.code == code), code)


def load_rules(overlay: Path | None, zone: str = "Asia/Shanghai") -> Rules:
    """Read and check every file; raises one ConfigError that lists every fault in `details.errors`."""
    folder = ConfigFolder(overlay)
    folder.errors += [f"{overlay}：不认识的文件 {name}" for name in folder.strangers()]
    classes, deadlines = _classes(folder)
    ladder = _ladder(folder)
    app = folder.model("app.toml", _App)
    if app is not None and ladder is not None and ladder.send_at >= app.quiet.closes:
        place = f"{folder.path('ladders.toml')}：{DEFAULT_LADDER}.send_at"
        folder.errors.append(f"{place}：须早于 app.toml 的 quiet.closes，否则提醒永远发不出去")
    roles = _audiences(folder, "app.toml", "digest.roles", app.digest.roles if app else [])
    home = app.home.home if app else None
    units, short_forms = read_units(folder, home)
    table = folder.model("calendar.toml", _Calendar)
    calendar = None
    if table is not None:
        try:
            calendar = build_calendar(table.days, table.published_through, zone)
        except ConfigError as error:
            folder.errors.append(f"{folder.path('calendar.toml')}：{error.message}")
    if folder.errors or app is None or ladder is None or calendar is None:
        raise ConfigError("设置有误：\n" + "\n".join(folder.errors), details={"errors": folder.errors})
    return Rules(
        calendar=calendar,
        classes=classes,
        deadlines=deadlines,
        ladder=ladder,
        quiet=QuietHours(app.quiet.opens, app.quiet.closes),
        digest_at=app.digest.send_at,
        digest_roles=roles,
        check_every_hours=app.probes.every_hours,
        units=units,
        short_forms=short_forms,
        home=home,
    )


def _classes(folder: ConfigFolder) -> tuple[tuple[ProblemClass, ...], dict[str, DeadlineRule]]:
    table = folder.model("classes.toml", _Classes)
    classes: list[ProblemClass] = []
    deadlines: dict[str, DeadlineRule] = {}
    where = folder.path("classes.toml")
    for code, entry in (table.root if table else {}).items():
        for pattern in entry.patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                folder.errors.append(f"{where}：{code}.patterns：正则表达式“{pattern}”有误，{error}")
        try:
            deadlines[code] = DeadlineRule.parse(entry.deadline, f"{where}：{code}.deadline")
        except ConfigError as error:
            folder.errors.append(error.message)
        classes.append(
            ProblemClass(code, entry.name, entry.domain, tuple(entry.patterns), entry.deadline, entry.source)
        )
    if table is not None and OTHER_CLASS not in table.root:
        folder.errors.append(f"{where}：缺少兜底类别 {OTHER_CLASS}")
    return tuple(classes), deadlines


def _ladder(folder: ConfigFolder) -> Ladder | None:
    table = folder.model("ladders.toml", _Ladders)
    if table is None:
        return None
    entry = table.root.get(DEFAULT_LADDER)
    where = folder.path("ladders.toml")
    folder.errors += [
        f"{where}：{code}：不认识的阶梯，目前只有 {DEFAULT_LADDER}"
        for code in table.root
        if code != DEFAULT_LADDER
    ]
    if entry is None:
        folder.errors.append(f"{where}：缺少 [{DEFAULT_LADDER}]")
        return None
    if any(days < 1 for days in entry.before):
        folder.errors.append(f"{where}：{DEFAULT_LADDER}.before：须为正整数")
    if Audience.CONTACT in entry.escalate:
        folder.errors.append(f"{where}：{DEFAULT_LADDER}.escalate：联络员始终告知，不必写在这里")
    audiences = _audiences(folder, "ladders.toml", f"{DEFAULT_LADDER}.escalate", list(entry.escalate))
    return Ladder(
        code=DEFAULT_LADDER,
        before=tuple(sorted(set(entry.before), reverse=True)),
        on_the_day=entry.on_the_day,
        daily_after=entry.daily_after,
        then_every=entry.then_every,
        send_at=entry.send_at,
        escalate=tuple((who, entry.escalate[who.value]) for who in audiences),
    )


def _audiences(folder: ConfigFolder, name: str, key: str, words: list[str]) -> tuple[Audience, ...]:
    known = {audience.value: audience for audience in Audience}
    folder.errors += [
        f"{folder.path(name)}：{key}：不认识的角色“{word}”，可用：{'、'.join(known)}"
        for word in words
        if word not in known
    ]
    return tuple(known[word] for word in words if word in known)
