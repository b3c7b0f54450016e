"""Today's work of the bureau's staff: what waits for them, how much of it, and the first of each.

Must never count further than people read: beyond `MANY` it is "more".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker.domain.items import Item
from tracker.domain.ladders import Audience
from tracker.services.office import Office
from tracker.store import Connection, bulletins, item_pages, items, mailbox, papers, units
from tracker.store.items import ItemFilter
from tracker.store.list_order import Order, Walk
from tracker.store.mailbox import Pile as Outbox
from tracker.store.outbox import StoredMessage
from tracker.store.papers import PaperState

MANY = 100
_SHOWN = 4


@dataclass(frozen=True)
class Pile:
    """Some items that wait: how many, at most `MANY`, and the first of them."""

    count: int
    items: list[Item]


@dataclass(frozen=True)
class Today:
    """All that waits, of each kind at most `MANY`.

    unassigned: id, title and number of findings of documents; unheard: id and name of units that have work
    and no contact.
    """

    piles: Mapping[str, Pile]
    unassigned: list[tuple[int, str, int]]
    undecided: int
    messages: list[StoredMessage]
    unheard: list[tuple[int, str]]
    papers: int

    @property
    def is_done(self) -> bool:
        """Whether nothing waits for anybody in the bureau."""
        waits = (self.unassigned, self.undecided, self.unheard, self.papers)
        return not any(waits) and not any(pile.count for pile in self.piles.values())


def todays_work(office: Office, lists: Mapping[str, tuple[ItemFilter, Order]], *, now: datetime) -> Today:
    """What waits at `now`; `lists` names the piles of items with what is in each and in which order."""
    with office.database.read() as connection:
        return Today(
            piles={name: _pile(connection, office, *each, now) for name, each in lists.items()},
            unassigned=bulletins.with_unassigned(connection, MANY),
            undecided=mailbox.count_open_up_to(connection, MANY),
            messages=mailbox.latest(connection, pile=Outbox.OPEN, limit=_SHOWN),
            unheard=units.unheard(connection, Audience.CONTACT.value, MANY),
            papers=papers.count(connection, PaperState.PROPOSED),
        )


def _pile(connection: Connection, office: Office, wanted: ItemFilter, order: Order, now: datetime) -> Pile:
    today = office.rules.calendar.today(now)
    first = item_pages.places(connection, Walk(wanted, order, now, today), _SHOWN + 1)
    count = len(first)
    if count > _SHOWN:
        count = item_pages.count_up_to(connection, wanted, now, today, MANY)
    return Pile(count, items.in_turn(connection, [place.number for place in first[:_SHOWN]]))
