"""Is a title that of a paper (清单, 决算 …) itself, and of a paper of the unit's own?

Must never take a paper *about* the paper for it (关于编制…清单的通知), one of years ago, a draft, or another
body's paper of the same name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from tracker.probes.names import comparable
from tracker.probes.sights import Sight

# 关于公布…清单的公告 publishes it; every other 关于 is about it.
_PUBLISHES = re.compile(r"^(.{0,30}?)关于(?:公布|公开|印发|发布)(.+?)的(?:公告|通告|通知|公示)$")
# No bracket inside a bracket: there must be one way only to read a hostile title.
_TRAILER = re.compile(r"(?:[(（【\[][^()（）【】\[\]]{0,20}[)）】\]]|(?:19|20)\d{2}年?版?|公示|公开|公布)+$")
_YEAR = re.compile(r"(?:19|20)\d{2}(?=年)")
_ANNUAL = re.compile(r"决算|预算|年报|年度报告")
_ABOUT = re.compile(
    r"关于|报送|编制|征求|意见|废止|取消|解读|会议|部署|推进|研究|答记者|问答|草案|讨论稿|送审|失效|停止"
)
# 全市… is a paper of all units, not this one's.
_OF_ALL = re.compile(r"^全[国省市州县区]")
_YEARS = re.compile(r"(?:19|20)\d{2}(?:(?:19|20)\d{2})?年?度?")
_SITE_PARTS = re.compile(r"[-_|–—－·>»\s]+")
_SITE_WORDS = re.compile(
    r"(?:门户|官方)?(?:(?<!人民)(?:政府|政务))?(?:门户|官方)?(?:网站|官网|网)?(?:首页)?$"
)
_RUN_BY = re.compile(r"(?:主办单位|主办|版权所有)[\W_]*(\w{2,30})|(\w{2,30}?)(?:主办|版权所有)")
_CUT = re.compile(r"…|\.{3}|。{3}")
_LONGEST_TITLE = 120
_FEWEST_SIGNS = 2


@dataclass(frozen=True)
class PaperName:
    """The name of one paper that is missed by a list of the year `issued_in`."""

    name: str
    issued_in: int

    @cached_property
    def key(self) -> str:
        return comparable(self.name)

    def is_title(self, title: str, is_own: Callable[[str], bool]) -> bool:
        """Is it the paper's title, with nothing before the name but what `is_own` (the unit's name)?"""
        if len(title) > _LONGEST_TITLE:
            return False
        published = _PUBLISHES.match(title)
        said = published[2] if published else title
        bare = _TRAILER.sub("", said)
        if not comparable(bare).endswith(self.key) or _ABOUT.search(said[len(bare) :]) or _OF_ALL.match(bare):
            return False
        heads = [comparable(published[1]) if published else "", comparable(bare)[: -len(self.key)]]
        if any(_ABOUT.search(head) or not is_own(_YEARS.sub("", head)) for head in heads):
            return False
        years = [int(year) for year in _YEAR.findall(title)]
        # An account of years ago is no answer to its absence now.
        return not _ANNUAL.search(self.name) or any(year >= self.issued_in - 1 for year in years)

    def is_spoken_of(self, text: str) -> bool:
        """Does a text bear the name, or break off (证明事项保…) where the name may go on?"""
        if self.key in comparable(text):
            return True
        bare = text.rstrip(" .。…")
        if not _CUT.search(text, len(bare)):
            return False
        stem = comparable(bare)
        return any(stem.endswith(self.key[:length]) for length in range(_FEWEST_SIGNS, len(self.key)))


def owner_of(home: Sight) -> Callable[[str], bool]:
    """Is a name, without its signs and blanks, that of whom the site with this start page belongs to?

    Its title says so, or who runs it (主办, 版权所有); a short form lacks the beginning: 市测试局.
    """
    parts = {comparable(part) for part in _SITE_PARTS.split(home.reader.title)}
    notices = (text for shown in home.shown if shown.certain and not shown.link for text in [shown.text])
    parts |= {comparable(one or other) for text in notices for one, other in _RUN_BY.findall(text)}
    names = {name for part in parts for name in (part, _SITE_WORDS.sub("", part))}

    def is_own(head: str) -> bool:
        return not head or (len(head) >= _FEWEST_SIGNS and any(name.endswith(head) for name in names if name))

    return is_own
