"""Of what a digest tells, and whom: the city's leaders of all, a district's of the district, a unit's of it.

Must never decide whether somebody was told already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker.domain import digests as paces
from tracker.domain.digests import Pace, Period
from tracker.domain.errors import RectifyError
from tracker.domain.people import Reach
from tracker.domain.units import Level
from tracker.rendering.digest import CITY
from tracker.services.office import Office
from tracker.services.recipients import AddressBook
from tracker.services.unit_names import UnitBook
from tracker.store import Connection, contacts, digests, units
from tracker.store.contacts import Contact
from tracker.store.rates import By, Scope
from tracker.store.units import StoredUnit

_LETTERS = {"district": "D", "unit": "U"}
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}
_SERIAL = re.compile(r"D-(\d{4}(?:-W\d{2}|-\d{2}|Q\d))(?:-([DU])(\d+))?")
_CUTS = {By.GROUP: "分组", By.UNIT: "各单位", By.DOMAIN: "分领域"}


@dataclass(frozen=True)
class DigestScope:
    """What one digest is about: `key` is `all`, `district:4` (with the units below it) or `unit:7`.

    units: the ids of its units, None for the whole city's.
    """

    key: str = digests.CITY
    name: str = CITY
    units: frozenset[int] | None = None

    @property
    def own(self) -> int | None:
        """The id of the unit, or of the district's own; None of the city."""
        return None if self.is_city else int(self.key.partition(":")[2])

    @property
    def is_city(self) -> bool:
        return self.units is None

    @property
    def counted(self) -> Scope:
        return Scope(units=self.units)

    @property
    def by(self) -> By:
        """By what its rates are cut."""
        kind = self.key.partition(":")[0]
        return {"all": By.GROUP, "district": By.UNIT, "unit": By.DOMAIN}[kind]

    @property
    def cut(self) -> str:
        return _CUTS[self.by]

    def serial(self, period: str) -> str:
        """`D-2021-W30`; `D-2021-W30-U7` for the unit of id 7, `D-2021-W30-D4` for the district of id 4."""
        kind = self.key.partition(":")[0]
        return f"D-{period}" if self.is_city else f"D-{period}-{_LETTERS[kind]}{self.own}"

    def is_within(self, reach: Reach) -> bool:
        """Whether somebody who sees these units reads all of it: of a district and the units below it the
        district's own people, who are sent it.
        """
        return reach is None or self.own in reach


WHOLE_CITY = DigestScope()


def of_serial(serial: str) -> tuple[Period, DigestScope] | None:
    """The period and scope that a digest's serial tells; None for any other serial.

    What the scope is called, and which units it has, is not in it: what was published says that.
    """
    found = _SERIAL.fullmatch(serial)
    if found is None:
        return None
    period, letter, unit_id = found.groups()
    if letter is None:
        return paces.parse(period), WHOLE_CITY
    return paces.parse(period), DigestScope(f"{_KINDS[letter]}:{unit_id}", units=frozenset({int(unit_id)}))


def audience(
    connection: Connection, office: Office, pace: Pace
) -> list[tuple[DigestScope, tuple[Contact, ...]]]:
    """Each scope that somebody is to be told of, the city's first, with these people in order of entry.

    Nobody for the city is told by no contact: the sandbox shows staff what would have gone out.
    """
    everybody = contacts.find(connection)
    roles = {role.value for role in office.rules.digest_roles[pace]}
    book = AddressBook({}, everybody)
    people: dict[DigestScope, list[Contact]] = {WHOLE_CITY: []}
    known: dict[int, DigestScope] = {}
    for contact in everybody:
        if contact.role not in roles:
            continue
        if book.speaks_for_city(contact):
            people[WHOLE_CITY].append(contact)
            continue
        if contact.unit_id not in known:
            known[contact.unit_id] = scope_of(connection, contact.unit_id, contact.unit, contact.level)
        people.setdefault(known[contact.unit_id], []).append(contact)
    return [(scope, tuple(some)) for scope, some in people.items()]


def scope_of(connection: Connection, unit_id: int, name: str, level: str) -> DigestScope:
    """A district's with the units below it, any other unit's of itself."""
    if level == Level.DISTRICT.value:
        return DigestScope(f"district:{unit_id}", name, units.with_below(connection, unit_id))
    return DigestScope(f"unit:{unit_id}", name, frozenset({unit_id}))


def of_unit(office: Office, given: str) -> DigestScope:
    """One unit, named in any way that an import understands; of a district (区本级) without those below it.

    Raises NotFoundError for a name that nobody knows, RectifyError for a unit that never had an item.
    """
    with office.database.read() as connection:
        row = _row(connection, office, given)
        name = f"{row.name}本级" if row.level == Level.DISTRICT.value else row.name
        return DigestScope(f"unit:{row.id}", name, frozenset({row.id}))


def of_district(office: Office, given: str) -> DigestScope:
    """A district with the units below it; raises as `of_unit`, and RectifyError for what is no district."""
    with office.database.read() as connection:
        row = _row(connection, office, given)
        if row.level != Level.DISTRICT.value:
            raise RectifyError(f"“{row.name}”不是区，请按单位查看")
        return scope_of(connection, row.id, row.name, row.level)


def of_name(office: Office, given: str) -> DigestScope:
    """A district with the units below it, or any other unit; raises as `of_unit`."""
    with office.database.read() as connection:
        row = _row(connection, office, given)
        return scope_of(connection, row.id, row.name, row.level)


def own_scopes(connection: Connection, reach: frozenset[int]) -> list[DigestScope]:
    """The widest scopes of whoever sees these units: their districts', and those of the units outside."""
    rows = [row for row in units.all_units(connection) if row.id in reach]
    found = [scope_of(connection, row.id, row.name, row.level) for row in rows]
    districts = [scope for scope in found if scope.by is By.UNIT]
    covered = frozenset[int]().union(*(scope.units or () for scope in districts))
    return districts + [
        scope for scope in found if scope.by is By.DOMAIN and not (scope.units or set()) & covered
    ]


def _row(connection: Connection, office: Office, given: str) -> StoredUnit:
    book = UnitBook(connection, office.rules)
    row = book.row(given) or book.row(book.find(given))
    if row is None:
        raise RectifyError(f"“{given}”还没有整改事项")
    return row
