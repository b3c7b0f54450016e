"""Moments as exports write them: 2021-07-23 09:30:00, 2021/7/23 下午 1:05, 2021年7月23日 9时30分.

Must never guess: what can be read in two ways is an error, never a moment.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time

DAY = re.compile(r"(\d{4})(?:(\d\d)(\d\d)|\D(\d{1,2})\D(\d{1,2}))")
_CLOCK = re.compile(r"\D*(\d\d?)\D?(\d\d)(?:\D?(\d\d))?")
_BEFORE_NOON = re.compile(r"上午|(?<![a-z])a\.?m", re.IGNORECASE)
_AFTER_NOON = re.compile(r"下午|(?<![a-z])p\.?m", re.IGNORECASE)
_VAGUE = re.compile(r"[凌清]晨|早|中午|傍晚|晚|夜")  # no program writes them: what hour they mean is a guess
_NOON = 12
_FULL = len("2021-07-23 09:30:00")


def is_plain(moment: str) -> bool:
    """Whether it is surely written 2021-07-23 09:30:00: others of that length may name half of a day."""
    return len(moment) == _FULL and moment[10] in " T" and moment[13] == moment[16] == ":"


def moment_of(text: str, day: int, otherwise: time) -> datetime:
    """The cell's day with its clock, or with `otherwise` where it has none. Offsets are not looked at."""
    named = DAY.match(text)
    match = _CLOCK.match(text, named.end()) if named else None
    try:
        if match is None:
            clock = otherwise
        else:
            hour, minute, second = (int(part or 0) for part in match.groups())
            clock = time(_of_the_day(hour, text), minute, second)
    except ValueError:
        raise ValueError(f"“{text}”不是可识别的时刻") from None
    return datetime.combine(date.fromordinal(day), clock)


def _of_the_day(hour: int, text: str) -> int:
    """An hour as the clock of 24 counts it: 上午 12 is midnight, 下午 12 noon, as programs write them."""
    before, after = _BEFORE_NOON.search(text), _AFTER_NOON.search(text)
    if _VAGUE.search(text) or (before and (after or hour > _NOON)):
        raise ValueError
    if (before and hour == _NOON) or (after and hour < _NOON):
        return hour - _NOON if before else hour + _NOON
    return hour
