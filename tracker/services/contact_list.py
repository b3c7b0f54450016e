"""The list of contacts as an administrator looks through it, and a file of contacts before it is taken in.

Must never write, and shows no number or key whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from notifiers.masking import mask_mail, mask_phone, mask_robot
from tracker.domain.errors import NotFoundError
from tracker.domain.ladders import Audience
from tracker.domain.units import Level
from tracker.services.contacts import WAYS, Row, read_contacts
from tracker.services.office import Office
from tracker.services.unit_names import UnitBook
from tracker.store import Connection, contacts
from tracker.store.contacts import Contact

_MASKS: dict[str, Callable[[str], str]] = {
    "phone": mask_phone,
    "robot": mask_robot,
    "email": mask_mail,
    "wecom_userid": str,
}


@dataclass(frozen=True)
class Shown:
    """One contact as people may see them; ways: how they are reached, masked, None where not at all."""

    id: int
    unit: str
    name: str
    role: str
    ways: dict[str, str | None]


@dataclass(frozen=True)
class RowPreview:
    """What one row of a file would do. changed: names of the ways that differ, empty for somebody new."""

    shown: Shown
    is_new: bool
    is_new_unit: bool
    changed: tuple[str, ...]


def look_through(office: Office, *, words: str = "", after: int = 0, size: int) -> tuple[list[Shown], bool]:
    """Contacts by unit or name, in the order of entry, and whether there are more."""
    with office.database.read() as connection:
        found = contacts.page(connection, words=words, after=after, size=size + 1)
    return [shown(each) for each in found[:size]], len(found) > size


def one(office: Office, contact_id: int) -> Contact:
    """Whole, for keeping what is not written anew; raises NotFoundError."""
    with office.database.read() as connection:
        found = contacts.by_id(connection, contact_id)
    if found is None:
        raise NotFoundError("没有这位联系人，可能已被删除")
    return found


def units_without_contact(
    office: Office, *, after: int = 0, size: int
) -> tuple[list[tuple[int, str, Level]], bool]:
    """(id, name, level) of the units whose reminders reach nobody, and whether there are more."""
    with office.database.read() as connection:
        found = contacts.units_without(connection, Audience.CONTACT.value, after=after, size=size + 1)
    return [(number, name, Level(level)) for number, name, level in found[:size]], len(found) > size


def shown(contact: Contact) -> Shown:
    values = {way: getattr(contact, way) for way in WAYS}
    return Shown(contact.id, contact.unit, contact.name, contact.role, _masked(values))


def preview(office: Office, content: bytes, filename: str) -> list[RowPreview]:
    """What taking in a file would do, row by row; raises IntakeError listing every faulty row."""
    rows = read_contacts(content, filename)
    with office.database.read() as connection:
        return list(_judged(connection, office, rows))


def _judged(connection: Connection, office: Office, rows: Sequence[Row]) -> Iterator[RowPreview]:
    book = UnitBook(connection, office.rules)
    known = {(each.unit, each.role, each.name): each for each in contacts.find(connection)}
    for row in rows:
        unit = book.resolve(row["unit"]).name
        name = row["unit"] if unit is None else book.responsible(unit).name
        person = known.get((name, row["role"], row["name"]))
        values = {way: row.get(way) or None for way in WAYS}
        changed = tuple(way for way in WAYS if person and getattr(person, way) != values[way])
        place = Shown(person.id if person else 0, name, row["name"], row["role"], _masked(values))
        yield RowPreview(place, person is None, unit is None, changed)


def _masked(values: dict[str, str | None]) -> dict[str, str | None]:
    return {way: _MASKS[way](value) if value else None for way, value in values.items()}
