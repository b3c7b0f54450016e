"""`/calendar/<token>.ics`: deadlines for a phone's calendar, an application of its own: it knows no session.

Must never tell a revoked address from one that never was.
"""

from __future__ import annotations

import hashlib

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.datastructures import State

from tracker.services.calendars import calendar_of
from tracker.web.context import unbound_desk


def create_calendars(state: State) -> FastAPI:
    """The calendars of one installation, to be mounted at `/calendar`; `state` is that of the pages."""
    calendars = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    calendars.state = state
    calendars.add_api_route("/{token}.ics", _calendar, methods=["GET", "HEAD"])
    return calendars


def _calendar(request: Request, token: str) -> Response:
    desk = unbound_desk(request)
    content = calendar_of(desk.office, token, now=desk.now())
    if content is None:
        return PlainTextResponse("没有这个日历，或已停用", 404)
    headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="text/calendar", headers=headers)
