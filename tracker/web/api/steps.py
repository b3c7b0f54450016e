"""The steps of the workflow, taking them back, and urging: in the name that the token acts as.

Must never judge: `tracker/services/judging.py` does, for every door alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapi import APIRouter
from fastapi.responses import Response

from tracker.domain.items import Item
from tracker.rendering.contract import Json, item_json
from tracker.services import advance, step_back
from tracker.services import nudge as urging
from tracker.services.office import Office
from tracker.services.tokens import Bearer
from tracker.store import Connection
from tracker.web.api import shapes
from tracker.web.api.answering import (
    ERRORS,
    CurrentWriting,
    Writing,
    lock_reached,
    require_unchanged,
)
from tracker.web.api.guard import WritesItems
from tracker.web.api.requests import Chosen, IfMatch, PathNumber, Step, Steps, Undone

router = APIRouter(tags=["办理"], responses=ERRORS)


@router.post("/items/{number}/steps", response_model=shapes.Items, summary="办理一步")
def take_step(
    bearer: WritesItems,
    writing: CurrentWriting,
    number: PathNumber,
    step: Step,
    if_match: IfMatch = None,
) -> Response:
    """签收、报送、销号、退回、延期等，与命令行的各步相同。答复是办理后的事项。"""
    perform = _ready(writing, bearer, step)

    def act(office: Office, connection: Connection) -> Json:
        lock_reached(connection, [number])
        require_unchanged(office, number, if_match, writing.desk)
        return perform(office, [number])

    return writing.carry_out(bearer, f"{if_match}\n{step.model_dump_json()}", act, number=number)


@router.post("/steps", response_model=shapes.Items, summary="多项同一步")
def take_steps(bearer: WritesItems, writing: CurrentWriting, step: Steps) -> Response:
    """全部办理，或全部不办理：details.refused 说明哪几项为什么不行。"""
    perform = _ready(writing, bearer, step)

    def act(office: Office, connection: Connection) -> Json:
        lock_reached(connection, step.numbers)
        return perform(office, step.numbers)

    return writing.carry_out(bearer, step.model_dump_json(), act)


@router.post("/steps/undo", response_model=shapes.Items, summary="撤回刚办的一步")
def undo(bearer: WritesItems, writing: CurrentWriting, chosen: Undone) -> Response:
    """几分钟内，由办理的本人（同一身份的令牌）撤回。"""

    def act(office: Office, connection: Connection) -> Json:
        lock_reached(connection, chosen.numbers)
        moved = step_back.undo_step(office, chosen.numbers, by=bearer.name, now=writing.desk.now())
        return _items(moved, writing)

    return writing.carry_out(bearer, chosen.model_dump_json(), act)


@router.post("/nudges", response_model=shapes.Items, summary="催办")
def nudge(bearer: WritesItems, writing: CurrentWriting, chosen: Chosen) -> Response:
    """每位联系人一条消息，不论多少项；刚催办过的不能再催。"""

    def act(office: Office, connection: Connection) -> Json:
        lock_reached(connection, chosen.numbers)
        now = writing.desk.now()
        urged = urging.nudge(office, chosen.numbers, by=bearer.name, now=now, reason=chosen.reason)
        return _items(urged, writing)

    return writing.carry_out(bearer, chosen.model_dump_json(), act)


def _ready(writing: Writing, bearer: Bearer, step: Step) -> Callable[[Office, Sequence[int]], Json]:
    """The step with its proofs already made: drawing photos anew takes seconds, and would keep all others
    from writing if it were done in the transaction. Raises RectifyError for a file that is not taken.
    """
    evidence = [each.evidence() for each in step.evidence]

    def perform(office: Office, numbers: Sequence[int]) -> Json:
        moved = advance.perform(
            office,
            step.event,
            numbers,
            by=bearer.name,
            now=writing.desk.now(),
            reason=step.reason,
            to=step.to,
            left=step.left,
            evidence=evidence,
        )
        return _items(moved, writing)

    return perform


def _items(found: Sequence[Item], writing: Writing) -> Json:
    now, calendar = writing.desk.now(), writing.desk.office.rules.calendar
    return {"items": [item_json(item, now, calendar) for item in found]}
