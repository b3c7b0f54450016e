"""The WeCom group robot (企业微信群机器人): markdown into a group, its members paged by name.

Must never take an HTTP 200 for success, post to a host other than the configured one, or show a
key: whoever holds the key can post to the group.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from notifiers.base import Mentions, sendable
from notifiers.masking import mask_key
from notifiers.splitting import paged
from notifiers.transport import Transport
from notifiers.wecom_errors import refusal
from tracker.domain.errors import DeliveryError, Outcome

TENCENT = "https://qyapi.weixin.qq.com"
MARKDOWN_BYTES = 4096  # UTF-8 bytes of the decoded content; Tencent's document 99110
_PATH = "/cgi-bin/webhook/send"
_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")
_USER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
_PLEASE_READ = "请查收以上整改消息。"  # a text must not be empty; the mentions are its purpose


class WeComRobot:
    """Posts to `base_url` (Tencent's host, a private deployment or a test server)."""

    channel = "wecom_robot"
    template = "markdown"
    per_minute: int | None = 18  # Tencent allows 20; restarts and retries need headroom

    def __init__(
        self,
        base_url: str = TENCENT,
        *,
        timeout: float = 15.0,
        ca_file: str | None = None,
        proxy: str | None = None,
    ) -> None:
        """`timeout`: seconds to wait for an answer. Raises ConfigError for an impossible setting."""
        self._transport = Transport(
            base_url.rstrip("/"), "企业微信", read_timeout=timeout, ca_file=ca_file, proxy=proxy
        )

    def compose(self, text: str, mentions: Mentions) -> Sequence[bytes]:
        """Markdown payloads of at most 4096 bytes of content; mentions stand at the very end.

        Markdown can page user ids only. People known just by telephone need a text message of
        its own, which costs one more of the robot's messages; user ids, when given, suffice.
        """
        wrong = [user for user in mentions.user_ids if not _USER_ID.fullmatch(user)]
        if wrong:
            raise DeliveryError("企业微信账号含有不允许的字符，请检查联系人表", outcome=Outcome.PERMANENT)
        content = sendable(text)
        if mentions.user_ids:
            content += "\n" + "".join(f"<@{user}>" for user in mentions.user_ids)
        payloads = [_payload("markdown", {"content": part}) for part in paged(content, MARKDOWN_BYTES)]
        if mentions.phones and not mentions.user_ids:
            page = {"content": _PLEASE_READ, "mentioned_mobile_list": list(mentions.phones)}
            payloads.append(_payload("text", page))
        return payloads

    def send(self, address: str, payload: bytes) -> str:
        """Post once. `address`: the webhook's key, or its full URL on the configured host.

        Returns "": the robot gives no message id.
        """
        key = self._key(address)
        details: dict[str, object] = {"robot": mask_key(key)}
        answer = self._transport.send(
            _PATH, payload, content_type="application/json", query={"key": key}, details=details
        )
        said = answer.json() if answer.status == 200 else None
        errcode = said.get("errcode") if isinstance(said, dict) else None
        if not isinstance(said, dict) or type(errcode) is not int:  # `true` is an int, but no code
            raise DeliveryError(
                "企业微信的答复无法识别，消息可能已被接收，请到群里核对；并检查网络出口是否拦截",
                outcome=Outcome.UNKNOWN,
                details=details,
            )
        errmsg = said.get("errmsg")
        if errcode != 0:
            raise refusal(errcode, errmsg, details)
        if "warning" in str(errmsg).lower():  # accepted by the letter, but such messages may never be shown
            raise DeliveryError(
                "企业微信接收了消息但附带警告，可能没有显示，请到群里核对",
                outcome=Outcome.UNKNOWN,
                details={**details, "errcode": 0},
            )
        return ""

    def _key(self, address: str) -> str:
        """The key of an address; raises DeliveryError (permanent), which does not quote the address."""
        endpoint = self._transport.base_url + _PATH
        key = address.strip()
        if "://" in key:
            location, _, query = key.partition("?")
            pairs = parse_qsl(query) if location == endpoint else []
            # Nothing beside the key: `debug=1`, say, would lower the limit to five a minute.
            key = pairs[0][1] if [name for name, _ in pairs] == ["key"] else ""
        if not _KEY.fullmatch(key):
            raise DeliveryError(
                f"群机器人地址无效：应为机器人密钥，或 {endpoint}?key=密钥，请更新联系人表",
                outcome=Outcome.PERMANENT,
            )
        return key


def _payload(kind: str, content: Mapping[str, object]) -> bytes:
    # Raw UTF-8: WeCom has an error code (40033) for \u escapes that it does not like.
    return json.dumps({"msgtype": kind, kind: content}, ensure_ascii=False, separators=(",", ":")).encode()
