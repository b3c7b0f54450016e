"""What one sentence says of those it names: who has which problem, in the sentence's own words.

Must never make a problem of praise, figures, demands or the absence of faults, nor count one twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracker.intake.model import Quantity
from tracker.intake.prose.groups import tokens_of
from tracker.intake.prose.judgement import Tone, tone
from tracker.intake.prose.members import Group, Member
from tracker.intake.prose.names import NameFinder
from tracker.intake.quantities import quantity_of

_CLAUSE = re.compile(r"[，,；;。]")
_QUOTED = re.compile(r"“[^”]*”|‘[^’]*’|「[^」]*」|《[^》]*》")
_STRONG = re.compile(
    r"(?:的|位|门|站|号|目|题|情况)\s*(?:主要|分别|依次|具体)?(?:有|为|是|包括|如下|主要有)\s*[:：]?\s*$|[:：]\s*[“\"]?$"
)
_WEAK = re.compile(
    r"[，,；;：:（(]?\s*(?:其中|例如|比如|譬如|诸如|如|包括|特别是|尤其是|涉及|主要有|分别是|分别为)\s*[，,：:]?\s*[“\"]?$"
)
_NO_STATEMENT = re.compile(
    r"(?:涉及|责任|相关|有关|问题|整改|具体|上述|主要)*(?:单位|部门|账号|网站|名单)?(?:如下)?(?:有|为|是)?"
)
_EDGES = " \u3000\t，,；;、：:。（("
_TRAILING = re.compile(r"(?:[，,；;]\s*)?(?:但|而|且|同时|另外|此外|其中|还有|以及|和|及)?\s*$")
_SHARES = re.compile(
    r"分别(?:仅|只)?(?:为|是|有|达|占|达到)?\s*(?P<values>(?:\d+(?:\.\d+)?\s*(?:[%％]|[\u4e00-\u9fff]{1,2}?)(?:\s*[、，,和及]\s*)?){2,})"
)
_VALUE = re.compile(r"\d+(?:\.\d+)?\s*(?:[%％]|[\u4e00-\u9fff]{1,2})?")
_OWN_NUMBER = re.compile(r"\d+(?=\s*(?:个|件|条|项|次|份|家|起|例|宗|篇))")
_FOUND = re.compile(
    r"^(?:经查|检查)?(?:发现)?(?:有|还有)?\d+[个家](?=单位|部门|账号|网站|地方|县|乡|镇)|^(?:经查|检查)?发现"
)
_SOMEBODY = re.compile(r"^(?:有|还有)?(?:的|些|个别|部分|少数)?(?:单位|部门|地方)(?=没|未|不|存|更|超|逾|长)")
_COUNTED = re.compile(
    r"的?(?:单位|部门|账号|网站|地方)?(?:共|有|为)*\s*\d+\s*(?:个|家)$|的?(?:单位|部门|账号|网站)$|的$"
)
_SOME_UNITS = re.compile(r"(?:二级|各|部分|个别|其他|有的|有些|下属|一些)(?:责任)?(?:单位|部门)")
_LEANING = re.compile(r"[对因在把且并而也还]|导致|致使|影响")  # a clause that leans on the one before it
_OF_OTHERS = re.compile(r"[；;]\s*(?:个别|一些|部分|有的|有些|少数|多数|其他|各).*$")
_FINDING = re.compile(r"(?:检查|抽查)?(?:结果)?(?:发现|显示|表明)|截至|重点")
_THING = re.compile(
    r"栏目|页面|稿|文件|信息|网站|专栏|链接|办件|事项|指南|账号|信箱|留言|内容|首页|部门设置|标识|数据|邮箱|电话"
)


@dataclass(frozen=True)
class Problem:
    """One problem of one that the sentence names."""

    member: Member
    text: str
    quantity: Quantity | None
    group: int
    is_counted: bool = False


@dataclass(frozen=True)
class Said:
    """What a sentence came to. `statement` is its last fault, for examples that the next sentence gives.

    `unsaid`: names of which nothing is said that could be told;
    `missing`: how many more units the sentence counts than it names; `cut`: names whose list was cut off.
    """

    problems: tuple[Problem, ...]
    groups: tuple[Group, ...]
    statement: str
    missing: int = 0
    cut: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Part:
    """A group with what stands before and behind it that is its own."""

    group: Group
    head: str
    kind: str  # "strong", "weak" or "" (no head)
    tail: str


def read_sentence(
    text: str, finder: NameFinder, *, about_accounts: bool, statement: str, is_cut: bool
) -> Said:
    """Who has which problem. `statement` is the fault that the sentence before ended with."""
    tokens = tokens_of(text, finder, about_accounts=about_accounts)
    groups = tuple(token for token in tokens if isinstance(token, Group))
    last = _last_fault(text) or statement
    if not groups:
        return Said((), (), last)
    if any(group.bracketed for group in groups):
        bracketed = tuple(_bracketed(tokens))
        if bracketed:
            return Said(bracketed, groups, last, _missing(groups))
    parts = list(_parts(tokens))
    problems: list[Problem] = []
    cut: list[str] = []
    unsaid: list[str] = []
    for index, part in enumerate(parts):
        members = part.group.members
        if is_cut and index + 1 == len(parts):
            dropped = _cut_off(part)
            cut += [member.name for member in dropped]
            members = members[: len(members) - len(dropped)]
        predicate, counted_in_head = _predicate(parts, index, statement)
        if counted_in_head and _SHARES.match(part.tail.lstrip(_EDGES)):
            predicate += "，" + part.tail.strip(_EDGES)
        if predicate:
            problems += _problems(members, predicate, counted_in_head, index)
        elif (total := _total_before(parts, index)) is not None:
            problems = [problem for problem in problems if problem.group != index - 1]
            problems += _problems(members, total, True, index)
        elif tone(part.tail) is tone(part.head) is Tone.NEUTRAL:
            unsaid += [member.name for member in members]
    return Said(tuple(problems), groups, last, _missing(groups), tuple(cut), tuple(unsaid))


def _total_before(parts: Sequence[_Part], index: int) -> str | None:
    """…错误4个，A1个、B3个: what is said with the total is said of its parts, and of nobody else."""
    counts = [member.count for member in parts[index].group.members]
    if index == 0 or None in counts:
        return None
    part = parts[index - 1]
    words = part.tail.strip(_EDGES)
    stated = _OWN_NUMBER.findall(words)
    if not stated or not words.endswith(tuple("个件条项次份家起例宗篇")) or tone(words) is not Tone.FAULT:
        return None
    total = sum(count.value for count in counts if count)
    return words if int(stated[-1]) == total else None


def _cut_off(part: _Part) -> tuple[Member, ...]:
    """Of a list at which the text breaks off: all, if their fault was to follow, else the last name."""
    members = part.group.members
    is_open = part.group.unclosed or (members[-1].is_account and part.kind == "")
    if not is_open or part.tail.strip(_EDGES + '“"「'):
        return ()
    return members if part.kind == "" else members[-1:]


def fault_clauses(text: str) -> list[str]:
    """A statement cut at semicolons or commas if each part can stand alone as a fault; else the whole."""
    for mark in ("[；;]", "[，,]"):
        parts = [part for raw in re.split(mark, text) if (part := raw.strip(_EDGES))]
        stands = all(tone(part) is Tone.FAULT for part in parts)
        if len(parts) > 1 and stands and (mark == "[；;]" or _have_own_subjects(parts)):
            return parts
    return [text.strip(_EDGES)]


def _have_own_subjects(clauses: Sequence[str]) -> bool:
    """Whether each clause names another thing at fault, before the fault, so that it can stand alone."""
    things = [_THING.search(clause) for clause in clauses]
    names = {thing[0] for thing in things if thing}
    return len(names) == len(clauses) and not any(
        thing is None or _LEANING.match(clause) or tone(clause[: thing.start()]) is Tone.FAULT
        for clause, thing in zip(clauses, things, strict=True)
    )


def _shielded(text: str) -> str:
    """The text with what stands in quotes made unreadable, so that no mark inside parts it."""
    return _QUOTED.sub(lambda match: "□" * len(match[0]), text)


def _clauses(text: str) -> list[str]:
    marks = [0, *(match.end() for match in _CLAUSE.finditer(_shielded(text))), len(text)]
    return [text[start:end].rstrip("，,；;。") for start, end in pairwise(marks)]


def _last_fault(text: str) -> str:
    for clause in reversed(_clauses(text)):
        if tone(clause) is Tone.FAULT:
            return _WEAK.sub("", clause).strip(_EDGES)
    return ""


def _missing(groups: Sequence[Group]) -> int:
    return sum(max(0, group.stated - len(group.members)) for group in groups if group.stated)


def _parts(tokens: Sequence[str | Group]) -> Iterator[_Part]:
    """Each group with its own head and tail: a text between two groups is shared out."""
    heads: dict[int, tuple[str, str]] = {}
    tails: dict[int, str] = {}
    places = [index for index, token in enumerate(tokens) if isinstance(token, Group)]
    for place in places:
        before = tokens[place - 1] if place and isinstance(tokens[place - 1], str) else ""
        head, kind, rest = _head(str(before), group=tokens[place], is_first=place == places[0])
        heads[place] = (head, kind)
        if place >= 2 and isinstance(tokens[place - 2], Group):
            tails[place - 2] = rest
    final = tokens[-1]
    if isinstance(final, str) and places:
        tails[places[-1]] = final
    for place in places:
        token = tokens[place]
        assert isinstance(token, Group)
        yield _Part(token, *heads[place], tails.get(place, ""))


def _head(before: str, *, group: str | Group, is_first: bool) -> tuple[str, str, str]:
    """Head, its kind, and what of the text is left to the group before."""
    if match := _WEAK.search(before):
        body = before[: match.start()]
        cut = max((mark.end() for mark in re.finditer(r"[；;]", _shielded(body))), default=0)
        return body[cut:], "weak", body[:cut]
    if _STRONG.search(before) or (isinstance(group, Group) and group.announced):
        body = _STRONG.sub(lambda match: match[0][:1] if match[0][:1] not in ":：" else "", before)
        body = body.rstrip("，, ")
        cut = max((match.end() for match in _CLAUSE.finditer(_shielded(body))), default=0)
        if tone(body[cut:]) is Tone.NEUTRAL and is_first and tone(body) is Tone.FAULT:
            cut = 0
        return body[cut:], "strong", body[:cut]
    return "", "", before


def _predicate(parts: Sequence[_Part], index: int, statement: str) -> tuple[str, bool]:
    """The fault said of a group and whether it stands before it; "" if none is."""
    part = parts[index]
    tail = _tail(part.tail)
    if tail and not _SHARES.match(tail):
        return tail, False
    if part.kind == "strong":
        return _said_before(part, statement), True
    if part.kind == "weak":
        is_bare = not part.tail.strip(_EDGES) or any(member.count for member in part.group.members)
        fault = _last_fault(part.head) or ("" if part.head.strip(_EDGES) else statement)
        return (_clean_head(fault) if is_bare else ""), True
    if not part.tail.strip(_EDGES) and index + 1 < len(parts):
        return _tail(parts[index + 1].tail), False
    return "", False


def _said_before(part: _Part, statement: str) -> str:
    """The fault in a head (X的有：); 涉及单位： points back to the sentence before."""
    if tone(part.head) is Tone.FAULT:
        return _clean_head(part.head)
    points_back = tone(part.head) is Tone.NEUTRAL and _NO_STATEMENT.fullmatch(part.head.strip(_EDGES))
    return statement if points_back else ""


def _tail(text: str) -> str:
    """What is said behind a group if it is a fault, without demands and remarks on others that follow."""
    text = _OF_OTHERS.sub("", text)
    clauses = re.split(r"(?<=[，,；;])", _TRAILING.sub("", text))
    while len(clauses) > 1 and tone(clauses[-1]) in {Tone.DEMAND, Tone.PRAISE, Tone.CLEAR}:
        clauses.pop()
    words = "".join(clauses).strip(_EDGES)
    if not words or tone(words) is not Tone.FAULT:
        return ""
    return "" if _is_anothers(words) else words


def _is_anothers(words: str) -> bool:
    """Whether the fault is somebody else's: of those whom the one named checked, or of units in general."""
    first, *others = _clauses(words)
    if tone(first) is Tone.FAULT:
        return _SOME_UNITS.search(first) is not None
    return any(_FINDING.match(clause) or _SOME_UNITS.search(clause) for clause in others)


def _clean_head(head: str) -> str:
    words = head.strip(_EDGES)
    for frame in (_FOUND, _SOMEBODY, _COUNTED):
        words = frame.sub("", words)
    return words.strip(_EDGES)


def _problems(members: Sequence[Member], predicate: str, in_head: bool, group: int) -> Iterator[Problem]:
    shares = _shares(predicate, len(members))
    for position, member in enumerate(members):
        texts = [shares[position]] if shares else fault_clauses(predicate)
        for text in texts:
            words = _with_count(text, member, in_head=in_head)
            quantity = member.count or quantity_of(words)
            yield Problem(member, words, quantity, group, is_counted=member.count is not None)


def _with_count(text: str, member: Member, *, in_head: bool) -> str:
    text = text if in_head else member.site + text
    if member.count is None:
        return text
    value = str(member.count.value)
    own = f"{value}{member.count.measure}"
    if not in_head:
        return own + text
    if _OWN_NUMBER.search(text):
        return _OWN_NUMBER.sub(value, text, count=1)
    return text + own


def _shares(predicate: str, wanted: int) -> list[str]:
    """…分别为a%和b%: each member's own value in place of all."""
    match = _SHARES.search(predicate)
    values = [value.strip() for value in _VALUE.findall(match["values"])] if match else []
    if match is None or len(values) != wanted:
        return []
    before, behind = predicate[: match.start()], predicate[match.end() :]
    verb = "为" if "为" in match[0][:6] else ""
    return [before + verb + value + behind for value in values]


def _bracketed(tokens: Sequence[str | Group]) -> Iterator[Problem]:
    """X栏目(财政局)、Y栏目(民政局)，都没有更新: the object before each bracket, the fault behind the last."""
    waiting: list[tuple[Group, str, int]] = []
    thing = ""
    for index, token in enumerate(tokens):
        if isinstance(token, Group):
            if token.bracketed:
                waiting.append((token, thing, index))
            continue
        text = token.lstrip(")）")
        cut = 0
        if text.endswith(("(", "（")):
            cut = max((mark.end() for mark in re.finditer("[、，,；;]", _shielded(text))), default=0)
        shared, thing = (
            _tail(text[:cut] if cut else "" if text.endswith(("(", "（")) else text),
            text[cut:].strip(_EDGES),
        )
        if not shared and tone(thing) is not Tone.FAULT and index + 1 < len(tokens):
            continue
        for group, own, place in waiting if shared else ():
            yield from _problems(group.members, "，".join(filter(None, (own, shared))), True, place)
        waiting = [] if shared else waiting
    for group, own, place in waiting:
        if tone(own) is Tone.FAULT:
            yield from _problems(group.members, own, True, place)
