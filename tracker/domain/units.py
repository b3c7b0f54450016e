"""Who a name means: the identity of a unit's name, where the unit stands, and in which place.

Must never merge across levels or places: 市卫健委 and 某区卫健局 are two units.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

BRACKETS = re.compile(r"\(([^()]*)\)?")
LEVEL_SIGNS = "省市州盟县区旗"
_LEVEL_PREFIX = re.compile(r"(?:.*(?:[省市州盟县区旗镇乡]|街道))?")
_BRANCH = re.compile(r"(?P<organ>.+局)(?P<branch>[^局]+分局)")
_PLACE = re.compile(r".*[市州盟县区旗]")
_SEAT = re.compile(r"[^省市州盟县区旗]+[县区旗](?:人民政府|政府|管委会|管理委员会)")
_NAMED_BELOW = re.compile(r"[^省市州盟县区旗]+[县区旗]")
_BELOW = re.compile(r".*(?:[镇乡村]|街道|社区|办事处|管委会|分局)(?:人民政府|政府|办事处|党委)?")
# A place inside the home, before an organ or alone. 城市 and 社区 begin organs' own names (城市管理局).
_INNER_PLACE = re.compile(
    r"[^省市州盟县区旗]{1,9}(?:(?<!城)市|(?<!社)区|县|旗)|.{1,9}(?:镇|乡|街道)(?:人民政府|政府|党委|办事处)?$"
)
_PLACES = re.compile(r"(?:(?!城市|社区)[^省市州盟县区旗]{1,9}[省市州盟县区旗])+|[省市州盟县区旗](?!场)")
_LEVEL_WRITTEN = re.compile(r"[省市州盟县区旗](?:委|直|政府)")
_ONE_SIGN_FOR_TWO = 3  # the length of a short form such as 市监局, whose 市 is also the level


class Level(StrEnum):
    """Where a unit stands: beside the city government, at the head of a district, or under one."""

    DEPARTMENT = "department"
    DISTRICT = "district"
    BELOW = "below"

    @property
    def group(self) -> str:
        """The group it is counted in: 市直 or 各区."""
        return "市直" if self is Level.DEPARTMENT else "各区"


class Match(StrEnum):
    """How a name met the registry. Only `exact` and `alias` name a unit."""

    EXACT = "exact"
    ALIAS = "alias"
    LIKELY = "likely"
    AMBIGUOUS = "ambiguous"
    NEW = "new"


@dataclass(frozen=True)
class Home:
    """The place whose office this is: 云澜市 and the sign of its own level, 市."""

    name: str
    level: str


@dataclass(frozen=True)
class UnitEntry:
    """One unit of the registry. `parent` is another unit's name; `site` its website's address.

    It existed from `since` to `until` (both days included; None: always); `successor` is the name of the
    unit that answers for it afterwards. Not `is_ranked`: 纳入考核，不进行排名通报.
    """

    name: str
    aliases: tuple[str, ...]
    level: Level
    parent: str | None
    site: str | None
    since: date | None = None
    until: date | None = None
    successor: str | None = None
    is_ranked: bool = True

    def existed(self, on: date) -> bool:
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


def unit_key(as_written: str, short_forms: Mapping[str, str], home: Home | None = None) -> str:
    """The identity of a name: no blanks, no bracketed part, the organ's short form written in full.

    A short form is only expanded behind a level (市, 县, 区 or a place that ends so) or standing alone.
    The home's name before an organ is its level (云澜市教育局 = 市教育局), before a place it says nothing.
    """
    name = _at_home(bare(as_written), home)
    if (match := _BRANCH.fullmatch(name)) is not None:
        return _expanded(match["organ"], short_forms) + match["branch"]
    return _expanded(name, short_forms)


def display_name(names: Sequence[str], key: str) -> str:
    """How to show a unit that no registry knows: its full form if so written, else the first writing."""
    full = (name for name in names if bare(name) == key)
    return folded(next(full, names[0])).replace("(", "（").replace(")", "）")


def guess_level(name: str, group_hint: str | None, home: Home | None = None) -> Level:
    """The level of an unregistered unit; what the document says (市直, 各区) outweighs the name's look.

    A bare 市, 县 or 区 before an organ is the home's own level; a named district before it is below,
    unless the organ is the district's own government.
    """
    plain = _at_home(bare(name), home)
    if group_hint == Level.DEPARTMENT.group:
        return Level.DEPARTMENT
    if _PLACE.fullmatch(plain) or _SEAT.fullmatch(plain):
        return Level.DISTRICT
    is_below = _BELOW.fullmatch(plain) is not None or _NAMED_BELOW.match(plain) is not None
    return Level.BELOW if is_below or group_hint == Level.DISTRICT.group else Level.DEPARTMENT


def place_of(key: str) -> str:
    """The place that a key begins with: 市, 澜东区, or "" if it names none."""
    match = _PLACES.match(key)
    return match[0] if match else ""


def same_place(one: str, other: str) -> bool:
    """Whether two keys can belong to one place: 区 is any district, no place at all fits everywhere."""
    short, long = sorted((place_of(one), place_of(other)), key=len)
    return long.endswith(short)


def folded(name: str) -> str:
    """Half-width forms, no blanks, no quotes."""
    return re.sub(r"[\s“”\"]", "", unicodedata.normalize("NFKC", name))


def bare(name: str) -> str:
    """The name folded and without what stands in brackets."""
    plain = folded(name)
    return BRACKETS.sub("", plain) or plain.strip("()")


def _at_home(name: str, home: Home | None) -> str:
    if home is None or name == home.name or not name.startswith(home.name):
        return name
    rest = name.removeprefix(home.name)
    needs_no_level = _INNER_PLACE.match(rest) or _LEVEL_WRITTEN.match(rest)
    return rest if needs_no_level else home.level + rest


def _expanded(name: str, short_forms: Mapping[str, str]) -> str:
    for start in range(len(name)):  # from the left: the longest short form wins
        full = short_forms.get(name[start:])
        if full is None or not _LEVEL_PREFIX.fullmatch(name[:start]):
            continue
        if start == 0 and len(name) == _ONE_SIGN_FOR_TWO and name[0] in "市县区":
            return name[0] + full  # 市监局 is written for 市市监局: one 市 does both duties
        return name[:start] + full
    return name
