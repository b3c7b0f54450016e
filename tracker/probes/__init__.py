"""Looks at the real world: one module per probe, all built here by an explicit list.

Must never find probes by scanning a folder: adding one is a module and its line in `build_probes`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from tracker.domain.columns import ColumnRules, WalkLimits
from tracker.probes import browser as browsing
from tracker.probes import fetch
from tracker.probes.addresses import FetchError, FetchReason, Policy
from tracker.probes.base import AccountProbe, ColumnProbe, LatestPost, Observation, Probe, Target, Verdict
from tracker.probes.browser import Capture
from tracker.probes.fetch import Page
from tracker.probes.website import WebsiteColumn

_NO_COLUMNS = ColumnRules()
_USUAL = WalkLimits()

__all__ = [
    "AccountProbe",
    "Capture",
    "ColumnProbe",
    "FetchError",
    "FetchReason",
    "LatestPost",
    "Observation",
    "Page",
    "Policy",
    "Probe",
    "Target",
    "Verdict",
    "WebsiteColumn",
    "build_capture",
    "build_probes",
]


def build_probes(
    policy: Policy,
    columns: ColumnRules = _NO_COLUMNS,
    limits: WalkLimits = _USUAL,
    browser: str | None = None,
) -> tuple[Probe, ...]:
    """Every probe there is, each fetching within `policy` and going about a site within `limits`.

    `browser` is the Chromium that shows what only a script draws; None: that stays unsure.
    """
    render = browsing.build_render(browser, _anything(policy)) if browser else None
    return (WebsiteColumn(partial(fetch.fetch, policy=policy), columns, limits, render=render),)


def build_capture(policy: Policy, browser: str) -> Capture | None:
    """Takes pictures of pages with that Chromium, each fetch within `policy`; None without Playwright."""
    return browsing.build_capture(browser, _anything(policy))


def _anything(policy: Policy) -> Callable[[str], Page]:
    """Fetches scripts and data too, from which a browser draws a page."""
    return partial(fetch.fetch, policy=replace(policy, pages_only=False))
