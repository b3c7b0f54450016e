"""The bureau's ledger (整改台账) of what is tracked, as a workbook that can be edited and taken back in.

Must never show an item otherwise than `ledger_row` does: by the same words it is known what was edited.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tracker.domain.items import Item
from tracker.domain.lifecycle import State, is_overdue
from tracker.rendering.ledger import write_ledger
from tracker.rendering.ledger_row import LedgerRow
from tracker.services import inspect
from tracker.services.office import Office
from tracker.store import notes
from tracker.store.items import ItemFilter


def write_office_ledger(
    office: Office,
    target: Path,
    *,
    now: datetime,
    wanted: ItemFilter | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the items that `wanted` shows (None: all) and return their number.

    Raises NotFoundError for a unit or class that nobody knows.
    """
    found = inspect.list_items(office, wanted or ItemFilter(), now=now)
    with office.database.read() as connection:
        written = notes.of_items(connection, (item.number for item in found))
    rows = (ledger_row(office, item, written.get(item.number, ""), now) for item in found)
    as_of = f"{office.rules.calendar.local(now):%Y年%m月%d日 %H:%M}"
    return write_ledger(target, rows, "整改台账", as_of, progress, classes=office.rules.classes)


def ledger_row(office: Office, item: Item, note: str, now: datetime) -> LedgerRow:
    """One item as its row of the ledger."""
    standing, calendar = item.standing, office.rules.calendar
    closed = standing.closed_at if standing.state is State.STRUCK_OFF else None
    place = [str(part) for part in (item.annex, item.row, item.ordinal) if part is not None]
    return LedgerRow(
        number=item.number,
        unit=item.unit,
        group=item.group,
        domain=item.domain or "",
        class_name=office.rules.class_name(item.problem_class),
        text=item.text,
        quantity=quantity_words(item.quantity, item.measure),
        state=standing.state.chinese,
        issued_on=item.issued_on,
        due_on=standing.due_on,
        provisional=item.provisional,
        overdue=is_overdue(standing, now, calendar),
        struck_off_on=calendar.today(closed) if closed else None,
        source="/".join(place),
        bulletin=item.bulletin,
        note=note,
    )


def quantity_words(value: int | None, measure: str | None) -> str:
    """`982件`, or nothing where nothing is counted."""
    return "" if value is None else f"{value}{measure or ''}"
