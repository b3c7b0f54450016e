"""All rules of an office, read once and checked as a whole.

Must never guess: an unknown key, class, audience or year is an error that names file and key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from functools import cache, cached_property
from pathlib import Path

from tracker.domain.calendar import WorkCalendar
from tracker.domain.checks import CheckRules
from tracker.domain.classes import ProblemClass
from tracker.domain.columns import ColumnRules, WalkLimits
from tracker.domain.deadlines import DeadlineRule
from tracker.domain.delivery import DeliveryRules
from tracker.domain.digests import Pace
from tracker.domain.errors import ConfigError
from tracker.domain.escalation import QuietHours
from tracker.domain.issuing import PaperRules
from tracker.domain.ladders import Audience, Colour, Ladder
from tracker.domain.lexicon import Lexicon
from tracker.domain.revisits import RevisitRules
from tracker.domain.steps import Limits
from tracker.domain.units import Home, UnitEntry
from tracker.domain.watching import WatchRules
from tracker.rules.app import AppTable
from tracker.rules.classes import read_classes
from tracker.rules.columns import read_columns
from tracker.rules.feeds import FeedRules, read_feeds
from tracker.rules.files import FILES, ConfigFolder
from tracker.rules.holidays import CalendarTable, build_calendar
from tracker.rules.ladders import Ladders, Surroundings, read_ladders
from tracker.rules.units import read_units


@dataclass(frozen=True)
class Rules:
    """What the office decides about rectification, ready for the domain's functions."""

    calendar: WorkCalendar
    classes: tuple[ProblemClass, ...]
    deadlines: dict[str, DeadlineRule]
    ladders: Ladders
    quiet: QuietHours
    digest_at: time
    digest_roles: Mapping[Pace, tuple[Audience, ...]]
    rank_least: int
    check_every_hours: int
    checks: CheckRules
    limits: Limits
    nudge_hours: int
    jitter: timedelta
    delivery: DeliveryRules
    units: tuple[UnitEntry, ...]
    short_forms: dict[str, str]
    columns: ColumnRules
    walk: WalkLimits
    feeds: FeedRules
    revisits: RevisitRules
    watch: WatchRules
    home: Home | None = None
    ask: str = ""  # whom a unit may ask, as the office publishes it
    papers: PaperRules = field(default_factory=PaperRules)
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
    def digest_paces(self) -> list[Pace]:
        """Those at which somebody is sent a digest."""
        return [pace for pace, roles in self.digest_roles.items() if roles]

    @property
    def near_days(self) -> int:
        """From how many working days before its deadline an item is near: the usual ladder's first 黄灯."""
        starts = (-stage.start for stage in self.ladder.stages if stage.colour is Colour.YELLOW)
        return max((0, *starts))

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
    return _shipped(zone) if overlay is None else _read(overlay, zone)


@cache
def _shipped(zone: str) -> Rules:
    """What is shipped does not change while a process runs, and nothing writes to it: read once."""
    return _read(None, zone)


def _read(overlay: Path | None, zone: str) -> Rules:
    folder = ConfigFolder(overlay)
    folder.errors += [f"{overlay}：不认识的文件 {name}" for name in folder.strangers()]
    classes, deadlines = read_classes(folder)
    app = folder.model("app.toml", AppTable)
    calendar = _calendar(folder, zone, app.quiet.opens if app else None)
    half_day_ends = calendar.half_day_ends if calendar and calendar.has_half_days else None
    closes = app.quiet.closes if app else None
    ladders = read_ladders(folder, Surroundings(deadlines, closes, half_day_ends))
    by_pace = app.digest.by_pace if app else {}
    roles = {pace: _audiences(folder, "app.toml", *named) for pace, named in by_pace.items()}
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
        rank_least=app.rates.rank_least,
        check_every_hours=app.probes.every_hours,
        checks=app.probes.rules,
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
        revisits=app.revisit.rules,
        watch=app.watch.rules,
        home=home,
        ask=app.workflow.ask,
        papers=app.papers.rules,
        files={name: folder.path(name) for name in FILES},
    )


def _calendar(folder: ConfigFolder, zone: str, opens: time | None) -> WorkCalendar | None:
    table = folder.model("calendar.toml", CalendarTable)
    try:
        return build_calendar(table, zone, opens) if table else None
    except ConfigError as error:
        folder.errors.append(f"{folder.path('calendar.toml')}：{error.message}")
        return None


def _audiences(folder: ConfigFolder, name: str, key: str, words: list[str]) -> tuple[Audience, ...]:
    known = {audience.value: audience for audience in Audience}
    folder.errors += [
        f"{folder.path(name)}：{key}：不认识的角色“{word}”，可用：{'、'.join(known)}"
        for word in words
        if word not in known
    ]
    return tuple(known[word] for word in words if word in known)
