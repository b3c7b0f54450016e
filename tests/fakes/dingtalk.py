"""A fake of DingTalk's group robot: token, signature, keyword, and ten minutes shut after twenty messages a
minute.

Must never be laxer than DingTalk's page on custom robots.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from tests.fakes.http_server import Request
from tests.fakes.provider import NOW, Provider, json_object

TOKEN, SECRET = "invented0dingtalk0token0000cdef", "SECinvented0001"
_PER_MINUTE = 20


class FakeDingTalk(Provider):
    """One robot. `secret` empty: it wants no signature. `keyword`: it refuses what does not hold it."""

    PATH = "/robot/send"

    def __init__(self) -> None:
        super().__init__()
        self.secret = SECRET
        self.keyword = ""

    def answer(self, request: Request, raw: bytes) -> dict[str, Any]:
        said = json_object(raw)
        words = "ok"
        code = self.refuse_with or self._verdict(request, raw)
        if isinstance(code, str):  # one code serves all security settings
            code, words = 310000, code
        if code == 0:
            self.accepted.append(dict(said))
        return {"errcode": code, "errmsg": words if code in {0, 310000} else "refused"}

    def _verdict(self, request: Request, raw: bytes) -> int | str:
        said = json_object(raw)
        if request.query.get("access_token") != TOKEN:
            return 400101
        if said.get("msgtype") != "markdown" or not said["markdown"].get("title"):
            return 40035
        if len(raw) > 20 * 1024:
            return 460101
        if wrong := self._unsigned(request):
            return wrong
        if self.keyword not in said["markdown"]["text"]:
            return "keywords not in content"
        return 130101 if len(self.accepted) >= _PER_MINUTE else 0

    def _unsigned(self, request: Request) -> str:
        if not self.secret:
            return ""
        stamp = request.query.get("timestamp", "0")
        digest = hmac.new(self.secret.encode(), f"{stamp}\n{self.secret}".encode(), hashlib.sha256).digest()
        good = base64.b64encode(digest).decode()
        if abs(int(stamp) / 1000 - NOW) >= 3600:
            return "invalid timestamp"
        return "" if request.query.get("sign") == good else "sign not match"
