"""Which duties a case (办件) has missed: accepted, finished, rated and returned in time, or not.

Must never keep what a case is about or whose it is. A million rows are judged one after the other, so what
depends on a day or on a promise alone is worked out once: days are numbers here (`date.toordinal`, 0: none).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import repeat
from operator import and_, itemgetter, le, lt
from typing import Generic, TypeVar

from tracker.domain.calendar import WorkCalendar
from tracker.domain.moments import DAY, is_plain, moment_of
from tracker.domain.periods import FIRST_YEAR, LAST_YEAR

K = TypeVar("K")
V = TypeVar("V")

_PROMISE = re.compile(r"(\d{1,3})(?:\.0)?(?:个|\s)*(工作日|自然日|天|日|小时|时)?(?:内|以内)?(?:办结)?")
_AT_ONCE = re.compile(r"(?:即|当场|马上|立等)(?:时)?(?:办|办结|办理|可取|件|办件)+|即时|当场")
CELLS = ("applied", "accepted", "finished", "promised", "rating", "returned")
_LAST_SECOND = time(23, 59, 59)
_NEVER = date.max.toordinal()
_ANY_TIME = chr(0x10FFFF)  # behind all words
_DAY_SIGNS = len("2021-07-23")
_day_of = itemgetter(slice(_DAY_SIGNS))
_MOST_REMEMBERED = 100_000  # some 20 MB
_LONGEST_PROMISE = 50


class Fault(StrEnum):
    """What a case can miss; the values are the problem classes of the contract."""

    OVERDUE_ACCEPTANCE = "overdue_acceptance"
    OVERDUE_COMPLETION = "overdue_completion"
    UNEVALUATED = "unevaluated_cases"
    LATE_RETURN = "late_return"


@dataclass(frozen=True)
class CaseLimits:
    """What the office lays down in `feeds.toml`.

    accept_working_days: 行政许可法 32; return_hours: from the end of the case; promised_in_working_days:
    what a promise without a unit means; unrated: cells that stand for no rating; counts_settled: whether
    what was late but has been done since still counts.
    """

    accept_working_days: int
    return_hours: int
    promised_in_working_days: bool
    unrated: frozenset[str]
    counts_settled: bool


class _Remembered(dict[K, V], Generic[K, V]):
    """Each answer is computed once; asking again costs no call."""

    def __init__(self, compute: Callable[[K], V]) -> None:
        self._compute = compute

    def __missing__(self, key: K) -> V:
        value = self[key] = self._compute(key)
        return value


class CaseJudge:
    """Judges cases as of one moment. `judged` are the faults that the export's columns can tell of;
    `has_acceptance`: whether it says when a case was accepted.
    """

    def __init__(
        self,
        limits: CaseLimits,
        calendar: WorkCalendar,
        now: datetime,
        judged: Collection[Fault],
        *,
        has_acceptance: bool = True,
    ) -> None:
        self._limits, self._calendar = limits, calendar
        self._now = calendar.local(now).replace(tzinfo=None)
        self._today = self._now.toordinal()
        self._has_acceptance, self._settled = has_acceptance, limits.counts_settled
        self._acceptance = Fault.OVERDUE_ACCEPTANCE in judged
        self._completion = Fault.OVERDUE_COMPLETION in judged
        self._rating = Fault.UNEVALUATED in judged
        self._return = Fault.LATE_RETURN in judged
        self._unrated = limits.unrated
        self._days = _Remembered(day_number)
        self._accept_by = _Remembered(self._last_day_to_accept)
        self._promises = _Remembered(self._promise)
        self._return_day = _Remembered(self._first_day_of_doubt)
        self._returned_before = _Remembered(self._last_moment)

    @property
    def span(self) -> tuple[date, date] | None:
        """First and last day of the cases judged so far; None before the first."""
        if not self._accept_by:
            return None
        return date.fromordinal(min(self._accept_by)), date.fromordinal(max(self._accept_by))

    def faults(self, cells: Sequence[str]) -> tuple[Fault, ...]:
        """What a case has missed, from its cells in the order of `CELLS`; "" is what is not known, or has
        not happened. Raises ValueError, in Chinese, for cells that make no sense.
        """
        applied, accepted, finished, promised, rating, returned = cells
        by_day = (applied[:_DAY_SIGNS], accepted[:_DAY_SIGNS], finished[:_DAY_SIGNS])
        found = self._missed_before_return(*by_day, promised, rating.strip() in self._unrated)
        finished_on = self._days[finished[:_DAY_SIGNS]]
        # Nearly always the words decide: what stands between two moments written alike is one written alike.
        in_doubt = self._return and finished_on and not finished <= returned < self._return_day[finished_on]
        if in_doubt and (self._settled or not returned) and self._is_late(finished, finished_on, returned):
            found += (Fault.LATE_RETURN,)
        return found

    def in_order(self, columns: Sequence[Sequence[str]]) -> Iterator[bool]:
        """Whether it is certain that a case missed nothing: of many, their cells in columns like `CELLS`.

        Those of which it is not, among them all that make no sense, are `faults`'s matter. Cases that agree
        in their days, promise and rating are worked out once, so this costs a fraction of asking one by one.
        """
        applied, accepted, finished, promised, rating, returned = columns
        if len(self._returned_before) > _MOST_REMEMBERED:
            self._returned_before.clear()
        if len(max(promised, key=len)) > _DAY_SIGNS:
            promised = list(map(_shortened, promised))
            if len(max(promised, key=len)) > _LONGEST_PROMISE:
                return repeat(False, len(promised))  # not worth remembering
        by_day = (map(_day_of, moments) for moments in (applied, accepted, finished))
        unrated = map(self._unrated.__contains__, map(str.strip, rating))
        alike = zip(*by_day, promised, unrated, strict=True)
        limits = map(self._returned_before.__getitem__, alike)
        judged = returned if self._return else finished
        return map(and_, map(le, finished, judged), map(lt, judged, limits))

    def _missed_before_return(
        self, applied: str, accepted: str, finished: str, promised: str, unrated: bool
    ) -> tuple[Fault, ...]:
        """What depends on days alone; raises as `faults`."""
        days, settled = self._days, self._settled
        applied_on, accepted_on, finished_on = days[applied], days[accepted], days[finished]
        start = applied_on or accepted_on or finished_on
        if not start:
            raise ValueError("没有申请、受理或办结时间")
        if 0 < accepted_on < start or 0 < finished_on < (accepted_on or start):
            raise ValueError("申请、受理、办结时间先后颠倒")
        if (finished_on or accepted_on or start) > self._today:
            raise ValueError("申请、受理或办结时间在今天之后")
        accept_by = self._accept_by[start]
        found: tuple[Fault, ...] = ()
        done = accepted_on or finished_on
        if (done or self._today) > accept_by and applied_on and self._acceptance and (settled or not done):
            found += (Fault.OVERDUE_ACCEPTANCE,)
        if promised and self._completion and (done or not self._has_acceptance):
            by = self._promises[_shortened(promised)]
            if (finished_on or self._today) > by[accepted_on or start] and (settled or not finished_on):
                found += (Fault.OVERDUE_COMPLETION,)
        if finished_on and unrated and self._rating:
            found += (Fault.UNEVALUATED,)
        return found

    def _last_moment(self, alike: tuple[str, str, str, str, bool]) -> str:
        """Before what moment, as words, such a case must be returned to be in order beyond doubt; "": it has
        missed something already, or makes no sense.
        """
        try:
            if self._missed_before_return(*alike):
                return ""
        except ValueError:
            return ""
        finished_on = self._days[alike[2]]
        return self._return_day[finished_on] if finished_on and self._return else _ANY_TIME

    def _is_late(self, finished: str, finished_on: int, returned: str) -> bool:
        """To the second. A day without an hour lasts to its end."""
        hours = self._limits.return_hours
        between = (self._days[returned[:_DAY_SIGNS]] or self._today) - finished_on
        if between > self._today - finished_on:
            raise ValueError("回传时间在今天之后")
        if hours == 24 * between and is_plain(finished) and is_plain(returned):
            return returned[11:] > finished[11:]
        limit = moment_of(finished, finished_on, _LAST_SECOND) + timedelta(hours=hours)
        if not returned:
            return self._now > limit
        return moment_of(returned, finished_on + between, time.min) > limit

    def _first_day_of_doubt(self, finished_on: int) -> str:
        """The first day on which what was finished on that day, at any hour, may be returned too late."""
        return date.fromordinal(finished_on + self._limits.return_hours // 24).isoformat()

    def _last_day_to_accept(self, applied_on: int) -> int:
        return self._after(applied_on, self._limits.accept_working_days)

    def _after(self, day: int, working_days: int) -> int:
        return self._calendar.add_working_days(date.fromordinal(day), working_days).toordinal()

    def _promise(self, words: str) -> _Remembered[int, int]:
        """For each day of beginning the last day that the promise leaves: `5个工作日`, `3天`, `即办`, a date.

        Hours count by the days that they touch: nobody is called late for want of an hour in the export.
        """
        words = words.strip()
        if _AT_ONCE.fullmatch(words):
            return _Remembered(lambda day: day)
        if (match := _PROMISE.fullmatch(words)) is not None:
            count, unit = int(match[1]), match[2]
            if unit == "工作日" or (unit is None and self._limits.promised_in_working_days):
                return _Remembered(lambda day: self._after(day, count))
            length = -(-count // 24) if unit in {"小时", "时"} else count
            return _Remembered(lambda day: day + length)
        if DAY.match(words):
            fixed = day_number(words[:_DAY_SIGNS])
            return _Remembered(lambda day: fixed)
        if not words:
            return _Remembered(lambda day: _NEVER)
        raise ValueError(f"承诺时限“{words[:20]}”无法识别")


def _shortened(promised: str) -> str:
    """A date with its hour differs in every row; by its day alone it is remembered."""
    return promised[:_DAY_SIGNS] if len(promised) > _DAY_SIGNS and DAY.match(promised) else promised


def day_number(text: str) -> int:
    """The day that the first ten signs of a cell name: 2021-07-23, 2021/7/3, 2021年7月3日, 20210723."""
    if not text:
        return 0
    match = DAY.match(text)
    if match is not None:
        year, month, day = (int(part) for part in match.groups() if part is not None)
        if FIRST_YEAR <= year <= LAST_YEAR:
            try:
                return date(year, month, day).toordinal()
            except ValueError:
                pass  # the thirty-first of a short month: no day either
    raise ValueError(f"“{text}”不是可识别的日期")
