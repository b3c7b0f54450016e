"""A guard: while it stands, no code of this process may open a connection that leaves the machine."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_guards: list[object] = []  # an audit hook cannot be taken out again, only be told to look away


class LeftTheMachineError(AssertionError):
    """Code under test tried to reach a real host. Not an OSError, so that no transport can swallow it."""


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and _guards:
        target = arguments[1]
        if isinstance(target, tuple) and not _is_loopback(str(target[0])):
            raise LeftTheMachineError(target[0])


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


sys.addaudithook(_watch)


@contextmanager
def loopback_only() -> Iterator[None]:
    guard = object()
    _guards.append(guard)
    try:
        yield
    finally:
        _guards.remove(guard)
