"""What people decide about names: this name means that unit, and these two units are one.

Must never join across levels or places unless told so outright: 市卫健委 is not 澜东区卫健局.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.items import identity
from tracker.domain.units import Level, Match, folded, guess_level, place_of, same_place
from tracker.rules import Rules
from tracker.services.office import Office
from tracker.services.page_checks import columns_after_move
from tracker.services.unit_names import UnitBook, add_unit, take_registry_turn
from tracker.store import Connection, history, items, units
from tracker.store.units import StoredUnit

_UPDATE_EVENT = "update"


@dataclass(frozen=True)
class Taught:
    """A name, the unit it means from now on, and the items that went to that unit."""

    alias: str
    unit: str
    moved: tuple[int, ...]


def teach_alias(
    office: Office, alias: str, unit_name: str, *, by: str, now: datetime, across_levels: bool = False
) -> Taught:
    """A person says that a name means a unit: remember it, and join what was tracked under the name.

    Raises NotFoundError for a unit that nobody knows, RectifyError when the name is another unit's of
    `units.toml` or the two are of different levels or places.
    """
    with office.database.write() as connection:
        take_registry_turn(connection)
        book = UnitBook(connection, office.rules)
        name = book.find(unit_name)
        row = book.row(name)
        target_id = row.id if row else add_unit(connection, book.responsible(name), now=now)
        source = _tracked_as(connection, book, alias)
        moved: tuple[int, ...] = ()
        if source is not None and source.id != target_id:
            moved = merge_units(
                connection, office.rules, source.id, target_id, by=by, now=now, across_levels=across_levels
            )
            site = book.responsible(name).site
            _look_elsewhere(connection, office, moved, old_site=source.site, site=site, now=now)
        remember_alias(connection, office.rules, alias, target_id, across_levels=across_levels)
        return Taught(folded(alias), name, moved)


def remember_alias(
    connection: Connection, rules: Rules, alias: str, unit_id: int, *, across_levels: bool = False
) -> None:
    """From now on the name means the unit; nothing happens if it does already.

    Raises RectifyError if it means another unit (both are named), or is of another level or place.
    """
    book = UnitBook(connection, rules)
    unit = _row(connection, unit_id)
    resolution = book.resolve(alias)
    meant = resolution.name
    if meant is not None and book.row(meant) == unit:
        return
    others = (meant,) if meant else resolution.candidates if resolution.kind is Match.AMBIGUOUS else ()
    if others:
        raise RectifyError(
            f"“{alias}”已经指“{'”“'.join(others)}”，不能再指“{unit.name}”",
            details={"alias": alias, "units": [*others, unit.name]},
        )
    key = resolution.key
    level = guess_level(alias, None, rules.home) if place_of(key) else Level(unit.level)
    if not across_levels:
        _refuse_another_level(alias, key, level, unit)
    units.add_alias(connection, folded(alias), unit_id)


def merge_units(
    connection: Connection,
    rules: Rules,
    source_id: int,
    target_id: int,
    *,
    by: str,
    now: datetime,
    across_levels: bool = False,
) -> tuple[int, ...]:
    """Two tracked units are one: the target gets the source's items, contacts and names; the source goes.

    Returns the numbers of the items that moved; each has a history row. Raises RectifyError for a unit
    of `units.toml`, and for units of different levels or places.
    """
    source, target = _row(connection, source_id), _row(connection, target_id)
    if source_id == target_id or any(entry.name == source.name for entry in rules.units):
        raise RectifyError(
            f"“{source.name}”不能并入“{target.name}”：units.toml 中登记的单位，请在该文件中修改",
            details={"units": [source.name, target.name]},
        )
    if not across_levels:
        _refuse_another_level(source.name, source.key, Level(source.level), target)
    moving = items.by_numbers(connection, units.item_numbers(connection, source_id), lock=True)
    identities = [(item.number, identity(target.key, item.problem_class, item.text)) for item in moving]
    units.set_identities(connection, identities)
    units.hand_over(connection, source, target)
    units.add_alias(connection, source.name, target_id)
    detail = {"unit": [source.name, target.name]}
    rows = [(item.number, item.standing, detail) for item in moving]
    history.append(connection, at=now, actor=by, event=_UPDATE_EVENT, rows=rows)
    return tuple(item.number for item in moving)


def _look_elsewhere(
    connection: Connection,
    office: Office,
    moved: tuple[int, ...],
    *,
    old_site: str | None,
    site: str | None,
    now: datetime,
) -> None:
    """Their checks look at the site of the unit that has them now."""
    for item in items.by_numbers(connection, moved):
        columns = columns_after_move(
            office.probes, item, problem_class=item.problem_class, old_site=old_site, site=site, now=now
        )
        if columns:
            items.set_columns(connection, item.number, **columns)


def _tracked_as(connection: Connection, book: UnitBook, alias: str) -> StoredUnit | None:
    """The unit that is tracked under a name: by this very name, else by what the name means."""
    by_name = {row.name: row for row in units.all_units(connection)}
    meant = book.resolve(alias).name
    return by_name.get(alias) or (book.row(meant) if meant else None)


def _row(connection: Connection, unit_id: int) -> StoredUnit:
    for row in units.all_units(connection):
        if row.id == unit_id:
            return row
    raise NotFoundError("没有这个责任单位", details={"unit_id": unit_id})


def _refuse_another_level(name: str, key: str, level: Level, unit: StoredUnit) -> None:
    if level.value != unit.level or not same_place(key, unit.key):
        raise RectifyError(
            f"“{name}”与“{unit.name}”的层级或地方不同；确属同一单位的，请写明 --across-levels",
            details={"units": [name, unit.name]},
        )
