"""The draft of the next bulletin, downloaded."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from tracker.domain.periods import IssuePeriod, most_wanted
from tracker.services.next_bulletin import draft_bulletin
from tracker.web.context import CurrentDesk

router = APIRouter()
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@router.get("/next-bulletin.docx")
def download(desk: CurrentDesk, quarter: str = "") -> Response:
    """The draft, of the quarter that ended last unless another is asked for; a fault is said on a page."""
    wanted = IssuePeriod.quarter(quarter) if quarter else most_wanted(desk.today())[0]
    draft = draft_bulletin(desk.office, wanted, now=desk.now())
    disposition = f"attachment; filename=\"bulletin.docx\"; filename*=UTF-8''{quote(draft.filename)}"
    return Response(draft.content, media_type=_TYPE, headers={"Content-Disposition": disposition})
