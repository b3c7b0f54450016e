"""Contacts: looked through, one written anew, a whole file taken in after a preview.

Nothing is kept here between preview and decision: the form carries the file, and it is judged anew.
Must never show a number or key whole.
"""

from __future__ import annotations

import base64
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Query, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import IntakeError, RectifyError
from tracker.domain.ladders import Audience
from tracker.services import contact_list
from tracker.services import contacts as service
from tracker.web import admin_words, words
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.filters import PAGE, address

router = APIRouter(prefix="/admin/contacts")
_MAXIMUM_BYTES = 5 * 1024 * 1024
_PART = 768 * 1024  # a form field may hold 1 MiB
_DONE = {"saved": "已保存", "removed": "已删除，未发出的消息改发给现在的联系人", "imported": "联系人表已读入"}
_HEADER = "单位,姓名,角色,手机,企业微信账号,群机器人,邮箱"
_EXAMPLE = "市教育局,张某某,联络员,13800000000,zhangmoumou,,"
Number = Annotated[int, Path(ge=1, lt=2**31)]
Word = Annotated[str, Form(max_length=200)]


@router.get("")
def show(
    *,
    request: Request,
    desk: CurrentDesk,
    q: Annotated[str, Query(max_length=100)] = "",
    missing: bool = False,
    after: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    done: str = "",
) -> Response:
    return _page(request, desk, q=q.strip(), missing=missing, after=after, notice=_DONE.get(done, ""))


@router.get("/template.csv")
def template() -> Response:
    """The header with an example; the mark in front lets spreadsheets read it as UTF-8."""
    content = f"\ufeff{_HEADER}\r\n{_EXAMPLE}\r\n".encode()
    disposition = 'attachment; filename="contacts.csv"'
    return Response(content, media_type="text/csv", headers={"Content-Disposition": disposition})


@router.get("/{number}")
def show_one(request: Request, desk: CurrentDesk, number: Number) -> Response:
    return _form(request, desk, number)


@router.post("")
def add(
    *,
    request: Request,
    desk: CurrentDesk,
    unit: Word = "",
    name: Word = "",
    role: Word = "",
    phone: Word = "",
    wecom_userid: Word = "",
    robot: Annotated[str, Form(max_length=500)] = "",
    email: Word = "",
) -> Response:
    row = {"unit": unit, "name": name, "role": role, "phone": phone, "wecom_userid": wecom_userid}
    row = {key: value.strip() for key, value in (row | {"robot": robot, "email": email}).items()}
    try:
        service.save_contact(desk.office, row, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, status_of(error), typed=row, message=error.message)
    return RedirectResponse("/admin/contacts?done=saved", status_code=303)


@router.post("/import/preview")
def preview(
    request: Request, desk: CurrentDesk, file: Annotated[UploadFile | None, File()] = None
) -> Response:
    """What taking the file in would do; writes nothing."""
    try:
        if file is None or not file.filename:
            raise IntakeError("请选择联系人表")
        content = file.file.read(_MAXIMUM_BYTES + 1)
        if len(content) > _MAXIMUM_BYTES:
            raise IntakeError(f"{file.filename}：超过 5 MB，请在服务器上用 rectify contacts import 读入")
        found = contact_list.preview(desk.office, content, file.filename)
    except RectifyError as error:
        faults = error.details.get("faults", [])
        return _page(request, desk, status_of(error), message=error.message, faults=faults)
    parts = [content[start : start + _PART] for start in range(0, len(content), _PART)]
    return desk.render(
        request,
        "admin/contacts_preview.html",
        found=found,
        filename=file.filename,
        parts=[base64.b64encode(part).decode() for part in parts],
        words=admin_words,
    )


@router.post("/import")
def take_in(
    request: Request, desk: CurrentDesk, filename: Word, parts: Annotated[list[str], Form()]
) -> Response:
    try:
        content = b"".join(base64.b64decode(part, validate=True) for part in parts)
        service.import_contacts(desk.office, content, filename, now=desk.now())
    except ValueError:
        return _page(request, desk, 400, message="预览页中的文件内容不完整，请重新上传")
    except RectifyError as error:
        return _page(request, desk, status_of(error), message=error.message)
    return RedirectResponse("/admin/contacts?done=imported", status_code=303)


@router.post("/{number}")
def change(
    *,
    request: Request,
    desk: CurrentDesk,
    number: Number,
    phone: Word = "",
    wecom_userid: Word = "",
    robot: Annotated[str, Form(max_length=500)] = "",
    email: Word = "",
    clear: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """How one person is reached; a field left empty stays as it is, unless it is ticked to be cleared."""
    typed = {"phone": phone, "wecom_userid": wecom_userid, "robot": robot, "email": email}
    person = contact_list.one(desk.office, number)
    cleared = set(clear or ())
    kept = {way: "" if way in cleared else getattr(person, way) or "" for way in typed}
    row = {"unit": person.unit, "name": person.name, "role": person.role}
    row |= {way: value.strip() or kept[way] for way, value in typed.items()}
    try:
        service.save_contact(desk.office, row, now=desk.now())
    except RectifyError as error:
        return _form(request, desk, number, status_of(error), typed=typed, message=error.message)
    return RedirectResponse("/admin/contacts?done=saved", status_code=303)


@router.post("/{number}/remove")
def remove(desk: CurrentDesk, number: Number) -> Response:
    person = contact_list.one(desk.office, number)
    service.remove_contact(desk.office, person.unit, person.name, Audience(person.role), now=desk.now())
    return RedirectResponse("/admin/contacts?done=removed", status_code=303)


def _form(
    request: Request,
    desk: Desk,
    number: int,
    status: int = 200,
    *,
    typed: dict[str, str] | None = None,
    message: str = "",
) -> Response:
    return desk.render(
        request,
        "admin/contact.html",
        status,
        person=contact_list.shown(contact_list.one(desk.office, number)),
        typed=typed or {},
        words=admin_words,
        message=message,
    )


def _page(
    request: Request,
    desk: Desk,
    status: int = 200,
    *,
    q: str = "",
    missing: bool = False,
    after: int = 0,
    typed: dict[str, str] | None = None,
    message: str = "",
    notice: str = "",
    faults: object = (),
) -> Response:
    office = desk.office
    lonely, more_lonely = contact_list.units_without_contact(office, after=after if missing else 0, size=PAGE)
    people, more = contact_list.look_through(office, words=q, after=0 if missing else after, size=PAGE)
    last = (lonely[-1][0] if more_lonely else None) if missing else (people[-1].id if more else None)
    filters = {"q": q or None, "missing": "true" if missing else None}
    return desk.render(
        request,
        "admin/contacts.html",
        status,
        people=people,
        lonely=lonely,
        more_lonely=more_lonely,
        missing=missing,
        q=q,
        levels=words.LEVELS,
        next_link=address("/admin/contacts", {**filters, "after": last}) if last else "",
        first_link=address("/admin/contacts", filters) if after else "",
        roles=[each.value for each in Audience],
        typed=typed or {},
        words=admin_words,
        message=message,
        notice=notice,
        faults=faults,
    )
