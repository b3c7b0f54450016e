"""Nothing that people read shows a code: every event and every kind of message has a Chinese word."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.support import shipped_rules
from tracker.domain.escalation import MessageKind
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event, Standing, State
from tracker.domain.step_back import UNDO_STEP_EVENT
from tracker.rendering.words import EVENTS, KINDS, due
from tracker.services import advance, issue, nudge, recompute, recording, replies, take_back
from tracker.store.removal import UNDO_EVENT

WRITTEN = [
    *(event.value for event in Event),
    advance.WATCH_EVENT,
    nudge.NUDGE_EVENT,
    issue.PAPER_EVENT,
    recompute.EVENT,
    recording.IMPORT_EVENT,
    recording.UPDATE_EVENT,
    replies.REPLY_EVENT,
    take_back.LEDGER_EVENT,
    UNDO_EVENT,
    UNDO_STEP_EVENT,
]


@pytest.mark.parametrize("event", WRITTEN)
def test_every_event_of_the_history_has_a_word(event: str) -> None:
    assert re.search(r"[\u4e00-\u9fff]", EVENTS[event])


@pytest.mark.parametrize("kind", MessageKind)
def test_every_kind_of_message_has_a_word(kind: MessageKind) -> None:
    assert re.search(r"[\u4e00-\u9fff]", KINDS[kind.value])


@pytest.mark.parametrize(
    ("day", "provisional", "words"),
    [
        (None, False, "长期坚持"),
        (date(2021, 10, 18), False, "2021-10-18"),
        (date(2021, 10, 17), False, "2021-10-17（休息日）"),
        (date(2021, 9, 26), False, "2021-09-26"),  # a Sunday that is worked
        (date(2029, 1, 1), True, "2029-01-01（暂定，休息日）"),
    ],
)
def test_a_deadline_says_when_it_is_provisional_or_a_day_off(
    day: date | None, provisional: bool, words: str
) -> None:
    standing = Standing(State.OPEN, day, None)
    blank = Item(*[None] * len(Item._fields))
    item = blank._replace(standing=standing, provisional=provisional)
    assert due(item, shipped_rules().calendar) == words
