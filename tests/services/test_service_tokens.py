"""Tokens: seen once, kept as a digest, good for as long as whoever they act as is on file."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.services.scenes import know
from tests.support import Clock, take_in
from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.people import Role
from tracker.services import accounts, tokens
from tracker.services.contacts import remove_contact
from tracker.services.office import Office
from tracker.services.tokens import Scope, bearer_of, create, looks_right
from tracker.store.schema import api_token

READ = [Scope.ITEMS_READ]


def test_a_token_is_known_by_its_beginning_and_checksum_and_is_not_stored(
    office: Office, clock: Clock
) -> None:
    token, _ = create(office, "大屏", READ, by="管理", now=clock())
    assert token.startswith("rct_")
    assert len(token) == 4 + 64 + 8
    assert looks_right(token)
    assert not looks_right(token[:-1] + ("0" if token[-1] != "0" else "1"))
    with office.database.read() as connection:
        stored = str(connection.execute(select(api_token)).all())
    assert token not in stored
    assert token[4:] not in stored


def test_it_acts_as_the_bureaus_own_or_as_somebody_on_file(office: Office, clock: Clock) -> None:
    accounts.save_account(office, "lingdao", "yunlan-2026-mima", now=clock(), role=Role.LEADER)
    own, _ = create(office, "大屏", READ, by="管理", now=clock())
    other, _ = create(office, "大屏", READ, by="管理", now=clock(), acts_as="lingdao")
    first, second = (bearer_of(office, each, now=clock()) for each in (own, other))
    assert first is not None
    assert second is not None
    assert (first.name, first.actor.everywhere) == ("接口 大屏", {Role.STAFF})
    assert (second.name, second.actor.everywhere) == ("lingdao", {Role.LEADER})
    with pytest.raises(NotFoundError):
        create(office, "大屏", READ, by="管理", now=clock(), acts_as="没有此人")


def test_a_person_who_has_left_does_not_become_the_bureaus_own(office: Office, clock: Clock) -> None:
    take_in(office, clock())
    know(office, "市教育局,李联,联络员,13800000001,,,")
    token, _ = create(office, "单位", READ, by="管理", now=clock(), acts_as="李联")
    bearer = bearer_of(office, token, now=clock())
    assert bearer is not None
    assert bearer.actor.reach is not None
    assert len(bearer.actor.reach) == 1
    remove_contact(office, "市教育局", "李联", None, now=clock())
    assert bearer_of(office, token, now=clock()) is None


def test_it_ends_with_its_day_or_at_once(office: Office, clock: Clock) -> None:
    ends = clock() + timedelta(days=1)
    short, _ = create(office, "短期", READ, by="管理", now=clock(), expires_at=ends)
    long, row = create(office, "长期", READ, by="管理", now=clock())
    clock.moment = ends
    assert bearer_of(office, short, now=clock()) is None
    assert bearer_of(office, long, now=clock()) is not None
    tokens.revoke(office, row.id, by="管理", now=clock())
    assert bearer_of(office, long, now=clock()) is None
    with pytest.raises(NotFoundError):
        tokens.revoke(office, row.id, by="管理", now=clock())


def test_its_last_use_is_noted_but_not_each_minute_anew(office: Office, clock: Clock) -> None:
    token, _ = create(office, "大屏", READ, by="管理", now=clock())
    first = clock()
    for seconds in (0, 30, 30):
        clock.advance(seconds=seconds)
        bearer_of(office, token, now=clock())
    [row] = tokens.list_tokens(office)
    assert row.last_used_at == first + timedelta(seconds=60)


@pytest.mark.parametrize(
    "wrong",
    [{"name": " "}, {"by": ""}, {"scopes": []}, {"name": "长" * 91}, {"expires_at": "now"}],
    ids=str,
)
def test_what_is_left_out_is_asked_for(office: Office, clock: Clock, wrong: dict[str, object]) -> None:
    given: dict[str, object] = {"name": "大屏", "scopes": READ, "by": "管理"} | wrong
    if "expires_at" in given:
        given["expires_at"] = clock()
    with pytest.raises(RectifyError):
        create(office, now=clock(), **given)
    assert tokens.list_tokens(office) == []


@pytest.mark.parametrize("text", ["", "rct_", "rct_" + "0" * 72, "Bearer", "rct_" + "é" * 72])
def test_anything_else_is_no_token(office: Office, clock: Clock, text: str) -> None:
    assert bearer_of(office, text, now=clock()) is None
