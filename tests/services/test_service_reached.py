"""Of those who were to be told, whom a channel took the message for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support import at
from tracker.services.reached import occasions
from tracker.store.outbox import StoredMessage

NOON = at("2021-07-26 12:00")
_PATTERN = StoredMessage(
    id=1,
    letter="a",
    rank=0,
    serial="R-20210726-0001",
    kind="overdue",
    recipient="市教育局 李联（联络员）",
    channel="wecom_robot",
    endpoint_id=1,
    text="",
    reason="",
    segments=None,
    created_at=NOON,
    send_after=NOON,
    state="accepted",
    attempts=1,
    settled_at=NOON,
    provider_id=None,
    error=None,
    decided_at=None,
    decided_by=None,
)


def letter(name: str, *states: str, channels: str = "wecom_robot", **more: object) -> list[StoredMessage]:
    """The messages of one letter, one for each state; `channels` in the same order, the last one repeated."""
    names = channels.split()
    return [
        replace(
            _PATTERN,
            id=hash(name) % 1000 + n,
            letter=name,
            recipient=f"市教育局 {name}（联络员）",
            state=state,
            channel=names[min(n, len(names) - 1)],
            rank=min(n, len(names) - 1),
            error=f"{state}之由" if state in {"failed", "unknown", "superseded"} else None,
            **more,
        )
        for n, state in enumerate(states)
    ]


def test_three_of_four_are_reached_and_the_fourth_is_named_with_the_reason() -> None:
    one = [*letter("甲", "accepted"), *letter("乙", "accepted"), *letter("丙", "failed")]
    [occasion] = occasions([*one, *letter("丁", "accepted")])
    assert (occasion.at, occasion.kind, occasion.reached, occasion.of) == (NOON, "overdue", 3, 4)
    [missed] = occasion.remarkable
    assert (missed.recipient, missed.state, missed.why) == ("市教育局 丙（联络员）", "failed", "failed之由")


@pytest.mark.parametrize(
    ("states", "channels", "state", "tried"),
    [
        (("accepted", "accepted"), "wecom_robot", "accepted", ("wecom_robot",)),
        (("accepted", "failed"), "wecom_robot", "failed", ("wecom_robot",)),
        (("accepted", "unknown"), "wecom_robot", "unknown", ("wecom_robot",)),
        (("accepted", "pending"), "wecom_robot", "pending", ("wecom_robot",)),
        (("failed", "accepted"), "wecom_robot sms", "accepted", ("sms",)),
        (("failed", "pending"), "wecom_robot sms", "pending", ("wecom_robot", "sms")),
        (("failed", "unknown"), "wecom_robot sms", "unknown", ("wecom_robot", "sms")),
        (("accepted", "superseded"), "wecom_robot sms", "accepted", ("wecom_robot",)),
        (("unknown", "standby"), "wecom_robot sms", "pending", ("wecom_robot", "sms")),
        (("sending",), "wecom_robot", "pending", ("wecom_robot",)),
    ],
)
def test_reached_is_who_got_all_parts_of_one_way(
    states: tuple[str, ...], channels: str, state: str, tried: tuple[str, ...]
) -> None:
    [occasion] = occasions(letter("甲", *states, channels=channels))
    [reach] = occasion.recipients
    assert (reach.state, reach.channels) == (state, tried)
    assert occasion.reached == (state == "accepted")


def test_what_was_taken_back_counts_for_nobody() -> None:
    later = letter("甲", "accepted", created_at=at("2021-07-27 09:00"))
    found = occasions([*letter("甲", "superseded"), *letter("乙", "accepted"), *later])
    assert [(each.at, each.of) for each in found] == [(NOON, 1), (at("2021-07-27 09:00"), 1)]
    assert occasions(letter("甲", "superseded")) == []


def test_each_moment_and_each_kind_is_an_occasion_of_its_own() -> None:
    found = occasions([*letter("甲", "accepted"), *letter("乙", "failed", kind="escalation")])
    assert [(each.kind, each.reached, each.of) for each in found] == [("escalation", 0, 1), ("overdue", 1, 1)]


def test_what_only_the_sandbox_took_is_said_to_have_stayed_there() -> None:
    [occasion] = occasions([*letter("甲", "accepted", channels="sandbox"), *letter("乙", "accepted")])
    assert occasion.reached == 2
    assert [each.recipient for each in occasion.remarkable] == ["市教育局 甲（联络员）"]
    assert occasion.remarkable[0].is_rehearsed
