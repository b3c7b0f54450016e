"""What an office sets about the carrying out of messages: gaps, fail-over, what is unknown, what an SMS may
cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tracker.domain.errors import DeliveryError, Outcome, Scope

GAPS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60, 120))
"""How long an endpoint rests after each failure in a row that is worth another try; then the message
failed.
"""

CHANNEL_REST = timedelta(minutes=30)
"""How long a channel rests that refuses everything, before it is tried with one message again."""

MOST_REFUSALS = 3
"""So often a message may be refused in the channel's name; if others were accepted meanwhile, it is the
message.
"""


class OnUnknown(StrEnum):
    """What becomes of a message when nobody knows whether the far side took it."""

    ASK = "ask"  # it waits for a person
    ACCEPT = "accept"  # taken as sent
    RESEND = "resend"  # sent once more, the same bytes under the same serial number


@dataclass(frozen=True)
class DeliveryRules:
    """senders: calls at the same time in one process. fail_over_after: how long the first way of a letter
    is tried before the next. unknown_after: when the rule decides. sms_per_day: short messages to one
    number; sms_per_month: segments charged in a calendar month, None: any. link_days: how long a one-tap
    link is valid.
    """

    senders: int
    fail_over_after: timedelta
    unknown: OnUnknown
    unknown_after: timedelta
    sms_per_day: int
    sms_per_month: int | None
    link_days: int


@dataclass(frozen=True)
class Verdict:
    """What a refusal means for its message, its endpoint and its channel.

    retry_after: the message waits so long; None: it is over with it. disables: nothing more is sent to the
    address.
    """

    retry_after: timedelta | None = None
    is_unknown: bool = False
    disables: bool = False


def judge(error: DeliveryError, failures: int, *, is_repeatable: bool) -> Verdict:
    """`failures`: how often this message was tried in vain before. `is_repeatable`: the far side shows these
    bytes once, however often they come.

    A channel that refuses everything costs no message its life: each waits for the channel.
    """
    if error.is_about_channel:
        return Verdict(retry_after=rest_of(error))
    if error.outcome is Outcome.UNKNOWN and not is_repeatable:
        return Verdict(is_unknown=True)
    if error.outcome is Outcome.PERMANENT:
        return Verdict(disables=error.scope is Scope.ADDRESS)
    if failures >= len(GAPS):
        return Verdict(is_unknown=error.outcome is Outcome.UNKNOWN)
    return Verdict(retry_after=max(GAPS[failures], timedelta(seconds=error.retry_after_seconds)))


def rest_of(error: DeliveryError) -> timedelta:
    """How long a channel rests after such an answer: as long as it asks for, if it only asks to slow down."""
    if error.outcome is Outcome.TEMPORARY and error.retry_after_seconds:
        return timedelta(seconds=error.retry_after_seconds)
    return CHANNEL_REST
