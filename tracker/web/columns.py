"""The columns of the list of items: what they are called, and what a file says in them.

Must never say in a file what the page does not show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from tracker.domain.items import Item
from tracker.domain.ladders import Colour
from tracker.domain.lifecycle import is_overdue
from tracker.rendering.words import due
from tracker.services.lamps import lamps
from tracker.web.context import Desk
from tracker.web.filters import Column
from tracker.web.words import quantity

NUMBER = "编号"
HEADINGS = {
    Column.UNIT: "责任单位",
    Column.GROUP: "组别",
    Column.DOMAIN: "领域",
    Column.CLASS: "问题类别",
    Column.TEXT: "问题",
    Column.QUANTITY: "数量",
    Column.STATE: "状态",
    Column.ISSUED: "印发",
    Column.DUE: "时限",
    Column.BULLETIN: "通报",
}


def in_order(columns: Sequence[Column]) -> list[Column]:
    """Those chosen, as they stand from left to right."""
    return [column for column in Column if column in columns]


def headings(desk: Desk, columns: Sequence[Column], past: datetime | None) -> list[str]:
    """The first row of a file; of a `past` moment it says which, since a file says nothing else."""
    words = HEADINGS | {
        column: f"{HEADINGS[column]}（截至{desk.office.rules.calendar.local(past):%Y-%m-%d %H:%M:%S}）"
        for column in (Column.STATE, Column.DUE)
        if past
    }
    return [NUMBER, *(words[column] for column in columns)]


def sheet_rows(
    desk: Desk, batches: Iterable[list[Item]], columns: Sequence[Column], past: datetime | None
) -> Iterator[list[str | int]]:
    """The rows of a file, some items at a time; those of a `past` moment bear no lamps, as on the page."""
    for found in batches:
        colours = {} if past else lamps(desk.office, found, now=desk.now())
        for item in found:
            cells = _cells(desk, item, colours, past or desk.now())
            yield [item.number, *(cells[column] for column in columns)]


def _cells(desk: Desk, item: Item, colours: dict[int, Colour], moment: datetime) -> dict[Column, str]:
    rules = desk.office.rules
    late = "逾期" if is_overdue(item.standing, moment, rules.calendar) else ""
    lamp = f"{colours[item.number].value}灯" if item.number in colours else ""
    return {
        Column.UNIT: item.unit,
        Column.GROUP: item.group,
        Column.DOMAIN: item.domain or "—",
        Column.CLASS: rules.class_name(item.problem_class),
        Column.TEXT: item.text,
        Column.QUANTITY: quantity(item) or "—",
        Column.STATE: " ".join(filter(None, (item.standing.state.chinese, late, lamp))),
        Column.ISSUED: item.issued_on.isoformat(),
        Column.DUE: due(item, rules.calendar),
        Column.BULLETIN: item.bulletin,
    }
