"""Issue a paper: judge its items, give it the next number of its series, and keep its bytes for ever.

Must never write the same paper twice, nor give a number to one that is not kept: number, document, paper and
history are one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from tracker.domain.errors import ConfigError, TransitionError
from tracker.domain.escalation import offset_on
from tracker.domain.issuing import BY_HAND, PaperKind, Unfit, serial, unfit
from tracker.domain.items import Item
from tracker.domain.ladders import Ladder
from tracker.domain.lifecycle import Event
from tracker.domain.people import Actor
from tracker.rendering.paper_templates import fill, template_path
from tracker.services import inspect
from tracker.services.advance import judged, load
from tracker.services.judging import actor_named, require_bureau
from tracker.services.ladders import LadderBook
from tracker.services.office import Office
from tracker.services.paper_words import Issue, Past, counts_from, pasts, words_of
from tracker.store import Connection, contacts, history, paper_documents, papers
from tracker.store.items import ItemFilter
from tracker.store.paper_documents import NewDocument
from tracker.store.papers import StoredPaper

PAPER_EVENT = "paper"
MOST_ITEMS = 500
"""Of one paper: a list of more is a ledger, and whoever issues it holds up everybody who writes."""
MOST_PAPERS = 100
"""At once: each takes its time, while everybody else who writes waits."""

_WHY = {
    Unfit.NOT_LATE: "尚未逾期，不能催办",
    Unfit.NOT_TO_DO: "现在不需要责任单位办理",
    Unfit.LATE: "已逾期，请用催办通知书",
    Unfit.NO_DEADLINE: "为长期坚持事项，没有时限可提醒",
    Unfit.NOT_STRUCK_OFF: "尚未销号",
    Unfit.NOTHING_ASKED: "没有申请过延期",
}


def issue(
    office: Office, kind: PaperKind, numbers: Sequence[int], *, by: str, now: datetime
) -> list[StoredPaper]:
    """Issue papers about these items: one a unit, of a 延期审批表 one an item; all of them or none.

    Raises NotFoundError for a number nobody has, TransitionError naming the items of which the kind cannot
    speak or which have this paper already, or for too many papers, ConfigError for a template that cannot be
    used.
    """
    if not by.strip():
        raise TransitionError("须写明办理人（--by）")
    if kind not in BY_HAND:
        raise TransitionError(f"{kind}由催办阶梯提出，经批准发出（rectify papers approve）")
    with office.database.write() as connection:
        found = load(connection, numbers)
        actor, judge = actor_named(connection, by.strip()), _Judge(connection, office, kind, found, now)
        judged(found, lambda item: judge.require(item, actor))
        groups = _groups(kind, found)
        if len(groups) > MOST_PAPERS:
            raise TransitionError(f"一次最多出具 {MOST_PAPERS} 份，现有 {len(groups)} 份，请分批出具")
        ids = []
        for group in groups:
            about = [item.number for item in group]
            paper_id = papers.add_decided(
                connection, unit_id=group[0].unit_id, kind=kind.value, numbers=about, by=actor.name, at=now
            )
            [paper] = papers.by_ids(connection, [paper_id])
            words = issue_document(connection, office, paper, group, by=actor.name, now=now, past=judge.past)
            rows = [(item.number, item.standing, {"paper": words}) for item in group]
            history.append(connection, at=now, actor=actor.name, event=PAPER_EVENT, rows=rows)
            ids.append(paper_id)
        return papers.by_ids(connection, ids)


def issue_for_unit(
    office: Office, kind: PaperKind, unit: str, *, by: str, now: datetime
) -> list[StoredPaper]:
    """The same about all items of a unit of which the kind can speak and that have none yet; of those that
    are not due, the ones that the ladder reminds of already.

    Raises TransitionError when there is none.
    """
    found = inspect.list_items(office, ItemFilter(unit=unit), now=now)
    with office.database.read() as connection:
        judge = _Judge(connection, office, kind, found, now)
        ladders = LadderBook(connection, office.rules, [item.number for item in found])
    wanted = [item.number for item in found if judge.unfit(item) is None]
    if kind is PaperKind.REMINDER:
        near = {item.number for item in found if _is_near(office, item, ladders.of(item.number), now)}
        wanted = [number for number in wanted if number in near]
    if not wanted:
        raise TransitionError(f"{unit}没有可以出具{kind}的事项，或已出具过")
    return issue(office, kind, wanted, by=by, now=now)


def issue_document(
    connection: Connection,
    office: Office,
    paper: StoredPaper,
    found: Sequence[Item],
    *,
    by: str,
    now: datetime,
    past: Mapping[int, Past] | None = None,
) -> str:
    """Give a paper its number and document in the caller's transaction, whose items are locked; the number.

    A 督办函 of more than `MOST_ITEMS` lists those that fell due first and says how many it does not. Raises
    TransitionError for items that are not of the paper's unit, or too many, ConfigError when nobody knows who
    issues, or for a bad template.
    """
    if strange := [item.number for item in found if item.unit_id != paper.unit_id]:
        words = "、".join(map(str, strange))
        raise TransitionError(f"第 {words} 号事项不属于{paper.unit}", details={"numbers": strange})
    kind = PaperKind(paper.kind)
    listed = _listed(kind, found)
    issuer = issuer_of(connection, office)
    year = office.rules.calendar.today(now).year
    number = paper_documents.next_number(connection, kind.value, year)
    words = serial(office.rules.papers.code(kind), year, number)
    past = pasts(connection, kind, listed) if past is None else past
    told = Issue(kind, words, paper.unit, issuer, listed, past, paper.reason, now, unlisted(found))
    content = fill(template_path(office.paper_templates, kind), kind, words_of(office, told))
    document = NewDocument(kind.value, year, number, words, content)
    paper_documents.add(connection, paper.id, document, by=by, at=now)
    return words


def unlisted(found: Sequence[Item]) -> int:
    """How many of these items the document of their 督办函 does not list."""
    return max(0, len(found) - MOST_ITEMS)


def _listed(kind: PaperKind, found: Sequence[Item]) -> Sequence[Item]:
    """What a document lists, in order of number. A 督办函 is proposed whole: nobody can split it."""
    if not unlisted(found):
        return found
    if kind in BY_HAND:
        raise TransitionError(f"一份{kind}最多列 {MOST_ITEMS} 项，现有 {len(found)} 项，请分批出具")
    first = sorted(found, key=lambda item: (counts_from(item.standing) or date.max, item.number))
    return sorted(first[:MOST_ITEMS], key=lambda item: item.number)


def issuer_of(connection: Connection, office: Office) -> str:
    """Under whose name papers go out: as `[papers]` says, else the one department with the bureau's people.

    Raises ConfigError when there is none, or are several.
    """
    if office.rules.papers.issuer:
        return office.rules.papers.issuer
    named, home = contacts.bureaus(connection), office.rules.home
    if len(named) != 1:
        raise ConfigError(
            "不知道文书由哪个单位落款：请在 app.toml 的 [papers] 中写明 issuer，"
            "或为审批局所在的单位（只一个）登记审批局联系人",
            details={"bureaus": named},
        )
    [name] = named
    return f"{home.name}{name.removeprefix(home.level)}" if home and name.startswith(home.level) else name


class _Judge:
    """Whether a kind of paper can speak of some items; what it must know of them is read once."""

    def __init__(
        self, connection: Connection, office: Office, kind: PaperKind, found: Sequence[Item], now: datetime
    ) -> None:
        self._office, self._kind, self._now = office, kind, now
        self.past = pasts(connection, kind, found)
        self._had = paper_documents.last_about(connection, kind.value, [item.number for item in found])

    def unfit(self, item: Item) -> Unfit | None:
        if self._kind is PaperKind.EXTENSION and self.past[item.number].last(Event.EXTEND) is None:
            return Unfit.NOTHING_ASKED
        found = unfit(self._kind, item.standing, self._now, self._office.rules.calendar)
        if found is None and item.number in self._had and self._had[item.number][0] >= self._since(item):
            return Unfit.HAS_ONE
        return found

    def require(self, item: Item, actor: Actor) -> None:
        """Raise TransitionError saying why not, ForbiddenError for whoever does not decide for the city."""
        require_bureau(actor, item.unit_id, f"出具{self._kind}")
        if (why := self.unfit(item)) is not None:
            had = self._had.get(item.number)
            words = _WHY.get(why) or f"已有{had and had[1]}，请直接打印；须重出的，先将其作废"
            raise TransitionError(words, details={"unfit": why.value})

    def _since(self, item: Item) -> datetime:
        """A paper of this kind that is younger says what a new one would."""
        calendar = self._office.rules.calendar
        if self._kind is PaperKind.STRIKE_OFF and item.standing.closed_at is not None:
            return item.standing.closed_at
        if self._kind is PaperKind.EXTENSION:
            last = self.past[item.number].rows[-1]  # it has one: an extension was asked for
            return last.at
        return calendar.at(calendar.today(self._now), time())


def _groups(kind: PaperKind, found: Sequence[Item]) -> list[list[Item]]:
    """The items of each paper, in order of number."""
    groups: dict[int, list[Item]] = {}
    for item in found:
        groups.setdefault(item.number if kind.is_about_one else item.unit_id, []).append(item)
    return list(groups.values())


def _is_near(office: Office, item: Item, ladder: Ladder, now: datetime) -> bool:
    """Whether the ladder has begun to speak of it."""
    calendar, day = office.rules.calendar, counts_from(item.standing)
    return day is not None and -offset_on(day, calendar.today(now), calendar) <= max(ladder.before, default=0)
