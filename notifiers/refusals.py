"""What a provider's error code means for us: whether to try again, how far it reaches, what a person should
do.

Must never show a code that holds a number or a secret, and never decide on a provider's wording where it
gives a code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from notifiers.masking import redact
from tracker.domain.errors import DeliveryError, Outcome, Scope

_LONGEST_CODE = 80  # characters; the longest known has 70


@dataclass(frozen=True)
class Meaning:
    """One code's meaning, as `DeliveryError` puts it. By default: refused for good, this message only."""

    reason: str
    advice: str
    scope: Scope = Scope.MESSAGE
    outcome: Outcome = Outcome.PERMANENT
    retry_after_seconds: int = 0


def later(reason: str, seconds: int, scope: Scope = Scope.MESSAGE) -> Meaning:
    """Surely not accepted; worth another try after so many seconds."""
    return Meaning(reason, "稍后自动重试", scope, Outcome.TEMPORARY, seconds)


def unlocked_later(reason: str, advice: str) -> Meaning:
    """A robot's own lock (its secret, its list of addresses) that somebody set wrong. It stays in use and is
    tried again for some hours; others' robots are not held up, and the message goes another way meanwhile.
    """
    return Meaning(reason, advice, Scope.ADDRESS, Outcome.TEMPORARY, 600)


def refusal(
    service: str,
    code: str,
    meaning: Meaning,
    details: Mapping[str, object],
    secrets: Iterable[str] = (),
) -> DeliveryError:
    """The error for a code; `details` gains `code`. `secrets` are blotted out of what the far side wrote."""
    shown = redact(code, secrets)[:_LONGEST_CODE]
    return DeliveryError(
        f"{service}：{meaning.reason}（{shown}），{meaning.advice}",
        outcome=meaning.outcome,
        scope=meaning.scope,
        retry_after_seconds=meaning.retry_after_seconds,
        details={**details, "code": shown},
    )


def unreadable(service: str, details: Mapping[str, object]) -> DeliveryError:
    """The error for an answer that says neither yes nor no."""
    return DeliveryError(
        f"{service}的答复无法识别，消息可能已被接收，请到其后台或群里核对；并检查网络出口是否拦截",
        outcome=Outcome.UNKNOWN,
        details=details,
    )
