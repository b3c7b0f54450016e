"""The register of watched columns: read whole, checked whole, written in one transaction.

Must never watch a column without a limit: nobody could say when it is too old.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from tracker.domain.errors import IntakeError, NotFoundError
from tracker.domain.people import DECIDING
from tracker.domain.text import file_name, printable, web_address
from tracker.intake.readers.sheets import read_rows
from tracker.services.feeding import resolve_units, store_unit
from tracker.services.judging import require
from tracker.services.office import Office
from tracker.services.unit_names import UnitBook, take_registry_turn
from tracker.store import watching

_COLUMNS = {"单位": "unit", "栏目": "name", "网址": "url"}
_TAIL = re.compile(r"(?:专栏|栏目)$")
_LONGEST = 100


@dataclass(frozen=True)
class Registered:
    """What a file did: how many columns it added, how many it names, and the units that are new by it."""

    added: int
    named: int
    new_units: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Row:
    unit: str
    name: str
    url: str | None


def import_columns(office: Office, content: bytes, filename: str, *, by: str, now: datetime) -> Registered:
    """Add the columns that a table (单位, 栏目, 网址) names, or write their addresses anew.

    An empty 网址 means the unit's own site. Raises IntakeError listing every faulty row, and writes nothing
    then; ForbiddenError for whoever is not of the bureau.
    """
    rows = _read(office, content, file_name(filename))
    with office.database.write() as connection:
        require(connection, by, DECIDING, "登记栏目")
        take_registry_turn(connection)
        units = resolve_units(connection, office, [row.unit for row in rows], now)
        stored = {unit.key: store_unit(connection, unit, now=now) for unit in units.values()}
        added = sum(
            watching.register(
                connection,
                unit_id=stored[units[row.unit].key].id or 0,
                name=row.name,
                page_url=row.url,
                by=by,
                now=now,
            )
            for row in rows
        )
        new = dict.fromkeys(each.name for each in units.values() if each.id is None and not each.known)
        return Registered(added, len(rows), tuple(new))


def remove_column(office: Office, unit: str, name: str, *, by: str) -> None:
    """Watch a column no more. Raises NotFoundError for one that nobody registered."""
    with office.database.write() as connection:
        require(connection, by, DECIDING, "移出栏目")
        registered = UnitBook(connection, office.rules).find(unit)
        wanted = _TAIL.sub("", name)
        found = [
            each.id
            for each in watching.all_columns(connection)
            if (each.unit, each.name) == (registered, wanted)
        ]
        if not found:
            raise NotFoundError(f"“{registered}”没有登记栏目“{wanted}”")
        watching.remove(connection, found)


def _read(office: Office, content: bytes, filename: str) -> list[_Row]:
    table = [row for row in read_rows(content, filename) if any(cell.strip() for cell in row)]
    header = [_COLUMNS.get(re.sub(r"[（(].*|\s", "", cell)) for cell in table[0]] if table else []
    if missing := [title for title, field in _COLUMNS.items() if field != "url" and field not in header]:
        raise IntakeError(f"{filename}：表头缺少 {'、'.join(missing)}（应为：{'、'.join(_COLUMNS)}）")
    rows, faults = [], []
    for place, cells in enumerate(table[1:], start=2):
        values = {field: printable(cell).strip() for field, cell in zip(header, cells, strict=False) if field}
        try:
            rows.append(_row(office, values))
        except ValueError as fault:
            faults.append(f"第{place}行：{fault}")
    if faults:
        raise IntakeError(f"{filename}：{'；'.join(faults[:20])}", details={"rows": faults})
    if not rows:
        raise IntakeError(f"{filename}：栏目表是空的")
    return rows


def _row(office: Office, values: dict[str, str]) -> _Row:
    unit, name = values.get("unit", ""), _TAIL.sub("", values.get("name", ""))
    if not unit:
        raise ValueError("没有写单位")
    if not 2 <= len(name) <= _LONGEST:
        raise ValueError(f"栏目“{name[:20]}”须为 2 至 {_LONGEST} 个字")
    if office.rules.columns.kind_of(name) is None:
        raise ValueError(f"没有规定栏目“{name}”的更新期限（config/columns.toml）")
    return _Row(unit, name, web_address(values.get("url", "")))
