"""Domain objects as the public JSON of the contract. Keys are English and never change their meaning."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from tracker.domain.calendar import WorkCalendar
from tracker.domain.items import Item
from tracker.domain.lifecycle import is_overdue
from tracker.domain.rates import Rate, RateRow

Json = dict[str, object]


def moment(value: datetime | None, calendar: WorkCalendar) -> str | None:
    """ISO 8601 with the office's offset."""
    return None if value is None else calendar.local(value).isoformat()


def day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def item_json(item: Item, now: datetime, calendar: WorkCalendar) -> Json:
    """*Item* of the contract, and what the workflow adds. A preview's item has no number yet."""
    standing = item.standing
    return {
        "number": item.number or None,
        "unit": item.unit,
        "unit_as_written": item.unit_as_written,
        "group": item.group,
        "domain": item.domain,
        "class": item.problem_class,
        "text": item.text,
        "quantity": None if item.quantity is None else {"value": item.quantity, "measure": item.measure},
        "state": standing.state.value,
        "issued_on": day(item.issued_on),
        "due_on": day(standing.due_on),
        "due_at": moment(standing.due_at, calendar),
        "provisional": item.provisional,
        "overdue": is_overdue(standing, now, calendar),
        "bulletin": item.bulletin,
        "recurs": item.recurs,
        "rule": dict(item.rule),
        "extension_to": day(standing.extension_to),
        "extensions": standing.extensions,
        "deferred_until": day(standing.deferred_until),
        "objection_by": standing.objection_by,
        "remaining": standing.remaining,
        "source": {
            "file": item.file,
            "annex": item.annex,
            "row": item.row,
            "ordinal": item.ordinal,
            "line": item.line,
        },
    }


def rate_json(rate: Rate) -> Json:
    return {"numerator": rate.numerator, "denominator": rate.denominator, "percent": rate.percent}


def row_json(row: RateRow) -> Json:
    """*Row* of the contract."""
    return {
        "key": row.key,
        "rectified": rate_json(row.rectified),
        "on_time": rate_json(row.on_time),
        "overdue": row.overdue,
        "open": row.open,
    }


def detailed_row_json(row: RateRow, median_days: Decimal | None) -> Json:
    """*Row* with what stands beside a rate; `median_days` is null where nothing was struck off."""
    days = None if median_days is None else float(median_days)  # whole or half: exact in binary too
    return row_json(row) | {"returned": row.returned, "recurred": row.recurred, "median_days": days}


def error_json(code: str, message: str, details: Mapping[str, object]) -> Json:
    return {"error": {"code": code, "message": message, "details": dict(details)}}
