"""What a unit's own people see on the phone: the unit's items, grouped by what is to be done, first on top.

Must never show an item of another unit: items are asked for by the units' ids, never by a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from tracker.domain.errors import NotFoundError
from tracker.domain.escalation import clock_on, days_past
from tracker.domain.items import Item
from tracker.domain.ladders import Colour
from tracker.domain.lifecycle import FINAL, Event, State, is_overdue
from tracker.services import inspect
from tracker.services.inspect import ItemFile
from tracker.services.lamps import lamps
from tracker.services.office import Office
from tracker.services.unit_people import UnitPerson
from tracker.store import Connection, history, items, unit_work
from tracker.store.history import HistoryRow

LISTED = 300  # the most urgent: nobody scrolls further on a phone
_FINISHED_SHOWN = 20
_CHASED = frozenset({State.OPEN, State.SIGNED})
_SENT_BACK = (Event.RETURN.value, Event.REOPEN.value)


class Group(StrEnum):
    """What is to be done with an item, in the order of the list; the values are its headings."""

    RETURNED = "被退回"
    OVERDUE = "逾期"
    SOON = "近期到期"
    UNSIGNED = "待签收"
    WORKING = "整改中"
    WAITING = "待核验"
    DEFERRED = "暂缓"


@dataclass(frozen=True)
class MyItems:
    """The items of a person's units. `groups`: what is not finished, empty groups left out; `unsigned`:
    numbers of what waits for a signature, in whatever group; `returned`: item number → why its submission
    was sent back; `lamps` and `days` (working days left, negative when late) by number, where the item has a
    deadline; `counts`: items of the units by state, also of what is not listed.
    """

    groups: Mapping[Group, Sequence[Item]]
    unsigned: Sequence[int]
    finished: Sequence[Item]
    returned: Mapping[int, str]
    lamps: Mapping[int, Colour]
    days: Mapping[int, int]
    counts: Mapping[State, int]

    @property
    def left_out(self) -> int:
        """How many unfinished items are not listed, because others are more urgent."""
        unfinished = sum(count for state, count in self.counts.items() if state not in FINAL)
        return unfinished - sum(map(len, self.groups.values()))

    @property
    def finished_count(self) -> int:
        return sum(count for state, count in self.counts.items() if state in FINAL)


def my_items(office: Office, person: UnitPerson, *, now: datetime) -> MyItems:
    """All that lies before the person's units, and what was finished last."""
    today = office.rules.calendar.today(now)
    with office.database.read() as connection:
        numbers = unit_work.unfinished(connection, person.units, limit=LISTED)
        found = _in_order(connection, numbers)
        ended = unit_work.finished(connection, person.units, before=None, limit=_FINISHED_SHOWN)
        finished = _in_order(connection, ended)
        returned = _returned(connection, found)
        counts = unit_work.counts(connection, person.units)
    colours = lamps(office, found, now=now)
    groups: dict[Group, list[Item]] = {group: [] for group in Group}
    for item in found:
        groups[_group(office, item, returned, colours, now)].append(item)
    return MyItems(
        groups={group: some for group, some in groups.items() if some},
        unsigned=sorted(item.number for item in found if item.standing.state is State.OPEN),
        finished=finished,
        returned=returned,
        lamps=colours,
        days=days_left(office, found, today),
        counts=counts,
    )


def finished_items(office: Office, person: UnitPerson, *, before: int | None) -> tuple[list[Item], bool]:
    """One page of what is finished, highest number first, and whether more follow."""
    with office.database.read() as connection:
        numbers = unit_work.finished(connection, person.units, before=before, limit=_FINISHED_SHOWN + 1)
        return _in_order(connection, numbers[:_FINISHED_SHOWN]), len(numbers) > _FINISHED_SHOWN


def my_file(office: Office, person: UnitPerson, number: int) -> ItemFile:
    """One item of the person's units; raises NotFoundError for any other, as for one that does not exist."""
    with office.database.read() as connection:
        require_own(person, items.by_numbers(connection, [number]), [number])
    return inspect.open_file(office, number)


def require_own(person: UnitPerson, found: Sequence[Item], numbers: Sequence[int]) -> None:
    """Raise NotFoundError unless these are all the numbers, and all of the person's units."""
    own = {item.number for item in found if item.unit_id in person.units}
    if missing := sorted(set(numbers) - own):
        words = "、".join(map(str, missing))
        raise NotFoundError(f"没有编号为 {words} 的整改事项", details={"numbers": missing})


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


def _group(
    office: Office,
    item: Item,
    returned: Mapping[int, str],
    colours: Mapping[int, Colour],
    now: datetime,
) -> Group:
    state, calendar = item.standing.state, office.rules.calendar
    if state is State.SUBMITTED:
        return Group.WAITING
    if item.number in returned:
        return Group.RETURNED
    if is_overdue(item.standing, now, calendar):
        return Group.OVERDUE
    if state is State.DEFERRED:
        return Group.DEFERRED
    if colours.get(item.number) in {Colour.YELLOW, Colour.RED}:
        return Group.SOON
    return Group.UNSIGNED if state is State.OPEN else Group.WORKING


def _in_order(connection: Connection, numbers: Sequence[int]) -> list[Item]:
    places = {number: place for place, number in enumerate(numbers)}
    return sorted(items.by_numbers(connection, numbers), key=lambda item: places[item.number])


def _returned(connection: Connection, found: Iterable[Item]) -> dict[int, str]:
    chased = {item.number: item for item in found if item.standing.state in _CHASED}
    rows = history.of_items(connection, chased, _SENT_BACK)
    reasons = {number: why_returned(chased[number], each) for number, each in rows.items()}
    return {number: reason for number, reason in reasons.items() if reason is not None}
