"""A step of the workflow as a form sends it, for one item or many; the service decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Form, UploadFile

from tracker.domain.errors import RectifyError, TransitionError
from tracker.domain.items import Item
from tracker.domain.lifecycle import DATE_NEEDED, REASON_NEEDED, TRANSITIONS, Event, State
from tracker.services import advance
from tracker.services.advance import Evidence
from tracker.web.context import Desk


@dataclass(frozen=True)
class StepForm:
    """What was typed, as it was typed: a refused step gives it back."""

    event: Annotated[Event, Form()]
    reason: Annotated[str, Form()] = ""
    to: Annotated[str, Form()] = ""
    link: Annotated[str, Form()] = ""


def take(
    desk: Desk, form: StepForm, numbers: Sequence[int], *, by: str, file: UploadFile | None = None
) -> list[Item]:
    """Carry the step out in the name of who is signed in; raises RectifyError with nothing written."""
    reason, to = form.reason.strip(), form.to.strip()
    if form.event in REASON_NEEDED and not reason:
        raise TransitionError(f"{form.event.chinese}须写明理由")
    if form.event in DATE_NEEDED and not to:
        raise TransitionError(f"{form.event.chinese}须写明日期")
    return advance.perform(
        desk.office,
        form.event,
        numbers,
        by=by,
        now=desk.now(),
        reason=reason or None,
        to=_day(to) if form.event in DATE_NEEDED else None,
        evidence=_evidence(form.link.strip(), file),
    )


def possible(item: Item) -> list[Event]:
    """The events that the workflow's table allows now, in the order of the verbs.

    An extension is decided only when one was asked for.
    """
    asked = item.standing.extension_to is not None
    deciding = {Event.GRANT, Event.REFUSE}
    return [
        event
        for event in Event
        if (item.standing.state, event) in TRANSITIONS and (asked or event not in deciding)
    ]


def common(state: State | None) -> list[Event]:
    """What may be done with many at once: every event, or those of the one state that is shown."""
    return [event for event in Event if state is None or (state, event) in TRANSITIONS]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RectifyError(f"“{text}”不是有效的日期，请写成 2026-11-30 的形式") from None


def _evidence(link: str, file: UploadFile | None) -> list[Evidence]:
    proofs = []
    if link:
        if not link.startswith(("http://", "https://")):
            raise RectifyError(f"佐证网址须以 http:// 或 https:// 开头：{link}")
        proofs.append(Evidence.link(link))
    if file is not None and file.filename:
        proofs.append(Evidence.file(file.filename, file.file.read()))
    return proofs
