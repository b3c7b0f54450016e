"""Addresses that let somebody in: an id and a signature over what it stands for, cut to 128 bits (half of it,
which RFC 2104, 5, allows), so that nothing in the database makes one.

Must never log, store or list a token.
"""

from __future__ import annotations

import binascii
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode

from tracker.store.vault import Vault

_STAMP_BYTES = 16
_TOKEN_CHARACTERS = 27  # 4 bytes of id and the stamp; the last of them is never a mark that a phone cuts off


def stamped_token(vault: Vault, identifier: int, what: bytes) -> str:
    """The token of an id that stands for `what`; raises ConfigError without a key."""
    stamp = vault.stamp(what)[:_STAMP_BYTES]
    return urlsafe_b64encode(struct.pack(">i", identifier) + stamp).decode().rstrip("=")


def token_parts(token: str) -> tuple[int, bytes] | None:
    """Id and stamp; None for what no token of ours looks like."""
    if len(token) != _TOKEN_CHARACTERS or not token.isascii():
        return None
    try:
        raw = urlsafe_b64decode(f"{token}=")
    except binascii.Error:
        return None
    if len(raw) != 4 + _STAMP_BYTES or urlsafe_b64encode(raw).decode() != f"{token}=":
        return None
    (identifier,) = struct.unpack(">i", raw[:4])
    return identifier, raw[4:]
