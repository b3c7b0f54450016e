"""Carrying the outbox out: claim, close the transaction, call, record; several calls at a time.

One thread alone speaks with the database: what ended, what begins and what is claimed next share a
transaction. Must never hold one open over a call, render anything again, or repeat a send whose outcome is
unknown.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from queue import Empty, SimpleQueue
from typing import NamedTuple

from tracker.domain.delivery import CHANNEL_REST, judge
from tracker.domain.errors import DeliveryError, Outcome
from tracker.services.alarms import raise_alarms
from tracker.services.allowance import Allowance, is_open
from tracker.services.failover import fail_over
from tracker.services.office import Office
from tracker.services.unknowns import apply_rule
from tracker.store import Connection, claiming, clockwork, mailbox, pauses, reminders, settling
from tracker.store.claiming import Claimed
from tracker.store.outbox import MessageState
from tracker.store.settling import Settled
from tracker.store.supersede import supersede_stale

LEASE = timedelta(minutes=5)  # far longer than any channel's timeout
_PER_CLAIM = 200
_AHEAD = 3  # calls begun for each thread beyond the one it makes, at most
_MOMENT = 0.02  # seconds; so long is waited for further answers to write down with the first
_STRAY = "发送程序出错（{kind}），对方是否已受理不明；不会自动重发"


@dataclass(frozen=True)
class Delivery:
    """How many messages this run carried out, by how it ended, and how many wait now."""

    accepted: int
    failed: int
    unknown: int
    pending: int


def deliver(
    office: Office, clock: Callable[[], datetime], on_settled: Callable[[int], None] = lambda _: None
) -> Delivery:
    """Send what is due until nothing may be sent any more; outside working hours nothing is.

    `on_settled` is told the id of each message whose call has ended, however it did.
    """
    _tidy(office, clock())
    counts: Counter[MessageState] = Counter()

    def note(settled: Settled) -> None:
        counts[settled.state] += 1
        on_settled(settled.claimed.id)

    _Sender(office, clock, note).run()
    see_to(office, clock())
    _Sender(office, clock, note).run()  # what goes another way now, and the alarms
    with office.database.read() as connection:
        pending = mailbox.waiting(connection)
    return Delivery(
        counts[MessageState.ACCEPTED], counts[MessageState.FAILED], counts[MessageState.UNKNOWN], pending
    )


def _tidy(office: Office, now: datetime) -> None:
    """Settle what a dead sender left, and take back reminders of a day that is over.

    A "finish today" that could not leave on its day must not arrive on another: its items are due again
    and the next planning speaks for them. Planning waits meanwhile.
    """
    calendar = office.rules.calendar
    morning = calendar.at(calendar.today(now), time(0))
    with office.database.write() as connection:
        clockwork.take_planning_turn(connection)
        settling.abandon_expired(connection, now)
        reminders.wake(connection, supersede_stale(connection, morning, now))
    see_to(office, now)


def see_to(office: Office, now: datetime) -> None:
    """What follows from failures: the office's rule for the unknown, the next way, and somebody who is
    told.
    """
    with office.database.write() as connection:
        clockwork.take_planning_turn(connection)
        apply_rule(connection, office, now)
        fail_over(connection, office, now)
        raise_alarms(connection, office, now)


class _Sender:
    """One process's part in the queue. Threads make the calls; this thread keeps the books."""

    def __init__(
        self, office: Office, clock: Callable[[], datetime], note: Callable[[Settled], None]
    ) -> None:
        self._office, self._clock, self._note = office, clock, note
        self._claimed: deque[Claimed] = deque()
        self._answers: SimpleQueue[_Answer] = SimpleQueue()
        self._under_way = 0
        self._allowance: Allowance | None = None

    def run(self) -> None:
        """Until nothing may leave any more."""
        senders = self._office.rules.delivery.senders
        with ThreadPoolExecutor(senders, thread_name_prefix="rectify-sender") as pool:
            while True:
                ended = self._ended()
                # Beyond one for each thread, what they can do while the books are kept; no more, since what
                # was begun and not sent when the power fails is unknown.
                ahead = min(len(ended), _AHEAD * senders)
                begun = self._keep_books(ended, senders + ahead - self._under_way)
                for call in begun:
                    pool.submit(self._call, call)
                self._under_way += len(begun)
                if not self._under_way:
                    return

    def _call(self, call: _Call) -> None:
        """In a thread of its own. Whatever happens here must be written down."""
        notifier = self._office.channels.get(call.claimed.channel)
        try:
            if notifier is None:
                raise DeliveryError(f"渠道 {call.claimed.channel} 已停用", outcome=Outcome.PERMANENT)
            answer = _Answer(call, notifier.send(call.claimed.address, call.claimed.payload))
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
        """Settle what ended, and begin up to `free` calls: one transaction."""
        now = self._clock()
        settled = [self._judged(answer, now) for answer in ended]
        with self._office.database.write() as connection:
            settling.settle(connection, settled)
            self._mind_channels(connection, ended, now)
            begun = self._begin(connection, free, now)
        for each in settled:
            self._note(each)
        return begun

    def _begin(self, connection: Connection, free: int, now: datetime) -> list[_Call]:
        if not is_open(self._office, now):
            settling.put_back(connection, self._claimed)
            self._claimed.clear()
            return []
        allowance, is_short = self._allowance, len(self._claimed) < free
        if allowance is None or allowance.has_budget or is_short:
            allowance = self._allowance = Allowance(connection, self._office, now)
        if is_short:
            self._claimed += claiming.claim(
                connection, now, LEASE, allowance.limits, most=_PER_CLAIM, resting=allowance.resting(now)
            )
        granted: list[Claimed] = []
        refused: list[Claimed] = []
        while self._claimed and len(granted) < free:
            each = self._claimed.popleft()
            (granted if allowance.grants(each, now) else refused).append(each)
        settling.put_back(connection, refused)
        begun = settling.begin_calls(connection, granted, now, LEASE)
        return [_Call(each, begun[each.id]) for each in granted if each.id in begun]

    def _mind_channels(self, connection: Connection, ended: Sequence[_Answer], now: datetime) -> None:
        """A channel that refuses everything rests; one that carries again after that does not any more."""
        for answer in ended:
            if answer.error is not None and answer.error.is_about_channel:
                channel = answer.call.claimed.channel
                pauses.pause(connection, channel, answer.error.message, now, now + CHANNEL_REST)
                self._allowance = None
        if self._allowance is not None and self._allowance.paused:
            fine = {answer.call.claimed.channel for answer in ended if answer.error is None}
            pauses.lift(connection, fine, now)

    def _judged(self, answer: _Answer, now: datetime) -> Settled:
        claimed, attempt_id = answer.call
        error = answer.error
        if error is None:
            state = MessageState.ACCEPTED
            return Settled(claimed, attempt_id, state, state.value, now, provider_id=answer.provider_id)
        first = claimed.first_tried_at or now
        notifier = self._office.channels.get(claimed.channel)
        within = notifier.repeatable if notifier else None
        verdict = judge(error, claimed.attempts, is_repeatable=within is not None and now - first < within)
        state = MessageState.UNKNOWN if verdict.is_unknown else MessageState.FAILED
        return Settled(
            claimed,
            attempt_id,
            state if verdict.retry_after is None else MessageState.PENDING,
            error.outcome.value,
            now,
            error=error.message,
            # The far side blocks the address, not the message: everything else for it waits too.
            retry_at=None if verdict.retry_after is None else now + verdict.retry_after,
            disables=verdict.disables,
            is_counted=not error.is_about_channel,
        )


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
