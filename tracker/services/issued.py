"""What was issued, given out again: the same bytes for ever, as PDF where LibreOffice is at hand; and voided.

Must never alter a document, nor hold a transaction open while a PDF is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tracker.domain.errors import NotFoundError, TransitionError
from tracker.rendering.pdf import to_pdf
from tracker.services.issue import PAPER_EVENT
from tracker.services.judging import actor_named, require_bureau
from tracker.services.office import Office
from tracker.services.papers import sent_words
from tracker.store import Connection, history, items, paper_documents, papers
from tracker.store.clockwork import take_planning_turn
from tracker.store.paper_documents import Copy
from tracker.store.papers import StoredPaper
from tracker.store.supersede import supersede_paper


@dataclass(frozen=True)
class PrintedPaper:
    """A document as a file: `督办函〔2026〕12号.docx`."""

    filename: str
    content: bytes


def print_paper(office: Office, paper_id: int) -> PrintedPaper:
    """The document of a paper as it was issued. Raises NotFoundError for a paper without one."""
    with office.database.read() as connection:
        copy = _copy(connection, paper_id)
    return PrintedPaper(f"{copy.serial}.docx", copy.content)


def print_pdf(office: Office, paper_id: int) -> PrintedPaper:
    """The same as PDF, made once and kept: every print of it is the same, too.

    Raises NotFoundError, and PdfError where there is no LibreOffice or it fails.
    """
    with office.database.read() as connection:
        copy = _copy(connection, paper_id)
    pdf = copy.pdf
    if pdf is None:
        made = to_pdf(copy.content)
        with office.database.write() as connection:
            pdf = paper_documents.keep_pdf(connection, paper_id, made)
    return PrintedPaper(f"{copy.serial}.pdf", pdf)


def documents_about(office: Office, number: int) -> list[StoredPaper]:
    """The papers about an item that were issued, oldest first; void ones, too."""
    with office.database.read() as connection:
        return [paper for paper in papers.about(connection, number) if paper.document]


def void(office: Office, paper_id: int, *, by: str, reason: str, now: datetime) -> StoredPaper:
    """Declare a document void: its number is not given again, and what waits to be sent of it is not sent.

    Raises NotFoundError for a paper without one, TransitionError without a reason or when it is void already,
    ForbiddenError for whoever does not decide for the whole city.
    """
    by, reason = by.strip(), reason.strip()
    if not by or not reason:
        raise TransitionError("作废须写明办理人（--by）和理由（--reason）")
    with office.database.write() as connection:
        take_planning_turn(connection)  # what waits of it may be taken back
        paper = next(iter(papers.by_ids(connection, [paper_id], lock=True)), None)
        if paper is None or paper.document is None:
            raise _none(paper_id)
        require_bureau(actor_named(connection, by), paper.unit_id, "作废文书")
        if paper.document.voided_at is not None:
            raise TransitionError(f"{paper.document.serial}已由{paper.document.voided_by}作废")
        paper_documents.void(connection, paper_id, by=by, reason=reason, at=now)
        rows = [
            (item.number, item.standing, {"paper": f"{paper.document.serial}（作废）"})
            for item in items.by_numbers(connection, paper.numbers, lock=True)
        ]
        history.append(connection, at=now, actor=by, event=PAPER_EVENT, reason=reason, rows=rows)
        supersede_paper(connection, sent_words(paper.document.serial), now)
        [voided] = papers.by_ids(connection, [paper_id])
        return voided


def _copy(connection: Connection, paper_id: int) -> Copy:
    copy = paper_documents.copy_of(connection, paper_id)
    if copy is None:
        raise _none(paper_id)
    return copy


def _none(paper_id: int) -> NotFoundError:
    return NotFoundError(f"编号为 {paper_id} 的文书没有出具过文件", details={"paper": paper_id})
