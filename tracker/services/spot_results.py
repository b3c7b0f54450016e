"""What people found of drawn items: fit, or not, and then the problem is back.

Must never change a draw, nor a result that somebody has written.
"""

from __future__ import annotations

from datetime import datetime

from tracker.domain.errors import NotFoundError, TransitionError
from tracker.domain.lifecycle import State
from tracker.domain.people import DECIDING
from tracker.domain.text import printable
from tracker.services.judging import require
from tracker.services.office import Office
from tracker.services.opening import Origin
from tracker.services.recurrence import recur
from tracker.services.spot_checks import DrawnItem, find_draw, open_draw
from tracker.services.unit_names import take_registry_turn
from tracker.store import Connection, items, spot_checks
from tracker.store.clockwork import take_planning_turn
from tracker.store.spot_checks import Drawn

TITLE = "抽查"
FIT, UNFIT = "fit", "unfit"


def record(
    office: Office, draw_id: int, number: int, *, fit: bool, note: str, by: str, now: datetime
) -> DrawnItem:
    """Write what a person found of a drawn item; an unfit one that was struck off comes back as a new item.

    Raises NotFoundError, ForbiddenError, and TransitionError for an unfit one without a note, one with a
    result already, or one that cannot recur.
    """
    note = printable(note)
    if not fit and not note:
        raise TransitionError("不符合的须写明情况")
    with office.database.write() as connection:
        require(connection, by, DECIDING, "登记抽查结果")
        take_registry_turn(connection)
        take_planning_turn(connection)
        find_draw(connection, draw_id)
        drawn = spot_checks.drawn(connection, draw_id, lock=True)
        found = next((each for each in drawn if each.item_number == number), None)
        if found is None:
            raise NotFoundError(f"第 {draw_id} 次抽查没有抽到第 {number} 号事项", details={"number": number})
        if found.result is not None:
            raise TransitionError(
                f"第 {number} 号事项已由{found.decided_by}登记结果", details={"number": number}
            )
        new_number = None if fit else _recurred(connection, office, found, note, by=by, now=now)
        spot_checks.record(
            connection,
            found,
            result=FIT if fit else UNFIT,
            note=note or None,
            decided_at=now,
            decided_by=by,
            new_number=new_number,
        )
        return next(each for each in open_draw(connection, draw_id).items if each.drawn.item_number == number)


def _recurred(
    connection: Connection, office: Office, found: Drawn, note: str, *, by: str, now: datetime
) -> int | None:
    """The number of the new item; None for one that is still at work, where nothing comes back."""
    known = items.by_numbers(connection, [found.item_number], lock=True)
    if not known or known[0].standing.state is not State.STRUCK_OFF:
        return None
    item = known[0]
    origin = Origin(TITLE, f"{found.spot_check_id}-{item.number}", ("抽查情况", note))
    return recur(connection, office, item, origin, title=TITLE, reason=note, by=by, now=now).number
