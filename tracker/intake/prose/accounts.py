"""New-media accounts and sites in a sentence: quoted, or told by platform or last update behind the name.

Must never take a quoted column, title or fault (“三公”经费, “僵尸”账号) for an account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tracker.intake.prose.judgement import Tone, tone
from tracker.intake.prose.members import HANZI, STOPS, Member, Scan
from tracker.intake.prose.names import NameFinder

PLATFORM = (
    r"(?:政务|官方|新浪|腾讯)?"
    r"(?:微信(?:公众号|订阅号|服务号|视频号|小程序|公众平台)?|微博|公众号|订阅号|服务号|视频号|抖音号?|快手号?|"
    r"今日头条号?|头条号?|西瓜视频|哔哩哔哩|小红书|人民号|澎湃号|百家号|企鹅号|网易号|(?:手机|移动)?客户端|小程序|(?i:app))"
)
ACCOUNT_WORDS = re.compile(rf"账号|帐号|新媒体|{PLATFORM}")
QUOTE = re.compile(r"[“\"「‘']([^“”\"「」‘’']{1,300})(?:[”\"」’']|$)")
_UPDATED = re.compile(
    r"\s*[(（](?P<when>[^()（）]{0,12}(?:更新|发布|发文)[^()（）]{0,10}?\d[^()（）]*|\d{4}年[^()（）]{2,8}|\d+月\d+日)[)）]"
)
_IN_BRACKETS = re.compile(rf"\s*[(（]\s*({PLATFORM})[^()（）]{{0,6}}[)）]")
_RUN = re.compile(rf"[“\"「]?([^{STOPS}]{{2,24}})")
_BEFORE = re.compile(rf"\s*的?({PLATFORM})(?:账号|帐号|平台)?\s*[:：]?")
_BEHIND = re.compile(rf"\s*({PLATFORM})(?:账号|帐号|平台)?")
_SITE_BEHIND = re.compile(
    r"网(?!民|络|上)|(?:等\s*\d*\s*[家个]?)?(?:政府)?网站|等\s*\d+\s*[家个](?:单位|部门)"
)
_SITE_WORD = re.compile(r"网站|网(?!络|民|上)")
_SITE_NAME = re.compile(rf"{HANZI}{{4,20}}网")
_THING_BEHIND = re.compile(
    r"\s*的?(?:问题|情况|现象|要求|原则|制度|机制|规定|通知)|\s*等?\d*个?(?:子?栏目|栏|专栏|专题|版块|板块|页面|频道|信箱|"
    r"转办|链接|模块|一栏|留言|事项|指标|方面|工作)"
)
KINDS = re.compile(r"(?:僵尸|睡眠|休眠|空壳|不互动|无服务|三无|娱乐化|个人)[^、，]{0,6}")
_NO_NAME = re.compile(r"(?:系统|平台|制度|要求|原则|办法|通知|方案|责任|负责|逾期|超期|更新)$|谁|没有")
_PARTS = re.compile(r"[、，,；;](?![^(（]*[)）])")


def quoted(scan: Scan) -> list[Member] | None:
    """Those in the quotes that stand here, with the owner and platform before and the platform behind."""
    text, start = scan.text, scan.position
    owner_end = scan.finder.end(text, start)
    before = _BEFORE.match(text, owner_end or start)
    quote = QUOTE.match(text, before.end() if before else owner_end or start)
    if quote is None or not _holds_names(quote):
        return None
    behind = _BEHIND.match(text, quote.end())
    is_named = _SITE_BEHIND.match(text, quote.end()) or _is_name(quote[1], scan.finder)
    if not (before or behind or is_named or scan.about_accounts or _UPDATED.search(quote[1])):
        return None
    if _THING_BEHIND.match(text, quote.end()):
        return None
    found = [
        Member(name, owner=text[start:owner_end] if owner_end else None, updated=updated, is_account=True)
        for name, updated in names_inside(quote[1])
    ]
    scan.position = behind.end() if behind else quote.end()
    if site := _SITE_WORD.match(text, scan.position):
        scan.position = site.end()
    return _with_platform(scan, found, before, behind, is_side_by_side=text[start - 1] in "”」") or None


def dated(scan: Scan) -> list[Member] | None:
    """An account without quotes, told by the brackets behind it: its platform or its last update."""
    match = _RUN.match(scan.text, scan.position)
    if match is None:
        return None
    updated = _UPDATED.match(scan.text, match.end())
    platform = _IN_BRACKETS.match(scan.text, match.end())
    if not platform and (updated is None or "更新" not in updated["when"]):
        return None
    scan.position = (platform or updated or match).end()
    if scan.text[scan.position : scan.position + 1] in ("”", "」"):
        scan.position += 1
    which = platform[1] if platform else None
    return [Member(match[1], platform=which, updated=updated["when"] if updated else None, is_account=True)]


def _holds_names(quote: re.Match[str]) -> bool:
    inside, is_open = quote[1], quote.end() == len(quote.string)
    if is_open and _UPDATED.search(inside):
        return False  # never closed: each dated name is read for itself
    if KINDS.fullmatch(inside) or inside[-1] in "。？?！!":
        return False
    return not any(_NO_NAME.search(name) or tone(name) is Tone.FAULT for name, _ in names_inside(inside))


def _is_name(inside: str, finder: NameFinder) -> bool:
    """Whether quotes hold nothing but the name of a unit or of a site (…网)."""
    return finder.end(inside, 0) == len(inside) or _SITE_NAME.fullmatch(inside) is not None


def names_inside(inside: str) -> Iterator[tuple[str, str | None]]:
    """The names that stand in one pair of quotes, each with its last update as written behind it."""
    for part in _PARTS.split(inside):
        updated = _UPDATED.search(part)
        name = (part[: updated.start()] if updated else part).strip()
        if name:
            yield name, updated["when"] if updated else None


def _with_platform(
    scan: Scan,
    found: list[Member],
    before: re.Match[str] | None,
    behind: re.Match[str] | None,
    *,
    is_side_by_side: bool,
) -> list[Member]:
    """With the platform before or behind the quotes, and the date in brackets between them."""
    if found and (updated := _UPDATED.match(scan.text, scan.position)):
        found[-1] = replace(found[-1], updated=updated["when"])
        scan.position = updated.end()
        if before is None and behind is None and (behind := _BEHIND.match(scan.text, scan.position)):
            scan.position = behind.end()
    if before is not None:
        return [replace(one, platform=before[1]) for one in found]
    if behind is not None:
        _spread(scan.members, behind[1])
        return [replace(one, platform=behind[1]) for one in found]
    if scan.members and is_side_by_side and found and found[0].owner is None:
        return [replace(one, platform=scan.members[-1].platform) for one in found]  # 微博“A”“B”
    return found


def _spread(members: list[Member], platform: str) -> None:
    """“A”“B”微博: the platform behind the last quote is that of its neighbours too."""
    for index in range(len(members) - 1, -1, -1):
        if not members[index].is_account or members[index].platform is not None:
            break
        members[index] = replace(members[index], platform=platform)
