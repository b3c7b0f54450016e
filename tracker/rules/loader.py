"""All rules of an office, read once and checked as a whole.

Must never guess: an unknown key, class, audience or year is an error that names file and key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from tracker.domain.calendar import WorkCalendar
from tracker.domain.classes import ProblemClass, Proof
from tracker.domain.columns import ColumnRules, WalkLimits
from tracker.domain.deadlines import DeadlineRule
from tracker.domain.delivery import DeliveryRules, OnUnknown
from tracker.domain.errors import ConfigError
from tracker.domain.escalation import QuietHours
from tracker.domain.ladders import Audience, Ladder
from tracker.domain.lexicon import Lexicon
from tracker.domain.steps import Limits
from tracker.domain.units import Home, UnitEntry
from tracker.rules.columns import read_columns
from tracker.rules.feeds import FeedRules, read_feeds
from tracker.rules.files import FILES, ConfigFolder
from tracker.rules.holidays import CalendarTable, build_calendar
from tracker.rules.ladders import Ladders, Surroundings, read_ladders
from tracker.rules.units import HomeTable, read_units

OTHER_CLASS = "other"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ClassTable(_Strict):
    name: str
    domain: str | None = None
    patterns: list[str] = []
    deadline: dict[str, object]
    source: str
    evidence: str | None = None
    auto_verify: bool = False


class _Classes(RootModel[dict[str, _ClassTable]]):
    pass


class _Quiet(_Strict):
    opens: time
    closes: time
    jitter_minutes: int = Field(default=0, ge=0, le=60)

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


class _Workflow(_Strict):
    return_working_days: int = Field(default=3, ge=1, le=60)
    max_extensions: int = Field(default=2, ge=0, le=20)
    undo_minutes: int = Field(default=10, ge=0, le=60)
    nudge_hours: int = Field(default=24, ge=1, le=24 * 30)


class _Delivery(_Strict):
    senders: int = Field(default=16, ge=1, le=64)
    fail_over_minutes: int = Field(default=30, ge=1, le=24 * 60)
    unknown: Literal["ask", "accept", "resend"] = "ask"
    unknown_minutes: int = Field(default=60, ge=1, le=24 * 60)
    sms_per_number_per_day: int = Field(default=5, ge=1, le=50)
    sms_segments_per_month: int = Field(default=0, ge=0)
    link_days: int = Field(default=7, ge=1, le=60)

    @property
    def rules(self) -> DeliveryRules:
        return DeliveryRules(
            senders=self.senders,
            fail_over_after=timedelta(minutes=self.fail_over_minutes),
            unknown=OnUnknown(self.unknown),
            unknown_after=timedelta(minutes=self.unknown_minutes),
            sms_per_day=self.sms_per_number_per_day,
            sms_per_month=self.sms_segments_per_month or None,
            link_days=self.link_days,
        )


class _App(_Strict):
    quiet: _Quiet
    digest: _Digest
    probes: _Probes
    workflow: _Workflow = _Workflow()
    delivery: _Delivery = _Delivery()
    home: HomeTable = HomeTable()


@dataclass(frozen=True)
class Rules:
    """What the office decides about rectification, ready for the domain's functions."""

    calendar: WorkCalendar
    classes: tuple[ProblemClass, ...]
    deadlines: dict[str, DeadlineRule]
    ladders: Ladders
    quiet: QuietHours
    digest_at: time
    digest_roles: tuple[Audience, ...]
    check_every_hours: int
    limits: Limits
    nudge_hours: int
    jitter: timedelta
    delivery: DeliveryRules
    units: tuple[UnitEntry, ...]
    short_forms: dict[str, str]
    columns: ColumnRules
    walk: WalkLimits
    feeds: FeedRules
    home: Home | None = None
    files: Mapping[str, Path] = field(default_factory=dict)
    """Where each file of `config/` was read from: the office's own folder, or what is shipped."""

    @cached_property
    def lexicon(self) -> Lexicon:
        """The words by which units are recognised inside sentences. Only from files: a reading must not
        change because somebody confirmed a unit meanwhile."""
        names = (name for entry in self.units for name in (entry.name, *entry.aliases))
        return Lexicon.of(self.short_forms, names)

    @property
    def ladder(self) -> Ladder:
        """The ladder of all that no other is for."""
        return self.ladders.default

    @property
    def reminding(self) -> QuietHours:
        """When reminders may leave: not before the day's first rung, so that held ones join its message."""
        first = min(ladder.send_at for ladder in self.ladders.by_code.values())
        return QuietHours(max(self.quiet.opens, first), self.quiet.closes)

    def class_name(self, code: str) -> str:
        """The Chinese name of a class; the code itself if the office has removed the class since."""
        return next((each.name for each in self.classes if each.code == code), code)


def load_rules(overlay: Path | None, zone: str = "Asia/Shanghai") -> Rules:
    """Read and check every file; raises one ConfigError that lists every fault in `details.errors`."""
    folder = ConfigFolder(overlay)
    folder.errors += [f"{overlay}：不认识的文件 {name}" for name in folder.strangers()]
    classes, deadlines = _classes(folder)
    app = folder.model("app.toml", _App)
    calendar = _calendar(folder, zone, app.quiet.opens if app else None)
    half_day_ends = calendar.half_day_ends if calendar and calendar.has_half_days else None
    closes = app.quiet.closes if app else None
    ladders = read_ladders(folder, Surroundings(deadlines, closes, half_day_ends))
    roles = _audiences(folder, "app.toml", "digest.roles", app.digest.roles if app else [])
    home = app.home.home if app else None
    units, short_forms = read_units(folder, home)
    columns, feeds = read_columns(folder), read_feeds(folder)
    if (
        columns is None
        or feeds is None
        or app is None
        or ladders is None
        or calendar is None
        or folder.errors
    ):
        raise ConfigError("设置有误：\n" + "\n".join(folder.errors), details={"errors": folder.errors})
    return Rules(
        calendar=calendar,
        classes=classes,
        deadlines=deadlines,
        ladders=ladders,
        quiet=QuietHours(app.quiet.opens, app.quiet.closes),
        digest_at=app.digest.send_at,
        digest_roles=roles,
        check_every_hours=app.probes.every_hours,
        nudge_hours=app.workflow.nudge_hours,
        jitter=timedelta(minutes=app.quiet.jitter_minutes),
        delivery=app.delivery.rules,
        limits=Limits(
            return_working_days=app.workflow.return_working_days,
            max_extensions=app.workflow.max_extensions,
            undo_minutes=app.workflow.undo_minutes,
        ),
        units=units,
        short_forms=short_forms,
        columns=columns[0],
        walk=columns[1],
        feeds=feeds,
        home=home,
        files={name: folder.path(name) for name in FILES},
    )


def _calendar(folder: ConfigFolder, zone: str, opens: time | None) -> WorkCalendar | None:
    table = folder.model("calendar.toml", CalendarTable)
    try:
        return build_calendar(table, zone, opens) if table else None
    except ConfigError as error:
        folder.errors.append(f"{folder.path('calendar.toml')}：{error.message}")
        return None


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
        evidence = None
        if entry.evidence in set(Proof):
            evidence = Proof(entry.evidence)
        elif entry.evidence is not None:
            known = "、".join(Proof)
            folder.errors.append(f"{where}：{code}.evidence：不认识的佐证“{entry.evidence}”，可用：{known}")
        patterns = tuple(entry.patterns)
        classes.append(
            ProblemClass(
                code,
                entry.name,
                entry.domain,
                patterns,
                entry.deadline,
                entry.source,
                evidence,
                entry.auto_verify,
            )
        )
    if table is not None and OTHER_CLASS not in table.root:
        folder.errors.append(f"{where}：缺少兜底类别 {OTHER_CLASS}")
    return tuple(classes), deadlines


def _audiences(folder: ConfigFolder, name: str, key: str, words: list[str]) -> tuple[Audience, ...]:
    known = {audience.value: audience for audience in Audience}
    folder.errors += [
        f"{folder.path(name)}：{key}：不认识的角色“{word}”，可用：{'、'.join(known)}"
        for word in words
        if word not in known
    ]
    return tuple(known[word] for word in words if word in known)
