"""What the columns of a table are, told from its heading row.

Must never take a data row for a heading: only short cells that say nothing but a column's usual name count.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from tracker.intake.prose.judgement import Tone, tone

_NUMBER = re.compile(r"序号|编号|排名|名次")
_REGION = re.compile(r"区划|行政区划|地区|县区|区县|县市区|县\(?市、区\)?|所属区域|所在区域")
_UNIT = re.compile(
    r"(?:责任|整改|被通报|存在问题|问题|主体责任|被考核|被检查|所属|涉及|有关|具体)?(?:单位|部门|处室)(?:名称|全称)?"
    r"|(?:单位|部门)[(（].*[)）]|责任主体|责任单位[/、及和]?部门"
)
_SITE = re.compile(r"(?:问题|不合格|被检查|检查)?(?:网站|账号|帐号|新媒体|公众号)(?:名称|全称)?|名称")
_ACCOUNT = re.compile(r"账号|帐号|新媒体|公众号")
_FAULT_KIND = re.compile(r"(?:存在)?问题(?:类别|类型|分类)")
_OTHER = re.compile(
    r".{0,6}(?:类型|类别|名称|平台)|.{0,8}(?:日期|时间|时限|期限|期间)|备注|.{0,6}(?:措施|情况|结果|要求|建议|责任人|联系人|状态|链接|网址|地址|栏目|指标|"
    r"分值|得分|扣分|权重|依据)|.{0,6}[数率]"
)
_TITLE_LENGTH, _LONGEST_TITLE, _LONGEST_CELL = 14, 40, 100
_END_MARKS = ("。", "；", ";")
_FEWEST_OF_A_SHEET = 4
_DOMAIN = re.compile(r"(?:所属|工作|问题|考核|检查|业务)?(?:领域|类别|类型|板块|条线|专项)(?:名称)?")
_PROBLEM = re.compile(
    r"(?P<domain>[^。；;]{0,16}?)(?:工作|方面|系统应用)?(?:主要|具体|突出)?(?:存在)?的?(?:主要|具体|突出)?"
    r"(?:问题|不足)(?:描述|内容|表现|清单|详情|事项|说明)?|(?:失分|扣分)(?:原因|事项)"
)
_QUOTES = re.compile(r"[“”\"'‘’「」\s]")
_ROLES = {
    "number": _NUMBER,
    "region": _REGION,
    "unit": _UNIT,
    "domain": _DOMAIN,
    "problem": _PROBLEM,
    "site": _SITE,
    "fault_kind": _FAULT_KIND,
    "other": _OTHER,
}


@dataclass(frozen=True)
class Problem:
    """A column of problems: its place, its title, and the domain the title names (None: just 问题)."""

    index: int
    title: str
    domain: str | None


@dataclass(frozen=True)
class Columns:
    """The places of a table's columns; `problems` is empty for a table of scores, ranks or metrics.

    `account` names, beside the unit, the account that a row's problems are about.
    """

    width: int
    titles: tuple[str, ...]
    problems: tuple[Problem, ...]
    number: int | None
    unit: int | None
    region: int | None
    domain: int | None
    account: int | None = None

    @property
    def unit_is_region(self) -> bool:
        """The rows are districts: nothing but a 区划 column names the unit."""
        return self.unit is not None and self.unit == self.region


def heading(text: str) -> str:
    """A title as it is compared: without quotes and blanks."""
    return _QUOTES.sub("", text)


def columns_of(cells: Sequence[str]) -> Columns | None:
    """The columns if this row is a heading, else None.

    A heading names a problem, unit, domain or number column and at least one more filled cell; a problem
    column alone is not enough, because a problem's own text may well be called 问题. A sheet about one unit
    names none of them: then four or more titles, every one usual, make the heading.
    """
    if any(cell.endswith(_END_MARKS) or len(cell) > _LONGEST_CELL for cell in cells):
        return None  # told in sentences: no row of titles
    titles = [heading(cell) for cell in cells]
    roles = [_roles(title) for title in titles]
    filled = [index for index, title in enumerate(titles) if title]
    if len(filled) < 2:
        return None
    number, region = _first("number", roles), _first("region", roles)
    unit, domain = _first("unit", roles), _first("domain", roles)
    unit = region if unit is None else unit
    unit = _first("site", roles) if unit is None else unit
    named = {number, region, unit, domain}
    is_sheet = len(filled) >= _FEWEST_OF_A_SHEET and all(
        roles[index] and len(titles[index]) <= _TITLE_LENGTH for index in filled
    )
    if named == {None} and not is_sheet:
        return None
    problems = tuple(
        Problem(index, titles[index], (match["domain"] or None))
        for index in filled
        if index not in named and "problem" in roles[index] and (match := _PROBLEM.fullmatch(titles[index]))
    )
    kind = _first("fault_kind", roles)
    if not problems and kind is not None:
        problems, domain = (Problem(kind, titles[kind], None),), None  # its kind is all the table says of it
    site = _first("site", roles)
    account = site if site not in {None, unit} and _ACCOUNT.search(titles[site or 0]) else None
    return Columns(filled[-1] + 1, tuple(titles), problems, number, unit, region, domain, account)


def with_told_problems(columns: Columns, rows: Iterable[Sequence[str]]) -> Columns:
    """The columns of a table whose titles name no problem: those whose cells mostly state faults."""
    known = {columns.number, columns.unit, columns.region, columns.domain, columns.account}
    asked = [index for index in range(columns.width) if index not in known]
    filled, faults = Counter[int](), Counter[int]()
    for row in rows:
        for index in asked:
            if index < len(row) and (cell := row[index].strip()):
                filled[index] += 1
                faults[index] += tone(cell) is Tone.FAULT
    told = (index for index in asked if faults[index] and faults[index] * 2 >= filled[index])
    return replace(columns, problems=tuple(Problem(index, columns.titles[index], None) for index in told))


def is_number_title(text: str) -> bool:
    """Whether a cell is the title of the running number."""
    return "number" in _roles(heading(text))


def is_title(text: str) -> bool:
    """Whether a cell says nothing but a usual column's name."""
    title = heading(text)
    return 0 < len(title) <= _TITLE_LENGTH and bool(_roles(title))


def _first(role: str, roles: Sequence[frozenset[str]]) -> int | None:
    return next((index for index, each in enumerate(roles) if role in each), None)


def _roles(title: str) -> frozenset[str]:
    """Which columns usually have this title; a problem's text is never asked twice."""
    return _roles_of(title) if len(title) <= _LONGEST_TITLE else frozenset()


@lru_cache(maxsize=8192)
def _roles_of(title: str) -> frozenset[str]:
    return frozenset(role for role, pattern in _ROLES.items() if pattern.fullmatch(title))
