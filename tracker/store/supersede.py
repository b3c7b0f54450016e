"""Taking back messages before they leave: a "finish today" must not arrive on another day, nothing at
somebody who is no contact any more, nothing about items that are gone or need no doing any more.

Must never take back a letter of which the far side may have a part, unless its items are gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, or_, select, update

from tracker.domain.errors import Outcome
from tracker.domain.escalation import MessageKind
from tracker.domain.lifecycle import REMINDED, State
from tracker.store.conditions import among
from tracker.store.endpoints import PENDING, STANDBY
from tracker.store.outbox import COLUMNS, MessageState, StoredMessage, stored
from tracker.store.schema import attempt, item, message, message_item, reminder

_LATE, _GONE = "当日未能发出，已并入其后的提醒", "联系人或其联系方式已变更，改发给现在的联系人"
_REMOVED = "所涉事项的读入已撤回，未发出"
_UNTRUE = "发出前所涉事项的办理情况已变，未发出"
_WHILE_TO_DO = [
    kind.value for kind in (MessageKind.RETURNED, MessageKind.NUDGE, MessageKind.PAPER, MessageKind.HANDOUT)
]
_WHILE_DECIDED = [MessageKind.GRANTED.value, MessageKind.REFUSED.value]  # of an extension
_MOMENTARY = [*_WHILE_TO_DO, *_WHILE_DECIDED, MessageKind.STRUCK_OFF.value]
Rungs = list[tuple[int, datetime]]  # (item, rung) that the next planning has to speak for again


@dataclass(frozen=True)
class TakenBack:
    """What was taken back: the messages as they stood, each channel and part, and the rungs of reminders."""

    messages: tuple[StoredMessage, ...]
    rungs: Rungs


def supersede_stale(connection: Connection, before: datetime, now: datetime) -> Rungs:
    """Take back reminders decided before `before` of which nobody can have seen any part."""
    old = select(message.c.letter).where(or_(PENDING, STANDBY), message.c.created_at < before)
    reminders = select(message.c.letter).join(reminder, reminder.c.message_id == message.c.id)
    chosen = message.c.letter.in_(reminders.where(message.c.letter.in_(old)))
    return _take_back(connection, and_(chosen, _unseen(chosen)), _LATE, now).rungs


def supersede_for(
    connection: Connection,
    recipients: Collection[str],
    now: datetime,
    *,
    endpoint_ids: Collection[int] | None = None,
) -> TakenBack:
    """The same for all kinds of messages that wait to be sent to these recipients, or only for letters of
    which a part waits for these endpoints.
    """
    theirs = select(message.c.letter).where(PENDING, among(connection, message.c.recipient, recipients))
    if endpoint_ids is not None:
        theirs = theirs.where(message.c.endpoint_id.in_(endpoint_ids))
    chosen = message.c.letter.in_(theirs)
    return _take_back(connection, and_(chosen, _unseen(chosen)), _GONE, now)


def supersede_about(connection: Connection, numbers: Collection[int], now: datetime) -> Rungs:
    """The same for what waits to be sent about items that go with their import; rungs of other items only.

    Tried or not: that nobody was told is the caller's to know (`removal.obstacles`).
    """
    about = select(message_item.c.message_id).where(among(connection, message_item.c.item_number, numbers))
    rungs = _take_back(connection, message.c.id.in_(about), _REMOVED, now).rungs
    gone = set(numbers)
    return [(number, at) for number, at in rungs if number not in gone]


def supersede_untrue(connection: Connection, numbers: Collection[int], today: date, now: datetime) -> None:
    """Take back unseen notices, nudges and papers about these items that are true of none of the items they
    list any more. Call it when items stand otherwise than before, under the planner's turn.
    """
    about = select(message_item.c.message_id).where(among(connection, message_item.c.item_number, numbers))
    chosen = and_(message.c.kind.in_(_MOMENTARY), message.c.id.in_(about))
    still = select(message_item.c.message_id).join(item, item.c.number == message_item.c.item_number)
    running = or_(
        item.c.state != State.DEFERRED.value, item.c.deferred_until.is_(None), item.c.deferred_until < today
    )
    to_do = and_(item.c.state.in_([state.value for state in REMINDED]), running)
    so = or_(
        and_(message.c.kind.in_(_WHILE_TO_DO), to_do),
        and_(message.c.kind.in_(_WHILE_DECIDED), item.c.extension_to.is_(None)),
        and_(message.c.kind == MessageKind.STRUCK_OFF.value, item.c.state == State.STRUCK_OFF.value),
    )
    true = still.where(message_item.c.message_id == message.c.id, so).exists()
    _take_back(connection, and_(chosen, ~true, _unseen(chosen)), _UNTRUE, now)


def _waiting() -> ColumnElement[bool]:
    return message.c.state.in_([MessageState.PENDING.value, MessageState.STANDBY.value])


def _unseen(chosen: ColumnElement[bool]) -> ColumnElement[bool]:
    """Of letters of which the far side surely has no part, by no way, and will not get one at this moment."""
    refused = attempt.c.outcome.in_([Outcome.TEMPORARY.value, Outcome.PERMANENT.value])
    touched = or_(
        message.c.state == MessageState.SENDING.value,
        and_(attempt.c.id.is_not(None), or_(attempt.c.outcome.is_(None), ~refused)),
    )
    tried = select(message.c.letter).outerjoin(attempt, attempt.c.message_id == message.c.id)
    return message.c.letter.not_in(tried.where(touched, chosen))


def _take_back(connection: Connection, chosen: ColumnElement[bool], words: str, now: datetime) -> TakenBack:
    """Supersede what is pending of `chosen`. Its `dedup` is given up: the same may have to be said again."""
    query = select(*COLUMNS).where(_waiting(), chosen).order_by(message.c.id).with_for_update(of=message)
    rows = [stored(row) for row in connection.execute(query).mappings()]
    if not rows:
        return TakenBack((), [])
    connection.execute(
        update(message)
        .where(message.c.id == bindparam("which"))
        .values(
            state=MessageState.SUPERSEDED.value, settled_at=now, error=words, dedup=bindparam("given_up")
        ),
        [{"which": row.id, "given_up": _given_up(row.id)} for row in rows],
    )
    spoken = select(message.c.id).where(among(connection, message.c.letter, {row.letter for row in rows}))
    about = reminder.c.message_id.in_(spoken)
    gone = delete(reminder).where(about).returning(reminder.c.item_number, reminder.c.rung_at)
    rungs = [(number, at) for number, at in connection.execute(gone)]
    return TakenBack(tuple(rows), rungs)


def _given_up(message_id: int) -> str:
    return hashlib.sha256(f"superseded~{message_id}".encode()).hexdigest()
