"""回头看: when a struck-off item is looked at again, and what a look at it leads to.

Must never take one bad look for a relapse: a site has bad days, so it takes two, a day apart at least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True)
class RevisitRules:
    """weeks: how long after the strike-off, for classes that say nothing else; (): never. again_hours: how
    far two looks lie apart. tries: after so many looks without an answer a person has to look.
    """

    weeks: tuple[int, ...] = (4, 12)
    again_hours: int = 24
    tries: int = 3


class RevisitState(StrEnum):
    """What has become of one revisit."""

    DUE = "due"
    AGAIN = "again"  # not fixed at the first look: a second one decides
    PROPOSED = "proposed"  # not fixed at two looks: a person says whether it is a relapse
    FIXED = "fixed"
    UNSURE = "unsure"
    REOPENED = "reopened"
    DISMISSED = "dismissed"
    VOID = "void"  # the strike-off it is about was taken back, or the problem is at work again

    @property
    def chinese(self) -> str:
        return _WORDS[self]


_WORDS = {
    RevisitState.DUE: "待回看",
    RevisitState.AGAIN: "一次未见整改，待复看",
    RevisitState.PROPOSED: "两次未见整改，待定",
    RevisitState.FIXED: "未反弹",
    RevisitState.UNSURE: "无法判断，需人工查看",
    RevisitState.REOPENED: "已立为反弹",
    RevisitState.DISMISSED: "不算反弹",
    RevisitState.VOID: "不再适用",
}
WAITING = frozenset({RevisitState.DUE, RevisitState.AGAIN})
TO_DECIDE = frozenset({RevisitState.PROPOSED, RevisitState.UNSURE})


def due_after(struck_off_at: datetime, weeks: Sequence[int]) -> dict[int, datetime]:
    """Weeks → the moment of that revisit; 0 is never."""
    return {each: struck_off_at + timedelta(weeks=each) for each in sorted(set(weeks)) if each}


@dataclass(frozen=True)
class Turn:
    """Where a look leads; `look_again`: whether another one follows."""

    state: RevisitState
    look_again: bool = False


def after_look(state: RevisitState, tries: int, is_fixed: bool | None, rules: RevisitRules) -> Turn:
    """What a look leads to. `tries` counts the looks so far, this one too; None: it could not tell."""
    if is_fixed:
        return Turn(RevisitState.FIXED)
    if is_fixed is None:
        if tries >= rules.tries:
            return Turn(RevisitState.UNSURE)
        return Turn(state, look_again=True)
    if state is RevisitState.AGAIN:
        return Turn(RevisitState.PROPOSED)
    return Turn(RevisitState.AGAIN, look_again=True)
