"""What an office says about columns (栏目) of websites: their other names, and how old the newest may be.

Must never hold a limit of its own: limits differ by list and place, so they come from `config/columns.toml`.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum


class Freshness(StrEnum):
    """Where a date stands against a limit. Lists do not say whose the very last day is: that is `edge`."""

    WITHIN = "within"
    EDGE = "edge"
    OVER = "over"


@dataclass(frozen=True)
class Age:
    """How long a column may rest: days, or calendar months (民法典 202: the same day or month's end)."""

    days: int = 0
    months: int = 0

    def last_good(self, today: date) -> date:
        """The day that is exactly this long ago."""
        month = today.year * 12 + today.month - 1 - self.months
        year, month = month // 12, month % 12 + 1
        day = min(today.day, calendar.monthrange(year, month)[1])
        return date(year, month, day) - timedelta(days=self.days)

    def freshness(self, newest: date, today: date) -> Freshness:
        edge = self.last_good(today)
        if newest == edge:
            return Freshness.EDGE
        return Freshness.WITHIN if newest > edge else Freshness.OVER

    def in_words(self) -> str:
        return f"{self.months}个月" if self.months else f"{self.days}天"


@dataclass(frozen=True)
class ColumnKind:
    """Columns with a common limit, told by words in their names. `lists`: other limits, by words in the title
    of the bulletin that complains. `warn_days`: how long before the limit the unit is warned."""

    words: tuple[str, ...]
    limit: Age
    lists: Mapping[str, Age] = field(default_factory=dict)
    warn_days: int = 3

    def limit_in(self, bulletin: str) -> Age:
        """Of several fitting lists that with the longest words: they say most."""
        named = max((words for words in self.lists if words in bulletin), key=len, default=None)
        return self.limit if named is None else self.lists[named]


@dataclass(frozen=True)
class ColumnRules:
    """`synonyms`: groups of names of one and the same column. `default` is for columns of no kind; None:
    nobody has said, and nobody guesses."""

    kinds: tuple[ColumnKind, ...] = ()
    synonyms: tuple[tuple[str, ...], ...] = ()
    default: Age | None = None

    def kind_of(self, column: str) -> ColumnKind | None:
        """The kind whose longest words stand in the name, else that of all others; None: no limit."""
        fitting = [(len(word), kind) for kind in self.kinds for word in kind.words if word in column]
        if not fitting:
            return None if self.default is None else ColumnKind((), self.default)
        return max(fitting, key=lambda pair: pair[0])[1]

    def limit_of(self, column: str, bulletin: str) -> Age | None:
        """The limit of its kind, as a bulletin of that title means it."""
        kind = self.kind_of(column)
        return None if kind is None else kind.limit_in(bulletin)


@dataclass(frozen=True)
class WalkLimits:
    """How much of a site one check may ask for, how politely, and how long one run of checks may last.

    `fresh_minutes`: a page read so shortly ago is not asked for again by the check of the next item.
    `list_pages`: how many further pages of one list are turned, `sitemap_pages` how many that only a sitemap
    names are opened; both are part of `pages`.
    """

    pages: int = 60
    bytes: int = 20 * 1024 * 1024
    seconds: float = 180.0
    depth: int = 3
    pause_seconds: float = 0.5
    fresh_minutes: int = 30
    run_minutes: int = 60
    list_pages: int = 10
    sitemap_pages: int = 15
