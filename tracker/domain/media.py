"""How a new-media account (政务新媒体账号) stands: the state it is registered in beside what was seen.

A unit's word is no proof of closing: only what was seen is (国办发〔2018〕123号; the limits differ by list).
Must never decide from a look that did not happen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Registered(StrEnum):
    """What the register of the supervising office says."""

    IN_USE = "in_use"
    CLOSED = "closed"


class Observed(StrEnum):
    """What was seen of the account itself."""

    REACHABLE = "reachable"
    GONE = "gone"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """The two taken together."""

    ACTIVE = "active"
    DORMANT = "dormant"
    CLOSED = "closed"
    CLOSED_BUT_REACHABLE = "closed_but_reachable"
    REOPENED_UNFILED = "reopened_unfiled"
    UNKNOWN = "unknown"

    @property
    def chinese(self) -> str:
        return _WORDS[self]


_WORDS = {
    Verdict.ACTIVE: "正常更新",
    Verdict.DORMANT: "长期不更新",
    Verdict.CLOSED: "已关停",
    Verdict.CLOSED_BUT_REACHABLE: "备案已关停，账号仍可访问",
    Verdict.REOPENED_UNFILED: "关停后未经备案重新启用",
    Verdict.UNKNOWN: "尚不明确",
}
SEEN_THOUGH_CLOSED = frozenset({Verdict.CLOSED_BUT_REACHABLE, Verdict.REOPENED_UNFILED})
FAULTY = SEEN_THOUGH_CLOSED | {Verdict.DORMANT}
SOUND = frozenset({Verdict.ACTIVE, Verdict.CLOSED})


@dataclass(frozen=True)
class AccountLimits:
    """Days without a post: by list, else by platform, else `days`. `full_counts`: whether exactly the
    limit is already too long; `near_days`: how long before it a unit is warned.
    """

    days: int
    by_platform: Mapping[str, int]
    by_list: Mapping[str, int]
    full_counts: bool
    near_days: int

    def for_account(self, platform: str, listed: str | None) -> int:
        if listed is not None and listed in self.by_list:
            return self.by_list[listed]
        return self.by_platform.get(platform, self.days)

    def is_dormant(self, idle: int, limit: int) -> bool:
        return idle >= limit if self.full_counts else idle > limit


@dataclass(frozen=True)
class AccountSight:
    """What is known of an account; `gone_on` is the day on which it was last seen gone."""

    platform: str
    listed: str | None
    registered: Registered
    observed: Observed
    last_post_on: date | None
    gone_on: date | None = None


def judge(sight: AccountSight, on: date, limits: AccountLimits) -> Verdict:
    """How the account stands on that day; a post of a day to come is mistyped, and tells nothing.

    One in use on file that was seen gone is not in order, whatever it posted before.
    """
    if sight.registered is Registered.CLOSED:
        if sight.observed is Observed.REACHABLE:
            return Verdict.CLOSED_BUT_REACHABLE if sight.gone_on is None else Verdict.REOPENED_UNFILED
        return Verdict.CLOSED if sight.observed is Observed.GONE else Verdict.UNKNOWN
    if sight.last_post_on is None or sight.last_post_on > on:
        return Verdict.UNKNOWN
    limit = limits.for_account(sight.platform, sight.listed)
    if limits.is_dormant((on - sight.last_post_on).days, limit):
        return Verdict.DORMANT
    return Verdict.UNKNOWN if sight.observed is Observed.GONE else Verdict.ACTIVE
