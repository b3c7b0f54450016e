"""Every number a document states and other numbers in it can check, recomputed.

Must never raise for what a document says, never correct it, and never say "does not hold" on a guess.
"""

from __future__ import annotations

from collections.abc import Mapping

from tracker.intake.claims.dates import check_dates
from tracker.intake.claims.deductions import check_deductions
from tracker.intake.claims.grids import grids
from tracker.intake.claims.indicators import check_indicators
from tracker.intake.claims.lengths import check_list_lengths
from tracker.intake.claims.lists import check_lists
from tracker.intake.claims.metrics import check_metrics
from tracker.intake.claims.model import Claim, Kind
from tracker.intake.claims.named import check_named
from tracker.intake.claims.names import Sameness
from tracker.intake.claims.passages import sentences
from tracker.intake.claims.progress import check_progress
from tracker.intake.claims.ranks import check_ranks
from tracker.intake.claims.rates import check_rates
from tracker.intake.claims.scores import check_scores
from tracker.intake.claims.shares import check_averages, check_shares
from tracker.intake.claims.sums import check_remainders, check_sums
from tracker.intake.claims.tables import check_tables
from tracker.intake.claims.topics import Lists
from tracker.intake.model import Reading

__all__ = ["Claim", "Kind", "check_claims"]


def check_claims(reading: Reading, short_forms: Mapping[str, str]) -> tuple[Claim, ...]:
    """All claims of a document in its order; `short_forms` of `config/` tell two names of one unit."""
    prose = sentences(reading.document)
    tables = list(grids(reading.document))
    sameness = Sameness(short_forms)
    lists = Lists(reading.findings, sameness)
    rates, facts = check_rates(prose)
    claims = [
        *rates,
        *check_shares(prose),
        *check_averages(prose),
        *check_sums(prose),
        *check_remainders(prose, facts),
        *check_list_lengths(prose),
        *check_scores(prose),
        *check_indicators(prose),
        *check_ranks(prose, tables, sameness),
        *check_dates(prose, reading.document, reading.title, reading.issued_on),
        *check_lists(prose, lists),
        *check_named(prose, lists),
        *check_progress(prose, sameness),
        *check_deductions(tables, lists),
        *check_tables(tables),
        *check_metrics(tables, reading.document),
    ]
    return tuple(sorted(claims, key=lambda claim: claim.line))
