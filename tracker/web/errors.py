"""Every error as a page in Chinese that says what happened and what to do.

Must never show a traceback, a query or an address of the machine.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from tracker.domain.errors import ForbiddenError, NotFoundError, RectifyError, StoreError, TransitionError
from tracker.services.lockout import LockedOutError
from tracker.web.context import unbound_desk
from tracker.web.guard import ElsewhereError, FormTokenError, OutOfReachError
from tracker.web.security import secure

_STATUS: dict[type[RectifyError], int] = {
    NotFoundError: 404,
    ForbiddenError: 403,
    TransitionError: 409,
    StoreError: 503,
    FormTokenError: 403,
    LockedOutError: 429,
}
_HTTP = {
    400: "请求无法解析，请返回上一页重试",
    404: "没有这个页面",
    405: "这个地址不接受这种操作",
    413: "上传的内容过大，请压缩后再传（佐证材料和通报均不超过 20 MB）",
}
_TITLES = {
    403: "不能提交",
    404: "没有找到",
    409: "不能办理",
    413: "上传过大",
    500: "程序出错",
    503: "暂时不可用",
}


def status_of(error: RectifyError) -> int:
    """The HTTP status that fits an error of ours."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 400)


def handle_errors(app: FastAPI) -> None:
    """Install the handlers, most particular first."""

    @app.exception_handler(ElsewhereError)
    def elsewhere(request: Request, error: ElsewhereError) -> Response:
        return RedirectResponse(error.location, status_code=303)

    @app.exception_handler(OutOfReachError)
    def out_of_reach(request: Request, error: OutOfReachError) -> Response:
        return _page(request, status_of(error), error.message, "不能打开")

    @app.exception_handler(RectifyError)
    def refused(request: Request, error: RectifyError) -> Response:
        return _page(request, status_of(error), error.message)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> Response:
        names = "、".join(str(problem["loc"][-1]) for problem in error.errors())
        return _page(request, 400, f"请求中的内容有误：{names}")

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> Response:
        return _page(request, error.status_code, _HTTP.get(error.status_code, _HTTP[400]))

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> Response:
        # Starlette raises it again after this page, so that the server's log holds the traceback.
        page = _page(
            request,
            500,
            "程序遇到意外错误，本次操作未完成。请稍后重试；若再次出现，请告知管理员出错的时间和操作。",
        )
        secure(page.headers, request.url.path, is_https=unbound_desk(request).secure_cookies)
        return page


def _page(request: Request, status: int, message: str, title: str | None = None) -> HTMLResponse:
    title = title or _TITLES.get(status, "未能完成")
    return unbound_desk(request).render(request, "errors/error.html", status, title=title, message=message)
