"""The ledger (整改台账) of everything that is tracked, as a workbook."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from tracker.services.documents import write_office_ledger
from tracker.web.context import CurrentDesk

router = APIRouter()
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/ledger.xlsx")
def ledger(desk: CurrentDesk) -> Response:
    now = desk.now()
    with TemporaryDirectory(prefix="rectify-") as folder:
        target = Path(folder) / "ledger.xlsx"
        write_office_ledger(desk.office, target, now=now)
        content = target.read_bytes()
    name = quote(f"整改台账-{desk.today()}.xlsx")
    disposition = f"attachment; filename=\"ledger.xlsx\"; filename*=UTF-8''{name}"
    return Response(content, media_type=_TYPE, headers={"Content-Disposition": disposition})
