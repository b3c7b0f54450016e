"""The Feishu group robot (飞书自定义机器人): plain text into a group.

Must never take an HTTP 200 for success, sign before the moment of sending (a signature is good for an
hour), show a token or secret, or let a problem's text page a group.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from notifiers.base import Letter, Wording, sendable
from notifiers.freezing import frozen, thawed
from notifiers.group_robots import BODY_BYTES, pages_within, token_and_secret
from notifiers.masking import mask_key
from notifiers.refusals import Meaning, later, refusal, unlocked_later, unreadable
from notifiers.signing import feishu_sign
from notifiers.transport import Transport
from tracker.domain.errors import Scope

FEISHU = "https://open.feishu.cn"
_SERVICE = "飞书"
_PATH = "/open-apis/bot/v2/hook/"
_SIGNATURE_BYTES = 100  # what timestamp and sign add to the frozen body
_TAG = re.compile(r"<(?=/?at\b)", re.IGNORECASE)

# Source: Feishu's page on custom bots.
_MEANINGS: Mapping[int, Meaning] = {
    9499: Meaning("消息格式不被接受", "请把错误码告诉系统维护人员"),
    11232: later("机器人发送过于频繁", 65),
    19001: Meaning("机器人不存在或已被移出群", "请在群里重新添加机器人并更新联系人表", Scope.ADDRESS),
    19021: unlocked_later("签名校验失败", "请检查机器人的签名密钥，本机时间是否准确"),
    19022: unlocked_later("本机 IP 不在机器人的白名单", "请在机器人的安全设置中加入本机出口 IP"),
    19024: Meaning("没有机器人要求的关键词", "请在机器人的安全设置中改用签名校验"),
}


class FeishuRobot:
    """Posts to `base_url`: Feishu's host, a private deployment or a test server."""

    channel = "feishu"
    wording = Wording.PLAIN
    personal = False
    per_minute: int | None = 90  # Feishu allows 100
    repeatable: timedelta | None = None

    def __init__(
        self,
        base_url: str = FEISHU,
        *,
        timeout: float = 15.0,
        ca_file: str | None = None,
        proxy: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`timeout`: seconds. `clock`: seconds since 1970, for signatures."""
        self._clock = clock
        self._transport = Transport(
            base_url.rstrip("/"), _SERVICE, read_timeout=timeout, ca_file=ca_file, proxy=proxy
        )

    def compose(self, letter: Letter) -> Sequence[bytes]:
        """Text payloads that with their signature have at most 20 KB each. Feishu knows neither the user
        ids nor the numbers that we have: nobody is paged.
        """

        def freeze(part: str) -> bytes:
            return frozen({"msg_type": "text", "content": {"text": part}})

        return pages_within(_TAG.sub("＜", sendable(letter.text)), BODY_BYTES - _SIGNATURE_BYTES, freeze)

    def send(self, address: str, payload: bytes) -> str:
        """Post once. `address`: the robot's token, and after a `#` its secret if it wants signatures.

        Returns "": the robot gives no message id.
        """
        token, secret = token_and_secret(address, _SERVICE)
        details: dict[str, object] = {"robot": mask_key(token)}
        if secret:
            moment = int(self._clock())
            signature = {"timestamp": str(moment), "sign": feishu_sign(secret, moment)}
            payload = frozen({**thawed(payload), **signature})
        answer = self._transport.send(
            _PATH + token, payload, content_type="application/json; charset=utf-8", details=details
        ).json()
        # Older deployments answer `StatusCode` only.
        code = answer.get("code", answer.get("StatusCode")) if isinstance(answer, dict) else None
        if type(code) is not int:  # `true` is an int, but no code
            raise unreadable(_SERVICE, details)
        if code != 0:
            meaning = _MEANINGS.get(code) or Meaning("拒收", "请在飞书文档中查询错误码")
            raise refusal(_SERVICE, str(code), meaning, details)
        return ""

    def hint(self, address: str) -> str:
        """`key=1234…cdef`."""
        return mask_key(address.strip().partition("#")[0])
