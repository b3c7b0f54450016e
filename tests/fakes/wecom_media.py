"""The robot's temporary media: an upload is checked before the key is, and lives three days.

Must never keep the bytes: only whose they are and when they came.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP

from tests.fakes.wecom_rules import Refusal

LIFETIME = 3 * 24 * 3600  # seconds
_LARGEST = {"file": 20 * 1024 * 1024, "voice": 2 * 1024 * 1024}


@dataclass(frozen=True)
class Media:
    """One upload: the robot that made it, when (seconds of the fake's clock), the name that people see."""

    key: str
    at: float
    name: str

    def usable(self, key: str, now: float) -> bool:
        return self.key == key and now - self.at < LIFETIME


def check_upload(kind: str, content_type: str, body: bytes) -> str:
    """Judge one multipart body; return the file's name. Raises Refusal."""
    if kind not in _LARGEST:
        raise Refusal(40058, "invalid field type")
    name, content = _media_part(content_type, body)
    if not content:
        raise Refusal(44001, "empty media data")
    if len(content) > _LARGEST[kind]:
        raise Refusal(45001, "media size out of limit")
    if len(content) <= 5:
        raise Refusal(40058, "media too small")
    if kind == "voice" and not content.startswith(b"#!AMR"):
        raise Refusal(40058, "voice is not amr")
    return name


def _media_part(content_type: str, body: bytes) -> tuple[str, bytes]:
    """Name and bytes of the part called `media` that has a file name; empty when there is none."""
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    for part in message.iter_parts():
        name = part.get_filename()
        if name and part.get_param("name", header="content-disposition") == "media":
            content = part.get_payload(decode=True)
            return name, content if isinstance(content, bytes) else b""
    return "", b""
