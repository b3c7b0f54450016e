"""What became of an export that was taken in: the answer of `rectify feed`."""

from __future__ import annotations

from datetime import datetime

from tracker.domain.calendar import WorkCalendar
from tracker.rendering.contract import Json, day, item_json
from tracker.services.feeding import Fed


def fed_json(fed: Fed, now: datetime, calendar: WorkCalendar) -> Json:
    """The answer of `feed`: items as in the contract, and under `feed` the export itself."""
    outcome = fed.outcome
    lists = {"opened": outcome.opened, "updated": outcome.updated, "cleared": outcome.cleared}
    return {
        "feed": {
            "id": fed.feed.id,
            "kind": fed.feed.kind,
            "source": fed.feed.source,
            "file": fed.feed.filename,
            "sha256": fed.feed.sha256,
            "rows": fed.feed.rows,
            "rejected_rows": fed.feed.rejected_rows,
            "first_on": day(fed.feed.first_on),
            "last_on": day(fed.feed.last_on),
            "doubts": list(fed.feed.doubts),
            "already": fed.already,
        },
        **{name: [item_json(item, now, calendar) for item in some] for name, some in lists.items()},
        "doubtful": [
            {"number": each.item.number, "unit": each.item.unit, "left": each.left, "why": list(each.why)}
            for each in outcome.doubtful
        ],
        "refused": [{"number": each.number, "why": each.why} for each in outcome.refused],
        "rejected": [] if fed.already else [{"row": row, "reason": reason} for row, reason in fed.rejected],
        "new_units": list(fed.new_units),
    }
