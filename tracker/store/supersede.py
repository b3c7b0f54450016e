"""Taking back messages before they leave: a "finish today" must not arrive on another day, nothing at
somebody who is no contact any more, nothing about items that are gone or need no doing any more.

Must never take back a way of which the far side may have a part, unless its items are gone; what merely
stands by may always be taken back. Call all of it under the planner's turn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, or_, select, union, update

from tracker.domain.errors import Outcome
from tracker.domain.escalation import MessageKind
from tracker.domain.lifecycle import FINAL, REMINDED, State
from tracker.store import endpoints, standby
from tracker.store.conditions import among
from tracker.store.endpoints import PENDING, STANDBY
from tracker.store.outbox import COLUMNS, MessageState, StoredMessage, stored
from tracker.store.schema import attempt, item, message, message_item, reminder

_LATE, _GONE = "当日未能发出，已并入其后的提醒", "联系人或其联系方式已变更，改发给现在的联系人"
_LATE_RESERVE = "首选渠道可能已于前日送达，备用渠道不再发"
_GONE_RESERVE = "联系人或其联系方式已变更，备用渠道不再发"
_REMOVED = "所涉事项的读入已撤回，未发出"
_UNTRUE = "发出前所涉事项的办理情况已变，未发出"
_VOID, _VOID_RESERVE = "文书已作废，未发出", "文书已作废，备用渠道不再发"
_CUT_OFF = "接收地址已停用，同一消息的其余部分未能送达，不再发送"
_WHILE_TO_DO = [
    kind.value
    for kind in (
        MessageKind.RETURNED,
        MessageKind.NUDGE,
        MessageKind.PAPER,
        MessageKind.HANDOUT,
        MessageKind.RECURRED,
    )
]
_WHILE_DECIDED = [MessageKind.GRANTED.value, MessageKind.REFUSED.value]  # of an extension
_MOMENTARY = [*_WHILE_TO_DO, *_WHILE_DECIDED, MessageKind.STRUCK_OFF.value]
_OF_THE_DAY = [kind.value for kind in (MessageKind.REMINDER, MessageKind.DUE_TODAY, MessageKind.OVERDUE)]
_UNTIL_FINAL = [MessageKind.ESCALATION.value, MessageKind.STAFF.value]
Rungs = list[tuple[int, datetime]]  # (item, rung) that the next planning has to speak for again
_AT_ONCE = 1000  # letters that are in memory


@dataclass(frozen=True)
class TakenBack:
    """What was taken back: the messages as they stood, each channel and part, and the rungs of reminders."""

    messages: tuple[StoredMessage, ...]
    rungs: Rungs


def supersede_stale(connection: Connection, before: datetime, now: datetime) -> Rungs:
    """Take back reminders decided before `before` of which nobody can have seen any part; and the untried
    further ways of those that somebody may have seen.
    """
    # `coalesce`: by the bare moment SQLite would walk the whole history in place of what waits.
    old = _letters(connection, func.coalesce(message.c.created_at, message.c.created_at) < before)
    if not old:
        return []
    reminding = select(message.c.letter).join(reminder, reminder.c.message_id == message.c.id).distinct()
    letters = sorted(connection.execute(reminding.where(among(connection, message.c.letter, old))).scalars())
    rungs: Rungs = []
    for start in range(0, len(letters), _AT_ONCE):
        some = letters[start : start + _AT_ONCE]
        rungs += _take_back(connection, some, _LATE, now, reserve_words=_LATE_RESERVE).rungs
    return rungs


def supersede_for(
    connection: Connection,
    recipients: Collection[str],
    now: datetime,
    *,
    endpoint_ids: Collection[int] | None = None,
) -> TakenBack:
    """The same for all kinds of messages that wait to be sent to these recipients, or only for letters of
    which a part waits for these endpoints. Further ways of what somebody may have seen: see `reserves`.
    """
    theirs = among(connection, message.c.recipient, recipients)
    if endpoint_ids is not None:
        theirs = and_(theirs, PENDING, among(connection, message.c.endpoint_id, set(endpoint_ids)))
    return _take_back(connection, _letters(connection, theirs), _GONE, now)


def endpoints_for(connection: Connection, recipients: Collection[str]) -> set[int]:
    """The endpoints of the letters of which something waits for these recipients, or stands by."""
    letters = _letters(connection, among(connection, message.c.recipient, recipients))
    return standby.endpoints_of(connection, letters) if letters else set()


def reserves(connection: Connection, recipients: Collection[str]) -> list[StoredMessage]:
    """The untried further ways of letters to these recipients that they may have seen already."""
    letters = _letters(connection, among(connection, message.c.recipient, recipients))
    touched = _touched(connection, letters)
    seen = {letter for letter, _ in touched}
    return [each for each in _waiting(connection, seen) if (each.letter, each.rank) not in touched]


def drop_reserves(connection: Connection, messages: Iterable[StoredMessage], now: datetime) -> None:
    """Take some of these back: whoever is to be told has left, or has another address."""
    _end(connection, [each.id for each in messages], _GONE_RESERVE, now)


def supersede_about(connection: Connection, numbers: Collection[int], now: datetime) -> Rungs:
    """The same for what waits to be sent about items that go with their import; rungs of other items only.

    Tried or not: that nobody was told is the caller's to know (`removal.obstacles`).
    """
    about = select(message_item.c.message_id).where(among(connection, message_item.c.item_number, numbers))
    letters = _letters(connection, message.c.id.in_(about))
    rungs = _take_back(connection, letters, _REMOVED, now, tried_or_not=True).rungs
    gone = set(numbers)
    return [(number, at) for number, at in rungs if number not in gone]


def supersede_untrue(connection: Connection, numbers: Collection[int], today: date, now: datetime) -> None:
    """Take back unseen notices, nudges and papers about these items that are true of none of the items they
    list any more. Call it when items stand otherwise than before.
    """
    about = select(message_item.c.message_id).where(among(connection, message_item.c.item_number, numbers))
    untrue = and_(message.c.kind.in_(_MOMENTARY), message.c.id.in_(about), ~_is_true(today))
    _take_back(connection, _letters(connection, untrue), _UNTRUE, now, reserve_words=_UNTRUE)


def supersede_paper(connection: Connection, reason: str, now: datetime) -> None:
    """Take back what waits of a paper that is void: the letters whose reason begins so."""
    its = and_(
        message.c.kind == MessageKind.PAPER.value, message.c.reason.startswith(reason, autoescape=True)
    )
    _take_back(connection, _letters(connection, its), _VOID, now, reserve_words=_VOID_RESERVE)


def close_remains(connection: Connection, endpoint_ids: Collection[int], now: datetime) -> None:
    """Close what waits at endpoints that are disabled of letters that went there in part: the rest alone
    would tell nothing, and leave weeks later when the address is used again.
    """
    part = message.alias("part")
    ended = (MessageState.ACCEPTED.value, MessageState.UNKNOWN.value, MessageState.FAILED.value)
    same_way = and_(part.c.letter == message.c.letter, part.c.rank == message.c.rank)
    begun = select(part.c.id).where(same_way, part.c.state.in_(ended)).exists()
    query = select(message.c.id).where(PENDING, among(connection, message.c.endpoint_id, set(endpoint_ids)))
    endpoints.lock(connection, endpoint_ids)
    _end(connection, list(connection.execute(query.where(begun)).scalars()), _CUT_OFF, now)


def untrue(connection: Connection, identifiers: Collection[int], morning: datetime, today: date) -> set[int]:
    """Those of these messages that are not true any more: of another day, or of no item that they list."""
    query = select(message.c.id).where(among(connection, message.c.id, set(identifiers)))
    of_the_day = message.c.kind.in_([*_OF_THE_DAY, *_UNTIL_FINAL])
    about_items = message.c.kind.in_([*_MOMENTARY, *_OF_THE_DAY, *_UNTIL_FINAL])
    lists = select(message_item.c.item_number).where(message_item.c.message_id == message.c.id).exists()
    old, over = and_(of_the_day, message.c.created_at < morning), and_(about_items, lists, ~_is_true(today))
    return set(connection.execute(query.where(or_(old, over))).scalars())


def _is_true(today: date) -> ColumnElement[bool]:
    """Of one item at least that a message lists."""
    still = select(message_item.c.message_id).join(item, item.c.number == message_item.c.item_number)
    running = or_(
        item.c.state != State.DEFERRED.value, item.c.deferred_until.is_(None), item.c.deferred_until < today
    )
    to_do = and_(item.c.state.in_([state.value for state in REMINDED]), running)
    so = or_(
        and_(message.c.kind.in_([*_WHILE_TO_DO, *_OF_THE_DAY]), to_do),
        and_(message.c.kind.in_(_UNTIL_FINAL), item.c.state.not_in([state.value for state in FINAL])),
        and_(message.c.kind.in_(_WHILE_DECIDED), item.c.extension_to.is_(None)),
        and_(message.c.kind == MessageKind.STRUCK_OFF.value, item.c.state == State.STRUCK_OFF.value),
    )
    return still.where(message_item.c.message_id == message.c.id, so).exists()


def _letters(connection: Connection, *which: ColumnElement[bool]) -> list[str]:
    """Letters of which a message that is such waits, or stands by: by the two indexes of what waits, however
    long the history is.
    """
    both = union(*(select(message.c.letter).where(state, *which) for state in (PENDING, STANDBY)))
    return sorted(connection.execute(both).scalars())


def _waiting(connection: Connection, letters: Collection[str]) -> list[StoredMessage]:
    """What waits of these letters, or stands by."""
    states = message.c.state.in_([MessageState.PENDING.value, MessageState.STANDBY.value])
    query = select(*COLUMNS).where(among(connection, message.c.letter, letters), states)
    return [stored(row) for row in connection.execute(query.order_by(message.c.id)).mappings()]


def _touched(connection: Connection, letters: Collection[str]) -> set[tuple[str, int]]:
    """The ways (letter, rank) of which the far side may have a part, or may get one at this moment."""
    refused = attempt.c.outcome.in_([Outcome.TEMPORARY.value, Outcome.PERMANENT.value])
    touched = or_(
        message.c.state == MessageState.SENDING.value,
        and_(attempt.c.id.is_not(None), or_(attempt.c.outcome.is_(None), ~refused)),
    )
    tried = select(message.c.letter, message.c.rank).outerjoin(attempt, attempt.c.message_id == message.c.id)
    query = tried.where(touched, among(connection, message.c.letter, letters)).distinct()
    return {(letter, rank) for letter, rank in connection.execute(query)}


def _take_back(
    connection: Connection,
    letters: Collection[str],
    words: str,
    now: datetime,
    *,
    reserve_words: str | None = None,
    tried_or_not: bool = False,
) -> TakenBack:
    """Supersede what waits of those of these letters that nobody has seen: their `dedup` is given up, since
    the same may have to be said again. reserve_words: with these, also the untried ways of the others.
    """
    if not letters:
        return TakenBack((), [])
    endpoints.lock(connection, standby.endpoints_of(connection, letters))
    touched = set() if tried_or_not else _touched(connection, letters)
    seen = {letter for letter, _ in touched}
    rows = _waiting(connection, letters)
    if reserve_words:
        untried = [each for each in rows if each.letter in seen and (each.letter, each.rank) not in touched]
        _end(connection, [each.id for each in untried], reserve_words, now)
    whole = [each for each in rows if each.letter not in seen]
    if not whole:
        return TakenBack((), [])
    _end(connection, [each.id for each in whole], words, now)
    given_up = update(message).where(message.c.id == bindparam("which")).values(dedup=bindparam("given_up"))
    connection.execute(given_up, [{"which": each.id, "given_up": _given_up(each.id)} for each in whole])
    spoken = select(message.c.id).where(among(connection, message.c.letter, {each.letter for each in whole}))
    about = reminder.c.message_id.in_(spoken)
    gone = delete(reminder).where(about).returning(reminder.c.item_number, reminder.c.rung_at)
    return TakenBack(tuple(whole), [(number, at) for number, at in connection.execute(gone)])


def _end(connection: Connection, identifiers: Collection[int], words: str, now: datetime) -> None:
    over = {"state": MessageState.SUPERSEDED.value, "settled_at": now, "error": words}
    connection.execute(update(message).where(among(connection, message.c.id, identifiers)).values(over))


def _given_up(message_id: int) -> str:
    return hashlib.sha256(f"superseded~{message_id}".encode()).hexdigest()
