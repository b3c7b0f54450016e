"""Rates and the digest, in figures."""

from __future__ import annotations

from collections.abc import Iterable

from tracker.domain.calendar import WorkCalendar
from tracker.domain.rates import RateRow
from tracker.rendering.contract import Json, detailed_row_json, moment, row_json
from tracker.rendering.digest import GroupView, ItemLine
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
    """The figures of one period and its sentence on what is left: what may be told to everybody.

    Who got it and the files are the caller's.
    """
    view = digest.view
    return {
        "period": view.period,
        "as_of": moment(view.as_of, calendar),
        "rates": {"total": _group_json(view.total), "rows": [_group_json(group) for group in view.groups]},
        "delta": {group.name: group.delta for group in (view.total, *view.groups)},
        "unfinished": digest.unfinished,
    }


def digest_lists_json(digest: Digest) -> Json:
    """What else a digest tells: what came in since the one before, who is latest, and who leaves things be.

    `unreported` is null for a past moment, of which nobody can know.
    """
    view = digest.view
    return {
        "scope": view.scope,
        "headline": digest.headline,
        "newly_struck_off": _listed_json(view.newly_struck_off, view.struck_off),
        "newly_overdue": _listed_json(view.newly_overdue, view.overdue),
        "latest": [{"unit": late.unit, "overdue": late.overdue, "days": late.days} for late in view.latest],
        "unreported": None if view.unreported is None else _counts_json(view.unreported),
        "unsigned": _counts_json(view.unsigned.units),
    }


def _listed_json(count: int, lines: Iterable[ItemLine]) -> Json:
    return {"count": count, "numbers": [line.number for line in lines]}


def _counts_json(units: Iterable[tuple[str, int]]) -> list[Json]:
    return [{"unit": unit, "count": count} for unit, count in units]


def _group_json(group: GroupView) -> Json:
    return row_json(RateRow(group.name, group.rate, group.on_time, group.overdue, group.open))
