"""The problem lists (问题清单) of a bulletin: which item stands in which cell, and what is remarked on it.

Must never change what a problem says: only its count is brought up to date, and what Word cannot hold goes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from tracker.domain.classes import first_fit, tried_for
from tracker.domain.items import DEPARTMENTS, DISTRICTS
from tracker.intake.model import Quantity
from tracker.intake.quantities import quantity_of, with_quantity
from tracker.intake.writing import cells_of, storable, title_of_domain
from tracker.rendering.bulletin import Annex, Cell, DomainFindings, ProblemTable
from tracker.rules import Rules
from tracker.store.still_open import OpenItem

GROUPS = {DEPARTMENTS: "市直部门", DISTRICTS: "各区"}
_MOST_COLUMNS = 4  # of problems side by side on a page
_OTHER = "其他方面"


@dataclass(frozen=True)
class Listed:
    """An item as a list states it. `text` counts what is left today; `carried`: of an earlier quarter.

    `account` is named where only that tells the problem's class; `is_told`: class and quantity can be read.
    """

    number: int
    unit: str
    group: str
    domain: str | None
    problem_class: str
    text: str
    account: str | None
    is_told: bool
    carried: bool
    recurs: bool
    deferred_until: date | None

    @property
    def marks(self) -> Iterator[str]:
        """What is remarked on it."""
        if self.carried:
            yield "以前季度交办"
        if self.recurs:
            yield "整改后反弹"
        if (until := self.deferred_until) is not None:
            yield f"暂缓整改至{until.year}年{until.month}月{until.day}日"


def listed(rules: Rules, found: Sequence[OpenItem], since: date) -> list[Listed]:
    """The items of a list whose quarter began on `since`, in the order given."""
    return [_listed(rules, each, since) for each in found]


def _listed(rules: Rules, each: OpenItem, since: date) -> Listed:
    counted = None if each.quantity is None else Quantity(each.quantity, each.measure or "")
    text = storable(each.text if counted is None else with_quantity(each.text, counted))
    tried = tried_for(each.domain, rules.classes)
    is_clear = first_fit(text, tried) == each.problem_class
    is_of_account = not is_clear and first_fit(f"账号{text}", tried) == each.problem_class
    return Listed(
        number=each.number,
        unit=each.unit,
        group=each.group,
        domain=each.domain,
        problem_class=each.problem_class,
        text=text,
        account=each.unit_as_written if is_of_account else None,
        is_told=(is_clear or is_of_account) and quantity_of(text) == counted,
        carried=each.issued_on < since,
        recurs=each.recurs is not None,
        deferred_until=each.deferred_until,
    )


def domain_findings(rules: Rules, problems: Sequence[Listed]) -> tuple[DomainFindings, ...]:
    """By domain in the order of the problem classes, then as they come; classes with most problems first."""
    found: dict[str | None, list[Listed]] = defaultdict(list)
    for each in problems:
        found[each.domain].append(each)
    return tuple(
        DomainFindings(
            title=_OTHER if domain is None else f"“{domain}”方面",
            units=len({each.unit for each in found[domain]}),
            count=len(found[domain]),
            classes=tuple(
                Counter(rules.class_name(each.problem_class) for each in found[domain]).most_common()
            ),
        )
        for domain in _domains(rules, problems)
    )


def _domains(rules: Rules, problems: Sequence[Listed]) -> list[str | None]:
    """Those of these problems, each once; None, of no domain, is the last."""
    named = (*(each.domain for each in rules.classes), *(each.domain for each in problems))
    order = [*dict.fromkeys(domain for domain in named if domain is not None), None]
    present = {each.domain for each in problems}
    return [domain for domain in order if domain in present]


def annexes(rules: Rules, problems: Sequence[Listed]) -> tuple[Annex, ...]:
    """One list for each group that has problems."""
    made = []
    for group, name in GROUPS.items():
        ours = [each for each in problems if each.group == group]
        if ours:
            made.append(Annex(f"{name}政务服务问题整改清单", tuple(_tables(rules, ours))))
    return tuple(made)


def _tables(rules: Rules, problems: Sequence[Listed]) -> Iterator[ProblemTable]:
    """A column for each of the commonest domains; the rest below, where columns name domain and account."""
    common = Counter(each.domain for each in problems).most_common(_MOST_COLUMNS)
    columns = {
        domain: title
        for domain in _domains(rules, problems)
        if domain is not None and domain in dict(common) and (title := title_of_domain(domain)) is not None
    }
    main = [each for each in problems if each.domain in columns and each.account is None]
    if main:
        headings = ("序号", "责任单位", *columns.values(), "备注")
        rows = [row for ours in _by(main, "unit") for row in _rows(ours, [ours[0].unit], list(columns))]
        yield ProblemTable(headings, _numbered(rows))
    others = [each for each in problems if each.domain not in columns or each.account is not None]
    if others:
        rows = [
            row
            for ours in _by(others, "unit", "account", "domain")
            for row in _rows(
                ours, [ours[0].unit, ours[0].account or "", ours[0].domain or ""], [ours[0].domain]
            )
        ]
        yield ProblemTable(("序号", "责任单位", "账号名称", "领域", "存在问题", "备注"), _numbered(rows))


def _by(problems: Sequence[Listed], *fields: str) -> list[list[Listed]]:
    found: dict[tuple[object, ...], list[Listed]] = defaultdict(list)
    for each in problems:
        found[tuple(getattr(each, field) for field in fields)].append(each)
    return list(found.values())


def _rows(
    problems: Sequence[Listed], names: Sequence[str], domains: Sequence[str | None]
) -> list[list[Cell]]:
    """One row; more only where problems cannot share a cell."""
    columns = [[each for each in problems if each.domain == domain] for domain in domains]
    cells = [cells_of([each.text for each in column]) if column else [] for column in columns]
    rows = []
    for shown in zip_longest(*cells, fillvalue=()):
        here = [column[: len(cell)] for column, cell in zip(columns, shown, strict=True)]
        columns = [column[len(cell) :] for column, cell in zip(columns, shown, strict=True)]
        rows.append([*((name,) for name in names), *shown, tuple(_remarks(here, domains))])
    return rows


def _remarks(columns: Sequence[Sequence[Listed]], domains: Sequence[str | None]) -> Iterator[str]:
    """`“政务公开”问题第1、3条：以前季度交办`, or just what is so if it is so of all problems of the row."""
    all_of_row = sum(map(len, columns))
    marked: dict[str, dict[str | None, list[int]]] = defaultdict(lambda: defaultdict(list))
    for domain, problems in zip(domains, columns, strict=True):
        for place, each in enumerate(problems, start=1):
            for mark in each.marks:
                marked[mark][domain].append(place)
    for mark, places in marked.items():
        if sum(map(len, places.values())) == all_of_row:
            yield mark
            continue
        for domain, numbers in places.items():
            column = f"“{domain}”问题" if len(domains) > 1 else ""
            is_one = len(columns[domains.index(domain)]) == 1
            which = "" if is_one else f"第{'、'.join(map(str, numbers))}条"
            yield f"{column}{which}：{mark}"


def _numbered(rows: Sequence[Sequence[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(((str(number),), *row) for number, row in enumerate(rows, start=1))
