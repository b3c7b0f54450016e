"""Channels whose far side answers as the test says; they carry nothing out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from notifiers.base import Letter
from notifiers.masking import mask_key
from notifiers.sandbox import Sandbox
from notifiers.sms import SmsChannel
from tracker.domain.errors import DeliveryError, Outcome, Scope

FROZEN = "frozen-invented-payload"


def answer(
    outcome: Outcome = Outcome.UNKNOWN, scope: Scope = Scope.MESSAGE, words: str = "对方没有答复"
) -> DeliveryError:
    """What is not an acceptance."""
    return DeliveryError(words, outcome=outcome, scope=scope)


class _Scripted:
    """Accepts, but for the next answers that stand in `answers` for an address."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: defaultdict[str, list[DeliveryError]] = defaultdict(list)
        self.sent: list[tuple[str, bytes]] = []

    def compose(self, letter: Letter) -> Sequence[bytes]:
        return [f"{FROZEN} {letter.text}".encode()]

    def send(self, address: str, payload: bytes) -> str:
        self.sent.append((address, payload))
        if self.answers[address]:
            raise self.answers[address].pop(0)
        return ""


class ScriptedRobot(_Scripted, Sandbox):
    """A group robot."""

    channel = "wecom_robot"

    def hint(self, address: str) -> str:
        return mask_key(address)


class ScriptedSms(_Scripted, SmsChannel):
    """A gateway of short messages."""
