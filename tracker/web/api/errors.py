"""Every error as `{"error": {code, message, details}}` with its HTTP status: the one place that maps them.

Must never show a traceback, a query, an address of the machine, or what was sent.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from tracker.domain.errors import ForbiddenError, IntakeError, RectifyError, UnknownUnitError
from tracker.rendering.contract import error_json
from tracker.services.once import KeyReusedError
from tracker.web.errors import status_of


class UnauthorizedError(RectifyError):
    """No token, or none that is good."""

    code = "unauthorized"


class ScopeError(ForbiddenError):
    """The token does not open this."""

    code = "scope"


class ChangedError(RectifyError):
    """The item is not as the sender saw it (`If-Match`)."""

    code = "changed"


class TooManyError(RectifyError):
    """The token has asked too often."""

    code = "too_many_requests"


RETRY_SECONDS = 60
_STATUS: Mapping[type[RectifyError], int] = {
    UnauthorizedError: 401,
    ChangedError: 412,
    KeyReusedError: 422,
    UnknownUnitError: 422,
    IntakeError: 422,
    TooManyError: 429,
}
_HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": 'Bearer realm="rectify"'},
    429: {"Retry-After": str(RETRY_SECONDS)},
    503: {"Retry-After": "5"},
}
_HTTP = {
    400: ("bad_request", "请求无法解析"),
    404: ("not_found", "没有这个地址"),
    405: ("method_not_allowed", "这个地址不接受这种操作"),
    413: ("too_large", "请求内容过大（通报不超过 20 MB，一次请求不超过 32 MB）"),
}


def handle_errors(api: FastAPI) -> None:
    """Install the handlers, most particular first."""

    @api.exception_handler(RectifyError)
    def refused(request: Request, error: RectifyError) -> Response:
        status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), status_of(error))
        return _answer(status, error.code, error.message, error.details)

    @api.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> Response:
        # Where and what kind of fault, never the value: it may be a secret in the wrong place.
        fields = [
            {"at": ".".join(str(part) for part in each["loc"]), "fault": each["type"]}
            for each in error.errors()
        ]
        names = "、".join(dict.fromkeys(field["at"] for field in fields))
        return _answer(422, "invalid_request", f"请求中的内容有误：{names}", {"fields": fields})

    @api.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> Response:
        code, words = _HTTP.get(error.status_code, _HTTP[400])
        return _answer(error.status_code, code, words, {}, error.headers)

    @api.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> Response:
        # Starlette raises it again after this answer, so that the server's log holds the traceback.
        return _answer(500, "internal", "程序遇到意外错误，本次操作未完成", {})


def _answer(
    status: int,
    code: str,
    message: str,
    details: Mapping[str, object],
    headers: Mapping[str, str] | None = None,
) -> Response:
    all_headers = {**_HEADERS.get(status, {}), **(headers or {})}
    return JSONResponse(error_json(code, message, details), status, headers=all_headers)
