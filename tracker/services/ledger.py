"""The bureau's ledger (整改台账) of what is tracked, as a workbook that can be edited and taken back in.

Must never show an item otherwise than `ledger_row` does: by the same words it is known what was edited; and
never hold all items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from tracker.domain.items import Item
from tracker.domain.lifecycle import State, is_overdue
from tracker.rendering.ledger import write_ledger
from tracker.rendering.ledger_row import LedgerRow
from tracker.services import inspect, lists
from tracker.services.office import Office
from tracker.store import Connection, notes
from tracker.store.items import ItemFilter

_OFFERED_UNITS = 500  # nobody looks through a longer drop-down


def write_office_ledger(
    office: Office,
    target: Path,
    *,
    now: datetime,
    wanted: ItemFilter | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Write the items that `wanted` shows (None: all) as they are at one moment, and return their number.

    progress: called with the rows so far and all there will be. Memory does not grow with the rows. Raises
    NotFoundError for a unit or class that nobody knows.
    """
    rules, calendar = office.rules, office.rules.calendar
    names = inspect.unit_names(office, _OFFERED_UNITS)
    with office.database.read() as connection:
        count, batches = lists.by_number(connection, office, wanted or ItemFilter(), now=now)
        return write_ledger(
            target,
            _rows(connection, office, batches, now),
            "整改台账",
            f"{calendar.local(now):%Y年%m月%d日 %H:%M}",
            (lambda done: progress(done, count)) if progress else None,
            classes=rules.classes,
            units=names,
            near_until=calendar.add_working_days(calendar.today(now), rules.near_days),
        )


def _rows(
    connection: Connection, office: Office, batches: Iterable[Sequence[Item]], now: datetime
) -> Iterator[LedgerRow]:
    for found in batches:
        written = notes.of_items(connection, (item.number for item in found))
        for item in found:
            yield ledger_row(office, item, written.get(item.number, ""), now)


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
