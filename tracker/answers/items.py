"""One item with all that belongs to it: *show* of the contract."""

from __future__ import annotations

from datetime import datetime

from tracker.domain.calendar import WorkCalendar
from tracker.domain.ladders import Colour
from tracker.rendering.contract import Json, item_json, moment
from tracker.services.inspect import ItemFile
from tracker.services.reached import Occasion, occasions
from tracker.store.observations import StoredObservation


def file_json(file: ItemFile, colour: Colour | None, now: datetime, calendar: WorkCalendar) -> Json:
    """One item with all that belongs to it; `colour` is its lamp, None: it has none."""
    proofs: dict[int, list[Json]] = {}
    for proof in file.evidence:
        proofs.setdefault(proof.history_id, []).append(
            {"id": proof.id, "kind": proof.kind, "value": proof.value}
        )
    return {
        "item": item_json(file.item, now, calendar),
        "history": [
            {
                "at": moment(row.at, calendar),
                "by": row.actor,
                "event": row.event,
                "state": row.state,
                "reason": row.reason,
                "detail": dict(row.detail),
                "evidence": proofs.get(row.id, []),
            }
            for row in file.history
        ],
        "checks": [check_json(check, calendar) for check in file.checks],
        "messages": [
            {
                "id": message.id,
                "serial": message.serial,
                "kind": message.kind,
                "recipient": message.recipient,
                "channel": message.channel,
                "state": message.state,
                "reason": message.reason,
                "created_at": moment(message.created_at, calendar),
                "error": message.error,
            }
            for message in file.messages
        ],
        "reached": [_occasion_json(each, calendar) for each in occasions(file.messages)],
        "why": file.why,
        "colour": colour.value if colour else None,
    }


def check_json(check: StoredObservation, calendar: WorkCalendar) -> Json:
    """One look at the real world."""
    return {
        "number": check.number,
        "probe": check.probe,
        "verdict": check.verdict,
        "evidence": dict(check.evidence),
        "checked_at": moment(check.checked_at, calendar),
    }


def _occasion_json(occasion: Occasion, calendar: WorkCalendar) -> Json:
    return {
        "at": moment(occasion.at, calendar),
        "kind": occasion.kind,
        "reached": occasion.reached,
        "of": occasion.of,
        "recipients": [
            {
                "recipient": each.recipient,
                "state": each.state,
                "channels": list(each.channels),
                "error": each.why,
            }
            for each in occasion.recipients
        ],
    }
