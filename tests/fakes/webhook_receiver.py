"""A system that receives webhooks and checks them as the Standard Webhooks specification asks it to.

Must never be laxer than the specification, or check a signature with the code that is under test.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from tests.fakes.http_server import Reply, Request
from tests.fakes.provider import NOW, Provider, json_object

SECRET = "whsec_" + base64.b64encode(b"invented webhook secret 32 bytes").decode()
_TOLERANCE = 5 * 60


class FakeReceiver(Provider):
    """`accepted`: bodies that were signed well, each once; `ids`: of every request that was."""

    PATH = "/hooks/rectify"
    QUERY = "?key=invented-path-secret"

    def __init__(self, clock: Callable[[], float] = lambda: NOW) -> None:
        super().__init__()
        self.secret, self.clock = SECRET, clock
        self.ids: list[str] = []
        self.hosts: list[str] = []

    def url(self, host: str = "127.0.0.1") -> str:
        return self.base_url.replace("127.0.0.1", host) + self.PATH + self.QUERY

    def answer(self, request: Request, raw: bytes) -> dict[str, Any] | Reply:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.hosts.append(headers["host"])
        if isinstance(self.refuse_with, int):
            return Reply(b"", status=self.refuse_with)
        identifier, stamp = headers["webhook-id"], headers["webhook-timestamp"]
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        digest = hmac.new(key, f"{identifier}.{stamp}.".encode() + raw, hashlib.sha256).digest()
        good = "v1," + base64.b64encode(digest).decode()
        if good not in headers["webhook-signature"].split() or abs(self.clock() - int(stamp)) > _TOLERANCE:
            return Reply(b"", status=401)
        if identifier not in self.ids:
            self.accepted.append(dict(json_object(raw)))
        self.ids.append(identifier)
        return Reply(b"", status=204)
