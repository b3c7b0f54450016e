"""How the far sides want a request signed: pure functions of what is signed, the secret and the moment.

Must never read a clock, make a nonce, send anything or keep a secret. Checked against published test vectors.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote


def acs3(
    key_id: str,
    secret: str,
    *,
    host: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body: bytes = b"",
) -> dict[str, str]:
    """Alibaba Cloud's ACS3-HMAC-SHA256 for a POST to `/`.

    `headers`: the `x-acs-…` ones (action, version, date, signature-nonce) and, with a body, `content-type`,
    in lower case. Returns them with the body's hash and `Authorization`. Source: Alibaba's "V3 request
    structure and signature".
    """
    signed = {**headers, "x-acs-content-sha256": _sha256(body)}
    lines = {"host": host, **signed}
    names = ";".join(sorted(lines))
    listed = "".join(f"{name}:{lines[name].strip()}\n" for name in sorted(lines))
    canonical = f"POST\n/\n{rfc3986(query)}\n{listed}\n{names}\n{signed['x-acs-content-sha256']}"
    to_sign = f"ACS3-HMAC-SHA256\n{_sha256(canonical.encode())}"
    signature = _hmac(secret.encode(), to_sign).hex()
    authorization = f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"
    return {**signed, "Authorization": authorization}


def rfc3986(query: Mapping[str, str]) -> str:
    """The query string as Alibaba signs it: sorted, everything but `A-Za-z0-9-_.~` in percent signs."""
    return "&".join(f"{quote(name, safe='~')}={quote(query[name], safe='~')}" for name in sorted(query))


def tc3(
    key_id: str, secret: str, *, service: str, host: str, content_type: str, body: bytes, timestamp: int
) -> str:
    """Tencent Cloud's TC3-HMAC-SHA256 for a POST to `/`: the value of `Authorization`.

    `timestamp`: seconds. Source: Tencent Cloud's "signature v3".
    """
    date = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")
    scope = f"{date}/{service}/tc3_request"
    names = "content-type;host"
    listed = f"content-type:{content_type}\nhost:{host}\n"
    canonical = f"POST\n/\n\n{listed}\n{names}\n{_sha256(body)}"
    to_sign = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{_sha256(canonical.encode())}"
    key = ("TC3" + secret).encode()
    for part in (date, service, "tc3_request"):
        key = _hmac(key, part)
    signature = _hmac(key, to_sign).hex()
    return f"TC3-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"


def mas_mac(values: Iterable[str]) -> str:
    """The `mac` of China Mobile's 云MAS: MD5 (its choice) of the values in a row, in lower case."""
    return hashlib.md5("".join(values).encode(), usedforsecurity=False).hexdigest()


def dingtalk_sign(secret: str, timestamp: int) -> str:
    """DingTalk's robot: the secret is the key, `timestamp` is in milliseconds. Not yet URL-encoded."""
    return base64.b64encode(_hmac(secret.encode(), f"{timestamp}\n{secret}")).decode()


def feishu_sign(secret: str, timestamp: int) -> str:
    """Feishu's robot: the other way round, an empty message under a key of moment (seconds) and secret."""
    return base64.b64encode(_hmac(f"{timestamp}\n{secret}".encode(), "")).decode()


def _hmac(key: bytes, message: str) -> bytes:
    return hmac.new(key, message.encode(), hashlib.sha256).digest()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
