"""Who is told for a unit: its own people by role, else the city's; where nobody is named, staff.

The city's leading group and bureau stand in the contacts file under a unit of the city that has no contact
of its own (联络员), or that has the bureau's people: a department that is itself chased keeps its leaders.

Must never decide what they are told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from tracker.domain.ladders import Audience
from tracker.domain.units import Level
from tracker.store import Connection, contacts, units
from tracker.store.contacts import Contact


@dataclass(frozen=True)
class Recipient:
    """Somebody to be told; `contact` is None where a unit has named nobody yet."""

    unit_id: int
    unit: str
    audience: Audience
    contact: Contact | None

    @property
    def label(self) -> str:
        """Unique for ever: shown to people, and kept with what was sent."""
        if self.contact is None:
            return f"{self.unit}（未登记{self.audience.value}）"
        return f"{self.unit} {self.contact.name}（{self.audience.value}）"


def recipient_of(contact: Contact) -> Recipient:
    """A contact in the role in which they stand in the list."""
    return Recipient(contact.unit_id, contact.unit, Audience(contact.role), contact)


class AddressBook:
    """Who is told for a unit, by audience."""

    def __init__(self, units: Mapping[int, str], contacts: Iterable[Contact]) -> None:
        self._units = units
        self._own: dict[tuple[int, str], list[Contact]] = defaultdict(list)
        self._city: dict[str, list[Contact]] = defaultdict(list)
        for contact in contacts:
            self._own[contact.unit_id, contact.role].append(contact)
        for (unit_id, role), people in list(self._own.items()):
            has_contact = (unit_id, Audience.CONTACT.value) in self._own
            is_chased = has_contact and (unit_id, Audience.BUREAU.value) not in self._own
            if people[0].level == Level.DEPARTMENT.value and not is_chased:
                self._city[role] += people

    def unit_name(self, unit_id: int) -> str:
        return self._units[unit_id]

    def speaks_for_city(self, contact: Contact) -> bool:
        """Whether the whole city is this person's: the city's leading group, the bureau, and its own head."""
        if contact.level != Level.DEPARTMENT.value:
            return False
        if contact.role in {Audience.LEADING_GROUP.value, Audience.BUREAU.value}:
            return contact in self._city.get(contact.role, ())
        return (contact.unit_id, Audience.BUREAU.value) in self._own

    def recipients(self, unit_id: int, audience: Audience) -> list[Recipient]:
        """The unit's own people; for the leading group and the bureau else the city's.

        A unit without a contact, and a city without a bureau, is told in the sandbox, where staff see it.
        """
        found = self._own.get((unit_id, audience.value), [])
        if not found and audience in {Audience.LEADING_GROUP, Audience.BUREAU}:
            found = self._city[audience.value]
        people = [Recipient(each.unit_id, each.unit, audience, each) for each in found]
        if not people and audience is Audience.CONTACT:
            return [Recipient(unit_id, self._units[unit_id], audience, None)]
        if not people and audience is Audience.BUREAU:
            return [Recipient(0, "本市", audience, None)]
        return people


def address_book(connection: Connection, unit_ids: Collection[int] | None = None) -> AddressBook:
    """Everybody on file; or those of some units, enough to tell contacts: opening addresses has a cost."""
    names = {unit.id: unit.name for unit in units.all_units(connection)}
    return AddressBook(names, contacts.find(connection, unit_ids=unit_ids))
