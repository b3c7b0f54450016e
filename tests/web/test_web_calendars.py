"""The calendar of an address, as a phone asks for it: without a session, and only if it is new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.pages_office import Town
from tests.web.conftest import Visitor
from tracker.services import calendars
from tracker.store.vault import Vault, hand_over, new_key


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """With its bulletin and a key."""
    made = Town(tmp_path)
    made.take_in()
    made.office.database.vault = Vault([new_key()])
    hand_over(made.office.database.engine.dialect, made.office.database.vault)
    yield made
    made.close()


def test_a_phone_gets_it_without_a_session_and_not_again_when_it_is_the_same(
    town: Town, visitor: Visitor
) -> None:
    address, _ = calendars.issue(town.office, "市水务局", by="经办", now=town.now)
    first = visitor.get(address)
    assert (first.status_code, first.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert first.text.startswith("BEGIN:VCALENDAR\r\n")
    assert first.headers["cache-control"] == "private, no-cache"
    again = visitor.request("GET", address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_revoked_address_looks_like_one_that_never_was(town: Town, visitor: Visitor) -> None:
    address, made = calendars.issue(town.office, "市水务局", by="经办", now=town.now)
    calendars.revoke(town.office, made.id, by="经办", now=town.now)
    gone, never = visitor.get(address), visitor.get("/calendar/AAAAAAAAAAAAAAAAAAAAAAAAAAA.ics")
    assert (gone.status_code, gone.content) == (never.status_code, never.content) == (404, never.content)
