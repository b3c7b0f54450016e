"""People who may sign in: their roles, units, locks and sessions.

Must never show a password but the one that was made this very moment, and that once.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from tracker.domain.errors import RectifyError, TransitionError
from tracker.domain.people import Role
from tracker.services import accounts, users
from tracker.services.passwords import new_password
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.guard import CurrentSession

router = APIRouter(prefix="/admin/people")
_DONE = {
    "role": "身份已更改，其登录已退出",
    "disabled": "已停用，其登录已退出",
    "enabled": "已恢复",
    "unlocked": "已解锁",
    "code": "动态口令已取消，登录后可重新启用",
    "signed_out": "其登录已全部退出",
}
Login = Annotated[str, Form(max_length=100)]


@router.get("")
def show(request: Request, desk: CurrentDesk, done: str = "") -> Response:
    return _page(request, desk, notice=_DONE.get(done, ""))


@router.post("")
def add(
    *,
    request: Request,
    desk: CurrentDesk,
    login: Login = "",
    role: Annotated[Role, Form()] = Role.STAFF,
    unit: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """A new account with a password that is shown once."""
    password = new_password()
    try:
        if login.strip() in accounts.list_accounts(desk.office):
            raise TransitionError(f"已有名为“{login.strip()}”的账号；忘了密码的，在下面重置")
        bound = unit.strip() or None
        accounts.save_account(desk.office, login, password, now=desk.now(), role=role, unit=bound)
    except RectifyError as error:
        return _page(request, desk, status_of(error), message=error.message, typed=(login, role, unit))
    return _page(request, desk, given=(login.strip(), password))


@router.post("/password")
def reset_password(request: Request, desk: CurrentDesk, login: Login) -> Response:
    """A new password, shown once; the account's sessions end."""
    return _page(request, desk, given=(login, users.reset_password(desk.office, login)))


@router.post("/role")
def set_role(
    *,
    request: Request,
    desk: CurrentDesk,
    session: CurrentSession,
    login: Login,
    role: Annotated[Role, Form()],
    unit: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    try:
        _require_other(session.login, login)
        users.set_role(desk.office, login, role, unit=unit.strip() or None)
    except RectifyError as error:
        return _page(request, desk, status_of(error), message=error.message)
    return RedirectResponse("/admin/people?done=role", status_code=303)


@router.post("/disable")
def disable(request: Request, desk: CurrentDesk, session: CurrentSession, login: Login) -> Response:
    try:
        _require_other(session.login, login)
        users.disable(desk.office, login, now=desk.now())
    except RectifyError as error:
        return _page(request, desk, status_of(error), message=error.message)
    return RedirectResponse("/admin/people?done=disabled", status_code=303)


@router.post("/enable")
def enable(desk: CurrentDesk, login: Login) -> Response:
    users.enable(desk.office, login)
    return RedirectResponse("/admin/people?done=enabled", status_code=303)


@router.post("/unlock")
def unlock(desk: CurrentDesk, login: Login) -> Response:
    users.unlock(desk.office, login)
    return RedirectResponse("/admin/people?done=unlocked", status_code=303)


@router.post("/second-factor")
def take_second_factor(desk: CurrentDesk, login: Login) -> Response:
    """For whoever lost the telephone."""
    users.reset_totp(desk.office, login)
    return RedirectResponse("/admin/people?done=code", status_code=303)


@router.post("/sign-out")
def sign_out(desk: CurrentDesk, login: Login) -> Response:
    users.sign_out(desk.office, login)
    return RedirectResponse("/admin/people?done=signed_out", status_code=303)


def _require_other(own: str, login: str) -> None:
    """An administrator who locks themselves out leaves nobody who could let them in again."""
    if own == login:
        raise TransitionError("不能更改或停用自己的账号，请由另一位管理员办理")


def _page(
    request: Request,
    desk: Desk,
    status: int = 200,
    *,
    typed: tuple[str, Role, str] = ("", Role.STAFF, ""),
    given: tuple[str, str] | None = None,
    message: str = "",
    notice: str = "",
) -> Response:
    return desk.render(
        request,
        "admin/people.html",
        status,
        people=users.list_users(desk.office, now=desk.now()),
        roles=tuple(Role),
        typed=typed,
        given=given,
        message=message,
        notice=notice,
    )
