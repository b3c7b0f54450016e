"""One process's part in the queue: threads make the calls, one thread keeps the books.

What ended, what begins and what is claimed next share a transaction. Must never hold one open over a call,
drop an answer, or repeat a call that the far side may have taken.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from time import sleep
from typing import NamedTuple

from tracker.domain.delivery import MOST_REFUSALS, judge, rest_of
from tracker.domain.errors import DeliveryError, Outcome, StoreError
from tracker.services.allowance import Allowance, is_open
from tracker.services.office import Office
from tracker.store import Connection, claiming, endpoints, pauses, settling
from tracker.store.claiming import Claimed
from tracker.store.outbox import MessageState
from tracker.store.settling import Settled

LEASE = timedelta(minutes=5)  # at least twice as long as any call (`notifiers.transport`)
_PER_CLAIM = 200
_AHEAD = 5  # calls begun for each thread beyond the one it makes, at most
_MOMENT = 0.02  # seconds; so long is waited for further answers to write down with the first
_PATIENCE = (0.1, 0.5, 2.0, 5.0, 15.0)  # seconds between tries to write down what is known
_STRAY = "发送程序出错（{kind}），对方是否已受理不明；不会自动重发"
_TOO_LATE = "结果不明之后已过可重发的时限，对方可能已受理；不会自动重发"


class _Call(NamedTuple):
    """A call that is under way, and the row that says so."""

    claimed: Claimed
    attempt_id: int


@dataclass(frozen=True)
class _Answer:
    """What a call came to: the provider's id, or why not."""

    call: _Call
    provider_id: str = ""
    error: DeliveryError | None = None


class Sender:
    """Sends until nothing may leave any more. `note` hears of each message whose call has ended."""

    def __init__(
        self, office: Office, clock: Callable[[], datetime], note: Callable[[Settled], None]
    ) -> None:
        self._office, self._clock, self._note = office, clock, note
        self._claimed: deque[Claimed] = deque()
        self._answers: SimpleQueue[_Answer] = SimpleQueue()
        self._under_way = 0
        self._unwritten: list[_Answer] = []
        self._allowance: Allowance | None = None

    def run(self) -> None:
        """Raises StoreError when the database cannot be written for longer than is bearable."""
        senders = self._office.rules.delivery.senders
        try:
            with ThreadPoolExecutor(senders, thread_name_prefix="rectify-sender") as pool:
                while True:
                    ended = self._ended()
                    # Beyond one for each thread, what they can do while the books are kept; no more, since
                    # what was begun and not sent when the power fails is unknown.
                    ahead = min(2 * len(ended), _AHEAD * senders)
                    begun = self._keep_books(ended, senders + ahead - self._under_way)
                    for call in begun:
                        pool.submit(self._call, call)
                    self._under_way += len(begun)
                    if not self._under_way:
                        return
        finally:
            self._let_go()

    def _call(self, call: _Call) -> None:
        """In a thread of its own. Whatever happens here must be written down."""
        claimed = call.claimed
        try:
            provider_id = self._office.carriers[claimed.channel].send(claimed.address, claimed.payload)
            answer = _Answer(call, provider_id)
        except DeliveryError as error:
            answer = _Answer(call, error=error)
        except Exception as fault:  # nobody knows how far it came
            words = _STRAY.format(kind=type(fault).__name__)
            answer = _Answer(call, error=DeliveryError(words, outcome=Outcome.UNKNOWN))
        self._answers.put(answer)

    def _ended(self) -> list[_Answer]:
        """Calls that have ended: waits for one, if any is under way, and a moment for half of the others."""
        if not self._under_way:
            return []
        ended = [self._answers.get()]
        with suppress(Empty):
            while len(ended) < self._under_way // 2:
                ended.append(self._answers.get(timeout=_MOMENT))
        self._under_way -= len(ended)
        return ended

    def _keep_books(self, ended: Sequence[_Answer], free: int) -> list[_Call]:
        """Settle what ended, and begin up to `free` calls. A database that is busy, or that chose us as the
        victim of a deadlock, is asked again: what is known must not be forgotten.
        """
        self._unwritten += ended
        for pause in (*_PATIENCE, None):
            try:
                return self._write(free)
            except StoreError:
                if pause is None:
                    raise
                sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _write(self, free: int) -> list[_Call]:
        now, claimed = self._clock(), self._claimed.copy()
        try:
            with self._office.database.write() as connection:
                ended = [answer.call.claimed for answer in self._unwritten]
                held = settling.hold(connection, [*ended, *self._claimed])
                settled = [self._judged(connection, answer, now) for answer in self._unwritten]
                ours = settling.settle(connection, settled, held)
                self._mind_channels(connection, settled, now)
                begun = self._begin(connection, held, free, now)
        except BaseException:
            self._claimed, self._allowance = claimed, None  # what was claimed in this transaction, was not
            raise
        self._unwritten.clear()
        for each in ours:
            self._note(each)
        return begun

    def _begin(self, connection: Connection, held: set[int], free: int, now: datetime) -> list[_Call]:
        if not is_open(self._office, now) and not self._office.systems:
            settling.put_back(connection, self._claimed, held)
            self._claimed.clear()
            return []
        is_short, allowance = len(self._claimed) < free, self._allowance
        if allowance is None or is_short or allowance.has_budget:
            allowance = self._allowance = Allowance(connection, self._office, now)
        if is_short:
            found = self._claim(connection, allowance, now)
            self._claimed += found
            held |= {each.id for each in found}
        granted: list[Claimed] = []
        refused: list[Claimed] = []
        while self._claimed and len(granted) < free:
            each = self._claimed.popleft()
            (granted if allowance.grants(each, now) else refused).append(each)
        settling.put_back(connection, refused, held)
        granted = self._without_doubtful(connection, granted, held, now)
        begun = settling.begin_calls(connection, granted, held, now, LEASE)
        return [_Call(each, begun[each.id]) for each in granted if each.id in begun]

    def _claim(self, connection: Connection, allowance: Allowance, now: datetime) -> list[Claimed]:
        """Of a channel on trial one message, and none while others are on their way."""
        limits, carrying = allowance.limits, allowance.carrying(now)
        found = claiming.claim(connection, now, LEASE, limits, most=_PER_CLAIM, channels=carrying)
        if not self._under_way and not self._claimed:
            for channel in sorted(allowance.on_trial(now)):
                found += claiming.claim(connection, now, LEASE, limits, most=1, channels={channel})
        return found

    def _without_doubtful(
        self, connection: Connection, claimed: Sequence[Claimed], held: set[int], now: datetime
    ) -> list[Claimed]:
        """Leave out what the far side may have, and would show twice by now, unless a person ordered it."""
        late = [each for each in claimed if each.decided_at is None and self._is_too_late(each, now)]
        unknown = MessageState.UNKNOWN
        ends = [Settled(each, None, unknown, unknown.value, now, error=_TOO_LATE) for each in late]
        settling.settle(connection, ends, held)
        return [each for each in claimed if each not in late]

    def _is_too_late(self, claimed: Claimed, now: datetime) -> bool:
        within = self._office.carriers[claimed.channel].repeatable
        doubt = claimed.doubtful_since
        return doubt is not None and (within is None or now - doubt >= within)

    def _mind_channels(self, connection: Connection, settled: Sequence[Settled], now: datetime) -> None:
        """A channel that refuses everything rests; one that carries again after that does not any more."""
        for each in settled:
            if each.rests is not None:
                pauses.pause(connection, each.claimed.channel, each.error or "", now, now + each.rests)
                self._allowance = None
        if self._allowance is None or not self._allowance.paused:
            return
        fine = {each.claimed.channel for each in settled if each.state is MessageState.ACCEPTED}
        if fine:
            pauses.lift(connection, fine, now)

    def _judged(self, connection: Connection, answer: _Answer, now: datetime) -> Settled:
        claimed, attempt_id = answer.call
        error = answer.error
        if error is None:
            state = MessageState.ACCEPTED
            return Settled(claimed, attempt_id, state, state.value, now, provider_id=answer.provider_id)
        if error.is_about_channel and self._is_its_own(connection, claimed):
            return Settled(
                claimed, attempt_id, MessageState.FAILED, Outcome.PERMANENT.value, now, error=error.message
            )
        within = self._office.carriers[claimed.channel].repeatable
        doubt = claimed.doubtful_since or now
        verdict = judge(error, claimed.failures, is_repeatable=within is not None and now - doubt < within)
        state = MessageState.UNKNOWN if verdict.is_unknown else MessageState.FAILED
        return Settled(
            claimed,
            attempt_id,
            state if verdict.retry_after is None else MessageState.PENDING,
            Outcome.PERMANENT.value if error.is_about_channel else error.outcome.value,
            now,
            error=error.message,
            # The far side blocks the address, not the message: everything else for it waits too.
            retry_at=None if verdict.retry_after is None else now + verdict.retry_after,
            disables=verdict.disables,
            rests=rest_of(error) if error.is_about_channel else None,
        )

    def _is_its_own(self, connection: Connection, claimed: Claimed) -> bool:
        """Whether it is this message that is refused in the channel's name, and not the channel that
        refuses.
        """
        if claimed.refusals + 1 < MOST_REFUSALS:
            return False
        return endpoints.has_accepted(connection, claimed.channel, claimed.id)

    def _let_go(self) -> None:
        """On every way out: others may send what was claimed; a lease that cannot be given back runs out."""
        if self._claimed:
            with suppress(StoreError), self._office.database.write() as connection:
                held = settling.hold(connection, self._claimed)
                settling.put_back(connection, self._claimed, held)
            self._claimed.clear()
