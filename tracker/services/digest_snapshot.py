"""A published digest as JSON and back: what was said stays said, whatever happens to the items.

Must never recompute a figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tracker.domain.periods import Week
from tracker.domain.rates import Rate
from tracker.rendering.digest import DigestView, GroupView
from tracker.rendering.messages import LateUnit


def freeze(view: DigestView) -> dict[str, Any]:
    """A view as JSON; `thaw` reads it back."""
    return {
        "total": _freeze_group(view.total),
        "groups": [_freeze_group(group) for group in view.groups],
        "unfinished": [list(pair) for pair in view.unfinished],
        "newly_struck_off": view.newly_struck_off,
        "newly_overdue": view.newly_overdue,
        "latest": [vars(unit) for unit in view.latest],
    }


def _freeze_group(group: GroupView) -> dict[str, Any]:
    rates = {"rate": group.rate, "previous": group.previous, "on_time": group.on_time}
    pairs = {name: [rate.numerator, rate.denominator] if rate else None for name, rate in rates.items()}
    return {"name": group.name, "overdue": group.overdue, "open": group.open} | pairs


def thaw(raw: Mapping[str, Any], week: Week, as_of: datetime, link: str | None) -> DigestView:
    """The view that `freeze` wrote; `as_of` in the zone to be shown."""
    return DigestView(
        period=week.name,
        as_of=as_of,
        total=_thaw_group(raw["total"]),
        groups=tuple(_thaw_group(group) for group in raw["groups"]),
        unfinished=tuple((unit, count) for unit, count in raw["unfinished"]),
        newly_struck_off=raw["newly_struck_off"],
        newly_overdue=raw["newly_overdue"],
        latest=tuple(LateUnit(**unit) for unit in raw["latest"]),
        serial=f"D-{week.name}",
        link=link,
    )


def _thaw_group(raw: Mapping[str, Any]) -> GroupView:
    previous = Rate(*raw["previous"]) if raw["previous"] else None
    return GroupView(
        raw["name"], Rate(*raw["rate"]), previous, Rate(*raw["on_time"]), raw["overdue"], raw["open"]
    )
