"""Where the check of an item looks for its fix: on the site of its unit, if a probe knows its class.

The one rule for imports, the ledger and merged units. Must never replace a page that a person named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from tracker.domain.items import Item
from tracker.domain.lifecycle import FINAL
from tracker.probes import Probe

# A day of grace: the unit has hardly read the list on the day it is handed out.
_GRACE = timedelta(days=1)


def checked_classes(probes: Iterable[Probe]) -> frozenset[str]:
    """The codes of the classes that some probe can look at."""
    return frozenset(code for probe in probes for code in probe.classes)


def page_of(checked: Collection[str], problem_class: str, site: str | None) -> str | None:
    """The page to look at for a problem of this class of a unit with this site; None: nothing to look at."""
    return site if problem_class in checked else None


def first_check_at(page_url: str | None, now: datetime) -> datetime | None:
    """When to look at a page for the first time."""
    return now + _GRACE if page_url else None


def looks_count_from(now: datetime) -> dict[str, object]:
    """The columns of an item of which earlier looks tell nothing any more: it was handed in, sent back, or is
    looked at elsewhere.
    """
    return {"looks_count_from": now, "blind_looks": 0}


def columns_after_move(
    probes: Iterable[Probe],
    item: Item,
    *,
    problem_class: str,
    old_site: str | None,
    site: str | None,
    now: datetime,
) -> dict[str, object]:
    """What becomes of the columns about checks of an item that goes to another unit or class.

    `old_site` is the site of the unit it leaves, `site` that of its unit from now on. A page other than
    `old_site` was named by a person: it stays while the class can be checked. Empty if nothing changes.
    """
    checked = checked_classes(probes)
    named = item.page_url if item.page_url != old_site else None
    page_url = page_of(checked, problem_class, named or site)
    if page_url == item.page_url:
        return {} if problem_class == item.problem_class else looks_count_from(now)
    is_finished = item.standing.state in FINAL
    due = None if is_finished else first_check_at(page_url, now)
    return {"page_url": page_url, "next_check_at": due, **looks_count_from(now)}
