"""A town whose interface is called as other systems call it: with tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.fakes.pages_office import Town
from tests.services.scenes import know
from tracker.services import tokens
from tracker.services.tokens import Scope
from tracker.web.api.guard import new_throttle
from tracker.web.app import create_app
from tracker.web.context import Desk

CONTACT, HEAD = "周联", "吴负责"
_apps: list[FastAPI] = []


def imported(town: Town) -> None:
    town.take_in()
    know(
        town.office,
        f"市水务局,{CONTACT},联络员,13800000011,,,",
        f"澜东区,{HEAD},负责人,13800000012,,,",
    )


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """With its bulletin: 1 to 3 of 市水务局, 4 and 5 of 市体育局, 6 and 7 of 澜东区; two contacts."""
    made = Town(tmp_path)
    made.begin(imported)
    yield made
    made.close()


def interface_of(town: Town) -> FastAPI:
    """The whole application with this town behind its interface; put together once per process."""
    if not _apps:
        _apps.append(create_app(town.office, town.clock))
    _apps[0].state.desk = Desk(town.office, town.clock)
    _apps[0].state.throttle = new_throttle()
    return _apps[0]


class System:
    """Another system: sends its token with every request."""

    def __init__(self, town: Town, token: str | None) -> None:
        self._app = interface_of(town)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = self._headers | more.pop("headers", {})

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://pages.test/api/v1") as client:
                return await client.request(method, path, headers=headers, **more)

        return asyncio.run(send())

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, body: object = None, **more: Any) -> httpx.Response:
        return self.request("POST", path, **({"json": body} if body is not None else {}), **more)


Connect = Callable[..., System]


@pytest.fixture
def connect(town: Town) -> Connect:
    """`connect(*scopes, acts_as=…)`: a system with such a token; with no scope, with all of them."""

    def connected(*scopes: Scope, acts_as: str | None = None) -> System:
        token, _ = tokens.create(
            town.office, "对接", scopes or [Scope.ADMIN], by="管理", now=town.now, acts_as=acts_as
        )
        return System(town, token)

    return connected


@pytest.fixture
def system(connect: Connect) -> System:
    return connect()
