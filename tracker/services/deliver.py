"""Carrying the outbox out: claim, close the transaction, call, record; several calls at a time.

One thread alone speaks with the database: what ended, what begins and what is claimed next share a
transaction. Must never hold one open over a call, render anything again, or repeat a send whose outcome is
unknown.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from notifiers.base import Notifier
from tracker.domain.delivery import judge
from tracker.domain.errors import DeliveryError, Outcome, Scope
from tracker.services.alarms import raise_alarms
from tracker.services.allowance import Allowance
from tracker.services.failover import fail_over
from tracker.services.office import Office
from tracker.services.unknowns import apply_rule
from tracker.store import Connection, claiming, clockwork, mailbox, pauses, reminders, settling
from tracker.store.claiming import Claimed
from tracker.store.outbox import MessageState
from tracker.store.settling import Settled
from tracker.store.supersede import supersede_stale

LEASE = timedelta(minutes=5)  # far longer than any channel's timeout
_PER_CLAIM = 100
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
        self._running: dict[Future[_Answer], tuple[Claimed, int]] = {}

    def run(self) -> None:
        """Until nothing may leave any more."""
        senders = self._office.rules.delivery.senders
        with ThreadPoolExecutor(senders, thread_name_prefix="rectify-sender") as pool:
            while True:
                ended = self._ended()
                begun = self._keep_books(ended, senders - len(self._running))
                for claimed, attempt_id in begun:
                    notifier = self._office.channels.get(claimed.channel)
                    self._running[pool.submit(_call, notifier, claimed)] = claimed, attempt_id
                if not self._running:
                    return

    def _ended(self) -> list[tuple[Claimed, int, _Answer]]:
        """Calls that have ended; waits for one, if any is under way."""
        done = wait(self._running, return_when=FIRST_COMPLETED).done if self._running else set()
        return [(*self._running.pop(future), future.result()) for future in done]

    def _keep_books(self, ended: list[tuple[Claimed, int, _Answer]], free: int) -> list[tuple[Claimed, int]]:
        """Settle what ended, and begin up to `free` calls: one transaction."""
        now = self._clock()
        with self._office.database.write() as connection:
            settled = [self._judged(*each, now) for each in ended]
            settling.settle(connection, settled)
            self._mind_channels(connection, ended, now)
            begun = self._begin(connection, free, now)
        for each in settled:
            self._note(each)
        return begun

    def _begin(self, connection: Connection, free: int, now: datetime) -> list[tuple[Claimed, int]]:
        allowance = Allowance(connection, self._office, now)
        if not allowance.is_open:
            settling.put_back(connection, self._claimed)
            self._claimed.clear()
            return []
        if len(self._claimed) < free:
            self._claimed += claiming.claim(
                connection, now, LEASE, allowance.limits, most=_PER_CLAIM, resting=allowance.resting
            )
        some = [self._claimed.popleft() for _ in range(min(free, len(self._claimed)))]
        held = [each for each in some if not allowance.grants(each)]
        settling.put_back(connection, held)
        begun = settling.begin_calls(connection, [each for each in some if each not in held], now, LEASE)
        return [(each, begun[each.id]) for each in some if each.id in begun]

    def _mind_channels(
        self, connection: Connection, ended: list[tuple[Claimed, int, _Answer]], now: datetime
    ) -> None:
        """A channel that refuses everything rests; one that carries again does not any more."""
        for claimed, _, answer in ended:
            error = answer.error
            if error is not None and error.scope is Scope.CHANNEL and error.outcome is not Outcome.UNKNOWN:
                verdict = judge(error, claimed.attempts, is_repeatable=False)
                assert verdict.retry_after is not None
                pauses.pause(connection, claimed.channel, error.message, now, now + verdict.retry_after)
        fine = {claimed.channel for claimed, _, answer in ended if answer.error is None}
        if fine:
            pauses.lift(connection, fine)

    def _judged(self, claimed: Claimed, attempt_id: int, answer: _Answer, now: datetime) -> Settled:
        error = answer.error
        if error is None:
            state = MessageState.ACCEPTED
            return Settled(claimed, attempt_id, state, state.value, now, provider_id=answer.provider_id)
        first = claimed.first_tried_at or now
        notifier = self._office.channels.get(claimed.channel)
        within = notifier.repeatable if notifier else None
        verdict = judge(error, claimed.attempts, is_repeatable=within is not None and now - first < within)
        state = MessageState.UNKNOWN if verdict.is_unknown else MessageState.FAILED
        if verdict.retry_after is not None:
            state = MessageState.PENDING
        return Settled(
            claimed,
            attempt_id,
            state,
            error.outcome.value,
            now,
            error=error.message,
            # The far side blocks the address, not the message: everything else for it waits too.
            retry_at=None if verdict.retry_after is None else now + verdict.retry_after,
            disables=verdict.disables,
        )


@dataclass(frozen=True)
class _Answer:
    """What a call came to: the provider's id, or why not."""

    provider_id: str = ""
    error: DeliveryError | None = None


def _call(notifier: Notifier | None, claimed: Claimed) -> _Answer:
    """In a thread of its own. Raises nothing: whatever happens here must be written down."""
    try:
        if notifier is None:
            raise DeliveryError(f"渠道 {claimed.channel} 已停用", outcome=Outcome.PERMANENT)
        return _Answer(notifier.send(claimed.address, claimed.payload))
    except DeliveryError as error:
        return _Answer(error=error)
    except Exception as fault:
        words = _STRAY.format(kind=type(fault).__name__)
        return _Answer(error=DeliveryError(words, outcome=Outcome.UNKNOWN))
