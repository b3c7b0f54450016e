"""Looks at the real world: one module per probe, all built here by an explicit list.

Must never find probes by scanning a folder: adding one is a module and its line in `build_probes`.
"""

from __future__ import annotations

from functools import partial

from tracker.probes import fetch
from tracker.probes.addresses import FetchError, FetchReason, Policy
from tracker.probes.base import Observation, Probe, Target, Verdict
from tracker.probes.fetch import Page
from tracker.probes.website import WebsiteColumn

__all__ = [
    "FetchError",
    "FetchReason",
    "Observation",
    "Page",
    "Policy",
    "Probe",
    "Target",
    "Verdict",
    "WebsiteColumn",
    "build_probes",
]


def build_probes(policy: Policy) -> tuple[Probe, ...]:
    """Every probe there is, each fetching within `policy`."""
    return (WebsiteColumn(partial(fetch.fetch, policy=policy)),)
