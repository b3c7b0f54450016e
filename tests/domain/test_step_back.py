"""Taking a step back: who may, how long, and that what is kept puts everything back."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import ZONE, at
from tracker.domain.lifecycle import Standing, State
from tracker.domain.step_back import changed, check_step_back, kept, read_back, restored

NOW = at("2021-07-26 10:00")
NAMES = st.none() | st.sampled_from(["王丽", "李强"])
DAYS = st.none() | st.dates(date(2021, 1, 1), date(2027, 1, 1))
MOMENTS = st.none() | st.datetimes(NOW.replace(tzinfo=None), timezones=st.just(ZONE))
STANDINGS = st.builds(
    Standing,
    state=st.sampled_from(State),
    due_on=DAYS,
    due_at=MOMENTS,
    submitted_by=NAMES,
    submitted_at=MOMENTS,
    finished_at=MOMENTS,
    closed_at=MOMENTS,
    extension_by=NAMES,
    extension_to=DAYS,
    extensions=st.integers(0, 5),
    deferred_until=DAYS,
    objection_by=NAMES,
    remaining=st.none() | st.integers(0, 1000),
)


@given(before=STANDINGS, after=STANDINGS)
def test_what_a_step_changed_is_put_back_from_the_historys_json(before: Standing, after: Standing) -> None:
    written = json.loads(json.dumps(kept(changed(before, after))))
    assert restored(after, read_back(written)) == before


def test_only_what_changed_is_kept() -> None:
    before = Standing(State.OPEN, None, None)
    assert changed(before, replace(before, state=State.SIGNED)) == {"state": State.OPEN}
    assert changed(before, before) == {}
    assert len(fields(Standing)) == 13  # a new field wants its strategy above, and perhaps its reader


@pytest.mark.parametrize(
    ("event", "actor", "minutes", "refusal"),
    [
        ("submit", "王丽", 10, None),
        ("submit", "王丽", 11, "too_late"),
        ("submit", "李强", 0, "not_yours"),
        ("import", "王丽", 0, "not_a_step"),
        ("undo_step", "王丽", 0, "not_a_step"),
    ],
)
def test_ones_own_step_may_be_taken_back_for_a_while(
    event: str, actor: str, minutes: int, refusal: str | None
) -> None:
    past = NOW - timedelta(minutes=minutes)
    error = check_step_back(event, actor, past, by="王丽", now=NOW, minutes=10)
    assert (error and error.details["refusal"]) == refusal
