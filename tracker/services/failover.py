"""The next way for a letter whose first one is refused or stays silent: from the robot to the short
message, say.

Must never give a letter up before its way had its time, nor let two ways go at once; the bytes were frozen
when the letter was planned, and bear its serial number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import groupby

from tracker.domain.escalation import PLANNED
from tracker.services.office import Office
from tracker.store import Connection, decisions, endpoints, standby
from tracker.store.outbox import MessageState, StoredMessage

_DONE = "首选渠道已受理，备用渠道不再发"
_TAKEN_BACK = "首选渠道的消息已撤回，备用渠道不再发"
_LEFT = "首选渠道未能发出，已改走备用渠道"
_STALE = "首选渠道可能已于前日送达，备用渠道不再发"
_DEAD = "备用渠道的接收地址已停用，未发出"
_OVER = frozenset({MessageState.ACCEPTED.value, MessageState.SUPERSEDED.value})
_AT_ONCE = 500  # letters that are in memory


@dataclass(frozen=True)
class _Times:
    """now; when what may go now leaves (`release`); the mornings of both days; the latest first try of a way
    that has had its time.
    """

    now: datetime
    release: datetime
    morning: datetime
    release_morning: datetime
    latest: datetime


@dataclass
class _Steps:
    """What was decided about a number of letters. over: what need not go any more, by why."""

    over: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    left: list[int] = field(default_factory=list)
    going: list[StoredMessage] = field(default_factory=list)


def fail_over(connection: Connection, office: Office, now: datetime) -> None:
    """Let the next way of each letter go whose way so far was refused, or has had its time.

    Call it under the planner's turn.
    """
    calendar = office.rules.calendar
    release = office.rules.quiet.release(now, calendar)
    morning, release_morning = (calendar.at(calendar.today(at), time(0)) for at in (now, release))
    latest = now - office.rules.delivery.fail_over_after
    times = _Times(now, release, morning, release_morning, latest)
    letters = standby.undecided(connection, times.latest, times.morning)
    if not letters:
        return
    # All at once, as senders lock them: who locked some more later could wait in a ring.
    endpoints.lock(connection, standby.endpoints_of(connection, letters))
    woken: set[int] = set()
    for start in range(0, len(letters), _AT_ONCE):
        woken |= _decide(connection, letters[start : start + _AT_ONCE], times)
    endpoints.wake(connection, dict.fromkeys(woken, release))


def _decide(connection: Connection, letters: Sequence[str], times: _Times) -> set[int]:
    """Returns the endpoints to which something goes now."""
    found = standby.rows(connection, letters)
    identifiers = [each.id for letter in found.values() for each in letter]
    tries = standby.first_tries(connection, identifiers)
    disabled = set(decisions.on_disabled(connection, identifiers))
    steps = _Steps()
    for letter in found.values():
        _judge(steps, letter, tries, disabled, times)
    for words, over in steps.over.items():
        standby.stand_down(connection, over, words, times.now)
    standby.give_up(connection, steps.left, _LEFT, times.now)
    standby.let_go(connection, [each.id for each in steps.going], times.release)
    return {each.endpoint_id for each in steps.going}


def _judge(
    steps: _Steps,
    letter: Sequence[StoredMessage],
    tries: Mapping[int, datetime],
    disabled: Collection[int],
    times: _Times,
) -> None:
    reserve = [each for each in letter if each.state == MessageState.STANDBY.value]
    if not reserve:  # somebody else has decided meanwhile
        return
    front = [each for each in letter if each.rank < reserve[0].rank]
    planned_at = letter[0].created_at if letter[0].kind in PLANNED else times.now
    if words := _is_over(front):
        steps.over[words] += [each.id for each in reserve]
    elif planned_at < times.morning:
        # What surely did not arrive was taken back and is planned anew: see `supersede_stale`.
        steps.over[_STALE] += [each.id for each in reserve]
    elif planned_at >= times.release_morning and _has_failed(front, disabled, tries, times.latest):
        _change_over(steps, front, reserve, disabled)


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
    steps: _Steps, front: Sequence[StoredMessage], reserve: Sequence[StoredMessage], disabled: Collection[int]
) -> None:
    """To the next way whose address is good; where there is none, the letter stays with the one it has."""
    usable = [each for each in reserve if each.id not in disabled]
    rank = usable[0].rank if usable else None
    steps.over[_DEAD] += [each.id for each in reserve if rank is None or each.rank < rank]
    if rank is not None:
        steps.left += [each.id for each in front]
        steps.going += [each for each in usable if each.rank == rank]
