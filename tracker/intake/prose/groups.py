"""A sentence cut into those it names and what it says between them.

Must never drop a character: the texts and the groups in order are the whole sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tracker.intake.model import Quantity
from tracker.intake.prose.judgement import Tone, tone
from tracker.intake.prose.names import LEAD, NameFinder
from tracker.intake.quantities import number_value

PLATFORM = (
    r"(?:政务|官方|新浪|腾讯)?(?:微信(?:公众号|订阅号|服务号|视频号|小程序|公众平台)?|微博|公众号|订阅号|服务号|视频号|"
    r"抖音号?|快手号?|今日头条号?|头条号?|西瓜视频|哔哩哔哩|小红书|人民号|澎湃号|百家号|企鹅号|网易号|(?:手机|移动)?客户端|小程序|(?i:app))"
)
ACCOUNT_WORDS = re.compile(rf"账号|帐号|新媒体|{PLATFORM}")
_MEASURE = r"个|件|条|项|次|份|分|家|本|人|处|篇|起|例|宗"
_COUNT = re.compile(
    rf"\s*(?P<each>各|均)?(?:有|出现)?\s*(?P<number>\d+|[一二两三四五六七八九十]{{1,3}})\s*(?P<measure>{_MEASURE})"
    r"(?!(?:工作|自然)?日|月|小时|以上|单位|部门|月|[%％分])"
)
_BRACKET_COUNT = re.compile(rf"\s*[(（]\s*(\d+)\s*({_MEASURE})?\s*[)）]")
_UPDATED = re.compile(
    r"\s*[(（]([^()（）]{0,12}(?:更新|发布|发文)[^()（）]{0,10}?\d[^()（）]*|\d{4}年[^()（）]{2,8}|\d+月\d+日)[)）]"
)
_ALIAS = re.compile(r"[(（][\u3400-\u9fff、]{2,14}(?:局|办|委|中心|室)[)）]")
_SITE = re.compile(
    r"\d+\s*号(?:\s*[、与和至-]\s*\d+\s*号)*(?:综合)?窗口|"
    r"(?:政府|部门|官方|门户)*(?:网站|官网)|(?:网|专栏)(?=[、，,；;。]|$)"
    rf"|(?:政务新媒体|{PLATFORM})(?:账号|帐号|平台|号)?(?![\s:：]*[“\"「])"
)
_UNITS_COUNTED = (
    r"(?:[市县区州]直|责任|有关|相关|政府)?"
    r"(?:单位|部门|地方|乡镇|镇街|街道|账号|帐号|网站|县市区|县市|县区|市县|县|区|州市|乡|镇)"
)
_STATED = re.compile(
    r"\s*(?P<open>等)?\s*(?:共计|共|合计)?\s*(?P<number>\d+|[一二两三四五六七八九十]{1,3})\s*(?:家|个)?\s*"
    + _UNITS_COUNTED
)
_AND_SO_ON = re.compile(
    r"\s*等(?:少数|个别|部分|多个|众多)?(?:单位|部门|地|账号|帐号|网站|县[、(（]?[市区][)）]?|乡镇|地方|微博|微信公众号|公众号|微信)*"
)
_JOINT = re.compile(
    rf"(?:{_AND_SO_ON.pattern}\s*(?=以及|和|及|、))?\s*(?:[、，,；;]\s*(?:以及|和|及|与)?|以及|和|及|与)\s*"
)
_PLAIN = re.compile(
    r"(?!\d)(?!.{0,10}(?:没|未|不|栏目|问题|更新|公开|网站|方面|工作|情况|信息))[\u3400-\u9fff]{2,10}?(?=、|等|和[\u3400-\u9fff]{2,12}等)"
)
_PLAIN_SITE = re.compile(r"([\u3400-\u9fff]{3,12}?)(网站)(?=[没未不有存打内、])")
_COUNTED_BEFORE = re.compile(
    r"(?P<number>\d+|[一二两三四五六七八九十]{1,3})\s*(?:个|家)(?!月|工作|小时|半)[^，,：:；;。]{0,20}[，,：:]\s*(?:分别(?:为|是)|即|是|为)?\s*$"
)
_NAMES = r"(?P<names>[^，,；;。：:“”‘’\s]{2,24}?(?:、[^，,；;。：:“”‘’\s、]{2,24}?){1,40})"
_LIST_COUNTED_BEHIND = re.compile(
    rf"{_NAMES}等\s*(?P<number>\d+|[一二两三四五六七八九十]{{1,3}})\s*(?:家|个)?\s*{_UNITS_COUNTED}"
)
_LIST_TO_THE_END = re.compile(rf"{_NAMES}(?=\s*(?:[，,；;。]|$))")
_PARTING = re.compile(r"、|(?<=[\u3400-\u9fff]{3})和(?=[\u3400-\u9fff]{3,}$)")
_QUOTE = re.compile(r"[“\"「‘']([^“”\"「」‘’']{1,300})(?:[”\"」’']|$)")
_OPAQUE = re.compile(r"“[^”]{1,80}”|‘[^’]{1,80}’|「[^」]{1,80}」|《[^》]{1,80}》")
_KINDS_OF_ACCOUNT = re.compile(r"(?:僵尸|睡眠|休眠|空壳|不互动|无服务|三无|娱乐化|个人)[^、，]{0,6}")
_NOT_AN_ACCOUNT = re.compile(
    r"\s*(?:等?\d*个?)(?:栏|专栏|专题|版块|板块|页面|频道|信箱|转办|链接|模块|一栏|留言|事项|指标|方面|工作|等?\d*个?(?:子)?栏目)"
)
_OPENING = "“‘「《"
_SITE_BEHIND = re.compile(
    r"网(?!民|络|上)|(?:等\s*\d*\s*[家个]?)?(?:政府)?网站|等\s*\d+\s*[家个](?:单位|部门)"
)
_PLATFORM_BEFORE = re.compile(rf"\s*的?({PLATFORM})(?:账号|帐号|平台)?\s*[:：]?")
_PLATFORM_BEHIND = re.compile(rf"\s*({PLATFORM})(?:账号|帐号|平台)?")
_IN_BRACKETS = re.compile(rf"\s*[(（]\s*({PLATFORM})[^()（）]{{0,6}}[)）]")
_NO_NAME = re.compile(r"(?:系统|平台|制度|要求|原则|办法|通知|方案|责任|负责|逾期|超期|更新)$|谁|没有")
_STOPS = "，。；：！？、,;:!?（()）“”\"‘’'「」 \u3000\t"
_NAMED_SITE = re.compile(
    r"\d+\s*号(?:\s*[、与和至-]\s*\d+\s*号)*(?:综合)?窗口|"
    r"([\u3400-\u9fff]{2,12}[(（][\u3400-\u9fff·]{2,14}[)）])((?:网站|网))(?=[\u3400-\u9fff\d])"
)
_WINDOW = re.compile(
    r"((?:(?![和与及])[\u3400-\u9fff]){2,10})(\d+\s*号(?:\s*[、与和至-]\s*\d+\s*号)*(?:综合)?窗口)"
)
_RUN = re.compile(rf"[“\"「]?([^{_STOPS}]{{2,24}})")


@dataclass(frozen=True, slots=True)
class Member:
    """One that a sentence names: a unit, or an account with its owner and platform as far as written.

    `count` is its own number (市住建局4件), `site` what of it is meant (门户网站), `updated` its date as
    written.
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
    """Those named in one list. `stated` is the length the text claims; `bracketed`: they stand in brackets;
    `announced`: their number stands before them (共3个，A、B、C); `unclosed`: the last quote is not closed.
    """

    members: tuple[Member, ...]
    stated: int | None = None
    bracketed: bool = False
    announced: bool = False
    unclosed: bool = False


@dataclass
class _Scan:
    """A walk over one sentence."""

    text: str
    finder: NameFinder
    about_accounts: bool
    position: int = 0
    members: list[Member] = field(default_factory=list)


def tokens_of(text: str, finder: NameFinder, *, about_accounts: bool = False) -> list[str | Group]:
    """Texts and groups in order. `about_accounts`: the section is about new-media accounts."""
    about_accounts = about_accounts or ACCOUNT_WORDS.search(text) is not None
    found: list[str | Group] = []
    start = position = 0
    while position < len(text):
        scan = _Scan(text, finder, about_accounts, position)
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
    while position < len(text):
        position += 1
        if (
            text[position - 1 : position] in _STOPS
            or text[position : position + 1] in _OPENING
            or (LEAD.match(text, position) and _opens(text, position))
        ):
            break
    return position


def _opens(text: str, position: int) -> bool:
    """Whether a lead-in word inside a clause really introduces a list (…的有A、B; …问题的单位为A)."""
    return text[position - 1] in "的位门" and text[position] in "有是为"


def _group(scan: _Scan) -> bool:
    if _enumerated(scan):
        return True
    while (member := _member(scan) or _between(scan)) is not None:
        scan.members += member
        mark = scan.position
        joint = _JOINT.match(scan.text, scan.position)
        if joint is not None and _parts_lists(joint[0], scan):
            break
        if joint is not None:
            scan.position = joint.end()
        if not _is_next_member(scan, is_parted=joint is not None):
            scan.position = mark
            break
    return bool(scan.members)


def _parts_lists(joint: str, scan: _Scan) -> bool:
    """Whether a semicolon ends a list whose names were parted by commas; in A4件；B3件 it parts the names."""
    return ("；" in joint or ";" in joint) and len(scan.members) > 1 and scan.members[-1].count is None


def _is_next_member(scan: _Scan, *, is_parted: bool) -> bool:
    if is_parted and (_is_between(scan) or _named_site(scan) is not None):
        return True
    probe = replace(scan, members=[])
    if _quoted(probe) is not None:
        return True
    return scan.finder.end(scan.text, scan.position) is not None or _dated(probe) is not None


def _named_site(scan: _Scan) -> re.Match[str] | None:
    """信用某某(某市)网站 at the start of a clause: a site whose own name is no unit's."""
    text, start = scan.text, scan.position
    if (
        LEAD.match(text, start)
        or scan.finder.is_general(text, start)
        or text[start - 1 : start] not in ("", *_STOPS)
    ):
        return None
    return _NAMED_SITE.match(text, start)


def _between(scan: _Scan) -> list[Member] | None:
    """A short name with no usual ending (某县公安), in a list whose other names are known."""
    if scan.members and scan.members[-1].site and (site := _PLAIN_SITE.match(scan.text, scan.position)):
        scan.position = site.end()
        return [Member(site[1], site=site[2])]
    match = _PLAIN.match(scan.text, scan.position)
    if match is None or tone(match[0]) is Tone.FAULT or LEAD.match(scan.text, scan.position):
        return None
    if not (scan.members or _leads_a_list(scan, match.end())):
        return None
    scan.position = match.end()
    return [Member(match[0])]


def _is_between(scan: _Scan) -> bool:
    if scan.members[-1].site and _PLAIN_SITE.match(scan.text, scan.position):
        return True
    return _PLAIN.match(scan.text, scan.position) is not None


def _leads_a_list(scan: _Scan, end: int) -> bool:
    joint = _JOINT.match(scan.text, end)
    return joint is not None and scan.finder.end(scan.text, joint.end()) is not None


def _enumerated(scan: _Scan) -> bool:
    """A list as long as the text says, whatever its names look like: 共3个，A、B、C and A、B、C等3家单位."""
    text, start = scan.text, scan.position
    if LEAD.match(text, start):
        return False
    if (listed := _LIST_COUNTED_BEHIND.match(text, start)) is not None:
        wanted = number_value(listed["number"])
    elif (said := _COUNTED_BEFORE.search(text, 0, start)) is not None:
        wanted, listed = number_value(said["number"]), _LIST_TO_THE_END.match(text, start)
    if listed is None:
        return False
    names = _PARTING.split(listed["names"])
    if len(names) < 2 or len(names) != wanted:
        return False
    if any(tone(name) is Tone.FAULT for name in names):
        return False
    scan.members = [_as_member(name, scan) for name in names]
    scan.position = listed.end("names")
    return True


def _as_member(name: str, scan: _Scan) -> Member:
    end = scan.finder.end(name, 0)
    if end is not None and (site := _SITE.fullmatch(name, end)):
        return Member(name[:end], site=site[0])
    return Member(name, is_account=end != len(name) and scan.about_accounts)


def _finished(scan: _Scan, start: int) -> tuple[Group, int]:
    text, end = scan.text, scan.position
    stated = None
    match = _STATED.match(text, end)
    if match and (match["open"] or len(scan.members) > 1):
        stated, end = number_value(match["number"]), match.end()
    elif match := _AND_SO_ON.match(text, end):
        end = match.end()
    bracketed = start > 0 and text[start - 1] in "(（" and text[end : end + 1] in (")", "）")
    members = tuple(_completed(_with_shared_site(scan.members), scan.finder))
    unclosed = max(text.rfind(mark, start, end) for mark in "“「") > max(text.rfind(mark) for mark in "”」")
    said = _COUNTED_BEFORE.search(text, 0, start)
    announced = said is not None and len(members) > 1 and number_value(said["number"]) == len(members)
    return Group(members, stated, bracketed, announced, unclosed), end


def _member(scan: _Scan) -> list[Member] | None:
    if (accounts := _quoted(scan)) is not None or (accounts := _dated(scan)) is not None:
        return accounts
    end = scan.finder.end(scan.text, scan.position)
    if end is None and (site := _named_site(scan)) is not None:
        scan.position = site.end()
        return [Member(site[1], site=site[2])]
    if end is None:
        return None
    name = scan.text[scan.position : end]
    if alias := _ALIAS.match(scan.text, end):
        name, end = name + alias[0], alias.end()
    behind = ""
    if (match := _SITE.match(scan.text, end)) and not _QUOTE.match(scan.text, match.end()):
        behind, end = match[0], match.end()
    scan.position = end
    count = _own_count(scan)
    return [Member(name, count, site=behind)]


def _own_count(scan: _Scan) -> Quantity | None:
    """The count written behind a name; 各1件 also belongs to those before that have none."""
    if match := _BRACKET_COUNT.match(scan.text, scan.position):
        scan.position = match.end()
        return Quantity(int(match[1]), match[2] or "个")
    match = _COUNT.match(scan.text, scan.position)
    if match is None or _STATED.match(scan.text, scan.position):
        return None
    scan.position = match.end()
    count = Quantity(number_value(match["number"]), match["measure"])
    if match["each"]:
        for index in range(len(scan.members) - 1, -1, -1):
            if scan.members[index].count is not None:
                break
            scan.members[index] = replace(scan.members[index], count=count)
    return count


def _quoted(scan: _Scan) -> list[Member] | None:
    """Accounts in quotes, with the owner and platform before them and the platform behind."""
    text, start = scan.text, scan.position
    owner_end = scan.finder.end(text, start)
    owner = text[start:owner_end] if owner_end is not None else None
    place = owner_end or start
    platform = _PLATFORM_BEFORE.match(text, place)
    place = platform.end() if platform else place
    quote = _QUOTE.match(text, place)
    if quote is None:
        return None
    behind = _PLATFORM_BEHIND.match(text, quote.end())
    if any(_NO_NAME.search(name) or tone(name) is Tone.FAULT for name, _ in _names_inside(quote[1])):
        return None
    if (quote.end() == len(text) and _UPDATED.search(quote[1])) or _KINDS_OF_ACCOUNT.fullmatch(quote[1]):
        return None  # never closed: each dated name is read for itself
    is_site = _SITE_BEHIND.match(text, quote.end()) is not None or _is_named(quote[1], scan.finder)
    is_account = platform or behind or _UPDATED.search(quote[1]) or scan.about_accounts or is_site
    if not is_account or _NOT_AN_ACCOUNT.match(text, quote.end()) or (quote[1][-1:] in "。？?！!"):
        return None
    scan.position = behind.end() if behind else quote.end()
    if text.startswith("网", scan.position) and not text.startswith(("网络", "网民", "网上"), scan.position):
        scan.position += len("网站" if text.startswith("网站", scan.position) else "网")
    which = platform[1] if platform else behind[1] if behind else None
    found = [
        Member(name, owner=owner, platform=which, updated=updated, is_account=True)
        for name, updated in _names_inside(quote[1])
    ]
    if found and (updated := _UPDATED.match(text, scan.position)):
        found[-1] = replace(found[-1], updated=updated[1])
        scan.position = updated.end()
        if platform is None and behind is None and (behind := _PLATFORM_BEHIND.match(text, scan.position)):
            found = [replace(one, platform=behind[1]) for one in found]
            scan.position = behind.end()
    if found and behind and platform is None:
        _spread(scan.members, behind[1])
    elif scan.members and not behind and not platform and not owner and text[start - 1] in "”」":
        found = [replace(one, platform=scan.members[-1].platform) for one in found]  # 微博“A”“B”
    return found or None


def _is_named(quoted: str, finder: NameFinder) -> bool:
    """Whether quotes hold nothing but the name of a unit or of a site (…网)."""
    return (
        finder.end(quoted, 0) == len(quoted) or re.fullmatch(r"[\u3400-\u9fff]{4,20}网", quoted) is not None
    )


def _spread(members: list[Member], platform: str) -> None:
    """“A”“B”微博: the platform behind the last quote is that of its neighbours too."""
    for index in range(len(members) - 1, -1, -1):
        if not members[index].is_account or members[index].platform is not None:
            break
        members[index] = replace(members[index], platform=platform)


def _names_inside(quoted: str) -> Iterator[tuple[str, str | None]]:
    for part in re.split(r"[、，,；;](?![^(（]*[)）])", quoted):
        updated = _UPDATED.search(part)
        name = (part[: updated.start()] if updated else part).strip()
        if name:
            yield name, updated[1] if updated else None


def _dated(scan: _Scan) -> list[Member] | None:
    """An account without quotes, told by the brackets behind it: platform or last update."""
    match = _RUN.match(scan.text, scan.position)
    if match is None:
        return None
    updated = _UPDATED.match(scan.text, match.end())
    platform = _IN_BRACKETS.match(scan.text, match.end())
    if (window := _WINDOW.match(scan.text, scan.position)) and LEAD.match(scan.text, scan.position) is None:
        scan.position = window.end()
        return [Member(window[1], site=window[2])]
    if not platform and (updated is None or "更新" not in updated[1]):
        return None
    scan.position = (platform or updated or match).end()
    if scan.text[scan.position : scan.position + 1] in ("”", "」"):
        scan.position += 1
    return [
        Member(
            match[1],
            platform=platform[1] if platform else None,
            updated=updated[1] if updated else None,
            is_account=True,
        )
    ]


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
        match = re.fullmatch(r"(.*[省市州盟县区旗])(.+)", member.name)
        prefix = match[1] if match and finder.is_bare_organ(match[2]) else prefix
        yield member
