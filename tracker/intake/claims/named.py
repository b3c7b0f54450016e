"""The units that the narrative names for a problem, or praises, against those of the problem lists.

Must never call a list incomplete that the sentence leaves open (等, 其中), nor judge praise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.intake.claims.model import Claim, Kind
from tracker.intake.claims.names import names_in, unit_counts
from tracker.intake.claims.passages import Sentence
from tracker.intake.claims.topics import FAULT, OPEN_PROBLEMS, Lists
from tracker.intake.model import Finding

_HAVING = re.compile(
    r"(?P<what>[^，。；：]{4,30}?)的(?:单位|部门)?(?:有|为|是)：?(?P<names>[^。；：]{2,400})"
)
_NAMED = re.compile(
    r"(?P<names>[^。；：]{2,400}?)(?:均|都|仍)?(?:存在|有|没有|未)(?P<what>[^，。；：\d]{4,60})$"
)
_LISTED = re.compile(
    r"(?P<names>(?:[^、，。；：\d]{2,16}、)+[^、，。；：\d]{1,14}[局委办区县镇])(?P<what>[^、，。；：\d]{0,30}[不未无][^、，。；：\d]{1,20})$"
)
_PRAISE = re.compile(
    r"(?P<what>[^，。；：]{0,20}(?:突出|较快|较好|先进|表扬|积极)[^，。；：]{0,20}?)的?(?:部门|单位)(?:有|为|是)?：?(?P<names>[^。；：]{2,400})"
)
_MOST_LISTED = 200  # beside more problems than that a sentence counts only the worst


def check_named(sentences: Sequence[Sentence], lists: Lists) -> list[Claim]:
    """Units named with a problem, units given counts of one, and units praised."""
    claims: list[Claim] = []
    for sentence in sentences if lists.findings else ():
        claims += _named(sentence, lists)
        claims += _counted(sentence, lists)
        claims += _praised(sentence, lists)
    return claims


def _named(sentence: Sentence, lists: Lists) -> Iterator[Claim]:
    """A、B存在X, X的有：A、B: the same units as in the lists."""
    text = sentence.text.rstrip("。；")
    match = _HAVING.search(text) or _NAMED.search(text) or _LISTED.search(text)
    if match is None or not FAULT.search(match["what"]) or _PRAISE.search(sentence.text):
        return
    names = names_behind(match["names"])
    if not names:
        return
    found = lists.same(match["what"])
    if not found:
        note = "问题清单中没有同类问题"
        told = "、".join(names)
        yield Claim(sentence.quote, Kind.LIST_UNITS, told, None, None, sentence.line, note=note)
        return
    compared = _compare(names, found, lists)
    is_open = "等" in match["names"] and not compared.absent
    yield _claim(sentence, compared, holds=compared.agrees or (None if is_open else False))


def _counted(sentence: Sentence, lists: Lists) -> Iterator[Claim]:
    """A有982件、B有15件未评价: the same units as in the lists.

    Who is counted may be only the worst, and the lists may use other words: a difference is shown. It is
    wrong only to count for a unit that no list has at all, beside others that are listed for the matter.
    """
    counted = unit_counts(sentence)
    if len(counted) < 2 or OPEN_PROBLEMS.search(sentence.text):
        return
    what = sentence.text.partition(counted[0].unit)[0] + counted[-1].count.tail
    if not FAULT.search(what):
        return
    found = lists.nearest(what)
    for each in counted:
        found += lists.told(what, each.unit, each.count.value)
    if len(found) > _MOST_LISTED:
        return
    names = list(dict.fromkeys(each.unit for each in counted))
    compared = _compare(names, found, lists)
    if len(names) - len(compared.absent) >= 2:
        unknown = [name for name in compared.absent if not lists.has(name)]
        yield _claim(sentence, compared, holds=compared.agrees or (False if unknown else None))


@dataclass(frozen=True)
class _Compared:
    """`names` of the narrative beside the units `listed`; `findings` are those the lists hold."""

    names: Sequence[str]
    listed: Sequence[str]
    absent: Sequence[str]
    unnamed: Sequence[str]
    findings: int

    @property
    def agrees(self) -> bool:
        return bool(self.findings) and not self.absent and not self.unnamed


def _compare(names: Sequence[str], found: Sequence[Finding], lists: Lists) -> _Compared:
    listed = list(lists.units(found).values())
    covers = lists.sameness.covers
    absent = [name for name in names if not any(covers(unit, name) for unit in listed)]
    unnamed = [unit for unit in listed if not any(covers(unit, name) for name in names)]
    return _Compared(names, listed, absent, unnamed, len(found))


def _claim(sentence: Sentence, compared: _Compared, *, holds: bool | None) -> Claim:
    notes = [f"清单中没有：{'、'.join(compared.absent)}"] * bool(compared.absent)
    notes += [f"清单中另有：{'、'.join(compared.unnamed)}"] * bool(compared.unnamed)
    return Claim(
        sentence.quote,
        Kind.LIST_UNITS,
        "、".join(compared.names),
        "、".join(compared.listed),
        holds,
        sentence.line,
        inputs={"findings": str(compared.findings)},
        note="；".join(notes),
    )


def names_behind(text: str) -> list[str]:
    """The list, wherever in the clause it begins, without what closes it (等)."""
    text = re.sub(r"等(?:\d+[个家])?(?:单位|部门)?$", "", text)
    starts = [0, *(match.end() for match in re.finditer(r"抽查|发现|其中|，|对|由", text))]
    return next((names for start in starts if (names := names_in(text[start:]))), [])


def _praised(sentence: Sentence, lists: Lists) -> Iterator[Claim]:
    """A unit that is praised for what the list blames it for; a person has to look."""
    match = _PRAISE.search(sentence.text)
    if match is None:
        return
    names = names_behind(match["names"])
    found = lists.same(match["what"])
    for name in names:
        blamed = [finding for finding in found if lists.sameness.same(finding.responsible, name)]
        for finding in blamed:
            yield Claim(
                sentence.quote,
                Kind.PRAISE,
                name,
                finding.text,
                None,
                sentence.line,
                inputs={"line": str(finding.source.line)},
                note="既受表扬，问题清单中又列有同一事项的问题，请核对",
            )
