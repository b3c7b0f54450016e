"""Whatever people and pages do: nothing is struck off by the system without a fix seen since."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from tests.fakes.scripted_probe import ScriptedProbe
from tests.services.scenes import know
from tests.support import Clock, at, take_in
from tracker.domain.checks import Verdict
from tracker.domain.errors import TransitionError
from tracker.domain.lifecycle import Event
from tracker.domain.people import SYSTEM
from tracker.services import inspect
from tracker.services.advance import perform, watch
from tracker.services.observe import observe
from tracker.services.office import Office
from tracker.services.step_back import undo_step
from tracker.store.schema import metadata

ISSUED = at("2021-07-23 17:00")
SITE = "https://jy.yunlan.example.cn/"
STEPS = [Event.SUBMIT, Event.SUBMIT, Event.RETURN, Event.REOPEN, Event.SIGN, Event.STRIKE_OFF]
DEEDS = st.one_of(
    st.tuples(st.just("look"), st.sampled_from(Verdict)),
    st.tuples(st.just("step"), st.sampled_from(STEPS)),
    st.tuples(st.just("undo"), st.just(None)),
)


@pytest.mark.slow
def test_the_system_strikes_off_and_returns_only_by_looks_since_the_submission(office: Office) -> None:
    @settings(max_examples=10, deadline=None)
    @given(deeds=st.lists(st.tuples(DEEDS, st.integers(0, 40)), min_size=4, max_size=14))
    def play(deeds: list[tuple[tuple[str, object], int]]) -> None:
        probe, clock = ScriptedProbe(), Clock(at("2021-07-26 10:00"))
        town, number = _fresh(office, probe)
        watch(town, [number], url=SITE, by="王核验", now=clock())
        for (deed, what), hours in deeds:
            clock.advance(hours=hours, minutes=1)
            with suppress(TransitionError):
                _do(town, number, probe, clock, deed, what)
        _judge(town, number)

    play()


def _do(office: Office, number: int, probe: ScriptedProbe, clock: Clock, deed: str, what: object) -> None:
    if deed == "look":
        probe.sees[number] = Verdict(what)
        observe(office, clock)
    elif deed == "undo":
        undo_step(office, [number], by="李联", now=clock())
    else:
        by = "李联" if what is Event.SUBMIT else "王核验"
        perform(office, Event(what), [number], by=by, reason="情况属实", now=clock())


def _fresh(office: Office, probe: ScriptedProbe) -> tuple[Office, int]:
    with office.database.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    number = take_in(office, ISSUED).drafts[3].item.number
    know(office, "市民政局,孙联,联络员,13800000001,,,")
    classes = tuple(replace(each, auto_verify=True) for each in office.rules.classes)
    return replace(office, probes=(probe,), rules=replace(office.rules, classes=classes)), number


def _judge(office: Office, number: int) -> None:
    """By the history and the looks alone, without asking the code that decided."""
    file = inspect.open_file(office, number)
    submitted_at, state = None, ""
    for row in file.history:
        if row.actor == SYSTEM:
            assert (submitted_at is not None, state) == (True, "submitted")
            since = [look for look in file.checks if submitted_at <= look.checked_at <= row.at]
            told = [look.verdict for look in since if look.verdict != "unsure"]
            assert since[-1].verdict != "unsure"
            if row.event == "strike_off":
                assert told[-1] == "fixed"
            else:
                assert row.event == "return"
                assert told[-3:] == ["not_fixed"] * 3
        submitted_at = row.at if row.event == "submit" else submitted_at
        state = row.state
