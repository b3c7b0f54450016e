"""What a link of a menu is called: may it lead to a column, and which is followed first?

Must never take a headline for a column, nor a name outside of the unit's own part for one of its own.
"""

from __future__ import annotations

import re
from enum import IntEnum

from tracker.probes.page_reader import Shown

# What a link to a column is called: a few signs, no date, no page number.
LONGEST_NAME = 14
_NO_COLUMN = re.compile(r"\d{1,2}[-./月]\d{1,2}|^\d+$|^(?:上|下)一?页|^(?:首|尾|末)页$|^更多\W*$")
# A name as long as a headline, yet of no document.
_LONG_COLUMN = re.compile(r".{2,28}(?:专栏|栏目|专题|专区|平台)")
_MAP = re.compile(r"网站地图|站点地图|网站导航")
_PUBLISHING = re.compile(r"信息公开|政务公开|公开目录|法定主动|重点领域|公开指南|公开平台|政务")
_PLATFORM = re.compile(r"(?:信息|政务|党务)公开|公开(?:目录|平台|专栏)|法定主动")


class Rank(IntEnum):
    """What is followed first. NAMELESS: nothing says what it leads to."""

    WANTED = 0
    MAP = 1
    PUBLISHING = 2
    OTHER = 3
    NAMELESS = 4


# The pages that announce columns, beside the start page.
HUBS = frozenset({Rank.MAP, Rank.PUBLISHING})


def is_column_name(shown: Shown) -> bool:
    """Is it shown, and named like a column?"""
    named = 2 <= len(shown.text) <= LONGEST_NAME or _LONG_COLUMN.fullmatch(shown.text)
    return shown.certain and bool(named) and not _NO_COLUMN.search(shown.text)


def is_platform_name(text: str) -> bool:
    """Is it called like the place where a unit has columns, too, be it on another site?"""
    return bool(_PLATFORM.search(text))


def rank_of(shown: Shown, wanted: bool) -> Rank:
    """The place of a link among those to follow; `wanted`: it is called like what is sought."""
    if wanted:
        return Rank.WANTED
    if _MAP.search(shown.text):
        return Rank.MAP
    return Rank.PUBLISHING if _PUBLISHING.search(shown.text) else Rank.OTHER
