"""A sentence cut into those it names and what it says between them.

Must never drop a character: the texts and the groups in order are the whole sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tracker.intake.prose.accounts import ACCOUNT_WORDS, PLATFORM, QUOTE, dated, quoted
from tracker.intake.prose.members import STATED, STOPS, Group, Member, Scan, own_count
from tracker.intake.prose.names import LEAD, NameFinder
from tracker.intake.prose.strangers import (
    AND_SO_ON,
    COUNTED_BEFORE,
    JOINT,
    WINDOW,
    at_window,
    between,
    counted,
    is_between,
    named_site,
)
from tracker.intake.quantities import number_value

_ALIAS = re.compile(r"[(（][\u3400-\u9fff、]{2,14}(?:局|办|委|中心|室)[)）]")
_SITE = re.compile(
    rf"{WINDOW}|(?:政府|部门|官方|门户)*(?:网站|官网)|(?:网|专栏)(?=[、，,；;。]|$)"
    rf"|(?:政务新媒体|{PLATFORM})(?:账号|帐号|平台|号)?(?![\s:：]*[“\"「])"
)
_OPAQUE = re.compile(r"“[^”]{1,80}”|‘[^’]{1,80}’|「[^」]{1,80}」|《[^》]{1,80}》")
_OPENING = "“‘「《"
_PREFIXED = re.compile(r"(.*[省市州盟县区旗])(.+)")


def tokens_of(text: str, finder: NameFinder, *, about_accounts: bool = False) -> list[str | Group]:
    """Texts and groups in order. `about_accounts`: the section is about new-media accounts."""
    about_accounts = about_accounts or ACCOUNT_WORDS.search(text) is not None
    found: list[str | Group] = []
    start = position = 0
    while position < len(text):
        scan = Scan(text, finder, about_accounts, position)
        if _group(scan):
            group, end = _finished(scan, position)
            if start < position:
                found.append(text[start:position])
            found.append(group)
            # Right behind a list its predicate begins, not another name.
            start, position = end, _next_start(text, end)
        else:
            position = _next_start(text, position)
    if start < len(text):
        found.append(text[start:])
    return found


def _next_start(text: str, position: int) -> int:
    """Where a name may begin next: after a lead-in word or a punctuation mark."""
    if lead := LEAD.match(text, position):
        return lead.end()
    if opaque := _OPAQUE.match(text, position):
        return opaque.end()
    position += 1
    while position < len(text) and not _may_begin(text, position):
        position += 1
    return position


def _may_begin(text: str, position: int) -> bool:
    if text[position - 1] in STOPS or text[position] in _OPENING:
        return True
    # A lead-in word inside a clause that really introduces a list: …的有A、B; …问题的单位为A.
    return text[position - 1] in "的位门" and text[position] in "有是为" and bool(LEAD.match(text, position))


def _group(scan: Scan) -> bool:
    if (listed := counted(scan)) is not None:
        names, scan.position = listed
        scan.members = [_as_member(name, scan) for name in names]
        return True
    while (member := _member(scan) or between(scan)) is not None:
        scan.members += member
        mark = scan.position
        joint = JOINT.match(scan.text, scan.position)
        if joint is not None and _parts_lists(joint[0], scan):
            break
        if joint is not None:
            scan.position = joint.end()
        if not _is_next_member(scan, is_parted=joint is not None):
            scan.position = mark
            break
    return bool(scan.members)


def _parts_lists(joint: str, scan: Scan) -> bool:
    """Whether a semicolon ends a list whose names were parted by commas; in A4件；B3件 it parts the names."""
    return ("；" in joint or ";" in joint) and len(scan.members) > 1 and scan.members[-1].count is None


def _is_next_member(scan: Scan, *, is_parted: bool) -> bool:
    if is_parted and (is_between(scan) or named_site(scan) is not None):
        return True
    if scan.finder.end(scan.text, scan.position) is not None or at_window(scan) is not None:
        return True
    return quoted(scan.probe()) is not None or dated(scan.probe()) is not None


def _member(scan: Scan) -> list[Member] | None:
    if (accounts := quoted(scan)) is not None or (accounts := dated(scan)) is not None:
        return accounts
    end = scan.finder.end(scan.text, scan.position)
    site = at_window(scan) or (named_site(scan) if end is None else None)
    if site is not None and (end is None or end < site.end(1)):
        scan.position = site.end()
        return [Member(site[1], site=site[2])]
    return None if end is None else [_unit(scan, end)]


def _unit(scan: Scan, end: int) -> Member:
    """The unit whose name ends there, with what of it is meant and its own count."""
    name = scan.text[scan.position : end]
    if alias := _ALIAS.match(scan.text, end):
        name, end = name + alias[0], alias.end()
    site = ""
    if (behind := _SITE.match(scan.text, end)) and not QUOTE.match(scan.text, behind.end()):
        site, end = behind[0], behind.end()
    scan.position = end
    return Member(name, own_count(scan), site=site)


def _as_member(name: str, scan: Scan) -> Member:
    end = scan.finder.end(name, 0)
    if end is not None and (site := _SITE.fullmatch(name, end)):
        return Member(name[:end], site=site[0])
    return Member(name, is_account=end != len(name) and scan.about_accounts)


def _finished(scan: Scan, start: int) -> tuple[Group, int]:
    text, end = scan.text, scan.position
    stated = None
    match = STATED.match(text, end)
    if match and (match["open"] or len(scan.members) > 1):
        stated, end = number_value(match["number"]), match.end()
    elif match := AND_SO_ON.match(text, end):
        end = match.end()
    bracketed = start > 0 and text[start - 1] in "(（" and text[end : end + 1] in (")", "）")
    members = tuple(_completed(_with_shared_site(scan.members), scan.finder))
    unclosed = max(text.rfind(mark, start, end) for mark in "“「") > max(text.rfind(mark) for mark in "”」")
    said = COUNTED_BEFORE.search(text, 0, start)
    announced = said is not None and len(members) > 1 and number_value(said["number"]) == len(members)
    return Group(members, stated, bracketed, announced, unclosed), end


def _with_shared_site(members: list[Member]) -> list[Member]:
    """A、B、C网站: the word behind the last is meant for all."""
    site = members[-1].site
    if site and not any(member.site or member.is_account or member.count for member in members[:-1]):
        return [replace(member, site=site) for member in members]
    return members


def _completed(members: list[Member], finder: NameFinder) -> Iterator[Member]:
    """Units with the prefix that their list writes only once (市财政局、民政局: the second is 市民政局's)."""
    prefix = ""
    for member in members:
        if member.is_account:
            yield member
            continue
        if finder.is_bare_organ(member.name):
            yield replace(member, owner=prefix + member.name if prefix else None)
            continue
        match = _PREFIXED.fullmatch(member.name)
        prefix = match[1] if match and finder.is_bare_organ(match[2]) else prefix
        yield member
