"""The DingTalk group robot (钉钉群机器人): markdown into a group, its members paged by telephone number.

Must never take an HTTP 200 for success, sign before the moment of sending (a signature is good for an
hour), or show a token or secret.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from notifiers.base import Letter, Wording, sendable
from notifiers.freezing import frozen
from notifiers.group_robots import BODY_BYTES, pages_within, token_and_secret
from notifiers.masking import mask_key
from notifiers.refusals import Meaning, later, refusal, unlocked_later, unreadable
from notifiers.signing import dingtalk_sign
from notifiers.transport import Transport
from tracker.domain.errors import Scope

DINGTALK = "https://oapi.dingtalk.com"
_SERVICE = "钉钉"
_LONGEST_TITLE = 40  # characters; it shows in the list of chats only
_FONT = re.compile(r"</?font[^<>]*>")

_TOO_FAST = later("机器人发送过于频繁", 600)  # above twenty a minute it stays shut for ten
_GONE = Meaning("机器人不存在、已停用或群已解散", "请在群里重新添加机器人并更新联系人表", Scope.ADDRESS)
_CONTENT = Meaning("内容被拒", "请检查消息内容")
_BROKEN = Meaning("消息格式不被接受", "请把错误码告诉系统维护人员")

# Source: DingTalk's page on custom robots, and its list of common codes.
_MEANINGS: Mapping[int, Meaning] = {
    -1: later("系统繁忙", 10),
    130101: _TOO_FAST,
    410100: _TOO_FAST,
    400013: _GONE,
    400101: _GONE,
    400102: _GONE,
    400106: _GONE,
    40035: _BROKEN,
    43004: _BROKEN,
    400105: _BROKEN,
    430101: _CONTENT,
    430102: _CONTENT,
    430103: _CONTENT,
    430104: _CONTENT,
}

# One code serves all of a robot's security settings; only its text tells them apart, in English or Chinese.
_UNSAFE = 310000
_NO_KEYWORD = Meaning("没有机器人要求的关键词", "请在机器人的安全设置中改用加签")
_WRONG_CLOCK = Meaning("签名的时间不被接受", "请校准本机时间", Scope.CHANNEL)
_LOCKED = unlocked_later("未通过机器人的安全设置", "请核对它的加签密钥和 IP 段，以及本机时间")


class DingTalkRobot:
    """Posts to `base_url`: DingTalk's host, a private deployment or a test server."""

    channel = "dingtalk"
    wording = Wording.MARKDOWN
    personal = False
    per_minute: int | None = 18  # DingTalk allows 20; above that it shuts the robot for ten minutes
    repeatable: timedelta | None = None

    def __init__(
        self,
        base_url: str = DINGTALK,
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
        """Markdown payloads of at most 20 KB each; people are paged by telephone in each of them.

        DingTalk shows a mention only where the text itself holds `@` and the number.
        """
        text = _FONT.sub("", sendable(letter.text))
        title = (letter.subject or text).strip("#*> \n").partition("\n")[0][:_LONGEST_TITLE]
        phones = list(letter.mentions.phones)
        paging = "\n" + " ".join(f"@{phone}" for phone in phones) if phones else ""

        def freeze(part: str) -> bytes:
            # DingTalk's markdown breaks a line only after two blanks.
            shown = (part + paging).replace("\n", "  \n")
            return frozen(
                {
                    "msgtype": "markdown",
                    "markdown": {"title": title or "整改通", "text": shown},
                    "at": {"atMobiles": phones, "isAtAll": False},
                }
            )

        return pages_within(text, BODY_BYTES, freeze)

    def send(self, address: str, payload: bytes) -> str:
        """Post once. `address`: the robot's access token, and after a `#` its secret if it wants signatures.

        Returns "": the robot gives no message id.
        """
        token, secret = token_and_secret(address, _SERVICE)
        details: dict[str, object] = {"robot": mask_key(token)}
        query = {"access_token": token}
        if secret:
            moment = int(self._clock() * 1000)
            query |= {"timestamp": str(moment), "sign": dingtalk_sign(secret, moment)}
        answer = self._transport.send(
            "/robot/send", payload, content_type="application/json", query=query, details=details
        ).json()
        said = answer if isinstance(answer, dict) else {}
        errcode = said.get("errcode")
        if type(errcode) is not int:  # `true` is an int, but no code
            raise unreadable(_SERVICE, details)
        if errcode != 0:
            raise refusal(_SERVICE, str(errcode), _meaning(errcode, str(said.get("errmsg"))), details)
        return ""

    def hint(self, address: str) -> str:
        """`key=1234…cdef`."""
        return mask_key(address.strip().partition("#")[0])


def _meaning(errcode: int, errmsg: str) -> Meaning:
    if errcode != _UNSAFE:
        return _MEANINGS.get(errcode) or Meaning("拒收", "请在钉钉文档中查询错误码")
    if re.search("keyword|关键词", errmsg):
        return _NO_KEYWORD
    return _WRONG_CLOCK if re.search("timestamp|过期", errmsg) else _LOCKED
