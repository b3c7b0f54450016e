"""Who is told for a unit: its own people by role, else the city's; where nobody is named, staff.

Must never read a database: contacts come in, recipients go out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tracker.domain.ladders import Audience
from tracker.domain.units import Level
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


class AddressBook:
    """Who is told for a unit, by audience."""

    def __init__(self, units: Mapping[int, str], contacts: Iterable[Contact]) -> None:
        self._units = units
        self._own: dict[tuple[int, str], list[Contact]] = defaultdict(list)
        self._city: dict[str, list[Contact]] = defaultdict(list)
        for contact in contacts:
            self._own[contact.unit_id, contact.role].append(contact)
            if contact.level == Level.DEPARTMENT.value:
                self._city[contact.role].append(contact)

    def unit_name(self, unit_id: int) -> str:
        return self._units[unit_id]

    def recipients(self, unit_id: int, audience: Audience) -> list[Recipient]:
        """The unit's own people; for the leading group and the bureau else the city's.

        Only the contact is ever missed: a unit without one is told in the sandbox, where staff see it.
        """
        found = self._own[unit_id, audience.value]
        if not found and audience in {Audience.LEADING_GROUP, Audience.BUREAU}:
            found = self._city[audience.value]
        people = [Recipient(each.unit_id, each.unit, audience, each) for each in found]
        if not people and audience is Audience.CONTACT:
            return [Recipient(unit_id, self._units[unit_id], audience, None)]
        return people
