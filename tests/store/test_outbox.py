"""The outbox under several senders: nothing twice, nothing lost, no address flooded."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.store.conftest import OpenDatabase
from tests.support import at
from tracker.store import Database, mailbox, outbox
from tracker.store.outbox import MessageState, NewMessage, StoredMessage

NOW = at("2021-07-26 09:00")
LEASE = timedelta(minutes=5)
ROBOT = "wecom_robot"


def new(dedup: str, *, address: str = "群一", channel: str = ROBOT, **more: object) -> NewMessage:
    values = {
        "serial": f"R-20210726-{dedup}",
        "kind": "reminder",
        "recipient": "市教育局 张三（联络员）",
        "text": "请于时限前报送整改情况",
        "payload": b"{}",
        "reason": "到期当日1项",
        "send_after": NOW,
    }
    return NewMessage(dedup=dedup, address=address, channel=channel, **(values | more))


def put(database: Database, *messages: NewMessage) -> list[int]:
    with database.write() as connection:
        return list(outbox.enqueue(connection, messages, NOW).values())


def unlimited(channel: str) -> None:
    return None


def claim(
    database: Database,
    now: datetime = NOW,
    per_minute: Callable[[str], int | None] = unlimited,
) -> list[StoredMessage]:
    with database.write() as connection:
        return outbox.claim(connection, now, LEASE, per_minute)


def settle(
    database: Database, claimed: StoredMessage, state: MessageState, now: datetime = NOW, **more: object
) -> bool:
    with database.write() as connection:
        return outbox.settle(connection, claimed, state, now, **more)


def states(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return mailbox.count_by_state(connection)


def test_the_same_message_goes_in_once_for_ever(database: Database) -> None:
    [first] = put(database, new("a"))
    [second] = put(database, new("a"), new("b"))
    assert second != first
    [claimed] = claim(database)
    settle(database, claimed, MessageState.ACCEPTED)
    assert put(database, new("a")) == []
    assert states(database) == {"accepted": 1, "pending": 1}


def test_a_message_that_cannot_be_sent_is_kept_for_staff_and_never_claimed(database: Database) -> None:
    put(database, new("a", failure="手机号无效"))
    assert claim(database) == []
    with database.read() as connection:
        [kept] = mailbox.latest(connection)
    assert (kept.state, kept.error, kept.settled_at) == ("failed", "手机号无效", NOW)


def test_a_message_waits_for_its_moment(database: Database) -> None:
    put(database, new("a", send_after=NOW + timedelta(minutes=1)))
    assert claim(database) == []
    [claimed] = claim(database, NOW + timedelta(minutes=1))
    assert (claimed.state, claimed.attempts) == ("sending", 1)


def test_a_claim_takes_one_message_per_address_the_oldest_first(database: Database) -> None:
    rows = [("a1", "群一"), ("a2", "群一"), ("b1", "群二"), ("b2", "群二")]
    put(database, *(new(dedup, address=address) for dedup, address in rows))
    put(database, new("sms", channel="sms"))  # the same address on another channel is another one
    taken = [[each.serial.rsplit("-", 1)[1] for each in claim(database)] for _ in range(3)]
    assert taken == [["a1", "b1", "sms"], ["a2", "b2"], []]


def test_a_settled_message_is_never_claimed_again(database: Database) -> None:
    ends = [MessageState.ACCEPTED, MessageState.FAILED, MessageState.UNKNOWN]
    put(database, *(new(state.value, address=state.value) for state in ends))
    for claimed, state in zip(claim(database), ends, strict=True):
        assert settle(database, claimed, state, provider_id="7")
        assert not settle(database, claimed, MessageState.PENDING, retry_at=NOW)
    assert claim(database, NOW + timedelta(days=1)) == []
    assert states(database) == {"accepted": 1, "failed": 1, "unknown": 1}


def test_a_retry_waits_and_counts_its_attempts(database: Database) -> None:
    put(database, new("a"))
    [first] = claim(database)
    later = NOW + timedelta(minutes=2)
    assert settle(database, first, MessageState.PENDING, error="网络不通", retry_at=later)
    assert claim(database, later - timedelta(seconds=1)) == []
    [second] = claim(database, later)
    assert (second.id, second.attempts) == (first.id, 2)
    assert not settle(database, first, MessageState.ACCEPTED)  # the first try has no say any more


def test_what_a_dead_sender_had_only_claimed_is_sent_by_another(database: Database) -> None:
    put(database, new("a"))
    [slow] = claim(database)
    later = NOW + LEASE + timedelta(seconds=1)
    with database.write() as connection:
        assert outbox.abandon_expired(connection, later) == 0
    [taken] = claim(database, later)
    with database.write() as connection:
        # It was only slow: too late all the same.
        assert not outbox.begin_call(connection, slow, later, LEASE)
        assert outbox.begin_call(connection, taken, later, LEASE)
    assert not settle(database, slow, MessageState.ACCEPTED)
    assert settle(database, taken, MessageState.ACCEPTED)


def test_a_lease_that_ran_out_inside_a_call_is_unknown_and_never_sent_again(database: Database) -> None:
    put(database, new("a"))
    [lost] = claim(database)
    with database.write() as connection:
        assert outbox.begin_call(connection, lost, NOW, LEASE)
        assert outbox.abandon_expired(connection, NOW + LEASE) == 0
        assert outbox.abandon_expired(connection, NOW + LEASE + timedelta(seconds=1)) == 1
    assert claim(database, NOW + timedelta(days=1)) == []
    assert not settle(database, lost, MessageState.ACCEPTED)
    with database.read() as connection:
        [kept] = mailbox.by_ids(connection, [lost.id])
    assert kept.state == "unknown"
    assert "不会自动重发" in str(kept.error)


def test_holding_an_address_keeps_back_its_waiting_messages_only(database: Database) -> None:
    later = NOW + timedelta(minutes=1)
    put(database, new("a1"), new("a2"), new("b", address="群二"), new("sms", channel="sms"))
    put(database, new("far", send_after=NOW + timedelta(hours=1)))
    with database.write() as connection:
        outbox.hold_address(connection, ROBOT, "群一", later)
    assert [each.serial[-1] for each in claim(database)] == ["b", "s"]
    assert [each.serial[-2:] for each in claim(database, later)] == ["a1"]
    assert [each.serial[-2:] for each in claim(database, later)] == ["a2"]
    assert claim(database, NOW + timedelta(minutes=59)) == []  # what was to wait longer still does


def test_an_address_gets_no_more_than_its_limit_in_any_minute_from_all_senders(
    open_database: OpenDatabase, database_url: str
) -> None:
    senders = [open_database(database_url), open_database(database_url)]
    waiting = [new(f"{n:02d}") for n in range(42)]
    put(senders[0], *(new(f"other-{n}", address="群二") for n in range(3)))
    sent: list[datetime] = []
    others = 0
    now = NOW
    while len(sent) < 42:
        # Three more come in every seven seconds, so that the minute slides over a steady stream.
        put(senders[0], *waiting[:3])
        del waiting[:3]
        for sender in senders:
            while batch := claim(sender, now, lambda channel: 18 if channel == ROBOT else None):
                for message in batch:
                    assert settle(sender, message, MessageState.ACCEPTED, now)
                sent += [now for message in batch if message.address == "群一"]
                others += sum(message.address == "群二" for message in batch)
        now += timedelta(seconds=7)
    crowd = max(sum(start <= each < start + timedelta(minutes=1) for each in sent) for start in sent)
    assert crowd == 18
    assert sent[-1] - sent[0] < timedelta(minutes=3)  # the limit slows down, it does not stop
    assert others == 3


def test_a_full_address_does_not_keep_others_waiting(database: Database) -> None:
    """More full addresses than one claim looks at must not hide the free one behind them."""
    put(database, *(new(f"{n}-{m}", address=f"群{n}") for n in range(30) for m in range(2)))
    put(database, new("last", address="最后的群"))
    taken = []
    while batch := claim(database, NOW, lambda channel: 1):
        taken += [each.address for each in batch]
    assert Counter(taken) == Counter([*(f"群{n}" for n in range(30)), "最后的群"])


def test_two_senders_at_once_never_claim_the_same_message(
    open_database: OpenDatabase, database_url: str
) -> None:
    senders = [open_database(database_url) for _ in range(2)]
    put(senders[0], *(new(f"{n}", address=f"群{n % 5}") for n in range(100)))
    start = threading.Barrier(len(senders))
    taken: list[list[int]] = [[], []]
    faults: list[BaseException] = []

    def send(which: int) -> None:
        try:
            for _ in range(40):
                start.wait(timeout=60)
                taken[which] += [each.id for each in claim(senders[which])]
        except BaseException as fault:  # a thread's failure must fail the test
            faults.append(fault)
            start.abort()

    threads = [threading.Thread(target=send, args=(which,)) for which in range(len(senders))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sorted(taken[0] + taken[1]) == sorted(set(taken[0] + taken[1]))
    assert len(taken[0] + taken[1]) == 100


@pytest.mark.parametrize(
    ("channel", "state", "found"), [(ROBOT, None, 2), (None, "failed", 1), ("sms", None, 0)]
)
def test_staff_see_the_newest_first_narrowed_by_channel_and_state(
    database: Database, channel: str | None, state: str | None, found: int
) -> None:
    put(database, new("a"), new("b", failure="手机号无效"))
    with database.read() as connection:
        shown = mailbox.latest(connection, channel=channel, states=[state] if state else None)
    assert len(shown) == found
    assert [each.id for each in shown] == sorted((each.id for each in shown), reverse=True)
