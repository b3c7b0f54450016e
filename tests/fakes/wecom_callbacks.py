"""The far side of callbacks: WeCom checking an address and reporting presses, with cryptography of its own.

Must never use `notifiers.wecom_crypto`: both would be wrong together. All keys here are invented.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from urllib.parse import urlencode
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

TOKEN = "YunlanToken2026"
AES_KEY = "Yunlan2026abcdefghijklmnopqrstuvwxyz0123456"  # EncodingAESKey
CORP_ID = "ww0000yunlan000000"
PATH = "/wecom/callback"
PATIENCE_SECONDS = 5
TRIES = 3
RANDOM = b"0123456789abcdef"


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""


@dataclass(frozen=True)
class Call:
    """One call as it goes over the wire; `echostr` for the check of the address, `body` for events."""

    msg_signature: str
    timestamp: str
    nonce: str
    echostr: str = ""
    body: bytes = b""

    @property
    def address(self) -> str:
        fields = {"msg_signature": self.msg_signature, "timestamp": self.timestamp, "nonce": self.nonce}
        return f"{PATH}?{urlencode(fields | ({'echostr': self.echostr} if self.echostr else {}))}"


Carry = Callable[[str, str, bytes], Answer]  # method, address and body; raises TimeoutError


def pad(plain: bytes) -> bytes:
    """PKCS#7 to a multiple of 32, never none."""
    missing = 32 - len(plain) % 32
    return plain + bytes([missing]) * missing


class FarSide:
    """`carry` brings a call to the code under test; `clock` dates it; `watch` measures how long it took."""

    def __init__(
        self,
        carry: Carry,
        clock: Callable[[], datetime],
        *,
        token: str = TOKEN,
        aes_key: str = AES_KEY,
        corp_id: str = CORP_ID,
        watch: Callable[[], float] = time.monotonic,
    ) -> None:
        key = base64.b64decode(aes_key + "=")
        self._carry, self._clock, self._watch = carry, clock, watch
        self._token, self._corp_id = token, corp_id
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
        self._numbers = count(1)

    def encrypt(self, message: bytes, *, padding: Callable[[bytes], bytes] = pad) -> str:
        plain = RANDOM + len(message).to_bytes(4, "big") + message + self._corp_id.encode()
        return self.encrypt_raw(padding(plain))

    def encrypt_raw(self, padded: bytes) -> str:
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def decrypt(self, encrypted: str) -> bytes:
        """The message of an answer; asserts everything that Tencent's servers check."""
        decryptor = self._cipher.decryptor()
        padded = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
        plain = padded[: -padded[-1]]
        assert pad(plain) == padded
        length = int.from_bytes(plain[16:20], "big")
        assert plain[20 + length :] == self._corp_id.encode()
        return plain[20 : 20 + length]

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        return hashlib.sha1("".join(sorted((self._token, timestamp, nonce, encrypted))).encode()).hexdigest()

    def check(self, text: str) -> Call:
        """The call when an administrator saves the address."""
        return replace(self._signed(encrypted := self.encrypt(text.encode())), echostr=encrypted)

    def event(self, message: bytes | str, *, encrypted: str | None = None) -> Call:
        """An event with this XML inside; `encrypted` in its place, for what no honest server sends."""
        sealed = encrypted or self.encrypt(message.encode() if isinstance(message, str) else message)
        envelope = (
            f"<xml><ToUserName><![CDATA[{self._corp_id}]]></ToUserName>"
            f"<Encrypt><![CDATA[{sealed}]]></Encrypt><AgentID><![CDATA[1000002]]></AgentID></xml>"
        )
        return replace(self._signed(sealed), body=envelope.encode())

    def press(self, user_id: str, button: str, task: str, *, created: datetime | None = None) -> Call:
        """Somebody pressed a button of a card at `created`, now if not said."""
        moment = int((created or self._clock()).timestamp())
        return self.event(
            f"<xml><ToUserName><![CDATA[{self._corp_id}]]></ToUserName>"
            f"<FromUserName><![CDATA[{user_id}]]></FromUserName><CreateTime>{moment}</CreateTime>"
            "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[template_card_event]]></Event>"
            f"<EventKey><![CDATA[{button}]]></EventKey><TaskId><![CDATA[{task}]]></TaskId>"
            "<CardType><![CDATA[button_interaction]]></CardType><ResponseCode><![CDATA[once]]></ResponseCode>"
            "<AgentID>1000002</AgentID></xml>"
        )

    def deliver(self, call: Call) -> Answer:
        """Call, and again when the answer fails or comes after five seconds, three times in all."""
        for _ in range(TRIES):
            began = self._watch()
            try:
                answer = self._carry("GET" if call.echostr else "POST", call.address, call.body)
            except TimeoutError:
                continue
            if answer.status == 200 and self._watch() - began <= PATIENCE_SECONDS:
                return answer
        raise TimeoutError(f"no answer in {TRIES} tries")

    def read(self, answer: Answer) -> str:
        """What stands in the button's place now; "" for an answer that says nothing."""
        if not answer.body:
            return ""
        fields = {each.tag: each.text or "" for each in ElementTree.fromstring(answer.body)}
        assert set(fields) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
        expected = self.sign(fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
        assert fields["MsgSignature"] == expected
        reply = ElementTree.fromstring(self.decrypt(fields["Encrypt"]))
        assert reply.findtext("MsgType") == "update_button"
        assert reply.findtext("FromUserName") == self._corp_id
        return reply.findtext("Button/ReplaceName") or ""

    def _signed(self, encrypted: str) -> Call:
        timestamp, nonce = str(int(self._clock().timestamp())), f"nonce{next(self._numbers)}"
        return Call(self.sign(timestamp, nonce, encrypted), timestamp, nonce)
