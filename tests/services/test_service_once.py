"""A write under a key is done once, whatever else happens at that moment, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.conftest import Begin, BuildOffice
from tests.support import Clock, at, take_in
from tracker.domain.errors import TransitionError
from tracker.domain.lifecycle import Event
from tracker.services import inspect, tokens
from tracker.services.advance import perform
from tracker.services.office import Office
from tracker.services.once import Answer, Asked, KeyReusedError, once
from tracker.store import Connection


def _imported(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))
    tokens.create(office, "对接", list(tokens.Scope), by="管理", now=at("2021-07-23 17:00"))


@pytest.fixture
def office(begin: Begin, build_office: BuildOffice) -> Office:
    begin(_imported)
    return build_office()


ASKED = Asked(1, "key", "fingerprint")


def sign(office: Office, clock: Clock, asked: Asked = ASKED) -> Answer:
    def act(within: Office, _connection: Connection) -> Answer:
        perform(within, Event.SIGN, [1], by="对接", now=clock())
        return Answer(200, "{}", '"1"')

    return once(office, asked, act, now=clock())


def events(office: Office) -> list[str]:
    return [row.event for row in inspect.open_file(office, 1).history]


def test_two_at_the_same_moment_are_one_and_get_the_same_answer(
    office: Office, build_office: BuildOffice, clock: Clock
) -> None:
    offices, barrier = [office, build_office()], Barrier(2)

    def go(each: Office) -> Answer:
        barrier.wait()
        return sign(each, clock)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(go, offices))
    assert {(each.status, each.body, each.etag) for each in answers} == {(200, "{}", '"1"')}
    assert sorted(each.is_repeat for each in answers) == [False, True]
    assert events(office) == ["import", "sign"]


def test_when_the_answer_cannot_be_given_nothing_was_done(office: Office, clock: Clock) -> None:
    def act(within: Office, _connection: Connection) -> Answer:
        perform(within, Event.SIGN, [1], by="对接", now=clock())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        once(office, ASKED, act, now=clock())
    assert events(office) == ["import"]
    assert not sign(office, clock).is_repeat
    assert events(office) == ["import", "sign"]


def test_another_request_under_the_same_key_does_nothing(office: Office, clock: Clock) -> None:
    sign(office, clock)
    with pytest.raises(KeyReusedError):
        sign(office, clock, Asked(1, "key", "another"))
    assert events(office) == ["import", "sign"]


def test_without_a_key_each_request_is_a_new_one(office: Office, clock: Clock) -> None:
    sign(office, clock, Asked(1, None, "fingerprint"))
    with pytest.raises(TransitionError):
        sign(office, clock, Asked(1, None, "fingerprint"))
