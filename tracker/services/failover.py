"""The next way for a letter whose first one is refused or stays silent: from the robot to the short
message, say.

Must never give a letter up before its way had its time, nor let two ways go at once; the bytes were frozen
when the letter was planned, and bear its serial number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from tracker.domain.escalation import PLANNED
from tracker.services.office import Office
from tracker.store import Connection, standby
from tracker.store.outbox import MessageState, StoredMessage

_DONE = "首选渠道已受理，备用渠道不再发"
_TAKEN_BACK = "首选渠道的消息已撤回，备用渠道不再发"
_LEFT = "首选渠道未能发出，已改走备用渠道"
_STALE = "首选渠道可能已于前日送达，备用渠道不再发"
_OVER = frozenset({MessageState.ACCEPTED.value, MessageState.SUPERSEDED.value})


def fail_over(connection: Connection, office: Office, now: datetime) -> None:
    """Let the next way of each letter go whose way so far was refused, or has had its time."""
    waiting = standby.letters(connection)
    if not waiting:
        return
    tries = standby.first_tries(connection, [each.id for letter in waiting.values() for each in letter])
    calendar = office.rules.calendar
    release, morning = office.rules.quiet.release(now, calendar), calendar.at(calendar.today(now), time(0))
    for letter in waiting.values():
        reserve = [each for each in letter if each.state == MessageState.STANDBY.value]
        rank = min(each.rank for each in reserve)
        front = [each for each in letter if each.rank < rank]
        if all(each.state in _OVER for each in front):
            taken_back = any(each.state == MessageState.SUPERSEDED.value for each in front)
            words = _TAKEN_BACK if taken_back else _DONE
            standby.stand_down(connection, [each.id for each in reserve], words, now)
        elif letter[0].kind in PLANNED and letter[0].created_at < morning:
            # What surely did not arrive was taken back and is planned anew: see `supersede_stale`.
            standby.stand_down(connection, [each.id for each in reserve], _STALE, now)
        elif _has_failed(front, tries, now, office.rules.delivery.fail_over_after):
            standby.give_up(connection, [each.id for each in front], _LEFT, now)
            standby.let_go(connection, [each for each in reserve if each.rank == rank], release)


def _has_failed(
    front: Sequence[StoredMessage], tries: Mapping[int, datetime], now: datetime, patience: timedelta
) -> bool:
    """Refused for good, or for so long without an answer that says accepted."""
    states = {each.state for each in front}
    if MessageState.SENDING.value in states:
        return False
    if MessageState.FAILED.value in states:
        return True
    open_ = [each for each in front if each.state not in _OVER]
    began = [tries.get(each.id, each.send_after) for each in open_]
    return bool(began) and min(began) + patience <= now
