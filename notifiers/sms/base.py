"""What every SMS provider shares: one number, one text, the carriers' way of counting.

Must never put more than one person's number into a request, or show a number.
"""

from __future__ import annotations

import re
from datetime import timedelta

from notifiers.base import Wording, sendable
from notifiers.masking import mask_phone
from tracker.domain.errors import DeliveryError, Outcome, Scope

LONGEST = 500  # characters, signature included: the usual maximum of mainland gateways
POINTER = "\n……其余请登录整改通查看"
_SEGMENT, _LINKED_SEGMENT = 70, 67  # a linked segment gives three characters to the link
_PHONE = re.compile(r"1\d{10}", re.ASCII)


class SmsChannel:
    """What is the same whoever carries the text; each provider adds `compose` and `send`."""

    channel = "sms"
    wording = Wording.SMS
    personal = True
    per_minute: int | None = None
    # No provider takes an idempotency key; Alibaba says outright that a repeated request is a second message.
    repeatable: timedelta | None = None

    def __init__(self, signature: str = "") -> None:
        """`signature`: what the reader sees before the text, brackets included; the carrier counts it."""
        self._signature = signature

    def hint(self, address: str) -> str:
        """`138****0000`."""
        return mask_phone(address)

    def segments(self, text: str) -> int:
        """How many messages the carrier charges for a text, signature included.

        An estimate where an approved template says it in other words.
        """
        return sms_segments(self._signature + _cut(self._signature, text.strip()))


def shortened(sign: str, text: str) -> str:
    """The text, cut at a line end with a pointer when it and the signature have more than 500 characters.

    Raises DeliveryError (permanent) when nobody could read it.
    """
    return _cut(sign, sendable(text))


def _cut(sign: str, text: str) -> str:
    if len(sign) + len(text) > LONGEST:
        room = LONGEST - len(sign) - len(POINTER)
        line_end = text.rfind("\n", 0, room + 1)
        text = text[: line_end if line_end > 0 else room].rstrip() + POINTER
    return text


def mobile(address: str) -> dict[str, object]:
    """The details of a send to this number, masked; raises DeliveryError when it is no mobile number."""
    details: dict[str, object] = {"phone": mask_phone(address)}
    if not _PHONE.fullmatch(address):
        raise DeliveryError(
            "手机号码格式不正确，请更新联系人表",
            outcome=Outcome.PERMANENT,
            scope=Scope.ADDRESS,
            details=details,
        )
    return details


def sms_segments(text: str) -> int:
    """How many messages the carrier charges: one up to 70 characters, else one per 67 begun.

    `text`: with its signature. Characters are UTF-16 units, as SMS encodes them: a rare character outside
    the BMP counts twice.
    """
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2  # counting is not the place to refuse
    return 1 if length <= _SEGMENT else -(-length // _LINKED_SEGMENT)
