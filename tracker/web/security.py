"""What protects every answer and every request, whichever page it is for.

Must never depend on who is signed in; that is the work of `tracker/web/guard.py`.
"""

from __future__ import annotations

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A bulletin travels through its preview as base64, a third longer than the file.
MAX_BODY_BYTES = 32 * 1024 * 1024

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
}
_ONE_YEAR = 365 * 24 * 3600


def secure(headers: MutableHeaders, path: str, *, is_https: bool) -> None:
    """Write the headers every answer bears; what people see is never kept by a cache.

    The address of a one-tap link, or of whoever comes back with a code, is a secret: not even our own pages
    are told that somebody came from there.
    """
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)  # a page may be stricter with what it serves
    if is_https:
        headers["Strict-Transport-Security"] = f"max-age={_ONE_YEAR}"
    is_secret = path.startswith(("/t/", "/sign-in/"))
    headers["Referrer-Policy"] = "no-referrer" if is_secret else "same-origin"
    headers["Cache-Control"] = "public, max-age=86400" if path.startswith("/static/") else "no-store"
    if path.startswith(("/api/", "/calendar/")):
        headers["Cache-Control"] = "private, no-cache"  # may be kept, to be asked for with its ETag


class SecurityHeaders:
    """ASGI middleware around everything but the last-resort error page, which calls `secure` itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                is_https = scope["app"].state.desk.secure_cookies
                secure(MutableHeaders(scope=message), scope["path"], is_https=is_https)
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
