"""What WeCom calls: once to check our address, then whenever somebody presses a button on a card.

Must never ask for a session: a call proves itself by its signature. Must never log what it bears.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import PlainTextResponse, Response

from notifiers.wecom_crypto import Callback, CallbackError, Signature
from tracker.services import presses
from tracker.services.presses import Press
from tracker.web.context import CurrentDesk

PATH = "/wecom/callback"
MAX_EVENT_BYTES = 64 * 1024

log = logging.getLogger(__name__)
router = APIRouter()


def _callback(desk: CurrentDesk) -> Callback:
    """The office's; without one there is no such page."""
    if desk.office.callback is None:
        raise HTTPException(404)
    return desk.office.callback


async def _body(request: Request) -> bytes:
    """The body, read no further than an event can be long."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_EVENT_BYTES:
            raise HTTPException(413)
    return bytes(body)


CurrentCallback = Annotated[Callback, Depends(_callback)]
GivenSignature = Annotated[Signature, Depends()]


@router.get(PATH)
def check_address(
    desk: CurrentDesk, callback: CurrentCallback, signature: GivenSignature, echostr: str = ""
) -> Response:
    """The plain echo and nothing else: so the administrator's page learns that we hold token and key."""
    with _noted():
        return PlainTextResponse(callback.echo(signature, echostr, desk.now()))


@router.post(PATH)
def take_event(
    desk: CurrentDesk,
    callback: CurrentCallback,
    signature: GivenSignature,
    body: Annotated[bytes, Depends(_body)],
) -> Response:
    """Carry out a press and answer it in the button's place; every other event is heard in silence."""
    now = desk.now()
    with _noted():
        press = Press.of(callback.event(signature, body, now))
    if press is None:
        return Response()
    words = presses.carry_out(desk.office, press, now=now)
    return Response(callback.button(press.user_id, words, now), media_type="application/xml")


@contextmanager
def _noted() -> Iterator[None]:
    """A refused call is an error 400 that does not say why: the log does, for whoever sets this up."""
    try:
        yield
    except CallbackError as error:
        log.info("a callback of WeCom was refused: %s", error.details["why"])
        raise
