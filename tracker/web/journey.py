"""What a browser keeps while it is away to be told who its owner is: good for one way there and back."""

from __future__ import annotations

import binascii
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from tracker.web.guard import local_path


@dataclass(frozen=True)
class Journey:
    """state: comes back with the code; nonce: comes back in the ID token; verifier: RFC 7636."""

    state: str
    nonce: str
    verifier: str
    next_path: str

    @classmethod
    def begin(cls, next_path: str) -> Journey:
        """WeCom takes letters and digits only for a state, 128 of them at most."""
        return cls(secrets.token_hex(16), secrets.token_hex(16), secrets.token_hex(32), local_path(next_path))

    def as_cookie(self) -> str:
        place = urlsafe_b64encode(self.next_path.encode()).decode().rstrip("=")
        return ".".join((self.state, self.nonce, self.verifier, place))

    @classmethod
    def parse(cls, cookie: str) -> Journey | None:
        """None for what no cookie of ours looks like."""
        parts = cookie.split(".")
        if len(parts) != 4 or not all(parts):
            return None
        try:
            place = urlsafe_b64decode(parts[3] + "=" * (-len(parts[3]) % 4)).decode()
        except (binascii.Error, ValueError):
            return None
        return cls(parts[0], parts[1], parts[2], local_path(place))
