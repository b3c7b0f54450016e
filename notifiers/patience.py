"""How long a call may take in all, whatever the far side does: one that drips its answer is cut off.

A time limit for each read does not bound a call: a far side that sends one byte now and then would hold the
sender, and outlast its claim on the message. Must never cut a connection when its call is over.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import inf
from time import monotonic

LONGEST_REQUEST = 30.0
"""Seconds for one request and its answer. A send makes four at most (two of them for the app's token) and has
its message for half of `LEASE` at least (`tracker/services/sender.py`): two and a half minutes.
"""
LONGEST_TALK = 60.0
"""Seconds for the one conversation with a mail server that a send consists of."""


class Patience:
    """One call's. `is_over`: it took too long, and its connection was cut."""

    def __init__(self, seconds: float) -> None:
        self.until = monotonic() + seconds
        self.is_over = False
        self._connection: object = None
        self._lock = threading.Lock()

    def watch(self, connection: object) -> None:
        """The call goes on over this socket; raises TimeoutError when it is over."""
        with self._lock:
            self._connection = connection
        if self.is_over or monotonic() >= self.until:
            self.cut()
            raise TimeoutError

    def let_go(self) -> None:
        """The connection is somebody else's from here on."""
        with self._lock:
            self._connection = None

    def cut(self) -> None:
        """Whoever waits at the connection finds it closed."""
        with self._lock:
            self.is_over = True
            # TLS through a TLS proxy is no socket but has one.
            plain = getattr(self._connection, "socket", self._connection)
            if isinstance(plain, socket.socket):
                with suppress(OSError):  # it is closed already
                    # Not the TLS socket's own way, which takes from the waiting thread what it works with.
                    socket.socket.shutdown(plain, socket.SHUT_RDWR)


class _Watchman:
    """A thread that minds the calls of all others; it sleeps until the first of them takes too long."""

    def __init__(self) -> None:
        self._sooner = threading.Condition()
        self._calls: set[Patience] = set()
        self._wakes_at = inf
        self._thread: threading.Thread | None = None

    def mind(self, call: Patience) -> None:
        with self._sooner:
            self._calls.add(call)
            if self._thread is None or not self._thread.is_alive():  # the latter in a process that was forked
                self._thread = threading.Thread(target=self._run, name="patience", daemon=True)
                self._thread.start()
            elif call.until < self._wakes_at:
                self._sooner.notify()

    def leave(self, call: Patience) -> None:
        with self._sooner:
            self._calls.discard(call)
        call.let_go()

    def _run(self) -> None:
        with self._sooner:
            while True:
                for call in [each for each in self._calls if each.until <= monotonic()]:
                    call.cut()
                    self._calls.discard(call)
                self._wakes_at = min((each.until for each in self._calls), default=inf)
                self._sooner.wait(None if self._wakes_at == inf else self._wakes_at - monotonic())


_watchman = _Watchman()
_own = threading.local()


@contextmanager
def patience(seconds: float) -> Iterator[Patience]:
    """The connections that this thread gives to `watch` in here are cut off after so many seconds."""
    mine = _own.call = Patience(seconds)
    _watchman.mind(mine)
    try:
        yield mine
    finally:
        _own.call = None
        _watchman.leave(mine)


def watch(connection: object) -> None:
    """As `Patience.watch`, for the call that this thread is in the middle of, if it is in one."""
    call: Patience | None = getattr(_own, "call", None)
    if call is not None:
        call.watch(connection)
