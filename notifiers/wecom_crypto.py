"""WeCom's calls to us: checked, opened and answered, after Tencent's documents 96466, 90930 and 90241.

Must never open what is not signed, resolve an entity, or let a caller know which check a call failed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from lxml import etree
from lxml.etree import _Element as Element

from tracker.domain.errors import ConfigError, RectifyError

WINDOW = timedelta(minutes=5)  # a call signed longer ago may be somebody's replay
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")
_SECONDS = re.compile(r"[0-9]{1,12}")
_BLOCK = 32  # bytes to which Tencent pads, twice the block of AES
_RANDOM, _LENGTH = 16, 4  # bytes before the message: random ones, then its length


class CallbackError(RectifyError):
    """The call is not WeCom's, not for us, or not of now; `details["why"]` says which, to the log alone."""

    code = "callback"

    def __init__(self, why: str) -> None:
        super().__init__("请求未通过企业微信回调校验", details={"why": why})


@dataclass(frozen=True)
class Signature:
    """What the address of every call bears, as it was given; `timestamp` in seconds since 1970."""

    msg_signature: str = ""
    timestamp: str = ""
    nonce: str = ""


class Callback:
    """The callback of one application (自建应用) of one corporation."""

    def __init__(self, token: str, aes_key: str, corp_id: str) -> None:
        """`token` and `aes_key` (EncodingAESKey) as the application's page shows them; raises ConfigError.

        43 characters of 6 bits are 2 bits more than 32 bytes; Tencent generates keys in which those are set.
        """
        if not _AES_KEY.fullmatch(aes_key):
            raise ConfigError(
                "TRACKER_WECOM_CALLBACK_AES_KEY 须为企业微信后台给出的 43 位字母和数字",
                details={"settings": ["wecom_callback_aes_key"]},
            )
        key = b64decode(aes_key + "=")
        self._token, self._corp_id = token, corp_id
        self._cipher = Cipher(AES(key), CBC(key[:16]))

    def echo(self, signature: Signature, echostr: str, now: datetime) -> str:
        """What WeCom wants to read when its administrator saves our address; raises CallbackError."""
        try:
            return self._opened(signature, echostr, now).decode()
        except UnicodeDecodeError:
            raise CallbackError("content") from None

    def event(self, signature: Signature, body: bytes, now: datetime) -> dict[str, str]:
        """The fields of an event by their names in Tencent's document 90240; raises CallbackError.

        Fields that hold others, such as SelectedItems, are empty.
        """
        envelope = _fields(body)
        return _fields(self._opened(signature, envelope.get("Encrypt", ""), now))

    def button(self, user_id: str, text: str, now: datetime) -> bytes:
        """The answer to a press that puts `text` in the button's place, for the one who pressed it."""
        seconds = str(int(now.timestamp()))
        reply = etree.Element("xml")
        etree.SubElement(reply, "ToUserName").text = user_id
        etree.SubElement(reply, "FromUserName").text = self._corp_id
        etree.SubElement(reply, "CreateTime").text = seconds
        etree.SubElement(reply, "MsgType").text = "update_button"
        etree.SubElement(etree.SubElement(reply, "Button"), "ReplaceName").text = text
        encrypted, nonce = self._sealed(_written(reply)), secrets.token_hex(8)
        answer = etree.Element("xml")
        etree.SubElement(answer, "Encrypt").text = encrypted
        etree.SubElement(answer, "MsgSignature").text = self._sign(seconds, nonce, encrypted)
        etree.SubElement(answer, "TimeStamp").text = seconds
        etree.SubElement(answer, "Nonce").text = nonce
        return _written(answer)

    def _sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """Tencent's msg_signature; it asks for SHA-1."""
        parts = sorted([self._token, timestamp, nonce, encrypted])
        return hashlib.sha1("".join(parts).encode()).hexdigest()  # noqa: S324

    def _opened(self, signature: Signature, encrypted: str, now: datetime) -> bytes:
        """The message, once signature, time, padding and receiver have been found right."""
        expected = self._sign(signature.timestamp, signature.nonce, encrypted)
        if not hmac.compare_digest(expected.encode(), signature.msg_signature.encode()):
            raise CallbackError("signature")
        if not _SECONDS.fullmatch(signature.timestamp):
            raise CallbackError("time")
        if abs(int(signature.timestamp) - now.timestamp()) > WINDOW.total_seconds():
            raise CallbackError("time")
        try:
            plain = self._decrypted(b64decode(encrypted, validate=True))
        except ValueError:
            raise CallbackError("content") from None
        begin = _RANDOM + _LENGTH
        end = begin + int.from_bytes(plain[_RANDOM:begin])
        # A length that lies, or a text cut off, leaves another receiver than ours.
        if not hmac.compare_digest(plain[end:], self._corp_id.encode()):
            raise CallbackError("receiver")
        return plain[begin:end]

    def _decrypted(self, content: bytes) -> bytes:
        """Raises ValueError for what was not encrypted and padded as Tencent does."""
        if len(content) % _BLOCK:
            raise ValueError("no whole number of blocks")
        decryptor, unpadder = self._cipher.decryptor(), PKCS7(_BLOCK * 8).unpadder()
        padded = decryptor.update(content) + decryptor.finalize()
        return unpadder.update(padded) + unpadder.finalize()

    def _sealed(self, message: bytes) -> str:
        length = len(message).to_bytes(_LENGTH)
        plain = secrets.token_bytes(_RANDOM) + length + message + self._corp_id.encode()
        encryptor, padder = self._cipher.encryptor(), PKCS7(_BLOCK * 8).padder()
        padded = padder.update(plain) + padder.finalize()
        return b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def _fields(xml: bytes) -> dict[str, str]:
    """The texts of the elements right below the root, by tag."""
    # The encoding is ours, whatever the document declares: so no DOCTYPE can hide from the look for it.
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    if b"<!DOCTYPE" in xml:
        raise CallbackError("content")
    try:
        return {child.tag: child.text or "" for child in etree.fromstring(xml, parser)}
    except etree.XMLSyntaxError:
        raise CallbackError("content") from None


def _written(root: Element) -> bytes:
    written: bytes = etree.tostring(root, encoding="utf-8")
    return written
