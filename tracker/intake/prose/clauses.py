"""The clauses of a sentence: which state a fault, and how a fault is cut out of what surrounds it.

Must never part text inside quotes, nor change a word of what is kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from tracker.intake.prose.judgement import Tone, tone

EDGES = " \u3000\t，,；;、：:。（("
_CLAUSE = re.compile(r"[，,；;。]")
_QUOTED = re.compile(r"“[^”]*”|‘[^’]*’|「[^」]*」|《[^》]*》")
WEAK_HEAD = re.compile(
    r"[，,；;：:（(]?\s*(?:其中|例如|比如|譬如|诸如|如|包括|特别是|尤其是|涉及|主要有|分别是|分别为)\s*[，,：:]?\s*[“\"]?$"
)
"""…，其中A、B; …，如A: what leads to examples."""
_TRAILING = re.compile(r"(?:[，,；;]\s*)?(?:但|而|且|同时|另外|此外|其中|还有|以及|和|及)?\s*$")
_FOUND = re.compile(
    r"^(?:全|我)[省市州县区](?:共|还|仍)*(?:有|出现|存在)?(?=\d)"
    r"|^(?:经查|检查)?(?:发现)?(?:有|还有)?\d+[个家](?=单位|部门|账号|网站|地方|县|乡|镇)"
    r"|^(?:经查|检查)?发现"
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


def fault_clauses(text: str) -> list[str]:
    """A statement cut at semicolons or commas if each part can stand alone as a fault; else the whole."""
    for mark in ("[；;]", "[，,]"):
        parts = [part for raw in re.split(mark, text) if (part := raw.strip(EDGES))]
        stands = all(tone(part) is Tone.FAULT for part in parts)
        if len(parts) > 1 and stands and (mark == "[；;]" or _have_own_subjects(parts)):
            return parts
    return [text.strip(EDGES)]


def _have_own_subjects(clauses: Sequence[str]) -> bool:
    """Whether each clause names another thing at fault, before the fault, so that it can stand alone."""
    things = [_THING.search(clause) for clause in clauses]
    names = {thing[0] for thing in things if thing}
    return len(names) == len(clauses) and not any(
        thing is None or _LEANING.match(clause) or tone(clause[: thing.start()]) is Tone.FAULT
        for clause, thing in zip(clauses, things, strict=True)
    )


def shielded(text: str) -> str:
    """The text with what stands in quotes made unreadable, so that no mark inside parts it."""
    return _QUOTED.sub(lambda match: "□" * len(match[0]), text)


def clauses_of(text: str) -> list[str]:
    """The text at its commas, semicolons and full stops outside quotes."""
    marks = [0, *(match.end() for match in _CLAUSE.finditer(shielded(text))), len(text)]
    return [text[start:end].rstrip("，,；;。") for start, end in pairwise(marks)]


def last_fault(text: str) -> str:
    """The last clause that states a fault; "" if none does."""
    for clause in reversed(clauses_of(text)):
        if tone(clause) is Tone.FAULT:
            return WEAK_HEAD.sub("", clause).strip(EDGES)
    return ""


def said_behind(text: str) -> str:
    """What is said behind a group if it is a fault, without demands and remarks on others that follow."""
    text = _OF_OTHERS.sub("", text)
    clauses = re.split(r"(?<=[，,；;])", _TRAILING.sub("", text))
    while len(clauses) > 1 and tone(clauses[-1]) in {Tone.DEMAND, Tone.PRAISE, Tone.CLEAR}:
        clauses.pop()
    words = "".join(clauses).strip(EDGES)
    if not words or tone(words) is not Tone.FAULT:
        return ""
    return "" if _is_anothers(words) else words


def _is_anothers(words: str) -> bool:
    """Whether the fault is somebody else's: of those whom the one named checked, or of units in general."""
    first, *others = clauses_of(words)
    if tone(first) is Tone.FAULT:
        return _SOME_UNITS.search(first) is not None
    return any(_FINDING.match(clause) or _SOME_UNITS.search(clause) for clause in others)


def without_frame(head: str) -> str:
    """The fault in a head without who has it and how many (有3家单位没有…的 → 没有…)."""
    words = head.strip(EDGES)
    for frame in (_FOUND, _SOMEBODY, _COUNTED):
        words = frame.sub("", words)
    return words.strip(EDGES)
