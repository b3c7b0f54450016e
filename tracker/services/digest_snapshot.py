"""A published digest as JSON and back: what was said stays said, whatever happens to the items.

Must never recompute a figure. What older programs froze had neither lists nor scopes; it thaws without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from tracker.domain.digests import Period, pace_of
from tracker.domain.rates import Rate
from tracker.rendering.digest import DigestView, GroupView, ItemLine, Unsigned, against_words
from tracker.rendering.messages import LateUnit
from tracker.services.digest_scopes import DigestScope
from tracker.services.office import Office
from tracker.store import Connection, digests

HISTORY_ID = "history_id"
"""Under it stands the last row of the history that was counted; None where only the moment is known."""


def freeze(view: DigestView, history_id: int | None) -> dict[str, Any]:
    """A view as JSON; `thaw` reads it back."""
    return {
        "total": _freeze_group(view.total),
        "groups": [_freeze_group(group) for group in view.groups],
        "unfinished": _pairs(view.unfinished),
        "newly_struck_off": view.newly_struck_off,
        "newly_overdue": view.newly_overdue,
        "latest": [vars(unit) for unit in view.latest],
        "struck_off": [_freeze_line(line) for line in view.struck_off],
        "overdue": [_freeze_line(line) for line in view.overdue],
        "unreported": None if view.unreported is None else _pairs(view.unreported),
        "unsigned": {"units": _pairs(view.unsigned.units), "since": _day(view.unsigned.since)},
        "scope": view.scope,
        "late_from": view.late_from and view.late_from.isoformat(),
        "since": _day(view.since),
        HISTORY_ID: history_id,
    }


def thaw(
    raw: Mapping[str, Any], period: Period, scope: DigestScope, as_of: datetime, link: str | None
) -> DigestView:
    """The view that `freeze` wrote; `as_of` in the zone to be shown."""
    since = raw.get("since") and date.fromisoformat(raw["since"])
    against = against_words(pace_of(period), since, as_of=as_of.date())
    unreported, unsigned = raw.get("unreported"), raw.get("unsigned", {"units": (), "since": None})
    late_from = raw.get("late_from")
    return DigestView(
        period=period.name,
        as_of=as_of,
        total=_thaw_group(raw["total"], against),
        groups=tuple(_thaw_group(group, against) for group in raw["groups"]),
        unfinished=_tuples(raw["unfinished"]),
        newly_struck_off=raw["newly_struck_off"],
        newly_overdue=raw["newly_overdue"],
        latest=tuple(LateUnit(**unit) for unit in raw["latest"]),
        serial=scope.serial(period.name),
        link=link,
        struck_off=tuple(_thaw_line(line) for line in raw.get("struck_off", ())),
        overdue=tuple(_thaw_line(line) for line in raw.get("overdue", ())),
        unreported=None if unreported is None else _tuples(unreported),
        unsigned=Unsigned(
            _tuples(unsigned["units"]), unsigned["since"] and date.fromisoformat(unsigned["since"])
        ),
        scope=raw.get("scope", scope.name),
        cut=scope.cut,
        late_from=late_from and datetime.fromisoformat(late_from).astimezone(as_of.tzinfo),
        since=since,
    )


def published_view(
    connection: Connection, office: Office, period: Period, scope: DigestScope
) -> DigestView | None:
    """What a scope was told of a period; None if nothing was."""
    found = digests.published(connection, period.name, scope.key)
    if found is None:
        return None
    as_of, snapshot = found
    return thaw(snapshot, period, scope, office.rules.calendar.local(as_of), office.public_url)


def _freeze_group(group: GroupView) -> dict[str, Any]:
    rates = {"rate": group.rate, "previous": group.previous, "on_time": group.on_time}
    pairs = {name: [rate.numerator, rate.denominator] if rate else None for name, rate in rates.items()}
    return {"name": group.name, "overdue": group.overdue, "open": group.open} | pairs


def _thaw_group(raw: Mapping[str, Any], against: str) -> GroupView:
    previous = Rate(*raw["previous"]) if raw["previous"] else None
    return GroupView(
        raw["name"], Rate(*raw["rate"]), previous, Rate(*raw["on_time"]), raw["overdue"], raw["open"], against
    )


def _freeze_line(line: ItemLine) -> dict[str, Any]:
    return vars(line) | {"due_on": _day(line.due_on)}


def _thaw_line(raw: Mapping[str, Any]) -> ItemLine:
    return ItemLine(**{**raw, "due_on": raw["due_on"] and date.fromisoformat(raw["due_on"])})


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _pairs(pairs: Iterable[tuple[str, int]]) -> list[list[str | int]]:
    return [list(pair) for pair in pairs]


def _tuples(pairs: Iterable[Any]) -> tuple[tuple[str, int], ...]:
    return tuple((unit, count) for unit, count in pairs)
