"""What people may see of a secret."""

from __future__ import annotations

import pytest

from notifiers.masking import mask_key, mask_mail, mask_phone, mask_robot, redact

KEY = "1234aaaa-0000-4000-8000-00000000cdef"


def test_a_key_shows_only_its_ends() -> None:
    assert mask_key(KEY) == "key=1234…cdef"


@pytest.mark.parametrize("key", ["", "abc", "12345678901"])
def test_a_short_key_shows_nothing(key: str) -> None:
    assert mask_key(key) == "key=…"


@pytest.mark.parametrize("secret", ["", "#SECinvented0001"])
def test_a_contacts_robot_shows_its_platform_and_nothing_of_its_secret(secret: str) -> None:
    assert mask_robot(f"dingtalk:1234aaaa0000cdef{secret}") == "dingtalk:key=1234…cdef"
    assert mask_robot("1234aaaa0000cdef") == "key=1234…cdef"


def test_a_phone_loses_its_middle() -> None:
    assert mask_phone("13800000000") == "138****0000"


def test_a_string_too_short_for_a_phone_shows_nothing() -> None:
    assert mask_phone("1380000") == "****"


@pytest.mark.parametrize(
    ("address", "shown"), [("zhang.san@example.cn", "z***@example.cn"), ("zhang", "***"), ("@a.cn", "***")]
)
def test_a_mail_address_keeps_its_first_letter_and_its_domain(address: str, shown: str) -> None:
    assert mask_mail(address) == shown


def test_redaction_blots_out_the_longest_secret_first_and_leaves_settings_alone() -> None:
    assert redact("bad pass-word-9 for pass in 1", ["pass", "pass-word-9", "1"]) == "bad … for … in 1"
