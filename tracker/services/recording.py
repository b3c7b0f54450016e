"""Writing a judged import: ledger row, units, items with their history, changes, sightings, replies.

Must be called inside the one transaction in which the import was judged.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.intake.spool import Derived, batched
from tracker.services.corrections import Alias
from tracker.services.drafting import Progress
from tracker.services.drafts import Draft
from tracker.services.matching import ItemOutcome
from tracker.services.office import Office
from tracker.services.page_checks import first_check_at
from tracker.services.preview import Preview, judge
from tracker.services.replies import record_replies
from tracker.services.unit_aliases import remember_alias
from tracker.services.unit_names import add_unit
from tracker.store import Connection, bulletins, history, items, ladders, sightings

IMPORT_EVENT, UPDATE_EVENT = "import", "update"
_CHUNK = 2000
_NOTHING: Mapping[str, object] = {}


def record(
    connection: Connection,
    office: Office,
    plan: Preview,
    content: bytes,
    *,
    by: str,
    now: datetime,
    progress: Progress | None = None,
) -> Preview:
    """Write all that `plan` says; returns it with the numbers its new items got.

    Items that people changed since they were judged are locked and judged again: what they did stands.
    """
    plan = _locked(connection, office, plan)
    unit_ids, added = _write_units(connection, plan, now)
    title = plan.reading.title
    bulletin_id = bulletins.add(
        connection,
        title=title,
        issued_on=plan.reading.issued_on,
        filename=plan.reading.filename,
        sha256=plan.reading.sha256,
        content=content,
        counts=plan.counts,
        corrections=plan.ledger_corrections,
        added_units=added,
        imported_at=now,
        imported_by=by,
    )
    for alias in plan.corrections.entries:
        if isinstance(alias, Alias):
            remember_alias(connection, office.rules, alias.key, unit_ids[plan.aliases[alias.key].key])
    climbing = {code: office.rules.ladders.for_item(code, title) for code in plan.tally.classes}
    kept = ladders.keep(connection, climbing.values())
    places = _Places(bulletin_id, title, unit_ids, {code: kept[ladder] for code, ladder in climbing.items()})
    numbers = array("i")
    for chunk in batched(plan.drafts, _CHUNK):
        numbers.extend(_write_chunk(connection, chunk, places, by=by, now=now))
        if progress:
            progress(len(plan.drafts) + len(numbers), 2 * len(plan.drafts))
    record_replies(connection, office, plan.replies, bulletin_id=bulletin_id, title=title, by=by, now=now)

    def written() -> Iterator[Draft]:
        for draft, number in zip(plan.drafts, numbers, strict=True):
            yield _with_news(_registered(draft, number, bulletin_id))

    return replace(plan, drafts=Derived(len(numbers), written), bulletin_id=bulletin_id)


def _locked(connection: Connection, office: Office, plan: Preview) -> Preview:
    """The plan with its items locked, judged by what they are under the lock.

    On PostgreSQL a step of the workflow may end between the judging and here. Each turn locks what is met
    then, and what is locked changes no more: it comes to an end.
    """
    while plan.tally.outcomes.keys() - {ItemOutcome.NEW}:
        is_other = False
        for batch in batched(draft.met for draft in plan.drafts if draft.met is not None):
            met = {item.number: item for item in batch}
            locked = items.by_numbers(connection, met, lock=True)
            is_other |= {item.number: item for item in locked} != met
        if not is_other:
            break
        plan = judge(connection, office, plan.reading, plan.corrections)
    return plan


def _write_units(connection: Connection, plan: Preview, now: datetime) -> tuple[dict[str, int], list[int]]:
    """Ids by key of the units that are needed, and those of them that were added for it."""
    needed = plan.tally.needed | {unit.key: unit for unit in plan.aliases.values()}
    ids, added = {}, []
    for key, unit in needed.items():
        if unit.id is None:
            added.append(add_unit(connection, unit, now=now))
        ids[key] = unit.id or added[-1]
    return ids, added


@dataclass(frozen=True)
class _Places:
    """What new items refer to: their bulletin, their units by key, their ladders by class."""

    bulletin_id: int
    title: str
    unit_ids: Mapping[str, int]
    ladder_ids: Mapping[str, int]


def _write_chunk(
    connection: Connection, drafts: Sequence[Draft], places: _Places, *, by: str, now: datetime
) -> list[int]:
    """The number of each draft's item."""
    fresh = iter(items.numbers_for(connection, sum(draft.is_new for draft in drafts)))
    numbers = [next(fresh) if draft.is_new else draft.item.number for draft in drafts]
    written = [
        _registered(draft, number, places.bulletin_id) for draft, number in zip(drafts, numbers, strict=True)
    ]
    made = [draft for draft in written if draft.is_new]
    items.add(connection, [_item_row(draft, places, now) for draft in made])
    rows = [(draft.item.number, draft.item.standing, _NOTHING) for draft in made]
    history.append(connection, at=now, actor=by, event=IMPORT_EVENT, rows=rows)
    changes = _write_changes(connection, written, places.title, by, now)
    sightings.add(
        connection,
        [_sighting_row(draft, places.bulletin_id, changes.get(draft.item.number)) for draft in written],
    )
    return numbers


def _registered(draft: Draft, number: int, bulletin_id: int) -> Draft:
    return draft.with_item(draft.item.registered(number, bulletin_id)) if draft.is_new else draft


def _write_changes(
    connection: Connection, drafts: Sequence[Draft], title: str, by: str, now: datetime
) -> dict[int, int]:
    """Take over the new quantities; returns item number → id of the history row that tells of it."""
    changed = [draft for draft in drafts if draft.outcome is ItemOutcome.CHANGED]
    after = [_with_news(draft).item for draft in changed]
    items.set_quantities(connection, [(item.number, item.quantity, item.measure) for item in after])
    rows = [
        (item.number, item.standing, _change(draft, title))
        for draft, item in zip(changed, after, strict=True)
    ]
    ids = history.append(connection, at=now, actor=by, event=UPDATE_EVENT, rows=rows)
    return {item.number: history_id for item, history_id in zip(after, ids, strict=True)}


def _change(draft: Draft, title: str) -> dict[str, object]:
    before, after = draft.item, _with_news(draft).item
    detail: dict[str, object] = {"quantity": [before.quantity, after.quantity], "bulletin": title}
    if before.measure != after.measure:
        detail["measure"] = [before.measure, after.measure]
    if before.standing.remaining is not None:
        detail["remaining"] = [before.standing.remaining, None]
    return detail


def _with_news(draft: Draft) -> Draft:
    if draft.outcome is not ItemOutcome.CHANGED:
        return draft
    counted = draft.finding.quantity
    value, measure = (counted.value, counted.measure) if counted else (None, None)
    standing = replace(draft.item.standing, remaining=None)
    return draft.with_item(draft.item._replace(quantity=value, measure=measure, standing=standing))


def _item_row(draft: Draft, places: _Places, now: datetime) -> Mapping[str, object]:
    item = draft.item
    return {
        "number": item.number,
        "bulletin_id": item.bulletin_id,
        "unit_id": places.unit_ids[draft.unit.key],
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
        "rule": item.rule,
        "ladder_id": places.ladder_ids[item.problem_class],
        "next_reminder_at": item.next_reminder_at,
        "page_url": item.page_url,
        "next_check_at": first_check_at(item.page_url, now),
    }


def _sighting_row(draft: Draft, bulletin_id: int, history_id: int | None) -> Mapping[str, object]:
    read = draft.corrected.read
    return {
        "bulletin_id": bulletin_id,
        "item_number": draft.item.number,
        "identity": draft.read_identity,
        "outcome": draft.outcome.value,
        "quantity": read.quantity.value if read.quantity else None,
        "measure": read.quantity.measure if read.quantity else None,
        "annex": read.source.annex,
        "row": read.source.row,
        "ordinal": read.source.ordinal,
        "line": read.source.line,
        "unit_as_written": read.unit_as_written,
        "text": read.text,
        "history_id": history_id,
    }
