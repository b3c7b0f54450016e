"""The ledger of imported documents: what came of each, handing one out, and taking an import back."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import RectifyError, TransitionError
from tracker.domain.periods import most_wanted
from tracker.services import inspect, staging
from tracker.services.corrections import Corrections
from tracker.services.handout import hand_out
from tracker.services.undo import undo
from tracker.store.bulletins import StoredBulletin
from tracker.web import words
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.guard import CurrentSession

router = APIRouter()
BulletinId = Annotated[int, Path(ge=1, lt=2**31)]


@router.get("/bulletins")
def show_list(request: Request, desk: CurrentDesk, already: bool = False) -> Response:
    return desk.render(
        request,
        "bulletins/list.html",
        bulletins=inspect.list_bulletins(desk.office),
        uploads=staging.list_uploads(desk.office),
        quarters=most_wanted(desk.today()),
        words=words,
        notice="该文件此前已读入，未作改动" if already else "",
    )


@router.get("/bulletins/{bulletin_id}")
def show(
    *,
    request: Request,
    desk: CurrentDesk,
    bulletin_id: BulletinId,
    done: bool = False,
    told: int | None = None,
    silent: int = 0,
) -> Response:
    bulletin = inspect.open_bulletin(desk.office, bulletin_id)
    notice = f"已读入《{bulletin.title}》：{words.outcomes(bulletin.counts)}" if done else ""
    notice = notice if told is None else _handed_out(told, silent)
    return _page(request, desk, bulletin, notice=notice, fresh=done)


@router.get("/bulletins/{bulletin_id}/original")
def download(desk: CurrentDesk, bulletin_id: BulletinId) -> Response:
    """The file as it was handed in; always saved, never opened inside these pages."""
    name, content = inspect.bulletin_file(desk.office, bulletin_id)
    disposition = f"attachment; filename=\"original\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(
        content, media_type="application/octet-stream", headers={"Content-Disposition": disposition}
    )


@router.post("/bulletins/{bulletin_id}/hand-out")
def give_out(
    request: Request, desk: CurrentDesk, session: CurrentSession, bulletin_id: BulletinId
) -> Response:
    """Tell the units' contacts of the list; who was told before is not told again."""
    bulletin = inspect.open_bulletin(desk.office, bulletin_id)
    try:
        done = hand_out(desk.office, bulletin_id, by=session.login, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, bulletin, status_of(error), error=error)
    counts = f"told={len(done.told)}&silent={len(done.without_contact)}"
    return RedirectResponse(f"/bulletins/{bulletin_id}?{counts}", status_code=303)


@router.post("/bulletins/{bulletin_id}/undo")
def take_back(
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    bulletin_id: BulletinId,
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Undo an import; a refusal names the items in the way and keeps the reason typed."""
    bulletin = inspect.open_bulletin(desk.office, bulletin_id)
    try:
        if not reason.strip():
            raise TransitionError("撤回读入须写明理由")
        undo(desk.office, bulletin_id, by=session.login, reason=reason, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, bulletin, status_of(error), error=error, undoing=True, reason=reason)
    return RedirectResponse(f"/bulletins/{bulletin_id}", status_code=303)


def _handed_out(told: int, silent: int) -> str:
    notice = f"已交办，通知 {told} 人，消息在工作时间发出" if told else "已交办，没有需要新通知的人"
    return f"{notice}；{silent} 个单位没有登记联络员" if silent else notice


def _page(
    request: Request,
    desk: Desk,
    bulletin: StoredBulletin,
    status: int = 200,
    *,
    error: RectifyError | None = None,
    undoing: bool = False,
    reason: str = "",
    notice: str = "",
    fresh: bool = False,
) -> Response:
    made = Corrections.parse(bulletin.corrections, bulletin.filename).entries
    class_name = desk.office.rules.class_name
    return desk.render(
        request,
        "bulletins/bulletin.html",
        status,
        bulletin=bulletin,
        corrections=[(words.key(each.key), words.correction(each, class_name)) for each in made],
        words=words,
        message=words.for_pages(error.message) if error else "",
        obstacles=error.details.get("numbers", ()) if error else (),
        undoing=undoing,
        reason=reason,
        notice=notice,
        fresh=fresh,
    )
