"""Messages before they are sent: of any kind, on any channel, about a real item. Nothing leaves."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from tracker.domain.errors import RectifyError
from tracker.domain.escalation import MessageKind
from tracker.services.specimen import KINDS, Specimen, specimen
from tracker.web import words
from tracker.web.context import CurrentDesk
from tracker.web.errors import status_of
from tracker.web.handed_in import day

router = APIRouter(prefix="/admin/templates")
_SHOWN = 6000  # characters of a part: an attachment may be megabytes


@router.get("")
def show(
    *,
    request: Request,
    desk: CurrentDesk,
    number: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
    kind: MessageKind = MessageKind.REMINDER,
    channel: Annotated[str, Query(max_length=20)] = "",
    on: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    office, status, message = desk.office, 200, ""
    channel = channel or next(iter(office.channels))
    found: Specimen | None = None
    try:
        if number:
            found = specimen(office, number, kind, channel, now=desk.now(), on=day(on))
    except RectifyError as error:
        status, message = status_of(error), error.message
    return desk.render(
        request,
        "admin/templates.html",
        status,
        found=found,
        parts=[(len(part), _readable(part)) for part in found.parts] if found else [],
        number=number,
        kinds=[(each.value, words.KINDS[each.value]) for each in KINDS],
        kind=kind,
        channels=list(office.channels),
        channel=channel,
        on=on,
        message=message,
    )


def _readable(part: bytes) -> str:
    """The frozen bytes as people can read them: JSON indented, everything else as it is."""
    text = part.decode(errors="replace")
    with suppress(ValueError):
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
