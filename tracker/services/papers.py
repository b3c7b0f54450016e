"""Formal papers (督办函, 通报): the ladder proposes them, a person approves or rejects, then they go out.

Must never send one that nobody approved, nor about an item that has been handed in meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tracker.domain.errors import NotFoundError, TransitionError
from tracker.domain.escalation import MessageKind, clock_on
from tracker.domain.items import Item
from tracker.domain.ladders import Audience
from tracker.domain.lifecycle import REMINDED
from tracker.domain.people import DECIDING
from tracker.domain.steps import Refusal
from tracker.services.judging import actor_named
from tracker.services.ladders import LadderBook
from tracker.services.office import Office
from tracker.services.recipients import AddressBook, Recipient
from tracker.services.remind import WATERMARK as PLANNING
from tracker.services.wording import Outgoing, Serials, about_items, item_line, word
from tracker.store import Connection, clockwork, contacts, history, items, outbox, papers, units
from tracker.store.papers import PaperState, StoredPaper

PAPER_EVENT = "paper"


def list_papers(office: Office, state: PaperState | None = None) -> list[StoredPaper]:
    """The newest first; with a state, only those in it."""
    with office.database.read() as connection:
        return papers.find(connection, state)


def approve(office: Office, ids: Sequence[int], *, by: str, now: datetime) -> list[StoredPaper]:
    """Send papers out: to the unit's contact and to everybody its ladder has reached.

    Raises NotFoundError for a number nobody has, TransitionError for one that was decided before or has
    nothing left to be said; then none goes out.
    """
    by = _name(by)
    with office.database.write() as connection:
        clockwork.take_turn(connection, PLANNING)
        for paper in _proposed(connection, ids, by):
            late = [
                item
                for item in items.by_numbers(connection, paper.numbers, lock=True)
                if _is_late(office, item, now)
            ]
            if not late:
                raise TransitionError(
                    f"{_title(paper)}所列事项均已报送或不再逾期，无须发出，请驳回",
                    details={"paper": paper.id},
                )
            _send(connection, office, paper, late, now)
            papers.decide(connection, paper.id, PaperState.APPROVED, by=by, words=None, at=now)
            rows = [(item.number, item.standing, {"paper": _title(paper)}) for item in late]
            history.append(connection, at=now, actor=by, event=PAPER_EVENT, rows=rows)
        return papers.by_ids(connection, ids)


def reject(office: Office, ids: Sequence[int], *, by: str, reason: str, now: datetime) -> list[StoredPaper]:
    """Let papers go unsent; for these deadlines they are not proposed again. Raises what `approve` does."""
    by = _name(by)
    if not reason.strip():
        raise TransitionError("驳回须写明理由（--reason）")
    with office.database.write() as connection:
        for paper in _proposed(connection, ids, by):
            words = reason.strip()
            papers.decide(connection, paper.id, PaperState.REJECTED, by=by, words=words, at=now)
        return papers.by_ids(connection, ids)


def _name(by: str) -> str:
    if not by.strip():
        raise TransitionError("须写明批准人（--by）")
    return by.strip()


def _title(paper: StoredPaper) -> str:
    return f"{paper.kind}第{paper.id}号"


def _proposed(connection: Connection, ids: Sequence[int], by: str) -> list[StoredPaper]:
    found = papers.by_ids(connection, ids, lock=True)
    if missing := sorted(set(ids) - {paper.id for paper in found}):
        words = "、".join(map(str, missing))
        raise NotFoundError(f"没有编号为 {words} 的待批文书", details={"papers": missing})
    actor = actor_named(connection, by)
    for paper in found:
        if not actor.roles_for(paper.unit_id) & DECIDING:
            raise TransitionError(
                f"{by}不是审批局的人，不能决定{_title(paper)}",
                details={"paper": paper.id, "refusal": Refusal.WRONG_ROLE.value},
            )
        if paper.state is not PaperState.PROPOSED:
            verb = "批准" if paper.state is PaperState.APPROVED else "驳回"
            raise TransitionError(f"{_title(paper)}已由{paper.decided_by}{verb}", details={"paper": paper.id})
    return found


def _is_late(office: Office, item: Item, now: datetime) -> bool:
    standing, calendar = item.standing, office.rules.calendar
    if standing.state not in REMINDED or standing.due_on is None:
        return False
    return clock_on(standing.due_on, standing.deferred_until) < calendar.today(now)


def _send(
    connection: Connection, office: Office, paper: StoredPaper, late: Sequence[Item], now: datetime
) -> None:
    serials = Serials(connection, office, now)
    book = AddressBook(
        {unit.id: unit.name for unit in units.all_units(connection)}, contacts.find(connection)
    )
    ladders, calendar = LadderBook(connection, office.rules, paper.numbers), office.rules.calendar
    told: dict[str, tuple[Recipient, tuple[str, ...]]] = {}
    for item in late:
        assert item.standing.due_on is not None
        day = clock_on(item.standing.due_on, item.standing.deferred_until)
        offset, ladder = calendar.working_days_between(day, calendar.today(now)), ladders.of(item.number)
        for audience in ladder.audiences(offset):
            for recipient in book.recipients(item.unit_id, audience):
                told[recipient.label] = recipient, ladder.stage(offset).channels
    messages = []
    for recipient, channels in told.values():
        several = recipient.audience is not Audience.CONTACT
        lines = [item_line(office, item, now, unit=item.unit if several else "") for item in late]
        messages += word(
            office,
            Outgoing(
                recipient=recipient,
                kind=MessageKind.PAPER,
                numbers=tuple(item.number for item in late),
                reason=f"{_title(paper)}经批准发出：{len(late)}项{paper.reason}",
                key=f"paper\x1f{paper.id}",
                text=about_items(office, recipient, MessageKind.PAPER, lines, now, paper=_title(paper)),
                channels=channels,
            ),
            serials.next,
            now,
        )
    outbox.enqueue(connection, messages, now)
