"""A fake of Feishu's custom bot: token in the path, signature in the body, 20 KB, a hundred messages a
minute.

Must never be laxer than Feishu's page on custom bots.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from tests.fakes.http_server import Request
from tests.fakes.provider import NOW, Provider, json_object

TOKEN, SECRET = "invented-feishu-0000-token-cdef", "inventedfeishu0001"
_PER_MINUTE = 100


class FakeFeishu(Provider):
    """One bot. `secret` empty: it wants no signature. `old`: it answers `StatusCode` in place of `code`."""

    PATH = "/open-apis/bot/v2/hook/"

    def __init__(self) -> None:
        super().__init__()
        self.secret = SECRET
        self.keyword = ""
        self.old = False

    def answer(self, request: Request, raw: bytes) -> dict[str, Any]:
        said = json_object(raw)
        code = self.refuse_with or self._verdict(request.path, said, len(raw))
        if code == 0:
            self.accepted.append(dict(said))
        if self.old:
            return {"StatusCode": code, "StatusMessage": "success" if code == 0 else "refused"}
        return {"code": code, "msg": "success" if code == 0 else "refused", "data": {}}

    def _verdict(self, path: str, said: Mapping[str, Any], size: int) -> int:
        if path != self.PATH + TOKEN:
            return 19001
        if said.get("msg_type") != "text" or not said["content"].get("text") or size > 20 * 1024:
            return 9499
        if not self._signed(said):
            return 19021
        if self.keyword not in said["content"]["text"]:
            return 19024
        return 11232 if len(self.accepted) >= _PER_MINUTE else 0

    def _signed(self, said: Mapping[str, Any]) -> bool:
        if not self.secret:
            return True
        stamp = said.get("timestamp", "0")
        digest = hmac.new(f"{stamp}\n{self.secret}".encode(), b"", hashlib.sha256).digest()
        return abs(int(stamp) - NOW) < 3600 and said.get("sign") == base64.b64encode(digest).decode()
