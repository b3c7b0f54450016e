"""A message of the outbox with its calls. Must never show an address or what was frozen."""

from __future__ import annotations

from tracker.domain.calendar import WorkCalendar
from tracker.rendering.contract import Json, moment
from tracker.services.messages import Tried


def message_json(tried: Tried, calendar: WorkCalendar) -> Json:
    message = tried.message
    attempts = [
        {
            "at": moment(each.started_at, calendar),
            "ended_at": moment(each.ended_at, calendar),
            "outcome": each.outcome,
            "error": each.error,
        }
        for each in tried.attempts
    ]
    return {
        "id": message.id,
        "serial": message.serial,
        "recipient": message.recipient,
        "channel": message.channel,
        "kind": message.kind,
        "state": message.state,
        "error": message.error,
        "attempts": attempts,
        "reason": message.reason,
        "created_at": moment(message.created_at, calendar),
        "send_after": moment(message.send_after, calendar),
        "segments": message.segments,
        "decided_at": moment(message.decided_at, calendar),
        "decided_by": message.decided_by,
    }
