"""How secrets are shown to people: a robot key, a telephone number, a mail address, a gateway's password.

Must never return enough of a secret to use it; whatever is too short to be cut is hidden whole.
"""

from __future__ import annotations

from collections.abc import Iterable

_HIDDEN = "…"
_SHORTEST_KEY = 12  # below this, four characters at either end would give most of it away
_SHORTEST_SECRET = 4  # shorter strings ("1", "zh") are settings, and replacing them would garble the text


def mask_key(key: str) -> str:
    """`key=1234…cdef`: enough to find the robot in a list, useless to post with."""
    return f"key={key[:4]}{_HIDDEN}{key[-4:]}" if len(key) >= _SHORTEST_KEY else f"key={_HIDDEN}"


def mask_robot(robot: str) -> str:
    """A contact's robot: `key=1234…cdef`, behind `dingtalk:` or `feishu:` where it is one of theirs."""
    platform, _, address = robot.rpartition(":")
    return f"{platform}:{mask_key(address.partition('#')[0])}" if platform else mask_key(robot)


def mask_phone(phone: str) -> str:
    """`138****0000`; anything that is not as long as a mobile number is hidden whole."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "****"


def mask_mail(address: str) -> str:
    """`z***@example.cn`; hidden whole when it is no address."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}" if name else "***"


def redact(text: str, secrets: Iterable[str]) -> str:
    """Blot out every secret in a text that somebody else wrote (an answer may echo the request)."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, _HIDDEN)
    return text
