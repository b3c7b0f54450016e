"""Publishing rates: the figures of one moment are frozen, and corrected only by a new publication.

Must never change a publication, nor publish a moment that is still to come.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.people import DECIDING
from tracker.domain.rates import Rate, RateRow
from tracker.services import judging
from tracker.services.office import Office
from tracker.services.report import RateTable, count_details, rank_units
from tracker.store import Connection, history, snapshots
from tracker.store.rates import By
from tracker.store.snapshots import StoredSnapshot

CUTS = (By.GROUP, By.UNIT, By.DOMAIN, By.CLASS, By.BULLETIN)
_LONGEST_TITLE = 200


@dataclass(frozen=True)
class Line:
    """One published line. `unranked`: in Chinese, why a unit has no place."""

    row: RateRow
    median_days: Decimal | None
    place: int | None
    unranked: str | None


@dataclass(frozen=True)
class Publication:
    """One publication as it was made. Not `is_sound`: the stored row is no longer what was published.

    corrected_by: ids of the publications that correct this one.
    """

    stored: StoredSnapshot
    is_sound: bool
    corrected_by: tuple[int, ...]

    def rows(self, by: By) -> list[Line]:
        """As published; places are of the cut by unit only."""
        return [_thaw(raw) for raw in self.stored.figures[by.value]]

    @property
    def total(self) -> Line:
        return _thaw(self.stored.figures["total"])


def publish(
    office: Office,
    title: str,
    *,
    by: str,
    now: datetime,
    as_of: datetime | None = None,
    corrects: int | None = None,
    reason: str | None = None,
) -> Publication:
    """Freeze the figures as of `as_of` (None: now).

    Raises ForbiddenError unless `by` decides for the whole city; NotFoundError for a publication to correct
    that nobody made; RectifyError without a title or publisher, for a moment to come, for a correction
    without a reason and for a reason without a correction.
    """
    moment = as_of or now
    title, by, why = title.strip(), by.strip(), (reason or "").strip() or None
    if moment > now:
        raise RectifyError("不能发布尚未到来的时刻的数字")
    _check(title, by, corrects, why)
    with office.database.write() as connection:
        judging.require(connection, by, DECIDING, "发布整改率")
        # Nothing may happen between the first cut and the last: the parts would not add up.
        history.take_history_turn(connection)
        identifier, before = snapshots.next_id(connection)
        known = {each.id for each in snapshots.all_snapshots(connection)}
        if corrects is not None and corrects not in known:
            raise NotFoundError(f"没有序号为 {corrects} 的发布", details={"snapshot": corrects})
        figures = _figures(connection, office, moment, past=moment < now)
        count, digest = _list_digest(snapshots.counted_items(connection, moment, past=moment < now))
        made = StoredSnapshot(
            identifier, title, moment, now, by, corrects, why, figures, count, digest, digest=""
        )
        made = replace(made, digest=_digest(made, before))
        snapshots.add(connection, made)
    return Publication(made, is_sound=True, corrected_by=())


def publications(office: Office) -> list[Publication]:
    """All of them, the oldest first."""
    with office.database.read() as connection:
        stored = snapshots.all_snapshots(connection)
    before = ""
    found = []
    for each in stored:
        corrected_by = tuple(other.id for other in stored if other.corrects == each.id)
        found.append(Publication(each, each.digest == _digest(each, before), corrected_by))
        before = each.digest
    return found


def publication(office: Office, identifier: int) -> Publication:
    """Raises NotFoundError."""
    found = next((each for each in publications(office) if each.stored.id == identifier), None)
    if found is None:
        raise NotFoundError(f"没有序号为 {identifier} 的发布", details={"snapshot": identifier})
    return found


def family(found: Sequence[Publication], identifier: int) -> list[Publication]:
    """A publication with all that correct it or are corrected by it, the oldest first."""
    related = {identifier}
    for each in reversed(found):  # what a correction corrects is older than itself
        if each.stored.id in related and each.stored.corrects is not None:
            related.add(each.stored.corrects)
    for each in found:
        if each.stored.corrects in related:
            related.add(each.stored.id)
    return [each for each in found if each.stored.id in related]


def _check(title: str, by: str, corrects: int | None, reason: str | None) -> None:
    if not title or len(title) > _LONGEST_TITLE:
        raise RectifyError(f"请写明标题（不超过 {_LONGEST_TITLE} 字）")
    if not by:
        raise RectifyError("请写明发布人")
    if (corrects is None) != (reason is None):
        raise RectifyError("更正须同时写明更正哪一次发布和更正的原因")


def _figures(connection: Connection, office: Office, moment: datetime, *, past: bool) -> dict[str, Any]:
    tables = {by: count_details(connection, office, by, moment, past=past) for by in CUTS}
    places = {
        ranked.row.key: {
            "place": ranked.place,
            "unranked": ranked.unranked.chinese if ranked.unranked else None,
        }
        for group in rank_units(connection, office, moment, past=past)
        for ranked in group.units
    }
    whole = tables[By.GROUP]
    figures: dict[str, Any] = {by.value: _freeze_table(table) for by, table in tables.items()}
    figures[By.UNIT.value] = [row | places[row["key"]] for row in figures[By.UNIT.value]]
    days = whole.overall_days
    return figures | {"total": _freeze(whole.total) | {"median_days": None if days is None else str(days)}}


def _freeze_table(table: RateTable) -> list[dict[str, Any]]:
    days = table.median_days
    return [
        _freeze(row) | {"median_days": str(days[row.key]) if row.key in days else None} for row in table.rows
    ]


def _freeze(row: RateRow) -> dict[str, Any]:
    pairs = {
        name: [rate.numerator, rate.denominator]
        for name, rate in (("rectified", row.rectified), ("on_time", row.on_time))
    }
    return asdict(row) | pairs


def _thaw(raw: Mapping[str, Any]) -> Line:
    numbers = {name: raw[name] for name in ("key", "overdue", "open", "returned", "recurred")}
    row = RateRow(rectified=Rate(*raw["rectified"]), on_time=Rate(*raw["on_time"]), **numbers)
    days = None if raw["median_days"] is None else Decimal(raw["median_days"])
    return Line(row, days, raw.get("place"), raw.get("unranked"))


def _list_digest(items: Iterable[tuple[int, str]]) -> tuple[int, str]:
    """How many, and the SHA-256 (hex) of one line `number state` for each."""
    count, digest = 0, hashlib.sha256()
    for number, state in items:
        digest.update(f"{number} {state}\n".encode())
        count += 1
    return count, digest.hexdigest()


def _digest(snapshot: StoredSnapshot, before: str) -> str:
    """SHA-256 (hex) of all that was published and of the digest of the publication before."""
    values = vars(snapshot) | {
        "as_of": f"{snapshot.as_of.timestamp():.0f}",
        "published_at": f"{snapshot.published_at.timestamp():.0f}",
        "digest": before,
    }
    words = json.dumps(values, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(words.encode()).hexdigest()
