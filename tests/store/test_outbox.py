"""The outbox under several senders: nothing twice, nothing lost, no address flooded."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.store.conftest import OpenDatabase
from tests.support import at
from tracker.store import Database, claiming, endpoints, mailbox, outbox, settling
from tracker.store.claiming import Claimed, Limit
from tracker.store.outbox import MessageState, NewMessage
from tracker.store.settling import Settled

NOW = at("2021-07-26 09:00")
LEASE = timedelta(minutes=5)
ROBOT = "wecom_robot"


def new(dedup: str, *, address: str = "群一", channel: str = ROBOT, **more: object) -> NewMessage:
    values = {
        "letter": dedup,
        "serial": f"R-20210726-{dedup}",
        "kind": "reminder",
        "recipient": "市教育局 张三（联络员）",
        "hint": "key=…",
        "text": "请于时限前报送整改情况",
        "payload": b"{}",
        "reason": "到期当日1项",
        "send_after": NOW,
    }
    return NewMessage(dedup=dedup, address=address, channel=channel, **(values | more))


def put(database: Database, *messages: NewMessage) -> list[int]:
    with database.write() as connection:
        return list(outbox.enqueue(connection, messages, NOW).values())


def claim(
    database: Database, now: datetime = NOW, *, per_minute: int | None = None, most: int = 100
) -> list[Claimed]:
    with database.write() as connection:
        return claiming.claim(
            connection, now, LEASE, {ROBOT: Limit(per_minute)}, most=most, channels={ROBOT, "sms"}
        )


def begin(database: Database, claimed: Claimed, now: datetime = NOW) -> int | None:
    with database.write() as connection:
        return settling.begin_calls(
            connection, [claimed], settling.hold(connection, [claimed]), now, LEASE
        ).get(claimed.id)


def settle(
    database: Database, claimed: Claimed, state: MessageState, now: datetime = NOW, **more: Any
) -> None:
    """Begin the call and end it at once."""
    attempt_id = begin(database, claimed, now)
    assert attempt_id is not None
    with database.write() as connection:
        outcome = {"pending": "temporary", "failed": "permanent"}.get(state.value, state.value)
        held = settling.hold(connection, [claimed])
        settling.settle(connection, [Settled(claimed, attempt_id, state, outcome, now, **more)], held)


def abandon(database: Database, now: datetime) -> int:
    with database.write() as connection:
        return settling.abandon_expired(connection, now, LEASE)


def states(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return Counter(each.state for each in mailbox.latest(connection, limit=1000))


def serials(database: Database, claimed: list[Claimed]) -> list[str]:
    """The last part of each serial, in the order of the claim."""
    with database.read() as connection:
        known = {each.id: each.serial for each in mailbox.by_ids(connection, [one.id for one in claimed])}
    return [known[each.id].rsplit("-", 1)[1] for each in claimed]


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
    assert claimed.attempts == 1
    assert states(database) == {"sending": 1}


def test_a_claim_takes_one_message_per_address_the_oldest_first(database: Database) -> None:
    rows = [("a1", "群一"), ("a2", "群一"), ("b1", "群二"), ("b2", "群二")]
    put(database, *(new(dedup, address=address) for dedup, address in rows))
    put(database, new("sms", channel="sms"))  # the same address on another channel is another one
    first = claim(database)
    assert serials(database, first) == ["a1", "b1", "sms"]
    assert claim(database) == []  # one at a time is on its way to an address
    for claimed in first:
        settle(database, claimed, MessageState.ACCEPTED)
    assert serials(database, claim(database)) == ["a2", "b2"]


def test_a_settled_message_is_never_claimed_again(database: Database) -> None:
    ends = [MessageState.ACCEPTED, MessageState.FAILED, MessageState.UNKNOWN]
    put(database, *(new(state.value, address=state.value) for state in ends))
    for claimed, state in zip(claim(database), ends, strict=True):
        settle(database, claimed, state, provider_id="7")
        assert begin(database, claimed) is None
    assert claim(database, NOW + timedelta(days=1)) == []
    assert states(database) == {"accepted": 1, "failed": 1, "unknown": 1}


def test_a_retry_waits_and_counts_its_attempts(database: Database) -> None:
    put(database, new("a"))
    [first] = claim(database)
    later = NOW + timedelta(minutes=2)
    settle(database, first, MessageState.PENDING, error="网络不通", retry_at=later)
    assert claim(database, later - timedelta(seconds=1)) == []
    [second] = claim(database, later)
    assert (second.id, second.attempts) == (first.id, 2)
    assert begin(database, first, later) is None  # the first try has no say any more


def test_what_a_dead_sender_had_only_claimed_is_sent_by_another(database: Database) -> None:
    put(database, new("a"))
    [slow] = claim(database)
    later = NOW + LEASE + timedelta(seconds=1)
    assert abandon(database, later) == 0
    [taken] = claim(database, later)
    assert begin(database, slow, later) is None  # it was only slow: too late all the same
    settle(database, taken, MessageState.ACCEPTED, later)
    assert states(database) == {"accepted": 1}


def test_a_lease_that_ran_out_inside_a_call_is_unknown_and_never_sent_again(database: Database) -> None:
    put(database, new("a"))
    [lost] = claim(database)
    attempt_id = begin(database, lost)
    assert attempt_id is not None
    assert abandon(database, NOW + LEASE) == 0
    assert abandon(database, NOW + LEASE + timedelta(seconds=1)) == 1
    assert claim(database, NOW + timedelta(days=1)) == []
    with database.write() as connection:
        late = Settled(lost, attempt_id, MessageState.ACCEPTED, "accepted", NOW + timedelta(hours=1))
        settling.settle(connection, [late], settling.hold(connection, [lost]))
    with database.read() as connection:
        [kept] = mailbox.by_ids(connection, [lost.id])
    assert kept.state == "unknown"
    assert "不会自动重发" in str(kept.error)


def test_a_gap_keeps_back_all_that_waits_at_that_address_and_nothing_else(database: Database) -> None:
    later = NOW + timedelta(minutes=1)
    put(database, new("a1"), new("a2"), new("b", address="群二"), new("sms", channel="sms"))
    first, other, sms = claim(database)
    settle(database, first, MessageState.PENDING, error="频繁", retry_at=later)
    for claimed in (other, sms):
        settle(database, claimed, MessageState.ACCEPTED)
    put(database, new("a3"), new("b2", address="群二"))  # what comes in meanwhile waits with the others
    assert serials(database, claim(database)) == ["b2"]
    for name in ("a1", "a2", "a3"):
        [claimed] = claim(database, later)
        assert serials(database, [claimed]) == [name]
        settle(database, claimed, MessageState.ACCEPTED, later)


def test_an_endpoint_tells_how_it_fares(database: Database) -> None:
    put(database, new("a"), new("b"))
    [first] = claim(database)
    settle(database, first, MessageState.FAILED, error="密钥无效", disables=True)
    with database.read() as connection:
        [row] = endpoints.listing(connection)
        assert (row.failures, row.last_error, row.reason, row.disabled_at) == (1, "密钥无效", "密钥无效", NOW)
    assert claim(database, NOW + timedelta(days=1)) == []
    with database.write() as connection:
        endpoints.enable(connection, row.id, NOW)
    [second] = claim(database)
    settle(database, second, MessageState.ACCEPTED)
    with database.read() as connection:
        [row] = endpoints.listing(connection)
    assert (row.failures, row.failing_since, row.disabled_at, row.accepted_at) == (0, None, None, NOW)


def test_what_stands_by_is_not_claimed(database: Database) -> None:
    put(database, new("a"), new("b", channel="sms", rank=1))
    assert serials(database, claim(database)) == ["a"]
    assert states(database) == {"sending": 1, "standby": 1}


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
            while batch := claim(sender, now, per_minute=18):
                for claimed in batch:
                    settle(sender, claimed, MessageState.ACCEPTED, now)
                sent += [now for claimed in batch if claimed.address == "群一"]
                others += sum(claimed.address == "群二" for claimed in batch)
        now += timedelta(seconds=7)
    crowd = max(sum(start <= each < start + timedelta(minutes=1) for each in sent) for start in sent)
    assert crowd == 18
    assert sent[-1] - sent[0] < timedelta(minutes=3)  # the limit slows down, it does not stop
    assert others == 3


def test_each_try_counts_towards_the_limit(database: Database) -> None:
    """The far side counts refused calls too; a message tried twice in a minute took two places of it."""
    put(database, new("a"), new("b"))
    [first] = claim(database, per_minute=2)
    settle(database, first, MessageState.PENDING, error="繁忙", retry_at=NOW)
    [again] = claim(database, per_minute=2)
    settle(database, again, MessageState.ACCEPTED)
    assert claim(database, NOW + timedelta(seconds=59), per_minute=2) == []
    assert serials(database, claim(database, NOW + timedelta(seconds=60), per_minute=2)) == ["b"]


def test_a_number_gets_its_share_of_a_day_and_the_rest_tomorrow(database: Database) -> None:
    put(database, *(new(f"{n}", channel="sms") for n in range(4)))
    tomorrow = NOW + timedelta(days=1)
    limits = {"sms": Limit(per_day=2, day_began=NOW - timedelta(hours=9), next_day=tomorrow)}
    sent = []
    for now in (NOW, NOW, NOW, NOW + timedelta(hours=5)):
        with database.write() as connection:
            batch = claiming.claim(connection, now, LEASE, limits, most=10, channels={"sms"})
        for claimed in batch:
            settle(database, claimed, MessageState.ACCEPTED, now)
        sent += batch
    assert serials(database, sent) == ["0", "1"]
    with database.write() as connection:
        next_limits = {"sms": Limit(per_day=2, day_began=tomorrow - timedelta(hours=9), next_day=tomorrow)}
        batch = claiming.claim(connection, tomorrow, LEASE, next_limits, most=10, channels={"sms"})
    assert serials(database, batch) == ["2"]


def test_a_full_address_does_not_keep_others_waiting(database: Database) -> None:
    """More full addresses than one claim looks at must not hide the free one behind them."""
    put(database, *(new(f"{n}-{m}", address=f"群{n}") for n in range(30) for m in range(2)))
    put(database, new("last", address="最后的群"))
    taken = []
    while batch := claim(database, per_minute=1, most=7):
        for claimed in batch:
            settle(database, claimed, MessageState.ACCEPTED)
        taken += [each.address for each in batch]
    assert Counter(taken) == Counter([*(f"群{n}" for n in range(30)), "最后的群"])


def test_a_flood_for_one_address_does_not_starve_the_others(database: Database) -> None:
    put(database, *(new(f"flood-{n}") for n in range(50)))
    put(database, *(new(f"one-{n}", address=f"群 {n}") for n in range(5)))
    order = []
    while len(order) < 12:
        [claimed] = claim(database, most=1)
        settle(database, claimed, MessageState.ACCEPTED)
        order.append(claimed.address)
    assert {f"群 {n}" for n in range(5)} <= set(order)


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
                batch = claim(senders[which], most=4)
                taken[which] += [each.id for each in batch]
                for claimed in batch:
                    settle(senders[which], claimed, MessageState.ACCEPTED)
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
