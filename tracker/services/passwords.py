"""How passwords are judged and kept: argon2id, as OWASP recommends. Must never log or store one itself."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tracker.domain.errors import RectifyError

SHORTEST, LONGEST = 10, 200
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no l, o, i, 0, 1: people type it from a screen
# OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# What guessers try first, in lower case; a password that only adds digits or marks to one is no better.
_WORDS = (
    "password passw0rd p@ssw0rd p@ssword admin administrator root user guest test welcome letmein iloveyou "
    "qwerty qwertyuiop asdfghjkl zxcvbnm qazwsx qazwsxedc qaz2wsx qaz2wsx3edc q2w3e4r q2w3e4r5t "
    "abc abcd abcdef abcdefg abcabc aaaa woaini zhenggaitong zhenggai rectify "
    "shenpiju zhengfu zhongguo xingzheng mima wodemima guanliyuan gongzuo "
    "huawei tencent wechat weixin qiyeweixin"
)
_COMMON = frozenset(_WORDS.split())
_PADDING = "0123456789!@#$%^&*._-+=?~ "
_RUNS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjkl")


def new_password() -> str:
    """Something to show once: twelve letters and digits in three groups, about 59 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))


def check_strength(password: str, login: str) -> None:
    """Raise RectifyError, never quoting it, for what is too short or among the first to be guessed."""
    if len(password) < SHORTEST:
        raise RectifyError(f"密码至少 {SHORTEST} 位")
    if len(password) > LONGEST:
        raise RectifyError(f"密码不能超过 {LONGEST} 位")
    if _is_common(password.lower(), login.lower()):
        raise RectifyError("密码太常见，容易被猜中，请换一个：不要用常用词加数字、连续数字或账号名")


def _is_common(password: str, login: str) -> bool:
    stem, name = password.strip(_PADDING), login.strip(_PADDING)
    run = any(password.startswith(each[at : at + 8]) for each in _RUNS for at in range(len(each) - 7))
    return stem in _COMMON | {"", login, name} or len(set(password)) < 4 or run


def hashed(password: str) -> str:
    return _HASHER.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Whether it is the password of that hash. None, for an account that does not exist, takes as long."""
    if stored is not None and stored.startswith("scrypt$"):
        return _matches_scrypt(password, stored)
    try:
        _HASHER.verify(stored or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether it was made otherwise than hashes are made today: the next sign-in replaces it."""
    return stored.startswith("scrypt$") or _HASHER.check_needs_rehash(stored)


def _matches_scrypt(password: str, stored: str) -> bool:
    """Hashes of before 0008."""
    _, cost, block, parallel, salt, key = stored.split("$")
    n, r, p = int(cost), int(block), int(parallel)
    found = hashlib.scrypt(
        password.encode(), salt=bytes.fromhex(salt), n=n, r=r, p=p, maxmem=2 * 128 * n * r, dklen=32
    )
    return hmac.compare_digest(found.hex(), key)


@cache
def _nobody() -> str:
    """The hash of a password that nobody has."""
    return _HASHER.hash(secrets.token_hex(16))
