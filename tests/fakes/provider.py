"""What the fakes of small providers share: one place to post to, the faults in front of it, what was taken.

Must never pass a message on, or check a signature with the code that is under test.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from tests.fakes.http_server import Fault, LoopbackServer, Reply, Request, json_reply

NOW = 1_760_000_000.0
"""The moment at which these fakes live; the code under test gets a clock that says the same."""


class Provider(LoopbackServer):
    """`accepted`: what would have reached somebody. Faults are injected under `PATH`."""

    PATH = "/"

    def __init__(self) -> None:
        super().__init__()
        self.accepted: list[dict[str, Any]] = []
        self.raw: list[bytes] = []
        self.refuse_with: Any = None
        """A code of the provider's own, for every request until it is taken away."""

    @abstractmethod
    def answer(self, request: Request, raw: bytes) -> dict[str, Any] | Reply:
        """What the provider says; it appends to `accepted` itself."""

    def respond(self, request: Request) -> Reply | None:
        if request.method != "POST" or not request.path.startswith(self.PATH):
            return self.stray(request)
        fault = self.take_fault(self.PATH)
        if fault is Fault.DROP:
            return None
        raw = request.body()
        if between := self.instead(fault):
            return between
        with self._lock:
            self.raw.append(raw)
            said = self.answer(request, raw)
        return self.spoil(fault, said if isinstance(said, Reply) else json_reply(said))


def json_object(raw: bytes) -> Mapping[str, Any]:
    """The object that a body holds; empty when it holds none."""
    try:
        value = json.loads(raw)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
