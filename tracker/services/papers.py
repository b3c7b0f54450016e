"""Formal papers (督办函, 通报): the ladder proposes them, a person approves or rejects, then they go out.

Must never send one that nobody approved, nor about an item that has been handed in meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.domain.errors import NotFoundError, TransitionError
from tracker.domain.escalation import MessageKind, clock_on, offset_on
from tracker.domain.issuing import bears_the_head
from tracker.domain.items import Item
from tracker.domain.ladders import BEFORE_ALL, Audience, Ladder, Paper, Stage
from tracker.domain.lifecycle import REMINDED
from tracker.domain.people import DECIDING, Actor
from tracker.domain.steps import Refusal
from tracker.services.issue import PAPER_EVENT, issue_document, unlisted
from tracker.services.judging import actor_named, require_bureau
from tracker.services.ladders import LadderBook
from tracker.services.office import Office
from tracker.services.recipients import Recipient, address_book
from tracker.services.wording import Outgoing, Writer, about_items, item_line
from tracker.store import Connection, clockwork, history, items, outbox, papers
from tracker.store.papers import PaperState, StoredPaper


def list_papers(office: Office, state: PaperState | None = None) -> list[StoredPaper]:
    """The newest first; with a state, only those in it."""
    with office.database.read() as connection:
        return papers.find(connection, state)


def decided_page(office: Office, *, before: int | None, size: int) -> tuple[list[StoredPaper], int | None]:
    """Decided and issued ones, the newest first, and the id before which older ones lie; None: no more."""
    with office.database.read() as connection:
        found = papers.decided(connection, before=before, limit=size + 1)
    return found[:size], found[size - 1].id if len(found) > size else None


def approve(office: Office, ids: Sequence[int], *, by: str, now: datetime) -> list[StoredPaper]:
    """Send papers out: to the unit's contact and to everybody its ladder has reached.

    A paper lists those of its items that are its unit's and whose ladder stands as high today; its `decision`
    names those left out. A 督办函 gets its number and document in the same transaction. Raises NotFoundError
    for a number nobody has, ForbiddenError for whoever may not send what bears the bureau's head,
    TransitionError for one that was decided before or has nothing left to be said, ConfigError when its
    document cannot be written; then none goes out.
    """
    by = _name(by)
    with office.database.write() as connection:
        clockwork.take_planning_turn(connection)
        actor = actor_named(connection, by)
        for paper in _proposed(connection, ids, actor):
            if bears_the_head(paper.kind):
                require_bureau(actor, paper.unit_id, f"批准{paper.kind}")
            ladders = LadderBook(connection, office.rules, paper.numbers)
            listed = items.by_numbers(connection, paper.numbers, lock=True)
            own = [item for item in listed if item.unit_id == paper.unit_id]
            late = [each for item in own if (each := _late(office, ladders, item, now)).bears(paper)]
            if not late:
                raise TransitionError(
                    f"{_title(paper)}所列事项均已报送或不再逾期至此，或已改由其他单位办理，无须发出，请驳回",
                    details={"paper": paper.id},
                )
            title = _issued(connection, office, paper, late, by=by, now=now)
            _send(connection, office, paper, late, title=title, now=now)
            words = _left_out(paper, own, late)
            papers.decide(connection, paper.id, PaperState.APPROVED, by=by, words=words, at=now)
            rows = [(each.item.number, each.item.standing, {"paper": title}) for each in late]
            history.append(connection, at=now, actor=by, event=PAPER_EVENT, rows=rows)
        return papers.by_ids(connection, ids)


def reject(office: Office, ids: Sequence[int], *, by: str, reason: str, now: datetime) -> list[StoredPaper]:
    """Let papers go unsent; for these deadlines they are not proposed again. Raises what `approve` does."""
    by = _name(by)
    if not reason.strip():
        raise TransitionError("驳回须写明理由（--reason）")
    with office.database.write() as connection:
        clockwork.take_planning_turn(connection)  # no item joins a paper while it is decided about
        for paper in _proposed(connection, ids, actor_named(connection, by)):
            words = reason.strip()
            papers.decide(connection, paper.id, PaperState.REJECTED, by=by, words=words, at=now)
        return papers.by_ids(connection, ids)


def _name(by: str) -> str:
    if not by.strip():
        raise TransitionError("须写明批准人（--by）")
    return by.strip()


def _title(paper: StoredPaper) -> str:
    return f"{paper.kind}第{paper.id}号"


def _issued(
    connection: Connection,
    office: Office,
    paper: StoredPaper,
    late: Sequence[_Late],
    *,
    by: str,
    now: datetime,
) -> str:
    """By what it is called from now on: the number of its document, where papers of its kind have one."""
    if not bears_the_head(paper.kind):
        return _title(paper)
    return issue_document(connection, office, paper, [each.item for each in late], by=by, now=now)


def _proposed(connection: Connection, ids: Sequence[int], actor: Actor) -> list[StoredPaper]:
    found = papers.by_ids(connection, ids, lock=True)
    if missing := sorted(set(ids) - {paper.id for paper in found}):
        words = "、".join(map(str, missing))
        raise NotFoundError(f"没有编号为 {words} 的待批文书", details={"papers": missing})
    for paper in found:
        if not actor.roles_for(paper.unit_id) & DECIDING:
            raise TransitionError(
                f"{actor.name}不是审批局的人，不能决定{_title(paper)}",
                details={"paper": paper.id, "refusal": Refusal.WRONG_ROLE.value},
            )
        if paper.state is not PaperState.PROPOSED:
            verb = "批准" if paper.state is PaperState.APPROVED else "驳回"
            raise TransitionError(f"{_title(paper)}已由{paper.decided_by}{verb}", details={"paper": paper.id})
    return found


@dataclass(frozen=True)
class _Late:
    """An item and where its ladder stands today: `offset` in working days, None if nothing is late."""

    item: Item
    ladder: Ladder
    offset: int | None

    @property
    def stage(self) -> Stage:
        return BEFORE_ALL if self.offset is None else self.ladder.stage(self.offset)

    @property
    def audiences(self) -> tuple[Audience, ...]:
        return () if self.offset is None else self.ladder.audiences(self.offset)

    def bears(self, paper: StoredPaper) -> bool:
        """Whether so grave a paper is what the item has come to."""
        return self.offset is not None and self.stage.paper.gravity >= Paper(paper.kind).gravity


def _late(office: Office, ladders: LadderBook, item: Item, now: datetime) -> _Late:
    standing, calendar, offset = item.standing, office.rules.calendar, None
    if standing.state in REMINDED and standing.due_on is not None:
        day, today = clock_on(standing.due_on, standing.deferred_until), calendar.today(now)
        offset = offset_on(day, today, calendar) if day < today else None
    return _Late(item, ladders.of(item.number), offset)


def _left_out(paper: StoredPaper, own: Sequence[Item], late: Sequence[_Late]) -> str | None:
    mine = {item.number for item in own}
    why = {
        "已改由其他单位办理": set(paper.numbers) - mine,
        "已报送或不再逾期至此": mine - {each.item.number for each in late},
    }
    named = [
        f"第 {'、'.join(map(str, sorted(some)))} 号事项{words}，未列入" for words, some in why.items() if some
    ]
    if bears_the_head(paper.kind) and (more := unlisted([each.item for each in late])):
        named.append(f"文书只列出时限最早的 {len(late) - more} 项，其余 {more} 项见整改台账")
    return "；".join(named) or None


def sent_words(title: str) -> str:
    """How the reason of each message begins that carries the paper of this name; no other paper's does."""
    return f"{title}经批准发出："


def _send(
    connection: Connection,
    office: Office,
    paper: StoredPaper,
    late: Sequence[_Late],
    *,
    title: str,
    now: datetime,
) -> None:
    writer = Writer(connection, office, now)
    messages = []
    for recipient, stage in _told(connection, late):
        several = recipient.audience is not Audience.CONTACT
        lines = [item_line(office, each.item, now, unit=each.item.unit if several else "") for each in late]
        messages += writer.write(
            Outgoing(
                recipient=recipient,
                kind=MessageKind.PAPER,
                numbers=tuple(each.item.number for each in late),
                reason=f"{sent_words(title)}{len(late)}项{paper.reason}",
                key=f"paper\x1f{paper.id}",
                words=about_items(office, recipient, MessageKind.PAPER, lines, now, paper=title),
                channels=stage.channels,
                fail_over=stage.fail_over,
            )
        )
    outbox.enqueue(connection, messages, now)


def _told(connection: Connection, late: Sequence[_Late]) -> list[tuple[Recipient, Stage]]:
    """Everybody whom the ladder of some item has reached, and the furthest stage among those items."""
    book = address_book(connection)
    told: dict[str, tuple[Recipient, Stage]] = {}
    for each in sorted(late, key=lambda each: each.stage.start):
        for audience in each.audiences:
            for recipient in book.recipients(each.item.unit_id, audience):
                told[recipient.label] = recipient, each.stage
    return list(told.values())
