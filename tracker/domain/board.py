"""The board of units: one light each, by colour, shape and word, so that it reads in black and white too.

Must never be stored: a light changes with the day. What counts as near is the default ladder's 黄灯.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Light(StrEnum):
    """How a unit stands, the worst first. Each has a word and a shape of its own."""

    RED = "red"
    AMBER = "amber"
    WHITE = "white"
    GREEN = "green"

    @property
    def chinese(self) -> str:
        return _FORMS[self][0]

    @property
    def shape(self) -> str:
        return _FORMS[self][1]


_FORMS = {
    Light.RED: ("逾期", "▲"),
    Light.AMBER: ("临期", "◆"),
    Light.WHITE: ("在办", "○"),
    Light.GREEN: ("办结", "●"),
}


_RANK = {light: place for place, light in enumerate(Light)}


@dataclass(frozen=True)
class Tally:
    """What one unit's items add up to. `latest_at`: the oldest deadline among the overdue ones.

    near: handed out, not handed in, not overdue, but due within the default ladder's yellow days.
    """

    rectified: int
    counted: int
    on_time: int
    judged: int
    overdue: int
    open: int
    near: int
    latest_at: datetime | None

    @property
    def light(self) -> Light:
        if self.overdue:
            return Light.RED
        if self.near:
            return Light.AMBER
        return Light.WHITE if self.open else Light.GREEN


@dataclass(frozen=True)
class Lamp:
    """One unit on the board."""

    unit: str
    tally: Tally

    @property
    def light(self) -> Light:
        return self.tally.light


def board(units: Iterable[tuple[str, Tally]]) -> tuple[Lamp, ...]:
    """The worst first: red by the oldest deadline, then by how many; units without items are left out."""
    lamps = [Lamp(name, tally) for name, tally in units if tally.counted]
    return tuple(sorted(lamps, key=_urgency))


def _urgency(lamp: Lamp) -> tuple[object, ...]:
    tally = lamp.tally
    oldest = tally.latest_at.timestamp() if tally.latest_at else 0.0
    return (_RANK[lamp.light], oldest, -tally.overdue, -tally.near, -tally.open)
