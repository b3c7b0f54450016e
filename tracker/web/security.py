"""What protects every answer and every request, whichever page it is for.

Must never depend on who is signed in; that is the work of `tracker/web/guard.py`.
"""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A bulletin travels through its preview as base64, a third longer than the file.
MAX_BODY_BYTES = 32 * 1024 * 1024

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
}


def secure(headers: MutableHeaders, path: str) -> None:
    """Write the headers every answer bears; what people see is never kept by a cache.

    The address of a one-tap link is a secret: not even our own pages are told that somebody came from there.
    """
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)  # a page may be stricter with what it serves
    headers["Referrer-Policy"] = "no-referrer" if path.startswith("/t/") else "same-origin"
    headers["Cache-Control"] = "public, max-age=86400" if path.startswith("/static/") else "no-store"


class SecurityHeaders:
    """ASGI middleware around everything but the last-resort error page, which calls `secure` itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                secure(MutableHeaders(scope=message), scope["path"])
            await send(message)

        await self.app(scope, receive, send_secured if scope["type"] == "http" else send)


class BodyLimit:
    """ASGI middleware: stops reading a request that announces, or turns out to be, too large."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        taken = int(announced) if announced.isdecimal() else 0
        if taken <= MAX_BODY_BYTES:
            taken = 0

        async def receive_limited() -> Message:
            nonlocal taken
            message = await receive() if taken <= MAX_BODY_BYTES else {}
            taken += len(message.get("body", b""))
            if taken > MAX_BODY_BYTES:
                raise HTTPException(413)
            return message

        await self.app(scope, receive_limited, send)


class Throttle:
    """Slows down guessing: so many failed sign-ins per login in a sliding window.

    Held in memory: behind several processes each counts for itself, which is still a limit.
    """

    def __init__(self, limit: int = 10, window: timedelta = timedelta(minutes=5)) -> None:
        self._limit, self._window = limit, window
        self._attempts: dict[str, deque[datetime]] = {}
        self._lock = threading.Lock()

    def admit(self, login: str, now: datetime) -> bool:
        """Count an attempt before it is judged, so that parallel guesses cannot slip through."""
        with self._lock:
            self._forget(now - self._window)
            attempts = self._attempts.setdefault(login, deque())
            if len(attempts) >= self._limit:
                return False
            attempts.append(now)
            return True

    def clear(self, login: str) -> None:
        """A success wipes the slate."""
        with self._lock:
            self._attempts.pop(login, None)

    def _forget(self, before: datetime) -> None:
        for login, attempts in list(self._attempts.items()):
            while attempts and attempts[0] <= before:
                attempts.popleft()
            if not attempts:
                del self._attempts[login]
