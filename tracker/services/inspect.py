"""Reading for people: lists, one item with all that belongs to it, the sandbox's inbox, and "why"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.domain.errors import NotFoundError
from tracker.domain.items import Item
from tracker.services.moments import viewed
from tracker.services.office import Office
from tracker.services.unit_names import UnitBook
from tracker.services.why import why
from tracker.store import Connection, bulletins, history, items, mailbox, observations, units
from tracker.store.bulletins import StoredBulletin
from tracker.store.history import EvidenceRow, HistoryRow
from tracker.store.items import ItemFilter
from tracker.store.observations import StoredObservation
from tracker.store.outbox import StoredMessage
from tracker.store.units import Holding, StoredUnit


@dataclass(frozen=True)
class ItemFile:
    """One item with its history, evidence, checks and messages, and why it is (not) reminded of next."""

    item: Item
    history: list[HistoryRow]
    evidence: list[EvidenceRow]
    checks: list[StoredObservation]
    messages: list[StoredMessage]
    why: str


def list_items(
    office: Office, wanted: ItemFilter, *, now: datetime, as_of: datetime | None = None
) -> list[Item]:
    """As they are now, or as they stood at `as_of`; a unit is named in any way that an import understands.

    Raises NotFoundError for a class or unit that nobody knows: a slip must not look like no work; and
    RectifyError for what no past moment tells (`moments.viewed`).
    """
    moment, past = viewed(wanted, now, as_of)
    with office.database.read() as connection:
        if wanted.unit is not None:
            wanted = replace(wanted, unit=_unit_name(connection, office, wanted.unit))
        found = items.find(connection, wanted, moment, office.rules.calendar.today(moment), past=past)
    if not found:
        require_class(office, wanted.problem_class)
    return found


def require_class(office: Office, code: str | None) -> None:
    """Raises NotFoundError for the code of no class; None is none that was asked for."""
    if code is not None and code not in office.rules.deadlines:
        known = list(office.rules.deadlines)
        raise NotFoundError(f"没有代码为“{code}”的问题类别", details={"known": known})


def _unit_name(connection: Connection, office: Office, given: str) -> str:
    """The name of the unit's row, of its successor's if only that has one."""
    book = UnitBook(connection, office.rules)
    if given in book.row_names:
        return given
    name = book.find(given)
    row = book.row(name) or book.row(book.responsible(name).name)
    return row.name if row else name


def pick_items(office: Office, numbers: Sequence[int]) -> list[Item]:
    """The items of these numbers, in order of number; unknown numbers are left out."""
    with office.database.read() as connection:
        return items.by_numbers(connection, numbers)


def open_file(office: Office, number: int, *, looks: int | None = None) -> ItemFile:
    """With the last so many looks (None: all). Raises NotFoundError for a number nobody has."""
    with office.database.read() as connection:
        found = items.by_numbers(connection, [number])
        if not found:
            raise NotFoundError(f"没有编号为 {number} 的整改事项", details={"numbers": [number]})
        return ItemFile(
            found[0],
            history.of_item(connection, number),
            history.evidence_of_item(connection, number),
            observations.of_item(connection, number, last=looks),
            mailbox.of_item(connection, number),
            why(connection, office, found[0]),
        )


def evidence_file(office: Office, number: int, evidence_id: int) -> tuple[str, bytes]:
    """Name and content; raises NotFoundError unless the file belongs to that item."""
    with office.database.read() as connection:
        found = history.evidence_file(connection, number, evidence_id)
    if found is None:
        raise NotFoundError("没有这份佐证材料")
    return found


def list_bulletins(office: Office) -> list[StoredBulletin]:
    with office.database.read() as connection:
        return bulletins.all_bulletins(connection)


def open_bulletin(office: Office, bulletin_id: int) -> StoredBulletin:
    """Raises NotFoundError for a bulletin nobody has."""
    with office.database.read() as connection:
        return _bulletin(connection, bulletin_id)


def imported_before(office: Office, sha256: str) -> StoredBulletin | None:
    """The import that took this very file in, unless it was undone."""
    with office.database.read() as connection:
        return bulletins.by_hash(connection, sha256)


def bulletin_file(office: Office, bulletin_id: int) -> tuple[str, bytes]:
    """Name and content of the original, also of an import that was undone; raises NotFoundError."""
    with office.database.read() as connection:
        return _bulletin(connection, bulletin_id).filename, bulletins.content(connection, bulletin_id)


def _bulletin(connection: Connection, bulletin_id: int) -> StoredBulletin:
    found = bulletins.by_id(connection, bulletin_id)
    if found is None:
        raise NotFoundError(f"没有序号为 {bulletin_id} 的通报", details={"bulletin": bulletin_id})
    return found


def list_messages(office: Office, *, channel: str | None = None, limit: int = 100) -> list[StoredMessage]:
    """Newest first."""
    with office.database.read() as connection:
        return mailbox.latest(connection, channel=channel, limit=limit)


def messages_by_id(office: Office, identifiers: Sequence[int]) -> list[StoredMessage]:
    """As they stand now, in the order of their making."""
    with office.database.read() as connection:
        return mailbox.by_ids(connection, sorted(set(identifiers)))


def list_checks(office: Office, *, before: int | None, size: int) -> list[tuple[int, StoredObservation]]:
    """What probes saw last, with their ids, newest first."""
    with office.database.read() as connection:
        return observations.latest(connection, before=before, limit=size)


def version_of(office: Office, number: int) -> int:
    """What changes with every change of an item; 0 for a number nobody has."""
    with office.database.read() as connection:
        return history.version(connection, number)


def unit_names(office: Office, most: int) -> list[str]:
    """For suggestions: all names, or none where there would be more than `most`."""
    with office.database.read() as connection:
        found = units.first_names(connection, most + 1)
    return found if len(found) <= most else []


def latest_bulletins(office: Office, most: int) -> list[tuple[int, str]]:
    """Id and title, newest first."""
    with office.database.read() as connection:
        return bulletins.latest(connection, most)


def list_units(office: Office) -> list[StoredUnit]:
    """All units, in the order they came."""
    with office.database.read() as connection:
        return units.all_units(connection)


def unit_holdings(office: Office) -> dict[int, Holding]:
    """By unit id: learned aliases and number of items; a unit that has neither is left out."""
    with office.database.read() as connection:
        return units.holdings(connection)


def confirm_units(office: Office, names: list[str]) -> list[StoredUnit]:
    """Vouch for units that an import added; with no names, for all of them."""
    with office.database.write() as connection:
        known = {unit.name: unit for unit in units.all_units(connection)}
        missing = [name for name in names if name not in known]
        if missing:
            raise NotFoundError(f"没有名为 {'、'.join(missing)} 的单位", details={"units": missing})
        for name in names or known:
            units.confirm(connection, known[name].id)
        return units.all_units(connection)
