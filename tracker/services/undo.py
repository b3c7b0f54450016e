"""Taking a whole import back, while nobody has worked on what it made.

Must never undo half: either everything the import did goes, or nothing does and the reasons are named.
Numbers are not given again; the bulletin's row stays in the ledger, and the history tells of items gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tracker.domain.errors import NotFoundError, TransitionError
from tracker.domain.escalation import next_rung_at
from tracker.domain.items import Item
from tracker.domain.lifecycle import Standing, State
from tracker.domain.people import DECIDING
from tracker.domain.step_back import UNDOES
from tracker.services.judging import require
from tracker.services.ladders import LadderBook
from tracker.services.office import Office
from tracker.services.unit_names import take_registry_turn
from tracker.store import Connection, bulletins, clockwork, history, items, reminders, removal, sightings
from tracker.store.bulletins import StoredBulletin
from tracker.store.sightings import StoredSighting
from tracker.store.supersede import supersede_about

_MADE = frozenset({"new", "reappeared"})
_COUNTED = ("quantity", "measure", "remaining")


def undo(office: Office, bulletin_id: int, *, by: str, reason: str, now: datetime) -> StoredBulletin:
    """Take an import back and return its row of the ledger.

    Raises NotFoundError for a bulletin nobody has, ForbiddenError for whoever is not of the bureau,
    TransitionError (with `numbers` in its details) when it was undone before, no reason is given, or items
    have been worked on since.
    """
    by, reason = by.strip(), reason.strip()
    if not by or not reason:
        raise TransitionError("撤回读入须写明经办人（--by）和理由（--reason）")
    with office.database.write() as connection:
        require(connection, by, DECIDING, "撤回读入")
        take_registry_turn(connection)
        clockwork.take_planning_turn(connection)  # messages and papers about the items go too
        stored = bulletins.by_id(connection, bulletin_id, lock=True)
        if stored is None:
            raise NotFoundError(f"没有序号为 {bulletin_id} 的通报", details={"bulletin": bulletin_id})
        if stored.undone_at is not None:
            raise TransitionError(f"《{stored.title}》的读入已由{stored.undone_by}撤回")
        seen = sightings.of_bulletin(connection, bulletin_id)
        made = [each.item_number for each in seen if each.outcome in _MADE]
        news = [each for each in seen if each.history_id is not None]
        # Locked before they are judged: no step of the workflow may slip in between.
        locked = items.by_numbers(connection, [each.item_number for each in seen], lock=True)
        _refuse_worked_on(connection, stored, made, news)
        for each in reversed(news):  # last first: a reply may follow the one that handed the item in
            _restore(connection, office, stored, each, by=by, reason=reason, now=now)
        # A reply is known by its note: were it left, the same document would bring nothing the next time.
        removal.remove_evidence(connection, [each.history_id or 0 for each in news])
        reminders.wake(connection, supersede_about(connection, made, now))
        numbers = set(made)
        gone = [item for item in locked if item.number in numbers]
        _tell_of_removal(connection, stored, gone, by=by, reason=reason, now=now)
        removal.remove_items(connection, numbers, bulletin_id)
        listed = [entry.name for entry in office.rules.units]
        removal.remove_unused_units(connection, stored.added_units, listed)
        bulletins.set_columns(connection, bulletin_id, undone_at=now, undone_by=by, undone_reason=reason)
        return replace(stored, undone_at=now, undone_by=by, undone_reason=reason)


def _refuse_worked_on(
    connection: Connection, stored: StoredBulletin, made: Sequence[int], news: Sequence[StoredSighting]
) -> None:
    found = removal.obstacles(connection, made, stored.id)
    last = {each.item_number: each.history_id or 0 for each in news}  # an item's last row of this import
    if later := removal.changed_since(connection, last.items()):
        found["读入后又有变动"] = later
    if not found:
        return
    words = "；".join(
        f"第 {'、'.join(map(str, numbers))} 号事项{reason}" for reason, numbers in found.items()
    )
    numbers = sorted({number for some in found.values() for number in some})
    raise TransitionError(f"《{stored.title}》不能撤回：{words}", details={"numbers": numbers})


def _tell_of_removal(
    connection: Connection,
    stored: StoredBulletin,
    gone: Sequence[Item],
    *,
    by: str,
    reason: str,
    now: datetime,
) -> None:
    """The last row of each item that goes. By its moment and actor it belongs to the undone import."""
    rows = [
        (item.number, replace(item.standing, state=State.WITHDRAWN), {"bulletin": stored.title})
        for item in gone
    ]
    history.append(connection, at=now, actor=by, event=removal.UNDO_EVENT, reason=reason, rows=rows)


def _restore(
    connection: Connection,
    office: Office,
    stored: StoredBulletin,
    news: StoredSighting,
    *,
    by: str,
    reason: str,
    now: datetime,
) -> None:
    """Put back what the import changed on an item tracked before; the history tells of both."""
    [item] = items.by_numbers(connection, [news.item_number])
    standing = item.standing
    detail: dict[str, object] = {"bulletin": stored.title, UNDOES: news.history_id}
    if news.outcome == sightings.SUBMITTED:
        standing = _as_before_submission(connection, item)
        ladder = LadderBook(connection, office.rules, [item.number]).of(item.number)
        rung = next_rung_at(ladder, standing, now, office.rules.calendar)
        items.save_standing(connection, item.number, standing, next_reminder_at=rung)
    written = history.detail(connection, news.history_id or 0)
    changes = {name: change for name in _COUNTED if isinstance(change := written.get(name), list)}
    if "quantity" in changes:
        before = {"quantity": item.quantity, "measure": item.measure}
        before |= {name: change[0] for name, change in changes.items()}
        items.set_columns(connection, item.number, **before)
        detail |= {name: change[::-1] for name, change in changes.items()}
    rows = [(item.number, standing, detail)]
    history.append(connection, at=now, actor=by, event=removal.UNDO_EVENT, reason=reason, rows=rows)


def _as_before_submission(connection: Connection, item: Item) -> Standing:
    state = removal.state_before(connection, item.number, [State.OPEN.value, State.SIGNED.value])
    return replace(item.standing, state=State(state), submitted_by=None, submitted_at=None)
