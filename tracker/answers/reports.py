"""Rates and the weekly digest, in figures."""

from __future__ import annotations

from tracker.domain.calendar import WorkCalendar
from tracker.domain.rates import RateRow
from tracker.rendering.contract import Json, detailed_row_json, moment, row_json
from tracker.rendering.digest import GroupView
from tracker.services.report import RateTable
from tracker.services.summarise import Digest


def rates_json(table: RateTable, calendar: WorkCalendar) -> Json:
    """The answer of `rates`; `table` has its details."""
    return {
        "as_of": moment(table.as_of, calendar),
        "total": detailed_row_json(table.total, table.overall_days),
        "rows": [detailed_row_json(row, table.median_days.get(row.key)) for row in table.rows],
    }


def digest_json(digest: Digest, calendar: WorkCalendar) -> Json:
    """The figures of one week and its sentence on what is left; who got it and the files are the caller's."""
    view = digest.view
    return {
        "period": view.period,
        "as_of": moment(view.as_of, calendar),
        "rates": {"total": _group_json(view.total), "rows": [_group_json(group) for group in view.groups]},
        "delta": {group.name: group.delta for group in (view.total, *view.groups)},
        "unfinished": digest.unfinished,
    }


def _group_json(group: GroupView) -> Json:
    return row_json(RateRow(group.name, group.rate, group.on_time, group.overdue, group.open))
