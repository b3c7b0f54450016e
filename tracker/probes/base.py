"""What every probe is: it looks at the real world once and says what it saw.

A probe must never change an item; what it saw is evidence for a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, runtime_checkable

from tracker.domain.checks import Verdict

__all__ = ["AccountProbe", "ColumnProbe", "LatestPost", "Observation", "Probe", "Target", "Verdict"]


@dataclass(frozen=True)
class Target:
    """One item to look at: its number, class code, wording and the page that should show the fix.

    `now` is the moment of the look in the office's own zone: limits count in its days. `issued_on` and
    `bulletin` are day and title of the list that complains. `read_since`: a page that was read before that
    moment must be read again, because the unit says, or somebody asks, whether it has changed since.
    `is_exact`: the newest day itself is asked for, so that one within the limit does not end the search.
    """

    number: int
    problem_class: str
    text: str
    url: str
    now: datetime
    issued_on: date
    bulletin: str = ""
    read_since: datetime | None = None
    is_exact: bool = False


@dataclass(frozen=True)
class Observation:
    """What was seen. `evidence` is JSON-able; its key `summary` is one Chinese sentence for people."""

    verdict: Verdict
    evidence: Mapping[str, object] = field(default_factory=dict)


class Probe(Protocol):
    """One way of looking. Registered in `tracker.probes.build_probes`."""

    name: str
    classes: frozenset[str]

    def look(self, target: Target) -> Observation:
        """Look once. Never raises for what the far side does: that is an `unsure` observation."""


@runtime_checkable
class ColumnProbe(Protocol):
    """A probe that can also say how new a column is of which nobody has complained."""

    def look_at_column(self, name: str, url: str, now: datetime) -> Observation:
        """The first of `found` in the evidence tells `newest` and `newest_at_most`.

        `now` is in the office's zone.
        """


@dataclass(frozen=True)
class LatestPost:
    """When an account posted last, by a page. `posted_on` None: that is not certain, and the evidence's
    `summary` says in Chinese why. `is_account`: the page is the account's own, not a list of accounts.
    """

    posted_on: date | None
    is_account: bool
    evidence: Mapping[str, object] = field(default_factory=dict)


@runtime_checkable
class AccountProbe(Protocol):
    """A probe that can also say when a new-media account posted last, by a page that shows it."""

    def look_at_account(self, platform: str, name: str, url: str, now: datetime) -> LatestPost:
        """Look once; `now` is in the office's zone. Never raises for what the far side does."""
