"""The next way for a letter whose first one is refused or stays silent: from the robot to the short
message, say.

Must never give a letter up before its way had its time, nor let two ways go at once; the bytes were frozen
when the letter was planned, and bear its serial number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time
from itertools import groupby

from tracker.domain.escalation import PLANNED
from tracker.services.office import Office
from tracker.store import Connection, decisions, standby
from tracker.store.outbox import MessageState, StoredMessage

_DONE = "首选渠道已受理，备用渠道不再发"
_TAKEN_BACK = "首选渠道的消息已撤回，备用渠道不再发"
_LEFT = "首选渠道未能发出，已改走备用渠道"
_STALE = "首选渠道可能已于前日送达，备用渠道不再发"
_DEAD = "备用渠道的接收地址已停用，未发出"
_OVER = frozenset({MessageState.ACCEPTED.value, MessageState.SUPERSEDED.value})


def fail_over(connection: Connection, office: Office, now: datetime) -> None:
    """Let the next way of each letter go whose way so far was refused, or has had its time."""
    waiting = standby.letters(connection)
    if not waiting:
        return
    identifiers = [each.id for letter in waiting.values() for each in letter]
    tries = standby.first_tries(connection, identifiers)
    disabled = decisions.on_disabled(connection, identifiers)
    calendar, patience = office.rules.calendar, office.rules.delivery.fail_over_after
    release = office.rules.quiet.release(now, calendar)
    morning, release_morning = (calendar.at(calendar.today(at), time(0)) for at in (now, release))
    for letter in waiting.values():
        reserve = [each for each in letter if each.state == MessageState.STANDBY.value]
        front = [each for each in letter if each.rank < reserve[0].rank]
        planned_at = letter[0].created_at if letter[0].kind in PLANNED else now
        if words := _is_over(front):
            standby.stand_down(connection, [each.id for each in reserve], words, now)
        elif planned_at < morning:
            # What surely did not arrive was taken back and is planned anew: see `supersede_stale`.
            standby.stand_down(connection, [each.id for each in reserve], _STALE, now)
        elif planned_at >= release_morning and _has_failed(front, disabled, tries, now - patience):
            _change_over(connection, front, reserve, disabled, release, now=now)


def _is_over(front: Sequence[StoredMessage]) -> str | None:
    """Why no other way is needed any more, if so: one way has carried all of the letter, or it was taken
    back.
    """
    states = [{each.state for each in way} for _, way in groupby(front, key=lambda each: each.rank)]
    if {MessageState.ACCEPTED.value} in states:
        return _DONE
    return _TAKEN_BACK if states[-1] <= _OVER else None


def _has_failed(
    front: Sequence[StoredMessage],
    disabled: Collection[int],
    tries: Mapping[int, datetime],
    latest: datetime,
) -> bool:
    """Whether the way by which the letter goes now is cut off, or got no answer that says accepted though it
    was first tried at `latest`, or before.
    """
    way = [each for each in front if each.rank == front[-1].rank]
    states = {each.state for each in way}
    if MessageState.SENDING.value in states:
        return False
    if MessageState.FAILED.value in states:
        return True
    open_ = [each for each in way if each.state not in _OVER]
    if any(each.state == MessageState.PENDING.value and each.id in disabled for each in open_):
        return True
    return min(tries.get(each.id, each.send_after) for each in open_) <= latest


def _change_over(
    connection: Connection,
    front: Sequence[StoredMessage],
    reserve: Sequence[StoredMessage],
    disabled: Collection[int],
    release: datetime,
    *,
    now: datetime,
) -> None:
    """To the next way whose address is good; where there is none, the letter stays with the one it has."""
    usable = [each for each in reserve if each.id not in disabled]
    rank = usable[0].rank if usable else None
    useless = [each.id for each in reserve if rank is None or each.rank < rank]
    standby.stand_down(connection, useless, _DEAD, now)
    if rank is not None:
        standby.give_up(connection, [each.id for each in front], _LEFT, now)
        standby.let_go(connection, [each for each in usable if each.rank == rank], release)
