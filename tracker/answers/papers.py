"""Papers as JSON, for the command line and other systems. Must never hold the document itself."""

from __future__ import annotations

from datetime import datetime

from tracker.domain.calendar import WorkCalendar
from tracker.rendering.contract import Json, moment
from tracker.store.paper_documents import PaperDocument
from tracker.store.papers import StoredPaper


def paper_json(paper: StoredPaper, calendar: WorkCalendar) -> Json:
    """One paper; `document` is null where nothing was issued for it."""
    return {
        "id": paper.id,
        "kind": paper.kind,
        "unit": paper.unit,
        "numbers": list(paper.numbers),
        "state": paper.state.value,
        "reason": paper.reason,
        "proposed_at": moment(paper.proposed_at, calendar),
        "decided_at": _moment(paper.decided_at, calendar),
        "decided_by": paper.decided_by,
        "decision": paper.decision,
        "document": _document(paper.document, calendar) if paper.document else None,
    }


def _document(document: PaperDocument, calendar: WorkCalendar) -> Json:
    return {
        "serial": document.serial,
        "sha256": document.sha256,
        "issued_at": moment(document.issued_at, calendar),
        "issued_by": document.issued_by,
        "voided_at": _moment(document.voided_at, calendar),
        "voided_by": document.voided_by,
        "void_reason": document.void_reason,
    }


def _moment(value: datetime | None, calendar: WorkCalendar) -> str | None:
    return moment(value, calendar) if value else None
