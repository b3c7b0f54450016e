"""Papers that an office files (文书): their kinds, their numbers, and which item each kind may speak of.

Must never read a clock or a database, nor give a number: numbers are the store's, one series a kind and year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tracker.domain.calendar import WorkCalendar
from tracker.domain.lifecycle import REMINDED, Standing, State, is_overdue


class PaperKind(StrEnum):
    """What an office puts its name under; each kind and year is a series of numbers of its own."""

    LETTER = "督办函"
    URGING = "催办通知书"
    REMINDER = "提醒函"
    STRIKE_OFF = "销号单"
    EXTENSION = "延期审批表"

    @property
    def stem(self) -> str:
        """The name of its template's file: `letter`."""
        return self.name.lower()

    @property
    def is_about_one(self) -> bool:
        """Whether each item has a paper of its own; of the others a unit gets one about all of its items."""
        return self is PaperKind.EXTENSION


BY_HAND = tuple(kind for kind in PaperKind if kind is not PaperKind.LETTER)
"""What a person issues when there is need; a 督办函 is proposed by the ladder and goes out when approved."""


def bears_the_head(kind: str) -> bool:
    """Whether a paper of this kind gets a number and a document under the bureau's head; a 通报 gets none."""
    return kind in {each.value for each in PaperKind}


@dataclass(frozen=True)
class PaperRules:
    """What the office lays down in `[papers]` of app.toml.

    issuer: under whose name papers go out, "" for the one department that has the bureau's people; codes:
    发文机关代字 by kind; reply_working_days: how long a unit has to answer a 督办函 or 催办通知书.
    """

    issuer: str = ""
    reply_working_days: int = 5
    codes: Mapping[PaperKind, str] = field(default_factory=dict)

    def code(self, kind: PaperKind) -> str:
        """What stands before the year in a number: the kind's own name where the office has set none."""
        return self.codes.get(kind, kind.value)


class Unfit(StrEnum):
    """Why a kind of paper cannot speak of an item; the code goes into `error.details.unfit`."""

    NOT_LATE = "not_late"
    NOT_TO_DO = "not_to_do"
    LATE = "late"
    NO_DEADLINE = "no_deadline"
    NOT_STRUCK_OFF = "not_struck_off"
    NOTHING_ASKED = "nothing_asked"
    HAS_ONE = "has_one"


def serial(code: str, year: int, number: int) -> str:
    """`督办函〔2026〕12号`: 发文机关代字, year and number (GB/T 9704-2012, 7.2.5: no 第, no zeros before)."""
    return f"{code}〔{year}〕{number}号"


def unfit(kind: PaperKind, standing: Standing, now: datetime, calendar: WorkCalendar) -> Unfit | None:
    """Why this kind cannot speak of an item that stands so; None: it can.

    Whether an extension was ever asked for is the history's to say, and what a 督办函 lists, the ladder's.
    """
    if kind is PaperKind.STRIKE_OFF:
        return None if standing.state is State.STRUCK_OFF else Unfit.NOT_STRUCK_OFF
    if kind is PaperKind.EXTENSION:
        return None
    if standing.state not in REMINDED:
        return Unfit.NOT_TO_DO
    is_late = is_overdue(standing, now, calendar)
    if kind is PaperKind.REMINDER:
        return _not_to_remind(standing, is_late)
    return None if is_late else Unfit.NOT_LATE


def _not_to_remind(standing: Standing, is_late: bool) -> Unfit | None:
    if is_late:
        return Unfit.LATE
    if standing.state is State.DEFERRED:
        return Unfit.NOT_TO_DO
    return Unfit.NO_DEADLINE if standing.due_on is None else None
