"""A step of the workflow as a form sends it, for one item or many; the service decides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Form, UploadFile

from tracker.domain.errors import RectifyError, TransitionError
from tracker.domain.items import Item
from tracker.domain.lifecycle import DATE_NEEDED, REASON_NEEDED, TRANSITIONS, Event, State
from tracker.domain.people import Role
from tracker.domain.steps import Step
from tracker.services import advance
from tracker.services.evidence import Evidence
from tracker.web.context import Desk

MOST_FILES = 9  # with one form, as many photos as a message in WeChat takes


@dataclass(frozen=True)
class StepForm:
    """What was typed, as it was typed: a refused step gives it back."""

    event: Annotated[Event, Form()]
    reason: Annotated[str, Form()] = ""
    to: Annotated[str, Form()] = ""
    left: Annotated[str, Form()] = ""
    link: Annotated[str, Form()] = ""


def take(
    desk: Desk, form: StepForm, numbers: Sequence[int], *, by: str, files: Sequence[UploadFile | None] = ()
) -> list[Item]:
    """Carry the step out in the name of who is signed in; raises RectifyError with nothing written."""
    step = wanted(desk, form, by=by)
    return advance.perform(
        desk.office,
        step.event,
        numbers,
        by=by,
        now=step.at,
        reason=step.reason,
        to=step.to,
        left=step.left,
        evidence=proofs(form, files),
    )


def wanted(desk: Desk, form: StepForm, *, by: str) -> Step:
    """The step that a form asks for; raises RectifyError for a field that is empty or says nonsense."""
    reason, to = form.reason.strip(), form.to.strip()
    if form.event in REASON_NEEDED and not reason:
        raise TransitionError(f"{form.event.chinese}须写明理由")
    if form.event in DATE_NEEDED and not to:
        raise TransitionError(f"{form.event.chinese}须写明日期")
    left = form.left.strip() if form.event is Event.PROGRESS else ""
    return Step(
        form.event,
        by,
        desk.now(),
        reason or None,
        _day(to) if form.event in DATE_NEEDED else None,
        _number(left) if left else None,
    )


def possible(item: Item, roles: frozenset[Role]) -> list[Event]:
    """The events that the workflow's table allows now and in these roles, in the order of the verbs.

    Left out is what has nothing to be about: deciding what nobody asked for, asking twice, counting nothing.
    """
    standing = item.standing
    asked, objected = standing.extension_to is not None, standing.objection_by is not None
    has_sense = {
        Event.GRANT: asked,
        Event.REFUSE: asked,
        Event.EXTEND: not asked,
        Event.UPHOLD: objected,
        Event.DISMISS: objected,
        Event.OBJECT: not objected,
        Event.PROGRESS: item.quantity is not None,
    }
    allowed = ((event, TRANSITIONS.get((standing.state, event))) for event in Event)
    return [event for event, to in allowed if to and to.roles & roles and has_sense.get(event, True)]


def common(states: Collection[State]) -> list[Event]:
    """What may be done with many at once: every event, or those of the states that are shown.

    Not the progress of each: it is a number of its own.
    """
    several = (event for event in Event if event is not Event.PROGRESS)
    return [event for event in several if not states or any((one, event) in TRANSITIONS for one in states)]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RectifyError(f"“{text}”不是有效的日期，请写成 2026-11-30 的形式") from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise RectifyError(f"“{text}”不是有效的数量，请写 0 或正整数")
    return int(text[:11])  # far more than any item counts, and no number that a database could not hold


def proofs(form: StepForm, files: Sequence[UploadFile | None]) -> list[Evidence]:
    """The address and the files that came with a step; photos without what a telephone writes into them."""
    link, found = form.link.strip(), list[Evidence]()
    if link:
        if not link.startswith(("http://", "https://")):
            raise RectifyError(f"佐证网址须以 http:// 或 https:// 开头：{link}")
        found.append(Evidence.link(link))
    sent = [(file.filename, file) for file in files if file is not None and file.filename]
    if len(sent) > MOST_FILES:  # before any is opened: each photo takes its time
        chosen = f"这次选了 {len(sent)} 个，请减少，或打包后再传"
        raise RectifyError(f"照片和文件一次最多 {MOST_FILES} 个，{chosen}")
    return found + [Evidence.uploaded(name, file.file.read()) for name, file in sent]
