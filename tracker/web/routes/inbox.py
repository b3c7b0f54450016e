"""The messages: what the sandbox holds, or what went out on every channel. Must never show an address."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tracker.services import inspect
from tracker.services.office import SANDBOX
from tracker.web.context import CurrentDesk

router = APIRouter()
_NEWEST = 100


@router.get("/inbox")
def inbox(request: Request, desk: CurrentDesk, everything: bool = False) -> Response:
    channel = None if everything else SANDBOX
    return desk.render(
        request,
        "inbox/inbox.html",
        messages=inspect.list_messages(desk.office, channel=channel, limit=_NEWEST),
        everything=everything,
        newest=_NEWEST,
    )
