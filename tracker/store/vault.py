"""Secrets at rest: addresses and frozen messages are sealed with a key that only the environment holds.

Must never log a key or what it seals. Without a key everything is kept as it is, and `rectify doctor` says
so.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from weakref import WeakKeyDictionary

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Dialect

from tracker.domain.errors import ConfigError, StoreError

MARK = b"v1:"  # what is sealed begins so; no telephone number, key or message does


class Vault:
    """Seals with the first key and opens with any: so a key is changed without a day on which nothing opens.

    Keys are those of Fernet (AES-128-CBC and HMAC-SHA256): 32 bytes in URL-safe base64.
    """

    def __init__(self, keys: Sequence[str] = ()) -> None:
        """Raises ConfigError for what is no key, without quoting it."""
        try:
            fernets = [Fernet(key) for key in keys]
        except ValueError:
            words = "TRACKER_SECRET_KEY 不是有效的密钥，请用 rectify secrets new-key 生成"
            raise ConfigError(words, details={"settings": ["secret_key"]}) from None
        self._first = fernets[0] if fernets else None
        self._fernet = MultiFernet(fernets) if fernets else None
        self._signing = [_derived(key, b"fingerprint") for key in keys]
        self._stamping = [_derived(key, b"stamp") for key in keys]

    def __bool__(self) -> bool:
        """Whether there is a key."""
        return self._fernet is not None

    def seal(self, value: bytes) -> bytes:
        return MARK + self._fernet.encrypt(value) if self._fernet else value

    def open(self, value: bytes) -> bytes:
        """Raises StoreError when it was sealed with a key that is not here."""
        if not value.startswith(MARK):
            return value
        try:
            if self._fernet is None:
                raise InvalidToken
            return self._fernet.decrypt(value.removeprefix(MARK))
        except InvalidToken:
            raise StoreError("联系方式已加密，TRACKER_SECRET_KEY 缺失或不是加密时用的密钥") from None

    def is_current(self, value: bytes) -> bool:
        """Whether it is sealed with today's key; without a key, whether it lies open."""
        if self._first is None or not value.startswith(MARK):
            return self._first is None and not value.startswith(MARK)
        try:
            self._first.decrypt(value.removeprefix(MARK))
        except InvalidToken:
            return False
        return True

    def fingerprints(self, value: str) -> list[str]:
        """By which a value is found again, 64 hex digits each: today's first, then those of older keys, last
        that of a time without a key.
        """
        signed = [hmac.digest(key, value.encode(), "sha256").hex() for key in self._signing]
        return [*signed, hashlib.sha256(value.encode()).hexdigest()]

    def stamp(self, value: bytes) -> bytes:
        """A signature of 32 bytes that nobody without the key can make; raises ConfigError without a key."""
        if not self._stamping:
            raise ConfigError("未设置 TRACKER_SECRET_KEY，无法签发链接")
        return hmac.digest(self._stamping[0], value, "sha256")

    def is_stamped(self, value: bytes, stamp: bytes) -> bool:
        """Whether the signature, or the beginning of it that is given, was made with one of the keys."""
        made = (hmac.digest(key, value, "sha256")[: len(stamp)] for key in self._stamping)
        return any(hmac.compare_digest(stamp, each) for each in made)


def new_key() -> str:
    """Fresh from the system's random source."""
    return Fernet.generate_key().decode()


def _derived(key: str, purpose: bytes) -> bytes:
    """A key of its own for each purpose."""
    return hmac.digest(urlsafe_b64decode(key), b"rectify " + purpose, "sha256")


_vaults: WeakKeyDictionary[Dialect, Vault] = WeakKeyDictionary()
_OPEN = Vault()


def hand_over(dialect: Dialect, vault: Vault) -> None:
    """Let the column types of one engine seal and open: the dialect is all that they are given."""
    _vaults[dialect] = vault


def vault_of(dialect: Dialect) -> Vault:
    return _vaults.get(dialect, _OPEN)
