"""Pictures and files for the group robot: a picture travels inside its message, a file is uploaded first.

Must never leave an upload's id in a frozen payload: it lives three days and belongs to one robot, so the
payload carries the file itself.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from urllib3.filepost import encode_multipart_formdata

from notifiers.base import Attachment
from notifiers.freezing import frozen, thawed

_PICTURES = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
}  # type -> how such a file begins
_LARGEST_PICTURE = 2 * 1024 * 1024  # bytes before base64; Tencent's document 99110, as is the next line
_SMALLEST_FILE, _LARGEST_FILE = 6, 20 * 1024 * 1024
_FROZEN_FILE = b'{"file":{"base64":'


def frozen_attachments(attachments: Sequence[Attachment]) -> list[bytes]:
    """One payload for each that the robot can carry: what is empty or larger than 20 MB is left out."""
    return [_frozen(one) for one in attachments if _SMALLEST_FILE <= len(one.content) <= _LARGEST_FILE]


def _frozen(one: Attachment) -> bytes:
    content = base64.b64encode(one.content).decode()  # without line breaks: they are answered with 301019
    if len(one.content) <= _LARGEST_PICTURE and one.content.startswith(_PICTURES.get(one.media_type, ())):
        digest = hashlib.md5(one.content, usedforsecurity=False).hexdigest()
        return frozen({"msgtype": "image", "image": {"base64": content, "md5": digest}})
    return frozen({"msgtype": "file", "file": {"name": one.name, "type": one.media_type, "base64": content}})


def carried_file(payload: bytes) -> Attachment | None:
    """The file that a payload carries; None for every other kind of message."""
    if not payload.startswith(_FROZEN_FILE):
        return None
    file = thawed(payload)["file"]
    return Attachment(file["name"], base64.b64decode(file["base64"]), file["type"])


def upload_form(file: Attachment) -> tuple[bytes, str]:
    """The body of an upload (one part, `media`) and its content type."""
    return encode_multipart_formdata({"media": (file.name, file.content, file.media_type)})


def file_message(media_id: str) -> bytes:
    """The message that shows an uploaded file."""
    return frozen({"msgtype": "file", "file": {"media_id": media_id}})
