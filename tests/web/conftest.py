"""A town with its pages, and browsers that have signed in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tests.fakes.compiled_pages import COMPILED
from tests.fakes.pages_office import CONTACT, PASSWORD, STAFF, Town
from tracker.web.app import create_app
from tracker.web.context import Desk
from tracker.web.guard import SESSION_COOKIE

ORIGIN = "http://pages.test"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    made.close()


_apps: list[FastAPI] = []


def _app_at(desk: Desk) -> FastAPI:
    """The pages with `desk` behind them. All that differs between two installations is in the desk, so
    the routes are put together once per process: FastAPI takes a third of a second for that."""
    if not _apps:
        _apps.append(create_app(desk.office, desk.now))
    _apps[0].state.desk = desk
    return _apps[0]


class Visitor:
    """A browser without eyes: keeps cookies, and sends each form with the token that its page bore."""

    def __init__(self, town: Town) -> None:
        self.desk = Desk(town.office, town.clock, COMPILED)
        self.cookies = httpx.Cookies()

    def request(self, method: str, address: str, **more: object) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(_app_at(self.desk), raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url=ORIGIN, cookies=self.cookies
            ) as client:
                answer = await client.request(method, address, **more)
                self.cookies = client.cookies
                return answer

        return asyncio.run(send())

    def get(self, address: str) -> httpx.Response:
        return self.request("GET", address)

    def token(self, address: str) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(address).text)
        assert found, f"no form on {address}"
        return found[1]

    def post(self, address: str, page: str, *, files: dict | None = None, **fields: object) -> httpx.Response:
        """Send a form of `page` to `address`."""
        return self.request("POST", address, data={"csrf": self.token(page), **fields}, files=files)

    def sign_in(self, login: str, password: str = PASSWORD, next_path: str = "/") -> httpx.Response:
        return self.post("/sign-in", "/sign-in", login=login, password=password, next=next_path)

    def resume(self, town: Town, login: str) -> None:
        """Go on in the session that the town has for `login`."""
        self.cookies.set(SESSION_COOKIE, town.session_tokens[login], httpx.URL(ORIGIN).host)


def _signed_in(town: Town, login: str) -> Visitor:
    """Somebody who signed in when the town began; test_web_guard.py goes through the form."""
    visitor = Visitor(town)
    visitor.resume(town, login)
    return visitor


@pytest.fixture
def visitor(town: Town) -> Visitor:
    """Somebody who has not signed in."""
    return Visitor(town)


@pytest.fixture
def staff(town: Town) -> Visitor:
    return _signed_in(town, STAFF)


@pytest.fixture
def contact(town: Town) -> Visitor:
    return _signed_in(town, CONTACT)
