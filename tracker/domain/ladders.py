"""The ladder (催办阶梯): when to speak, to whom, on which paper and in which colour; what an office sets.

An item keeps the ladder it was started with: `as_mapping` is what is stored, `from_mapping` reads it back.
Must never look at a deadline: that is `escalation`'s work.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from heapq import merge
from itertools import count, groupby
from typing import Any


class Audience(StrEnum):
    """The four roles of the contacts file, mildest first."""

    CONTACT = "联络员"
    HEAD = "负责人"
    LEADING_GROUP = "领导小组"
    BUREAU = "审批局"


class Paper(StrEnum):
    """As what an item's unit is spoken to, mildest first (督查条例 21: 通报 is proposed and approved)."""

    REMINDER = "提醒"
    URGING = "催办"
    LETTER = "督办函"
    NOTICE = "通报"

    @property
    def needs_approval(self) -> bool:
        """Papers that bear the office's name go out when a person has approved them."""
        return self in {Paper.LETTER, Paper.NOTICE}

    @property
    def gravity(self) -> int:
        """Its place among them, the mildest being 0."""
        return list(Paper).index(self)


class Colour(StrEnum):
    """The lamp of an item: on schedule, near its deadline, past it."""

    GREEN = "绿"
    YELLOW = "黄"
    RED = "红"


@dataclass(frozen=True)
class Stage:
    """What holds from `start` on, in working days after the deadline (negative: before it).

    channels: by which the message goes, all of them that reach the recipient; none: by their usual one.
    fail_over: by which it goes, one after the other, if those refuse it or stay silent.
    """

    start: int
    paper: Paper
    colour: Colour
    channels: tuple[str, ...] = ()
    fail_over: tuple[str, ...] = ()

    def as_list(self) -> list[Any]:
        """As JSON can hold it; shorter without fail-over, as it was written before there was one."""
        found = [self.start, self.paper.value, self.colour.value, list(self.channels)]
        return [*found, list(self.fail_over)] if self.fail_over else found

    @classmethod
    def from_list(cls, stored: Sequence[Any]) -> Stage:
        start, paper, colour, channels, *more = stored
        return cls(start, Paper(paper), Colour(colour), tuple(channels), *map(tuple, more))


BEFORE_ALL = Stage(-10_000, Paper.REMINDER, Colour.GREEN)
USUAL_STAGES = (
    Stage(-3, Paper.REMINDER, Colour.YELLOW),
    Stage(1, Paper.URGING, Colour.RED),
    Stage(10, Paper.LETTER, Colour.RED),
    Stage(20, Paper.NOTICE, Colour.RED),
)
CHANNELS = ("wecom_app", "wecom_robot", "dingtalk", "feishu", "sms", "email", "sandbox")  # as in contract.md


@dataclass(frozen=True)
class Ladder:
    """When to speak, counted in working days from the deadline, and to whom.

    before: days before it, e.g. (7, 3, 1); daily_after: each working day so long after it; then
    every `then_every` working days for ever (signed-for does not mean silent). `escalate` says from
    how many days late each further audience is told too; `stages` stand in order of `start`. The days on
    which an audience joins or a paper is to be approved are rungs as well.
    verify_after: the bureau itself is reminded when a submission has waited so many working days, and
    every `verify_every` after that; 0: never.
    """

    code: str
    before: tuple[int, ...]
    on_the_day: bool
    daily_after: int
    then_every: int
    send_at: time
    escalate: tuple[tuple[Audience, int], ...]
    stages: tuple[Stage, ...] = ()
    verify_after: int = 0
    verify_every: int = 1

    def offsets(self) -> Iterator[int]:
        """All rungs in order of time, each once, without end."""
        marks = {-days for days in self.before} | set(range(1, self.daily_after + 1))
        marks |= {late for _, late in self.escalate}
        marks |= {stage.start for stage in self.stages if stage.paper.needs_approval}
        if self.on_the_day:
            marks.add(0)
        for_ever = count(self.daily_after + self.then_every, self.then_every)
        return (offset for offset, _ in groupby(merge(sorted(marks), for_ever)))

    def audiences(self, offset: int) -> tuple[Audience, ...]:
        further = tuple(who for who, late in self.escalate if offset >= late)
        return (Audience.CONTACT, *further)

    def stage(self, offset: int) -> Stage:
        """What holds so many working days after the deadline."""
        return next((stage for stage in reversed(self.stages) if stage.start <= offset), BEFORE_ALL)

    def as_mapping(self) -> dict[str, Any]:
        """The ladder as JSON can hold it."""
        return {
            "code": self.code,
            "before": list(self.before),
            "on_the_day": self.on_the_day,
            "daily_after": self.daily_after,
            "then_every": self.then_every,
            "send_at": self.send_at.isoformat(),
            "escalate": [[who.value, late] for who, late in self.escalate],
            "stages": [stage.as_list() for stage in self.stages],
            "verify_after": self.verify_after,
            "verify_every": self.verify_every,
        }

    @classmethod
    def from_mapping(cls, stored: Mapping[str, Any]) -> Ladder:
        """The ladder that `as_mapping` wrote."""
        return cls(
            **{
                **stored,
                "before": tuple(stored["before"]),
                "send_at": time.fromisoformat(stored["send_at"]),
                "escalate": tuple((Audience(who), late) for who, late in stored["escalate"]),
                "stages": tuple(Stage.from_list(each) for each in stored["stages"]),
            }
        )

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the mapping: equal ladders are stored once."""
        words = json.dumps(self.as_mapping(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(words.encode()).hexdigest()
