"""What an import would do, or did: *Import* of the contract, with the claims of the document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tracker.answers.streamed import Streamed
from tracker.intake.claims import Claim
from tracker.rendering.contract import Json, day, item_json
from tracker.services.corrected import TrayLine
from tracker.services.office import Office
from tracker.services.register import Preview
from tracker.services.verify import recompute


def preview_json(preview: Preview, office: Office, now: datetime) -> Json:
    """*Import* of the contract, and under `key` and `reading` what a file of corrections refers to."""
    reading, calendar = preview.reading, office.rules.calendar
    return {
        "reading": preview.mark,
        "bulletin": preview.bulletin_id,
        "document": {
            "title": reading.title,
            "issued_on": None if preview.is_date_assumed else day(reading.issued_on),
            "sha256": reading.sha256,
        },
        "counts": preview.counts,
        "items": Streamed(
            preview.drafts,
            lambda draft: {
                **item_json(draft.item, now, calendar),
                "outcome": draft.outcome.value,
                "unit_known": draft.unit.known,
                "key": draft.key,
            },
        ),
        "absent": Streamed(preview.absent, int),
        "unassigned": _leftovers(preview.unassigned),
        "unread": _leftovers(preview.unread),
        "context": _leftovers(preview.context),
        "dropped": [
            {"key": each.key, "text": each.finding.text, "reason": each.reason} for each in preview.dropped
        ],
        "replies": [
            {
                "unit": each.reply.unit_as_written,
                "problem": each.reply.problem,
                "text": each.reply.text,
                "number": each.number,
                "line": each.reply.line,
            }
            for each in preview.replies
        ],
        "claims": [claim_json(claim) for claim in recompute(office.rules, reading).claims],
        "new_units": list(preview.new_units),
        "likely_units": [
            {"as_written": likely.as_written, "candidates": list(likely.candidates)}
            for likely in preview.likely_units
        ],
        "likely_items": [
            {"key": likely.key, "numbers": list(likely.numbers)} for likely in preview.likely_items
        ],
    }


def _leftovers(lines: Sequence[TrayLine]) -> Streamed:
    return Streamed(lines, lambda each: {"text": each.text, "line": each.line, "why": each.why})


def claim_json(claim: Claim) -> Json:
    """One claim of the contract, with its line."""
    return {
        "quote": claim.quote,
        "kind": claim.kind.value,
        "stated": claim.stated,
        "computed": claim.computed,
        "holds": claim.holds,
        "inputs": dict(claim.inputs),
        "note": claim.note,
        "line": claim.line,
    }
