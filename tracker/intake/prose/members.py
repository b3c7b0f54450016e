"""Whom a sentence can name, and the walk that looks for them.

Must never hold more than the sentence says: an owner, a platform or a date only as far as written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from tracker.intake.model import Quantity
from tracker.intake.prose.names import LEAD, NameFinder
from tracker.intake.quantities import number_value

STOPS = "，。；：！？、,;:!?（()）“”\"‘’'「」 \u3000\t"
HANZI = r"[\u3400-\u9fff]"
NUMBER = r"(?:\d+|[一二两三四五六七八九十]{1,3})"
UNITS_COUNTED = (
    r"(?:[市县区州]直|责任|有关|相关|政府)?"
    r"(?:单位|部门|地方|乡镇|镇街|街道|账号|帐号|网站|县市区|县市|县区|市县|县|区|州市|乡|镇)"
)
STATED = re.compile(
    rf"\s*(?P<open>等)?\s*(?:共计|共|合计)?\s*(?P<number>{NUMBER})\s*(?:家|个)?\s*{UNITS_COUNTED}"
)
_MEASURE = r"个|件|条|项|次|份|分|家|本|人|处|篇|起|例|宗"
_COUNT = re.compile(
    rf"\s*(?P<each>各|均)?(?:有|出现)?\s*(?P<number>{NUMBER})\s*(?P<measure>{_MEASURE})"
    r"(?!(?:工作|自然)?日|月|小时|以上|单位|部门|[%％分])"
)
_BRACKET_COUNT = re.compile(rf"\s*[(（]\s*(\d+)\s*({_MEASURE})?\s*[)）]")


@dataclass(frozen=True, slots=True)
class Member:
    """One that a sentence names: a unit, or an account with its owner and platform as far as written.

    `count` is its own number (市住建局4件), `site` what of it is meant (门户网站), `updated` its date
    as written.
    """

    name: str
    count: Quantity | None = None
    owner: str | None = None
    platform: str | None = None
    updated: str | None = None
    site: str = ""
    is_account: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Those named in one list.

    `stated` is the length the text claims; `bracketed`: they stand in brackets; `announced`: their number
    stands before them (共3个，A、B、C); `unclosed`: the last quote is not closed.
    """

    members: tuple[Member, ...]
    stated: int | None = None
    bracketed: bool = False
    announced: bool = False
    unclosed: bool = False


@dataclass
class Scan:
    """A walk over one sentence: those found so far, and how far it came."""

    text: str
    finder: NameFinder
    about_accounts: bool
    position: int = 0
    members: list[Member] = field(default_factory=list)

    @property
    def is_at_lead_in(self) -> bool:
        """Whether a word stands here that leads to a name (如, 其中) or means any (部分): no name begins."""
        return LEAD.match(self.text, self.position) is not None or self.finder.is_general(
            self.text, self.position
        )

    def probe(self) -> Scan:
        """A copy to try with."""
        return replace(self, members=[])


def own_count(scan: Scan) -> Quantity | None:
    """The count written behind a name; 各1件 also belongs to those before that have none."""
    if match := _BRACKET_COUNT.match(scan.text, scan.position):
        scan.position = match.end()
        return Quantity(int(match[1]), match[2] or "个")
    match = _COUNT.match(scan.text, scan.position)
    if match is None or STATED.match(scan.text, scan.position):
        return None
    scan.position = match.end()
    count = Quantity(number_value(match["number"]), match["measure"])
    if match["each"]:
        for index in range(len(scan.members) - 1, -1, -1):
            if scan.members[index].count is not None:
                break
            scan.members[index] = replace(scan.members[index], count=count)
    return count
