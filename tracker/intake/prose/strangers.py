"""Names with no usual ending, told by the list they stand in.

Must never take a stretch of a sentence for a name without such a list: counted (A、B、C等3家单位), or known
on both sides.
"""

from __future__ import annotations

import re

from tracker.intake.prose.judgement import Tone, tone
from tracker.intake.prose.members import HANZI, NUMBER, STOPS, UNITS_COUNTED, Member, Scan
from tracker.intake.prose.names import LEAD
from tracker.intake.quantities import number_value

AND_SO_ON = re.compile(
    r"\s*等(?:少数|个别|部分|多个|众多)?"
    r"(?:单位|部门|地|账号|帐号|网站|县[、(（]?[市区][)）]?|乡镇|地方|微博|微信公众号|公众号|微信)*"
)
JOINT = re.compile(
    rf"(?:{AND_SO_ON.pattern}\s*(?=以及|和|及|、))?\s*(?:[、，,；;]\s*(?:以及|和|及|与)?|以及|和|及|与)\s*"
)
WINDOW = r"\d+\s*号(?:\s*[、与和至-]\s*\d+\s*号)*(?:综合)?窗口"
COUNTED_BEFORE = re.compile(
    rf"(?P<number>{NUMBER})\s*(?:个|家)(?!月|工作|小时|半)[^，,：:；;。]{{0,20}}[，,：:]\s*(?:分别(?:为|是)|即|是|为)?\s*$"
)
_NAMES = r"(?P<names>[^，,；;。：:“”‘’\s]{2,24}?(?:、[^，,；;。：:“”‘’\s、]{2,24}?){1,40})"
_COUNTED_BEHIND = re.compile(rf"{_NAMES}等\s*(?P<number>{NUMBER})\s*(?:家|个)?\s*{UNITS_COUNTED}")
_TO_THE_END = re.compile(rf"{_NAMES}(?=\s*(?:[，,；;。]|$))")
_PARTING = re.compile(rf"、|(?<={HANZI}{{3}})和(?={HANZI}{{3,}}$)")
_NO_NAME = "没|未|不|栏目|问题|更新|公开|网站|方面|工作|情况|信息"
_PLAIN = re.compile(rf"(?!\d)(?!.{{0,10}}(?:{_NO_NAME})){HANZI}{{2,10}}?(?=、|等|和{HANZI}{{2,12}}等)")
_PLAIN_SITE = re.compile(rf"({HANZI}{{3,12}}?)(网站)(?=[没未不有存打内、])")
_NAMED_SITE = re.compile(
    rf"({HANZI}{{2,12}}[(（][\u3400-\u9fff·]{{2,14}}[)）])(网站|网)(?=[\u3400-\u9fff\d])"
)
_AT_WINDOW = re.compile(rf"((?:(?![和与及]){HANZI}){{2,10}})({WINDOW})")


def counted(scan: Scan) -> tuple[list[str], int] | None:
    """The names of a list as long as the text says, and its end: 共3个，A、B、C and A、B、C等3家单位."""
    text, start = scan.text, scan.position
    if LEAD.match(text, start):
        return None
    if (listed := _COUNTED_BEHIND.match(text, start)) is not None:
        wanted = number_value(listed["number"])
    elif (said := COUNTED_BEFORE.search(text, 0, start)) is not None:
        wanted, listed = number_value(said["number"]), _TO_THE_END.match(text, start)
    if listed is None:
        return None
    names = _PARTING.split(listed["names"])
    is_list = len(names) > 1 and len(names) == wanted and all(tone(name) is not Tone.FAULT for name in names)
    return (names, listed.end("names")) if is_list else None


def between(scan: Scan) -> list[Member] | None:
    """A short name with no usual ending (某县公安), in a list whose other names are known."""
    if scan.members and scan.members[-1].site and (site := _PLAIN_SITE.match(scan.text, scan.position)):
        scan.position = site.end()
        return [Member(site[1], site=site[2])]
    match = _PLAIN.match(scan.text, scan.position)
    if match is None or tone(match[0]) is Tone.FAULT or LEAD.match(scan.text, scan.position):
        return None
    if not scan.members and not _leads_a_list(scan, match.end()):
        return None
    scan.position = match.end()
    return [Member(match[0])]


def is_between(scan: Scan) -> bool:
    """Whether such a name goes on the list."""
    is_site = bool(scan.members[-1].site) and _PLAIN_SITE.match(scan.text, scan.position) is not None
    return is_site or _PLAIN.match(scan.text, scan.position) is not None


def named_site(scan: Scan) -> re.Match[str] | None:
    """信用某某(某市)网站 at the start of a clause: a site whose own name is no unit's."""
    is_inside = scan.position > 0 and scan.text[scan.position - 1] not in STOPS
    return None if is_inside or scan.is_at_lead_in else _NAMED_SITE.match(scan.text, scan.position)


def at_window(scan: Scan) -> re.Match[str] | None:
    """某科3号窗口: whose window it is, whatever the name."""
    return None if LEAD.match(scan.text, scan.position) else _AT_WINDOW.match(scan.text, scan.position)


def _leads_a_list(scan: Scan, end: int) -> bool:
    joint = JOINT.match(scan.text, end)
    return joint is not None and scan.finder.end(scan.text, joint.end()) is not None
