"""Which paper may speak of which item, and how its number is printed."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from tests.support import ZONE, shipped_rules
from tracker.domain.issuing import BY_HAND, PaperKind, PaperRules, Unfit, serial, unfit
from tracker.domain.lifecycle import Standing, State

DUE = datetime(2026, 11, 20, 23, 59, 59, tzinfo=ZONE)
BEFORE, AFTER = datetime(2026, 11, 18, 9, tzinfo=ZONE), datetime(2026, 11, 24, 9, tzinfo=ZONE)


def standing(state: State, **more: object) -> Standing:
    return Standing(**{"state": state, "due_on": DUE.date(), "due_at": DUE, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "state", "now", "why"),
    [
        (PaperKind.REMINDER, State.OPEN, BEFORE, None),
        (PaperKind.REMINDER, State.SIGNED, BEFORE, None),
        (PaperKind.REMINDER, State.SIGNED, AFTER, Unfit.LATE),
        (PaperKind.REMINDER, State.SUBMITTED, BEFORE, Unfit.NOT_TO_DO),
        (PaperKind.REMINDER, State.DEFERRED, BEFORE, Unfit.NOT_TO_DO),
        (PaperKind.URGING, State.OPEN, AFTER, None),
        (PaperKind.URGING, State.OPEN, BEFORE, Unfit.NOT_LATE),
        (PaperKind.URGING, State.STRUCK_OFF, AFTER, Unfit.NOT_TO_DO),
        (PaperKind.STRIKE_OFF, State.STRUCK_OFF, AFTER, None),
        (PaperKind.STRIKE_OFF, State.SUBMITTED, AFTER, Unfit.NOT_STRUCK_OFF),
        (PaperKind.STRIKE_OFF, State.WITHDRAWN, AFTER, Unfit.NOT_STRUCK_OFF),
    ],
)
def test_a_paper_speaks_only_of_items_that_have_come_so_far(
    kind: PaperKind, state: State, now: datetime, why: Unfit | None
) -> None:
    assert unfit(kind, standing(state), now, shipped_rules().calendar) is why


def test_nobody_is_reminded_of_what_has_no_deadline_nor_urged_during_a_deferral() -> None:
    calendar = shipped_rules().calendar
    without = standing(State.OPEN, due_on=None, due_at=None)
    assert unfit(PaperKind.REMINDER, without, AFTER, calendar) is Unfit.NO_DEADLINE
    assert unfit(PaperKind.URGING, without, AFTER, calendar) is Unfit.NOT_LATE
    deferred = standing(State.DEFERRED, deferred_until=date(2026, 11, 30))
    assert unfit(PaperKind.URGING, deferred, AFTER, calendar) is Unfit.NOT_LATE


def test_a_number_is_printed_as_the_standard_asks_for() -> None:
    assert serial(PaperRules().code(PaperKind.STRIKE_OFF), 2026, 12) == "销号单〔2026〕12号"
    named = PaperRules(codes={PaperKind.LETTER: "云审督函"})
    assert serial(named.code(PaperKind.LETTER), 2026, 3) == "云审督函〔2026〕3号"


def test_a_letter_is_never_issued_by_hand() -> None:
    assert PaperKind.LETTER not in BY_HAND
    assert len(BY_HAND) == len(PaperKind) - 1
