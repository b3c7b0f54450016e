"""Telling a unit what the bureau has decided about its items: returned, struck off, extended or not.

One message a contact, however many items; never why: reasons stand on the page, where the unit reads them.
Must never be called but in the transaction that takes the step, under the planner's turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from tracker.domain.escalation import MessageKind
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event, State
from tracker.rendering.messages import MessageLine
from tracker.services.notices import Notice, tell
from tracker.services.office import Office
from tracker.services.wording import item_line
from tracker.store import Connection, items
from tracker.store.conditions import Basis
from tracker.store.items import ItemFilter

_TOLD = {
    Event.RETURN: (MessageKind.RETURNED, "报送的整改经核验退回"),
    Event.GRANT: (MessageKind.GRANTED, "延期申请已批准"),
    Event.REFUSE: (MessageKind.REFUSED, "延期申请未获批准"),
    Event.STRIKE_OFF: (MessageKind.STRUCK_OFF, "整改经核验销号"),
}


def tell_units(
    connection: Connection, office: Office, event: Event, steps: Sequence[tuple[Item, Item]], now: datetime
) -> None:
    """Tell the units of items, each as it stood before the step and after; of most events nobody is told.

    At once, not with the next rung: what the unit has to do has changed.
    """
    if event not in _TOLD:
        return
    kind, reason = _TOLD[event]
    notices = [
        Notice(unit_id, kind, tuple(_lines(connection, office, event, list(some), now)), reason)
        for unit_id, some in groupby(sorted(steps, key=_unit), key=_unit)
    ]
    tell(connection, office, notices, now=now)


def _unit(step: tuple[Item, Item]) -> int:
    return step[1].unit_id


def _lines(
    connection: Connection, office: Office, event: Event, steps: Sequence[tuple[Item, Item]], now: datetime
) -> Iterable[MessageLine]:
    """Of one unit's items; a strike-off also says what is left for the unit."""
    for before, after in steps:
        moved_from = before.standing.due_on if event is Event.GRANT else None
        closed = event is Event.STRIKE_OFF
        yield replace(item_line(office, after, now), moved_from=moved_from, closed=closed)
    if event is Event.STRIKE_OFF:
        left = ItemFilter(unit_id=_unit(steps[0]), basis=Basis.UNFINISHED)
        for item in items.find(connection, left, now, office.rules.calendar.today(now)):
            yield _left(office, item, now)


def _left(office: Office, item: Item, now: datetime) -> MessageLine:
    """An item that is not finished; one that waits for the bureau has no deadline to keep."""
    line, calendar, at = item_line(office, item, now), office.rules.calendar, item.standing.submitted_at
    if item.standing.state is not State.SUBMITTED or at is None:
        return line
    day = calendar.today(at)
    waited = calendar.working_days_between(day, calendar.today(now))
    return replace(line, due_on=None, days=-waited, submitted_on=day)
