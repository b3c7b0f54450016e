"""The colour of each item, as its own ladder has it today. Must never be stored: it changes by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tracker.domain.escalation import lamp
from tracker.domain.items import Item
from tracker.domain.ladders import Colour
from tracker.services.ladders import LadderBook
from tracker.services.office import Office


def lamps(office: Office, found: Sequence[Item], *, now: datetime) -> dict[int, Colour]:
    """Item number → colour; items that are finished, or have no deadline, have none."""
    with office.database.read() as connection:
        book = LadderBook(connection, office.rules, [item.number for item in found])
    colours = {
        item.number: lamp(book.of(item.number), item.standing, now, office.rules.calendar) for item in found
    }
    return {number: colour for number, colour in colours.items() if colour is not None}
