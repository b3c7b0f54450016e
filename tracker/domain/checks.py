"""What looks at the real world mean for an item: what staff should see, and what the system may do alone.

Must never take a look that failed for a fix, nor hold one against a unit that began before it handed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import takewhile

from tracker.domain.lifecycle import FINAL, State


class Verdict(StrEnum):
    """What one look says. A look that failed is `unsure`, never `fixed`."""

    FIXED = "fixed"
    NOT_FIXED = "not_fixed"
    UNSURE = "unsure"

    @property
    def chinese(self) -> str:
        return _VERDICT_WORDS[self]


class Advice(StrEnum):
    """What an item's looks tell staff, in the order of the queue; the value stands in addresses and JSON."""

    FIXED_REPORTED = "fixed_reported"
    NOT_FIXED_REPORTED = "not_fixed_reported"
    FIXED_UNREPORTED = "fixed_unreported"
    CANNOT_LOOK = "cannot_look"

    @property
    def chinese(self) -> str:
        return _ADVICE_WORDS[self]


class Alone(StrEnum):
    """What the system does without a person, or why it does nothing."""

    STRIKE_OFF = "strike_off"
    RETURN = "return"
    NOT_AUTOMATIC = "not_automatic"  # the class leaves it to people
    NOT_SUBMITTED = "not_submitted"  # nothing was claimed that could be verified
    NOT_LOOKED = "not_looked"  # no look began since
    UNSURE = "unsure"  # the last look could not tell
    TOO_SOON = "too_soon"  # not fixed, but seen too few times or in too short a time
    REFUSED = "refused"  # the workflow does not allow it: a person has to see to it


_VERDICT_WORDS = {Verdict.FIXED: "已见整改", Verdict.NOT_FIXED: "未见整改", Verdict.UNSURE: "无法判断"}
_ADVICE_WORDS = {
    Advice.FIXED_REPORTED: "可以销号",
    Advice.NOT_FIXED_REPORTED: "建议退回",
    Advice.FIXED_UNREPORTED: "已改未报",
    Advice.CANNOT_LOOK: "无法核查",
}


@dataclass(frozen=True)
class CheckRules:
    """What the office lays down in `[probes]` of app.toml.

    valid_days: how long a look speaks where the next one is due by itself; blind_looks: after how many in a
    row that could not tell a person should look; return_looks, return_hours: how often, and over how long at
    least, nothing was to be seen before the system returns an item of an `auto_verify` class.
    """

    valid_days: int = 7
    blind_looks: int = 3
    return_looks: int = 3
    return_hours: int = 24

    def oldest(self, now: datetime) -> datetime:
        """A look that began before this moment speaks no longer."""
        return now - timedelta(days=self.valid_days)


@dataclass(frozen=True)
class Seen:
    """An item with what was seen of it last.

    verdict, at: of the last look that could tell, and when it began; blind: how many since could not;
    counts_from: looks that began earlier tell nothing (it was handed in, sent back or moved then);
    is_repeated: a next look is due by itself, so an old one need not be believed.
    """

    state: State
    verdict: Verdict | None = None
    at: datetime | None = None
    blind: int = 0
    counts_from: datetime | None = None
    is_repeated: bool = False


def advise(seen: Seen, rules: CheckRules, now: datetime) -> Advice | None:
    """What to tell staff about the item; None: nothing. `tracker.store.checks` says the same in SQL.

    A look that could not tell neither confirms nor cancels what was seen before it.
    """
    if seen.state in FINAL:
        return None
    reported = seen.state is State.SUBMITTED
    verdict = seen.verdict if _speaks(seen, rules, now) else None
    if verdict is Verdict.FIXED:
        return Advice.FIXED_REPORTED if reported else Advice.FIXED_UNREPORTED
    if verdict is Verdict.NOT_FIXED and reported:
        return Advice.NOT_FIXED_REPORTED
    return Advice.CANNOT_LOOK if seen.blind >= rules.blind_looks else None


def _speaks(seen: Seen, rules: CheckRules, now: datetime) -> bool:
    if seen.at is None or (seen.counts_from is not None and seen.at < seen.counts_from):
        return False
    return not seen.is_repeated or seen.at >= rules.oldest(now)


@dataclass(frozen=True)
class Look:
    """One look: what it says, and when it began."""

    verdict: Verdict
    at: datetime


def act_alone(
    state: State,
    looks: Sequence[Look],
    rules: CheckRules,
    *,
    is_automatic: bool,
    counts_from: datetime | None,
) -> Alone:
    """What the system does with an item after its last look; `looks` oldest first, `counts_from` as in Seen.

    `is_automatic`: its class says `auto_verify`.
    """
    if not is_automatic:
        return Alone.NOT_AUTOMATIC
    if state is not State.SUBMITTED:
        return Alone.NOT_SUBMITTED
    since = [look for look in looks if counts_from is None or look.at >= counts_from]
    if not since:
        return Alone.NOT_LOOKED
    if since[-1].verdict is Verdict.UNSURE:
        return Alone.UNSURE
    if since[-1].verdict is Verdict.FIXED:
        return Alone.STRIKE_OFF
    told = [look for look in since if look.verdict is not Verdict.UNSURE]
    run = list(takewhile(lambda look: look.verdict is Verdict.NOT_FIXED, reversed(told)))
    long_enough = run[0].at - run[-1].at >= timedelta(hours=rules.return_hours)
    return Alone.RETURN if len(run) >= rules.return_looks and long_enough else Alone.TOO_SOON
