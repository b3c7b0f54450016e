"""A ladder as a line of days: what a unit would hear on which working day, and who else is told."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from tracker.domain.escalation import timing_words
from tracker.domain.ladders import Audience, Ladder, Stage

_SHOWN_TO = 25  # working days late: the usual ladder's last stage begins at 20


@dataclass(frozen=True)
class RungView:
    """One day of the line. joining: who is told from this day on for the first time."""

    offset: int
    words: str
    stage: Stage
    is_new_stage: bool
    joining: tuple[Audience, ...]


def rung_views(ladder: Ladder) -> list[RungView]:
    """The rungs up to the last one that is different from those before, in order of time."""
    last = max([_SHOWN_TO, *(late for _, late in ladder.escalate), *(each.start for each in ladder.stages)])
    shown, known, before = list[RungView](), set[Audience](), None
    for offset in takewhile(lambda offset: offset <= last, ladder.offsets()):
        stage, told = ladder.stage(offset), ladder.audiences(offset)
        joining = tuple(who for who in told if who not in known)
        shown.append(RungView(offset, timing_words(offset), stage, stage != before, joining))
        known |= set(told)
        before = stage
    return shown
