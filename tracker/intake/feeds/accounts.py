"""An export of the register of new-media accounts: rows → what is on file and what was seen.

Must never guess a state: a word that the office has not laid down rejects its row, with the reason.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from tracker.domain.cases import day_number
from tracker.domain.media import Observed, Registered
from tracker.domain.text import web_address
from tracker.intake.feeds.cases import Rejected
from tracker.intake.feeds.rows import Row

_NO_PAGE = frozenset({"无", "-", "—", "/"})
NEEDED = ("unit", "platform", "name")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One row; what it leaves empty is None. `page_url` is "" where the row says that there is no page."""

    row: int
    unit: str
    platform: str
    name: str
    listed: str | None
    registered: Registered | None
    observed: Observed | None
    last_post_on: date | None
    seen_on: date | None
    page_url: str | None = None

    @property
    def key(self) -> str:
        """The same account, however it is typed."""
        return "\x1f".join(map(plain, (self.platform, self.name)))


def read_accounts(
    rows: Iterable[Row],
    columns: Mapping[str, int],
    registered: Mapping[str, Registered],
    observed: Mapping[str, Observed],
    today: date,
) -> tuple[list[AccountRow], list[Rejected]]:
    """The rows behind the header, and those that cannot be used with the reason. An account counts once.

    today: the office's; a row with a later day is mistyped, and would keep its account awake until then.
    """
    found: dict[str, AccountRow] = {}
    rejected: list[Rejected] = []
    for number, cells in rows:
        if not any(map(str.strip, cells)):
            continue
        try:
            row = _row(number, _named(cells, columns), registered, observed, today)
            twin = found.setdefault(row.key, row)
            if twin is not row:
                raise ValueError(f"与第{twin.row}行是同一账号")
        except ValueError as problem:
            rejected.append(Rejected(number, str(problem)))
    return list(found.values()), rejected


def _named(cells: Sequence[str], columns: Mapping[str, int]) -> dict[str, str]:
    return {name: cells[place].strip() for name, place in columns.items() if place < len(cells)}


def _row(
    number: int,
    cells: Mapping[str, str],
    registered: Mapping[str, Registered],
    observed: Mapping[str, Observed],
    today: date,
) -> AccountRow:
    for name, words in (("unit", "没有主办单位"), ("platform", "没有平台"), ("name", "没有账号名称")):
        if not cells.get(name):
            raise ValueError(words)
    last_post_on, seen_on = _day(cells.get("last_post", "")), _day(cells.get("seen", ""))
    if last_post_on and seen_on and last_post_on > seen_on:
        raise ValueError("最后更新时间晚于检查时间")
    for what, day in (("最后更新时间", last_post_on), ("检查时间", seen_on)):
        if day and day > today:
            raise ValueError(f"{what} {day} 在今天（{today}）之后")
    return AccountRow(
        number,
        cells["unit"],
        cells["platform"],
        cells["name"],
        cells.get("listed") or None,
        _state(cells.get("registered", ""), registered, "备案状态"),
        _state(cells.get("observed", ""), observed, "实际状态"),
        last_post_on,
        seen_on,
        _page(cells.get("page", "")),
    )


def _state(word: str, known: Mapping[str, T], what: str) -> T | None:
    if word and word not in known:
        raise ValueError(f"{what}“{word[:20]}”不在 feeds.toml 所列的写法中")
    return known.get(word)


def _page(written: str) -> str | None:
    return "" if written in _NO_PAGE else web_address(written)


def _day(text: str) -> date | None:
    number = day_number(text[:10])
    return date.fromordinal(number) if number else None


def plain(text: str) -> str:
    """Without blanks and differences of width and case."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
