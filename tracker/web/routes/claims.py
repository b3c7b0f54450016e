"""Checking a document before it is published: its numbers recomputed, and what an import would read in it.

Nothing that is handed in here is kept.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from tracker.domain.errors import RectifyError
from tracker.intake.claims import Claim
from tracker.services.verify import Verification, verify
from tracker.web import words
from tracker.web.context import CurrentDesk, Desk
from tracker.web.errors import status_of
from tracker.web.handed_in import DocumentForm

router = APIRouter(prefix="/claims")


@router.get("")
def show_form(request: Request, desk: CurrentDesk) -> Response:
    return _page(request, desk, DocumentForm())


@router.post("")
def check(request: Request, desk: CurrentDesk, form: Annotated[DocumentForm, Depends()]) -> Response:
    """Show the verdicts, what does not hold first; several documents one after the other."""
    try:
        sources = form.sources()
        checked = [verify(desk.office.rules, source.content, source.filename) for source in sources]
    except RectifyError as error:
        return _page(request, desk, form, status_of(error), message=error.message)
    return _page(request, desk, form, checked=checked)


def _page(
    request: Request,
    desk: Desk,
    typed: DocumentForm,
    status: int = 200,
    *,
    checked: list[Verification] | None = None,
    message: str = "",
) -> Response:
    return desk.render(
        request,
        "claims/claims.html",
        status,
        typed=typed,
        checked=[(each, _worst_first(each)) for each in checked or ()],
        words=words,
        message=message,
    )


def _worst_first(checked: Verification) -> list[Claim]:
    order = {False: 0, None: 1, True: 2}
    return sorted(checked.claims, key=lambda claim: (order[claim.holds], claim.line))
