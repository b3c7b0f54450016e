"""How answers leave: JSON with an ETag; and how writes are done: once per key, if the item is as it was seen.

Must never answer a write before its transaction has ended.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.responses import Response

from tracker.answers.streamed import Streamed
from tracker.domain.errors import NotFoundError
from tracker.rendering.contract import Json, item_json
from tracker.services import inspect
from tracker.services.advance import load
from tracker.services.office import Office
from tracker.services.once import Answer, Asked, once
from tracker.services.tokens import Bearer
from tracker.store import Connection
from tracker.store.clockwork import take_planning_turn
from tracker.web.api.errors import ChangedError
from tracker.web.api.shapes import Error
from tracker.web.context import CurrentDesk, Desk

_KEY = r"^[\x21-\x7e]{1,200}$"
_ETAG = re.compile(r'(W/)?"([^"]*)"')
_WORDS = {
    400: "请求无法解析，或内容不合规则",
    401: "没有令牌，或令牌无效、过期、已停用",
    403: "令牌没有这个权限，或其身份不能这样办理",
    404: "没有这个编号、单位、类别等",
    409: "现在的状态不允许这样办理",
    412: "事项已变（If-Match），details 中是现在的情况",
    413: "请求过大",
    422: "请求的内容不合规定，或 Idempotency-Key 已用于另一个请求",
    429: "请求过于频繁，稍候再试（Retry-After）",
    503: "数据库正忙或不可用，稍候再试",
}
ERRORS: dict[int | str, dict[str, object]] = {
    status: {"model": Error, "description": words} for status, words in _WORDS.items()
}
NOT_MODIFIED: dict[int | str, dict[str, object]] = {304: {"description": "与 If-None-Match 相同，没有变化"}}


def answered(request: Request, body: Json, *, version: int | None = None) -> Response:
    """200 with a strong ETag, or 304 where the sender has just that.

    `version`: of the one item that the answer is about; it stands before the dot of its ETag.
    """
    text = _as_text(body)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    etag = f'"{digest}"' if version is None else f'"{version}.{digest}"'
    wanted = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if etag in wanted or "*" in wanted:
        return Response(status_code=304, headers={"ETag": etag})
    return Response(text, media_type="application/json", headers={"ETag": etag})


def _as_text(body: Json) -> str:
    """Long lists are made here: `json.dumps` would measure them before they are."""
    made = {name: list(value) if isinstance(value, Streamed) else value for name, value in body.items()}
    return json.dumps(made, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Writing:
    """One write: its request, and the key under which it is done once."""

    request: Request
    desk: Desk
    key: str | None

    def carry_out(
        self,
        bearer: Bearer,
        asked: str,
        action: Callable[[Office, Connection], Json],
        *,
        number: int | None = None,
    ) -> Response:
        """Do it in one transaction with its key; `asked` is what was asked for, in any exact wording.

        `number`: the one item that it is about, whose ETag the answer bears.
        """
        path = f"{self.request.method} {self.request.url.path}\n{asked}"
        fingerprint = hashlib.sha256(path.encode()).hexdigest()

        def act(office: Office, connection: Connection) -> Answer:
            body = _as_text(action(office, connection))
            etag = f'"{inspect.version_of(office, number)}"' if number is not None else None
            return Answer(200, body, etag)

        asked_for = Asked(bearer.token.id, self.key, fingerprint)
        answer = once(self.desk.office, asked_for, act, now=self.desk.now())
        headers = {"ETag": answer.etag} if answer.etag else {}
        if answer.is_repeat:
            headers["Idempotent-Replayed"] = "true"
        return Response(answer.body, answer.status, headers, media_type="application/json")


def _writing(
    request: Request,
    desk: CurrentDesk,
    idempotency_key: Annotated[
        str | None,
        Header(pattern=_KEY, description="随机的键：24 小时内以同一键重复的请求只办理一次，得到同一答复"),
    ] = None,
) -> Writing:
    return Writing(request, desk, idempotency_key)


CurrentWriting = Annotated[Writing, Depends(_writing)]


def lock_reached(connection: Connection, numbers: list[int]) -> None:
    """Lock items that are about to change; raises NotFoundError for one that the token does not reach."""
    take_planning_turn(connection)
    load(connection, numbers)


def require_unchanged(office: Office, number: int, if_match: str | None, desk: Desk) -> None:
    """Raise ChangedError, with the item as it is, unless the sender's ETag is of its present version.

    What stands behind the dot of an ETag does not matter here: a message more is no other item.
    """
    if if_match is None or if_match.strip() == "*":
        return
    version = inspect.version_of(office, number)
    if str(version) in {tag.partition(".")[0] for weak, tag in _ETAG.findall(if_match) if not weak}:
        return
    found = inspect.pick_items(office, [number])
    if not found:
        raise NotFoundError(f"没有编号为 {number} 的整改事项", details={"numbers": [number]})
    details = {"item": item_json(found[0], desk.now(), office.rules.calendar), "etag": f'"{version}"'}
    raise ChangedError(f"第 {number} 号事项在您查看之后已变，请核对后再办理", details=details)
