"""The WeCom app (企业微信自建应用): a private message to one person, with buttons if somebody listens.

Must never send other bytes than the frozen ones (Tencent recognises a repeated message by them), show the
secret or a token, or take an accepted call for a message that the recipient gets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from secrets import token_hex

from notifiers.base import Letter, Wording, sendable
from notifiers.freezing import frozen, thawed
from notifiers.masking import mask_phone
from notifiers.splitting import paged
from notifiers.transport import Transport
from notifiers.wecom_api import TENCENT, accepted, checked_users
from notifiers.wecom_cards import with_buttons
from notifiers.wecom_errors import TASK_ID_USED, unreachable
from notifiers.wecom_token import AccessToken
from tracker.domain.errors import DeliveryError, Outcome, Scope

MARKDOWN_BYTES = 2000  # UTF-8 bytes; what is beyond 2048 Tencent cuts off in silence (document 90236)
_REMEMBERED = timedelta(hours=4)  # the longest that Tencent recognises a repeated message
_SEND = "/cgi-bin/message/send"


class WeComApp:
    """One app of one corporation; an address is a user id. One object serves all threads."""

    channel = "wecom_app"
    wording = Wording.MARKDOWN
    personal = True
    per_minute: int | None = 25  # beyond 30 Tencent drops messages to a member in silence (document 90312)
    repeatable: timedelta | None = _REMEMBERED - timedelta(minutes=10)

    def __init__(
        self,
        base_url: str = TENCENT,
        *,
        corp_id: str,
        agent_id: int,
        secret: str,
        has_callback: bool = False,
        salt: str = "",
        timeout: float = 15.0,
        ca_file: str | None = None,
        proxy: str | None = None,
    ) -> None:
        """`has_callback`: the app's callback URL is set, so that buttons are heard. `timeout`: seconds.

        `salt`: what sets the task ids composed here apart from those of other ledgers on the same app, a
        trial's first of all, whose letters have the same keys. By default drawn anew for each run of the
        program: a task id is frozen with its letter, and only those very bytes are ever sent again.

        Raises ConfigError for an impossible setting.
        """
        self._agent_id = agent_id
        self._has_callback = has_callback
        self._salt = salt or token_hex(8)
        self._transport = Transport(
            base_url.rstrip("/"), "企业微信", read_timeout=timeout, ca_file=ca_file, proxy=proxy
        )
        self._token = AccessToken(self._transport, corp_id, secret)

    def compose(self, letter: Letter) -> Sequence[bytes]:
        """A card when the letter asks for an answer that can be heard, else markdown in parts of 2000 bytes.

        `letter.mentions.user_ids` holds the recipient's own id and nothing else. Attachments are left out.
        """
        text = sendable(letter.text)
        recipients = checked_users(letter.mentions.user_ids)
        if len(recipients) != 1:
            raise DeliveryError(
                "应用消息须有且只有一个企业微信账号，请检查联系人表",
                outcome=Outcome.PERMANENT,
                scope=Scope.ADDRESS,
            )
        if self._has_callback and letter.card and letter.card.buttons and letter.key:
            card = with_buttons(letter.card, letter.serial, f"{letter.key}-{self._salt}")
            return [self._message(recipients[0], "template_card", card)]
        parts = paged(text, MARKDOWN_BYTES)
        return [self._message(recipients[0], "markdown", {"content": part}) for part in parts]

    def send(self, address: str, payload: bytes) -> str:
        """Send once to the user id `address`, which the payload must name; return Tencent's `msgid`.

        A task id that was used before is that of these very bytes, which nobody else can have made (see
        `salt`): an earlier try had arrived, and "" is returned.
        """
        details: dict[str, object] = {"user": self.hint(address)}
        if thawed(payload).get("touser") != address:
            raise DeliveryError(
                "消息不是写给这个企业微信账号的，没有发送", outcome=Outcome.PERMANENT, details=details
            )
        try:
            said = self._call(payload, details)
        except DeliveryError as error:
            if error.details.get("errcode") != TASK_ID_USED:
                raise
            return ""
        for names in (said.get("invaliduser"), said.get("unlicenseduser")):
            if address.lower() in str(names or "").lower().split("|"):  # errcode is 0 all the same
                raise unreachable(details)
        return str(said.get("msgid") or "")

    def hint(self, address: str) -> str:
        """The user id; one that is a telephone number is masked as such."""
        return mask_phone(address) if address.isdecimal() and len(address) >= 11 else address

    def _message(self, recipient: str, kind: str, content: Mapping[str, object]) -> bytes:
        return frozen(
            {
                "touser": recipient,
                "msgtype": kind,
                "agentid": self._agent_id,
                kind: content,
                "enable_duplicate_check": 1,
                "duplicate_check_interval": int(_REMEMBERED.total_seconds()),
            }
        )

    def _call(self, payload: bytes, details: Mapping[str, object]) -> Mapping[str, object]:
        return self._token.used_by(lambda token: self._call_with(token, payload, details))

    def _call_with(self, token: str, payload: bytes, details: Mapping[str, object]) -> Mapping[str, object]:
        answer = self._transport.send(
            _SEND, payload, content_type="application/json", query={"access_token": token}, details=details
        )
        return accepted(answer, details)
