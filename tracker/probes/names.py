"""What a problem speaks of: the columns that it names, the new name it asks for, the papers it misses.

Must never take a clause for a name: where the wording names nothing for sure there is nothing to look for.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from tracker.domain.columns import ColumnRules

_COLUMN = r"(?:专栏|栏目|专题|专区|版块|板块)"
_ABSENT = re.compile(r"(?:没有|未|无|缺少)(?:设置|设立|开设|建立|开通)?([^。；;]{1,80})(?:专栏|栏目)")
_NO_PLATFORM = re.compile(
    r"(?:没有|未|无|缺少)(?:设置|设立|开设|建立|建设|搭建|开通)?([^。；;，,]{2,60}平台)"
)
_NAMED = re.compile(rf"^(?:\d+[.．、])?([^。；;，,]{{2,80}}?)(?:\d+个)?{_COLUMN}(?!建设)")
_UNMARKED = re.compile(
    r"^([^。；;，,]{2,30}?)(?:内容)?(?:有|已|已有|超过|近)?(?:长期|[一二两三四五六七八九十半\d多余]+\s*个?(?:多|余)?[天日周月年]|没有|未|不)"
)
_RENAMED = re.compile(
    rf"(?:将|把)[“\"]?([^。；;，,“”\"]{{2,30}}?)[”\"]?{_COLUMN}?(?:改名|更名|改)(?:成|为)"
    rf"[“\"]?([^。；;，,“”\"]{{2,30}}?)[”\"]?{_COLUMN}?(?:[。；;，,]|$)"
)
_UNPUBLISHED = re.compile(
    r"(?:没有|未|没)(?:及时|按时|按期|按要求)?(?:公布|公开|公示|发布|设置)([^。；;，,]{2,60})"
)
_QUOTED = re.compile(rf"[“\"《]([^”\"》]{{2,40}})[”\"》]{_COLUMN}")
_LABEL = re.compile(r"^[^：:。；;，,“”《》]{1,20}[：:]")  # 政务公开方面：
_CLAUSE_END = re.compile(r"[。；;，,]")
_FAULTY = re.compile(r"更新|(?:没有|无|缺少?).{0,6}(?:内容|信息|数据)|为空|空白|空的")
_PLACE = re.compile(r"^.{0,30}?(?:网站|门户网|官网)(?:首页)?(?:上|中|内)?的?")
_JOINED = re.compile(r"、|，|,|以及|和|及|与")
# “A、B等重点领域” is an open list; 高等教育, 平等就业 and 等级保护 are names.
_AND_SO_ON = re.compile(r"(?<![高平同中初优均])等(?!级)[^、，,]*$")
# A clause was taken for a name, or the words name no column in particular.
_NO_NAME = re.compile(
    r"没有|设置|存在|为空|更新的|不更新|未更新|要求|的$|^(?:相关|相应|专门|独立|有关|部分|个别|多个|首页)$"
    r"|^(?:有)?(?:个别|部分|多个|一些)|下面|\d个$"
)
_OWNER = re.compile(r"^(?:本单位|本部门|本级|[本我全][省市州县区局])")
_TAIL = re.compile(r"(?:(?<=\w{3})公开)?(?:专栏|栏目|更多|more){0,4}$")
_PAPER_NOISE = re.compile(r"(?:相关)?(?:信息|内容|情况)$")


@dataclass(frozen=True)
class Wanted:
    """The columns that a problem names, as written. `whole` is the list unsplit: one column may have that
    very name. An open list (…等) says that there are more. `former` is the name that has to go."""

    names: tuple[str, ...]
    whole: str
    open_list: bool = False
    former: str | None = None


def comparable(name: str) -> str:
    """What is compared of a name: its NFKC letters and digits without 本单位, 专栏 and their like."""
    kept = "".join(char for char in unicodedata.normalize("NFKC", name) if char.isalnum()).lower()
    return _TAIL.sub("", _OWNER.sub("", kept))


def accepted_names(name: str, columns: ColumnRules) -> frozenset[str]:
    """The comparable names of this column: its own, those of its synonyms, each also with 信息 added."""
    key = comparable(name)
    groups = [{comparable(word) for word in group} for group in columns.synonyms]
    names = {key}.union(*(group for group in groups if key in group))
    return frozenset(names | {f"{each}信息" for each in names})


def wanted_of(problem_class: str, problem: str) -> Wanted | None:
    """What to look for on the site for a problem of this class; None when the wording names nothing."""
    return _READERS[problem_class](_LABEL.sub("", problem))


def wanted_columns(problem: str) -> Wanted | None:
    """The columns that a problem says are missing."""
    return _listed(_ABSENT.findall(problem))


def existing_columns(problem: str) -> Wanted | None:
    """The columns that a problem says are empty or long not updated."""
    if quoted := _QUOTED.findall(problem):
        names = tuple(dict.fromkeys(quoted))
        return Wanted(names, "、".join(names), open_list="等" in problem)
    named = _NAMED.match(problem) or _UNMARKED.match(problem)
    found = _listed([_PLACE.sub("", named[1])]) if named else None
    # A second clause with a fault of its own: what the first names is not all.
    if found and sum(bool(_FAULTY.search(clause)) for clause in _CLAUSE_END.split(problem)) > 1:
        return replace(found, open_list=True)
    return found


def renamed_column(problem: str) -> Wanted | None:
    """The name that a problem asks for, and the one that has to go."""
    pairs = _RENAMED.findall(problem)
    if len(pairs) != 1 or any(_NO_NAME.search(comparable(name)) for name in pairs[0]):
        return None
    former, name = pairs[0]
    return None if comparable(former) == comparable(name) else Wanted((name,), name, former=former)


def missing_papers(problem: str) -> Wanted | None:
    """The papers that a problem says are not published, each without 相关信息."""
    found = _listed(_UNPUBLISHED.findall(problem))
    if found is None:
        return None
    names = tuple(_PAPER_NOISE.sub("", name) for name in found.names)
    # 信息 alone, or a single sign, would be found everywhere.
    return Wanted(names, found.whole, found.open_list) if all(len(name) >= 2 for name in names) else None


def _missing_platform(problem: str) -> Wanted | None:
    clauses = _NO_PLATFORM.findall(problem)
    # One platform may serve several: 区直部门和乡镇政务公开平台 is looked for as a whole.
    if len(clauses) != 1 or _NO_NAME.search(comparable(clauses[0])) or len(comparable(clauses[0])) < 4:
        return None
    return Wanted((clauses[0],), clauses[0])


def _listed(clauses: list[str]) -> Wanted | None:
    """One clause, split at its joints."""
    if len(clauses) != 1:
        return None
    clause = clauses[0].strip()
    more = _AND_SO_ON.search(clause)
    if more:
        clause = clause[: more.start()]
    names = tuple(name.strip() for name in _JOINED.split(clause))
    if any(len(comparable(name)) < 2 for name in names):
        names = (clause,)  # 和, 及 or 与 inside a name
    if any(len(comparable(name)) < 2 or _NO_NAME.search(comparable(name)) for name in names):
        return None
    return Wanted(names, clause, more is not None)


_READERS = {
    "missing_column": wanted_columns,
    "empty_column": existing_columns,
    "stale_column": existing_columns,
    "wrong_column": renamed_column,
    "content_not_published": missing_papers,
    "platform_missing": _missing_platform,
}
