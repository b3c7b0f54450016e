"""What one sentence says of those it names: who has which problem, in the sentence's own words.

Must never make a problem of praise, figures, demands or the absence of faults, nor count one twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.intake.model import Quantity
from tracker.intake.prose.clauses import EDGES, fault_clauses, last_fault, said_behind, shielded
from tracker.intake.prose.groups import tokens_of
from tracker.intake.prose.judgement import Tone, tone
from tracker.intake.prose.members import Group, Member
from tracker.intake.prose.names import NameFinder
from tracker.intake.prose.parts import OWN_NUMBER, SHARES, cut_off, parts_of, predicate_of, total_before
from tracker.intake.quantities import quantity_of

_VALUE = re.compile(r"\d+(?:\.\d+)?\s*(?:[%％]|[\u4e00-\u9fff]{1,2})?")


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


def read_sentence(
    text: str, finder: NameFinder, *, about_accounts: bool, statement: str, is_cut: bool
) -> Said:
    """Who has which problem. `statement` is the fault that the sentence before ended with."""
    tokens = tokens_of(text, finder, about_accounts=about_accounts)
    groups = tuple(token for token in tokens if isinstance(token, Group))
    last = last_fault(text) or statement
    if not groups:
        return Said((), (), last)
    if any(group.bracketed for group in groups):
        bracketed = tuple(_bracketed(tokens))
        if bracketed:
            return Said(bracketed, groups, last, _missing(groups))
    parts = list(parts_of(tokens))
    problems: list[Problem] = []
    cut: list[str] = []
    unsaid: list[str] = []
    for index, part in enumerate(parts):
        members = part.group.members
        if is_cut and index + 1 == len(parts):
            dropped = cut_off(part)
            cut += [member.name for member in dropped]
            members = members[: len(members) - len(dropped)]
        predicate, counted_in_head = predicate_of(parts, index, statement)
        if counted_in_head and SHARES.match(part.tail.lstrip(EDGES)):
            predicate += "，" + part.tail.strip(EDGES)
        if predicate:
            problems += _problems(members, predicate, counted_in_head, index)
        elif (total := total_before(parts, index)) is not None:
            problems = [problem for problem in problems if problem.group != index - 1]
            problems += _problems(members, total, True, index)
        elif tone(part.tail) is tone(part.head) is Tone.NEUTRAL:
            unsaid += [member.name for member in members]
    return Said(tuple(problems), groups, last, _missing(groups), tuple(cut), tuple(unsaid))


def _missing(groups: Sequence[Group]) -> int:
    return sum(max(0, group.stated - len(group.members)) for group in groups if group.stated)


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
    if OWN_NUMBER.search(text):
        return OWN_NUMBER.sub(value, text, count=1)
    return text + own


def _shares(predicate: str, wanted: int) -> list[str]:
    """…分别为a%和b%: each member's own value in place of all."""
    match = SHARES.search(predicate)
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
            cut = max((mark.end() for mark in re.finditer("[、，,；;]", shielded(text))), default=0)
        is_followed = text.endswith(("(", "（"))
        shared, thing = said_behind(text[:cut] if is_followed else text), text[cut:].strip(EDGES)
        if not shared and tone(thing) is not Tone.FAULT and index + 1 < len(tokens):
            continue
        for group, own, place in waiting if shared else ():
            yield from _problems(group.members, "，".join(filter(None, (own, shared))), True, place)
        waiting = [] if shared else waiting
    for group, own, place in waiting:
        if tone(own) is Tone.FAULT:
            yield from _problems(group.members, own, True, place)
