"""What a unit's own contact sees on the phone: the unit's items, what to do first on top.

Must never show an item of another unit: items are asked for by the unit's id, never by a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tracker.domain.errors import NotFoundError
from tracker.domain.escalation import clock_on, days_past
from tracker.domain.items import Item
from tracker.domain.ladders import Colour
from tracker.domain.lifecycle import FINAL, Event, State
from tracker.services import inspect
from tracker.services.inspect import ItemFile
from tracker.services.lamps import lamps
from tracker.services.office import Office
from tracker.store import Connection, history, items
from tracker.store.accounts import Holder
from tracker.store.history import HistoryRow
from tracker.store.items import ItemFilter

_CHASED = frozenset({State.OPEN, State.SIGNED})
_URGENCY = {Colour.RED: 0, Colour.YELLOW: 1, Colour.GREEN: 2, None: 3}
_SENT_BACK = (Event.RETURN.value, Event.REOPEN.value)


@dataclass(frozen=True)
class MyItems:
    """One unit's items. `todo`: the unit has to move, most urgent first; `waiting`: handed in or deferred;
    `finished`: latest first. `returned`: item number → why its submission was sent back. `lamps` and `days`
    (working days left; negative when late) by item number, where the item has a deadline.
    """

    todo: list[Item]
    waiting: list[Item]
    finished: list[Item]
    returned: Mapping[int, str]
    lamps: Mapping[int, Colour]
    days: Mapping[int, int]


def my_items(office: Office, holder: Holder, *, now: datetime) -> MyItems:
    """All items of the holder's unit."""
    today = office.rules.calendar.today(now)
    with office.database.read() as connection:
        found = items.find(connection, ItemFilter(unit_id=holder.unit_id), now, today)
        returned = _returned(connection, found)
    colours = lamps(office, found, now=now)

    def urgency(item: Item) -> tuple[bool, int, date, int]:
        day = item.standing.due_on or date.max
        return item.number not in returned, _URGENCY[colours.get(item.number)], day, item.number

    unfinished = sorted((item for item in found if item.standing.state not in FINAL), key=urgency)
    return MyItems(
        todo=[item for item in unfinished if item.standing.state in _CHASED],
        waiting=[item for item in unfinished if item.standing.state not in _CHASED],
        finished=[item for item in reversed(found) if item.standing.state in FINAL],
        returned=returned,
        lamps=colours,
        days=days_left(office, unfinished, today),
    )


def my_file(office: Office, holder: Holder, number: int) -> ItemFile:
    """One item of the holder's unit; raises NotFoundError for any other, as for one that does not exist."""
    with office.database.read() as connection:
        found = items.by_numbers(connection, [number])
    if not found or found[0].unit_id != holder.unit_id:
        raise NotFoundError(f"没有编号为 {number} 的整改事项", details={"numbers": [number]})
    return inspect.open_file(office, number, looks=0)


def days_left(office: Office, found: Iterable[Item], today: date) -> dict[int, int]:
    """Item number → working days until its deadline, or the end of its deferral; negative when late."""
    calendar = office.rules.calendar
    days = {}
    for item in found:
        if item.standing.due_on is not None:
            day = clock_on(item.standing.due_on, item.standing.deferred_until)
            days[item.number] = -days_past(day, today, calendar)
    return days


def why_returned(item: Item, rows: Sequence[HistoryRow]) -> str | None:
    """The reason of the return that the unit has not answered yet; None: it was not returned.

    After a return that was itself taken back the item waits with the bureau again; one from before a finished
    item was opened again is over.
    """
    sent = [row for row in rows if row.event in _SENT_BACK]
    if item.standing.state not in _CHASED or not sent or sent[-1].event != Event.RETURN:
        return None
    return sent[-1].reason or ""


def _returned(connection: Connection, found: Iterable[Item]) -> dict[int, str]:
    chased = {item.number: item for item in found if item.standing.state in _CHASED}
    rows = history.of_items(connection, chased, _SENT_BACK)
    reasons = {number: why_returned(chased[number], each) for number, each in rows.items()}
    return {number: reason for number, reason in reasons.items() if reason is not None}
