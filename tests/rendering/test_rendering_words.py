"""Nothing that people read shows a code: every event and every kind of message has a Chinese word."""

from __future__ import annotations

import re

import pytest

from tracker.domain.escalation import MessageKind
from tracker.domain.lifecycle import Event
from tracker.domain.step_back import UNDO_STEP_EVENT
from tracker.rendering.words import EVENTS, KINDS
from tracker.services import advance, nudge, papers, recompute, recording, replies, take_back
from tracker.store.removal import UNDO_EVENT

WRITTEN = [
    *(event.value for event in Event),
    advance.WATCH_EVENT,
    nudge.NUDGE_EVENT,
    papers.PAPER_EVENT,
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
