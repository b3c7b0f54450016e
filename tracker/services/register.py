"""Taking a bulletin in: preview first, then one transaction that writes all of it or nothing.

Must never close an item because a bulletin leaves it out, and never touch what people have decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from tracker.domain.errors import IntakeError, UnknownUnitError
from tracker.domain.lifecycle import Standing
from tracker.domain.periods import plausible
from tracker.intake import read_document
from tracker.intake.model import Leftover, Reading
from tracker.services.drafts import Draft, ItemOutcome, draft_all
from tracker.services.office import Office
from tracker.services.unit_names import LikelyUnit, UnitNames, take_registry_turn
from tracker.store import Connection, bulletins, history, items, units

IMPORT_EVENT, UPDATE_EVENT = "import", "update"


@dataclass(frozen=True)
class Preview:
    """All that an import would do. `already` is true when this very file has been taken in before."""

    reading: Reading
    drafts: tuple[Draft, ...]
    absent: tuple[int, ...]
    new_units: tuple[str, ...]
    likely_units: tuple[LikelyUnit, ...]
    already: bool

    @property
    def unassigned(self) -> tuple[Leftover, ...]:
        return self.reading.unassigned

    @property
    def unread(self) -> tuple[Leftover, ...]:
        return self.reading.unread

    @property
    def counts(self) -> dict[str, int]:
        found = {outcome.value: 0 for outcome in ItemOutcome}
        for draft in self.drafts:
            found[draft.outcome.value] += 1
        return found | {
            "absent": len(self.absent),
            "unassigned": len(self.unassigned),
            "unread": len(self.unread),
        }


@dataclass(frozen=True)
class Source:
    """A document as handed in; what the reader says of date and title goes before what it says itself."""

    content: bytes
    filename: str
    issued_on: date | None = None
    title: str | None = None
    strict_units: bool = False


def preview(office: Office, source: Source) -> Preview:
    """Read a document and say what an import would do; writes nothing.

    Raises IntakeError for an unreadable document, UnknownUnitError under `strict_units`.
    """
    reading = read_document(source.content, source.filename)
    with office.database.read() as connection:
        return _judge(connection, office, source, reading)


def commit(office: Office, source: Source, *, by: str, now: datetime) -> Preview:
    """Import a document: judged again and written in one transaction; the same file twice is a no-op."""
    reading = read_document(source.content, source.filename)
    with office.database.write() as connection:
        take_registry_turn(connection)
        plan = _judge(connection, office, source, reading)
        if plan.already:
            return plan
        return _write(connection, plan, source.content, by=by, now=now)


def _judge(connection: Connection, office: Office, source: Source, reading: Reading) -> Preview:
    known = bulletins.by_hash(connection, reading.sha256)
    issued_on = known.issued_on if known else source.issued_on or reading.issued_on
    if issued_on is None:
        raise IntakeError(f"{source.filename}：文中没有找到印发日期，请用 --issued-on 指明")
    plausible(issued_on)
    title = known.title if known else source.title or reading.title or source.filename
    reading = replace(reading, issued_on=issued_on, title=title)
    names = UnitNames(connection, office.rules, reading.findings)
    if source.strict_units and names.unknown:
        raise UnknownUnitError(
            f"{source.filename}：有 {len(names.unknown)} 个单位未登记：{'、'.join(names.unknown)}",
            details={"units": list(names.unknown)},
        )
    drafts = draft_all(connection, office, reading, names)
    seen = {draft.identity for draft in drafts}
    waiting = {} if known else bulletins.waiting_identities(connection, issued_on)
    return Preview(
        reading=reading,
        drafts=tuple(drafts),
        absent=tuple(sorted(number for number, key in waiting.items() if key not in seen)),
        new_units=names.unknown,
        likely_units=names.likely,
        already=known is not None,
    )


def _write(connection: Connection, plan: Preview, content: bytes, *, by: str, now: datetime) -> Preview:
    bulletin_id = bulletins.add(
        connection,
        title=plan.reading.title,
        issued_on=plan.reading.issued_on,
        filename=plan.reading.filename,
        sha256=plan.reading.sha256,
        content=content,
        counts=plan.counts,
        imported_at=now,
        imported_by=by,
    )
    unit_ids = _write_units(connection, plan, now)
    fresh = [draft for draft in plan.drafts if draft.item.number == 0]
    rows = [_row(draft, bulletin_id, unit_ids[draft.unit.key], now) for draft in fresh]
    numbers = items.add(connection, rows)
    numbered = {
        id(draft): replace(draft, item=replace(draft.item, number=number, bulletin_id=bulletin_id))
        for draft, number in zip(fresh, numbers, strict=True)
    }
    added: list[tuple[int, Standing, dict[str, object]]] = [
        (draft.item.number, draft.item.standing, {}) for draft in numbered.values()
    ]
    history.append(connection, at=now, actor=by, event=IMPORT_EVENT, rows=added)
    drafts = tuple(numbered.get(id(draft), draft) for draft in plan.drafts)
    return replace(plan, drafts=_write_changes(connection, drafts, plan.reading.title, by, now))


def _write_units(connection: Connection, plan: Preview, now: datetime) -> dict[str, int]:
    ids: dict[str, int] = {}
    for draft in plan.drafts:
        unit = draft.unit
        if unit.key not in ids:
            ids[unit.key] = unit.id or units.add_unit(
                connection,
                name=unit.name,
                key=unit.key,
                level=unit.level.value,
                parent=unit.parent,
                site=unit.site,
                confirmed=unit.known,
                at=now,
            )
    return ids


def _row(draft: Draft, bulletin_id: int, unit_id: int, now: datetime) -> Mapping[str, object]:
    item = draft.item
    return {
        "bulletin_id": bulletin_id,
        "unit_id": unit_id,
        "unit_as_written": item.unit_as_written,
        "domain": item.domain,
        "class": item.problem_class,
        "text": item.text,
        "quantity": item.quantity,
        "measure": item.measure,
        "identity": draft.identity,
        "recurs": item.recurs,
        "annex": item.annex,
        "row": item.row,
        "ordinal": item.ordinal,
        "line": item.line,
        "state": item.standing.state.value,
        "issued_on": item.issued_on,
        "due_on": item.standing.due_on,
        "due_at": item.standing.due_at,
        "provisional": item.provisional,
        "rule": dict(item.rule),
        "next_reminder_at": item.next_reminder_at,
        "page_url": item.page_url,
        # A day of grace: the unit has hardly read the list on the day it is handed out.
        "next_check_at": now + timedelta(days=1) if item.page_url else None,
    }


def _write_changes(
    connection: Connection, drafts: tuple[Draft, ...], title: str, by: str, now: datetime
) -> tuple[Draft, ...]:
    result = []
    for draft in drafts:
        if draft.outcome is ItemOutcome.CHANGED:
            item, quantity = draft.item, draft.finding.quantity
            value, measure = (quantity.value, quantity.measure) if quantity else (None, None)
            items.set_columns(connection, item.number, quantity=value, measure=measure)
            detail = {"quantity": [item.quantity, value], "bulletin": title}
            rows = [(item.number, item.standing, detail)]
            history.append(connection, at=now, actor=by, event=UPDATE_EVENT, rows=rows)
            draft = replace(draft, item=replace(item, quantity=value, measure=measure))  # noqa: PLW2901
        result.append(draft)
    return tuple(result)
