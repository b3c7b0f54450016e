"""When a struck-off item is looked at again: written down in the transaction that strikes it off.

Must never look itself, nor schedule what no probe can see: case exports show by themselves what is back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tracker.domain.items import Item
from tracker.domain.revisits import due_after
from tracker.services.office import Office
from tracker.services.page_checks import checked_classes
from tracker.store import Connection, revisits


def can_be_seen(office: Office, item: Item) -> bool:
    """Whether a probe knows where and how to look."""
    return bool(item.page_url) and item.problem_class in checked_classes(office.probes)


def schedule_revisits(connection: Connection, office: Office, item: Item, struck_off_at: datetime) -> None:
    """Write down the looks that the item's class asks for."""
    if not can_be_seen(office, item):
        return
    own = next((each.revisit_weeks for each in office.rules.classes if each.code == item.problem_class), None)
    weeks = office.rules.revisits.weeks if own is None else own
    revisits.add(
        connection,
        [
            {
                "item_number": item.number,
                "struck_off_at": struck_off_at,
                "weeks": week,
                "spot_check_id": None,
                "due_at": due_at,
            }
            for week, due_at in due_after(struck_off_at, weeks).items()
        ],
    )


def schedule_looks(
    connection: Connection, office: Office, found: Sequence[Item], spot_check_id: int, now: datetime
) -> None:
    """Look at these struck-off items at once, for a spot check."""
    revisits.add(
        connection,
        [
            {
                "item_number": item.number,
                "struck_off_at": item.standing.closed_at,
                "weeks": None,
                "spot_check_id": spot_check_id,
                "due_at": now,
            }
            for item in found
            if can_be_seen(office, item)
        ],
    )
