"""What of a sentence belongs to each group: the head before it, the tail behind it, and the fault they state.

Must never give the same words to two groups, except where 其中 repeats some of those before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.intake.prose.clauses import EDGES, WEAK_HEAD, last_fault, said_behind, shielded, without_frame
from tracker.intake.prose.judgement import Tone, tone
from tracker.intake.prose.members import Group, Member

_STRONG = re.compile(
    r"(?:的|位|门|站|号|目|题|情况)\s*(?:主要|分别|依次|具体)?(?:有|为|是|包括|如下|主要有)\s*[:：]?\s*$|[:：]\s*[“\"]?$"
)
_NO_STATEMENT = re.compile(
    r"(?:涉及|责任|相关|有关|问题|整改|具体|上述|主要)*(?:单位|部门|账号|网站|名单)(?:如下)?(?:有|为|是)?|涉及"
)
_CLAUSE = re.compile(r"[，,；;。]")
OWN_NUMBER = re.compile(r"\d+(?=\s*(?:个|件|条|项|次|份|家|起|例|宗|篇))")
SHARES = re.compile(
    r"分别(?:仅|只)?(?:为|是|有|达|占|达到)?\s*(?P<values>(?:\d+(?:\.\d+)?\s*(?:[%％]|[\u4e00-\u9fff]{1,2}?)(?:\s*[、，,和及]\s*)?){2,})"
)
"""…分别为a%和b%."""
_MEASURES = tuple("个件条项次份家起例宗篇")


@dataclass(frozen=True)
class Part:
    """A group with what stands before and behind it that is its own."""

    group: Group
    head: str
    kind: str  # "strong", "weak" or "" (no head)
    tail: str


def parts_of(tokens: Sequence[str | Group]) -> Iterator[Part]:
    """Each group with its own head and tail: a text between two groups is shared out."""
    heads: dict[int, tuple[str, str]] = {}
    tails: dict[int, str] = {}
    places = [index for index, token in enumerate(tokens) if isinstance(token, Group)]
    for place in places:
        before = tokens[place - 1] if place and isinstance(tokens[place - 1], str) else ""
        head, kind, rest = _head(str(before), group=tokens[place], is_first=place == places[0])
        heads[place] = (head, kind)
        if place >= 2 and isinstance(tokens[place - 2], Group):
            # A局整改不力，其中…: said of this one too, unless it has a head of its own.
            is_shared = kind == "weak" and not rest and not heads[place - 2][1]
            tails[place - 2] = head if is_shared else rest
    final = tokens[-1]
    if isinstance(final, str) and places:
        tails[places[-1]] = final
    for place in places:
        token = tokens[place]
        assert isinstance(token, Group)
        yield Part(token, *heads[place], tails.get(place, ""))


def _head(before: str, *, group: str | Group, is_first: bool) -> tuple[str, str, str]:
    """Head, its kind, and what of the text is left to the group before."""
    if match := WEAK_HEAD.search(before):
        body = before[: match.start()]
        cut = max((mark.end() for mark in re.finditer(r"[；;]", shielded(body))), default=0)
        return body[cut:], "weak", body[:cut]
    if _STRONG.search(before) or (isinstance(group, Group) and group.announced):
        body = _STRONG.sub(lambda match: match[0][:1] if match[0][:1] not in ":：" else "", before)
        body = body.rstrip("，, ")
        cut = max((match.end() for match in _CLAUSE.finditer(shielded(body))), default=0)
        if tone(body[cut:]) is Tone.NEUTRAL and is_first and tone(body) is Tone.FAULT:
            cut = 0
        return body[cut:], "strong", body[:cut]
    return "", "", before


def predicate_of(parts: Sequence[Part], index: int, statement: str) -> tuple[str, bool]:
    """The fault said of a group and whether it stands before it; "" if none is."""
    part = parts[index]
    tail = said_behind(part.tail)
    if tail and not SHARES.match(tail):
        return tail, False
    if part.kind == "strong":
        return _said_before(part, statement), True
    if part.kind == "weak":
        is_bare = not part.tail.strip(EDGES) or any(member.count for member in part.group.members)
        fault = last_fault(part.head) or ("" if part.head.strip(EDGES) else statement)
        return (without_frame(fault) if is_bare else ""), True
    if not part.tail.strip(EDGES) and index + 1 < len(parts):
        return said_behind(parts[index + 1].tail), False
    return "", False


def _said_before(part: Part, statement: str) -> str:
    """The fault in a head (X的有：); 涉及单位： points back to the sentence before."""
    if tone(part.head) is Tone.FAULT:
        return without_frame(part.head)
    points_back = tone(part.head) is Tone.NEUTRAL and _NO_STATEMENT.fullmatch(part.head.strip(EDGES))
    return statement if points_back else ""


def total_before(parts: Sequence[Part], index: int) -> str | None:
    """…错误4个，A1个、B3个: what is said with the total is said of its parts, and of nobody else."""
    counts = [member.count for member in parts[index].group.members]
    if index == 0 or None in counts:
        return None
    part = parts[index - 1]
    words = part.tail.strip(EDGES)
    stated = OWN_NUMBER.findall(words)
    if not stated or not words.endswith(_MEASURES) or tone(words) is not Tone.FAULT:
        return None
    total = sum(count.value for count in counts if count)
    return words if int(stated[-1]) == total else None


def cut_off(part: Part) -> tuple[Member, ...]:
    """Of a list at which the text breaks off: all, if their fault was to follow, else the last name."""
    members = part.group.members
    is_open = part.group.unclosed or (members[-1].is_account and part.kind == "")
    if not is_open or part.tail.strip(EDGES + '“"「'):
        return ()
    return members if part.kind == "" else members[-1:]
