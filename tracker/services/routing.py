"""By which channels a recipient is reached: those that are wanted, else the usual one; then what stands by.

Must never choose an address that the far side refuses for good: it was disabled, and the bureau told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from notifiers.base import Notifier
from tracker.services.office import ADDRESSES, SANDBOX, Office
from tracker.services.recipients import Recipient, recipient_of
from tracker.store import Connection, contacts, endpoints
from tracker.store.contacts import Contact
from tracker.store.endpoints import Address
from tracker.store.outbox import StoredMessage


class Way(NamedTuple):
    """One channel with the recipient's address; `rank` 0 goes at once, a higher one only if those before
    fail.
    """

    notifier: Notifier
    address: str
    rank: int = 0


class Routes:
    """The ways as they stand in one transaction."""

    def __init__(self, connection: Connection, office: Office) -> None:
        self._office = office
        self._disabled = endpoints.disabled(connection)

    def of(
        self, recipient: Recipient, channels: Sequence[str] = (), fail_over: Sequence[str] = ()
    ) -> list[Way]:
        """All of `channels` that reach the recipient, else the usual one; then those of `fail_over`, one
        after the other. Nobody to tell, and nobody who can be reached, means the sandbox, where staff see it:
        there is always one way at least.
        """
        contact = recipient.contact
        if contact is None:
            return [Way(self._office.channels[SANDBOX], recipient.label)]
        first = self._reaching(contact, channels)
        if not first:
            usual = self._reaching(contact, [name for name in self._office.channels if name != SANDBOX])
            first = usual[:1] or self._reaching(contact, [SANDBOX])
        taken = {way.notifier.channel for way in first}
        reserve = self._reaching(contact, [name for name in fail_over if name not in taken])
        return [*first, *(way._replace(rank=rank) for rank, way in enumerate(reserve, start=1))]

    def reaches(self, recipient: Recipient, channel: str) -> bool:
        """Whether that channel has a good address of theirs."""
        return recipient.contact is not None and bool(self._reaching(recipient.contact, [channel]))

    def _reaching(self, contact: Contact, channels: Sequence[str]) -> list[Way]:
        found = [
            Way(self._office.channels[name], address)
            for name in channels
            if name in self._office.channels and (address := ADDRESSES[name](contact))
        ]
        return [way for way in found if self._is_good(way)]

    def _is_good(self, way: Way) -> bool:
        """The sandbox is the office's own inbox, the last resort: whatever stands in its row, it is used."""
        return way.notifier.channel == SANDBOX or (way.notifier.channel, way.address) not in self._disabled


class Standing:
    """Who is reached where by the list of contacts as it stands in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._people = {recipient_of(each).label: each for each in contacts.find(connection)}

    def of(self, messages: Collection[StoredMessage]) -> set[int]:
        """Those of these messages that go to an address which is its recipient's now; by their ids."""
        known = endpoints.addresses(self._connection, {each.endpoint_id for each in messages})
        return {each.id for each in messages if self._is_theirs(each.recipient, *known[each.endpoint_id])}

    def _is_theirs(self, recipient: str, channel: str, address: str) -> bool:
        if channel == SANDBOX:
            return True
        contact, own = self._people.get(recipient), ADDRESSES.get(channel)
        return contact is not None and own is not None and own(contact) == address


def holders(people: Iterable[Contact], wanted: Collection[Address]) -> dict[Address, list[Contact]]:
    """Who of these people is written to at each of these addresses."""
    found: dict[Address, list[Contact]] = {address: [] for address in wanted}
    channels = {channel for channel, _ in found} & ADDRESSES.keys()
    for contact in people:
        for channel in channels:
            own = (channel, ADDRESSES[channel](contact) or "")
            if own in found:
                found[own].append(contact)
    return found


def roles_of(people: Iterable[Contact]) -> tuple[str, ...]:
    """Like 市教育局联络员, each once."""
    return tuple(dict.fromkeys(f"{each.unit}{each.role}" for each in people))
