"""The WeCom group robot (企业微信群机器人): a message into a group, its members paged by name.

Must never take an HTTP 200 for success, post to a host other than the configured one, or show a
key: whoever holds the key can post to the group.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal
from urllib.parse import parse_qsl

from notifiers.base import Attachment, Letter, Mentions, Wording, sendable
from notifiers.freezing import frozen
from notifiers.masking import mask_key
from notifiers.splitting import paged
from notifiers.transport import Transport
from notifiers.wecom_api import TENCENT, accepted, checked_users
from notifiers.wecom_cards import notice
from notifiers.wecom_errors import BAD_MEDIA_ID
from notifiers.wecom_files import carried_file, file_message, frozen_attachments, upload_form
from tracker.domain.errors import DeliveryError, Outcome, Scope

MARKDOWN_BYTES = 4000  # UTF-8 bytes of the decoded content; Tencent's document 99110 allows 4096
Style = Literal["markdown", "markdown_v2", "card"]
_SEND, _UPLOAD = "/cgi-bin/webhook/send", "/cgi-bin/webhook/upload_media"
_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")
_ONLY_V1 = re.compile(r"</?font[^<>]*>|<@[^<>\s]+>")
_PLEASE_READ = "请查收以上整改消息。"  # a text must not be empty; the mentions are its purpose


class WeComRobot:
    """Posts to `base_url` (Tencent's host, a private deployment or a test server)."""

    channel = "wecom_robot"
    wording = Wording.MARKDOWN
    personal = False
    per_minute: int | None = 18  # Tencent allows 20; restarts and retries need headroom
    repeatable: timedelta | None = None  # nothing tells two equal messages apart

    def __init__(
        self,
        base_url: str = TENCENT,
        *,
        style: Style = "markdown",
        timeout: float = 15.0,
        ca_file: str | None = None,
        proxy: str | None = None,
    ) -> None:
        """`timeout`: seconds to wait for an answer. Raises ConfigError for an impossible setting.

        `style`: `markdown_v2` shows tables and lists but no colours, and clients older than 4.1.36 show it as
        it is typed; `card` shows a letter that has a page behind it as a card, others as markdown.
        """
        self._style = style
        self._transport = Transport(
            base_url.rstrip("/"), "企业微信", read_timeout=timeout, ca_file=ca_file, proxy=proxy
        )

    def compose(self, letter: Letter) -> Sequence[bytes]:
        """The message itself, a short text that pages people where the message cannot, then the attachments.

        Markdown pages user ids only; markdown_v2 and cards page nobody. The short text costs one more of
        the robot's messages: by telephone only those are paged whose user ids nobody knows.
        """
        text = sendable(letter.text)
        users = checked_users(letter.mentions.user_ids)
        phones = () if users else letter.mentions.phones
        if self._style == "card" and letter.card and letter.card.link:
            card = notice(letter.card, letter.card.link, letter.serial)
            body = [frozen({"msgtype": "template_card", "template_card": card})]
        elif self._style == "markdown_v2":
            body = _markdown("markdown_v2", sendable(_ONLY_V1.sub("", text)))
        else:
            body = _markdown("markdown", text + "\n" * bool(users) + "".join(f"<@{user}>" for user in users))
            users = ()
        return [*body, *_paging(Mentions(users, phones)), *frozen_attachments(letter.attachments)]

    def send(self, address: str, payload: bytes) -> str:
        """Post once. `address`: the webhook's key, or its full URL on the configured host.

        A file is uploaded first, which nobody sees. Returns "": the robot gives no message id.
        """
        key = self._key(address)
        details: dict[str, object] = {"robot": mask_key(key)}
        file = carried_file(payload)
        if file is None:
            self._post(key, payload, details)
        else:
            self._send_file(key, file, details)
        return ""

    def hint(self, address: str) -> str:
        """`key=1234…cdef`."""
        return mask_key(address.strip().rpartition("key=")[2])

    def _post(self, key: str, message: bytes, details: Mapping[str, object]) -> None:
        answer = self._transport.send(
            _SEND, message, content_type="application/json", query={"key": key}, details=details
        )
        accepted(answer, details)

    def _send_file(self, key: str, file: Attachment, details: Mapping[str, object]) -> None:
        for last in (False, True):
            media_id = self._upload(key, file, details)
            try:
                return self._post(key, file_message(media_id), details)
            except DeliveryError as error:
                if last or error.details.get("errcode") != BAD_MEDIA_ID:
                    raise
        raise AssertionError("the second try returns or raises")

    def _upload(self, key: str, file: Attachment, details: Mapping[str, object]) -> str:
        body, content_type = upload_form(file)
        answer = self._transport.send(
            _UPLOAD,
            body,
            content_type=content_type,
            query={"key": key, "type": "file"},
            details=details,
            harmless=True,
        )
        return str(accepted(answer, details, harmless=True, field="media_id")["media_id"])

    def _key(self, address: str) -> str:
        """The key of an address; raises DeliveryError (permanent), which does not quote the address."""
        endpoint = self._transport.base_url + _SEND
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
                scope=Scope.ADDRESS,
            )
        return key


def _markdown(kind: str, content: str) -> list[bytes]:
    return [frozen({"msgtype": kind, kind: {"content": part}}) for part in paged(content, MARKDOWN_BYTES)]


def _paging(mentions: Mentions) -> list[bytes]:
    lists = {"mentioned_list": mentions.user_ids, "mentioned_mobile_list": mentions.phones}
    named = {name: list(people) for name, people in lists.items() if people}
    return [frozen({"msgtype": "text", "text": {"content": _PLEASE_READ, **named}})] if named else []
