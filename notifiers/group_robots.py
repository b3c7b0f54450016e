"""What the group robots of DingTalk and Feishu share: an address with an optional secret, and a limit on
the body.

Must never quote an address: whoever has the token can post to the group.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from notifiers.splitting import paged
from tracker.domain.errors import DeliveryError, Outcome, Scope

BODY_BYTES = 20 * 1024  # of the whole request, on both platforms
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SECRET = re.compile(r"[!-~]{0,128}")


def token_and_secret(address: str, service: str) -> tuple[str, str]:
    """The two parts of `token#secret`; an empty secret for a robot that wants no signature.

    Raises DeliveryError (permanent) for anything else.
    """
    token, _, secret = address.strip().partition("#")
    if not (_TOKEN.fullmatch(token) and _SECRET.fullmatch(secret)):
        raise DeliveryError(
            f"{service}机器人地址无效，请更新联系人表", outcome=Outcome.PERMANENT, scope=Scope.ADDRESS
        )
    return token, secret


def pages_within(text: str, limit: int, freeze: Callable[[str], bytes]) -> list[bytes]:
    """The text in as few frozen parts as keep each under `limit` bytes, JSON's own escapes included."""
    room = limit
    while True:
        payloads = [freeze(part) for part in paged(text, room)]
        longest = max(map(len, payloads))
        if longest <= limit:
            return payloads
        room = min(room - 1, room * limit // longest)
