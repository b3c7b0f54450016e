"""For which units whoever is signed in acts as their contact or head: by a link, or by an account.

Must never widen what the workflow lets a person do: each step is judged by name as it is everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.domain.ladders import Audience
from tracker.domain.people import OF_UNIT
from tracker.services.judging import actor_named
from tracker.services.office import Office
from tracker.services.recipients import AddressBook
from tracker.store import contacts, unit_work
from tracker.store.accounts import Session
from tracker.store.contacts import Contact


@dataclass(frozen=True)
class UnitPerson:
    """Somebody of one unit, or of several: `units` are their names by id, never empty.

    of_unit: the one that a link's holder came for, whatever account of somebody else bears the name.
    """

    name: str
    units: Mapping[int, str]
    of_unit: int | None = None

    @property
    def title(self) -> str:
        """Whose items these are: `市水务局`, `市水务局等 3 个单位`."""
        first, *others = self.units.values()
        return f"{first}等 {len(self.units)} 个单位" if others else first


def unit_person(office: Office, session: Session) -> UnitPerson | None:
    """None for whoever is no unit's contact or head, and so has no items of their own.

    A link is one contact's, for that unit alone; an account's units stand in the contacts file.
    """
    if session.holder is not None:
        holder = session.holder
        return UnitPerson(holder.name, {holder.unit_id: holder.unit}, of_unit=holder.unit_id)
    with office.database.read() as connection:
        actor = actor_named(connection, session.login)
        own = {unit_id for unit_id, roles in actor.of_units.items() if roles & OF_UNIT}
        if actor.everywhere or not own:
            return None
        return UnitPerson(session.login, unit_work.names(connection, own))


def bureau_of(office: Office, unit_id: int) -> list[Contact]:
    """Whom of the bureau this unit can ask, as the contacts file has them."""
    with office.database.read() as connection:
        # The bureau's people alone: opening everybody's sealed addresses would take seconds.
        people = contacts.find(connection, roles=[Audience.BUREAU.value])
        found = AddressBook({}, people).recipients(unit_id, Audience.BUREAU)
    return [each.contact for each in found if each.contact is not None]
