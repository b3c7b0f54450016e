"""What a paper says of each item: its place, its deadline, and what the history tells of it.

Must never decide whether a paper may be issued, nor write: it reads in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tracker.domain.escalation import clock_on, offset_on
from tracker.domain.issuing import PaperKind
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event, Standing
from tracker.domain.step_back import UNDO_STEP_EVENT, UNDOES
from tracker.rendering.official import day_words
from tracker.rendering.paper_fields import LIST, Words
from tracker.services.office import Office
from tracker.store import Connection, history
from tracker.store.history import HistoryRow

_TOLD = {
    PaperKind.STRIKE_OFF: (Event.SUBMIT, Event.STRIKE_OFF),
    PaperKind.EXTENSION: (Event.EXTEND, Event.GRANT, Event.REFUSE),
}
NOTHING = "—"


@dataclass(frozen=True)
class Past:
    """What the history tells of one item, oldest first, without the steps that were taken back."""

    rows: Sequence[HistoryRow] = ()

    def last(self, *events: Event) -> HistoryRow | None:
        return next((row for row in reversed(self.rows) if row.event in events), None)

    def decision(self) -> HistoryRow | None:
        """What was decided about the last extension that was asked for; None: nothing yet."""
        asked, decided = self.last(Event.EXTEND), self.last(Event.GRANT, Event.REFUSE)
        return decided if asked and decided and decided.id > asked.id else None


def pasts(connection: Connection, kind: PaperKind, found: Sequence[Item]) -> dict[int, Past]:
    """By number of each of these items, as far as a paper of this kind tells of it."""
    if kind not in _TOLD:
        return {item.number: Past() for item in found}
    numbers = [item.number for item in found]
    rows = history.of_items(connection, numbers, (*_TOLD[kind], UNDO_STEP_EVENT))
    return {number: Past(_standing(rows.get(number, ()))) for number in numbers}


def _standing(rows: Sequence[HistoryRow]) -> list[HistoryRow]:
    undone = {row.detail.get(UNDOES) for row in rows}
    return [row for row in rows if row.id not in undone and row.event != UNDO_STEP_EVENT]


@dataclass(frozen=True)
class Issue:
    """One paper before it is written: `issuer` signs it, `reason` is why a 督办函 was proposed, `unlisted`
    how many items it speaks of beside those that it lists.
    """

    kind: PaperKind
    serial: str
    unit: str
    issuer: str
    items: Sequence[Item]
    past: Mapping[int, Past]
    reason: str
    now: datetime
    unlisted: int = 0


def words_of(office: Office, issue: Issue) -> Words:
    """All that its template may name (`tracker.rendering.paper_fields`)."""
    calendar = office.rules.calendar
    today = calendar.today(issue.now)
    common = {
        "文号": issue.serial,
        "责任单位": issue.unit,
        "落款单位": issue.issuer,
        "成文日期": day_words(today),
    }
    if issue.kind is PaperKind.EXTENSION:
        [item] = issue.items
        return common | _item(office, item) | _extension(office, item, issue.past[item.number])
    lines = [
        {"序号": str(place)} | _item(office, item) | _further(office, issue, item, today)
        for place, item in enumerate(issue.items, start=1)
    ]
    more = {}
    if issue.kind in {PaperKind.LETTER, PaperKind.URGING}:
        more["报送期限"] = day_words(calendar.add_working_days(today, office.rules.papers.reply_working_days))
    if issue.kind is PaperKind.LETTER:
        more["事由"] = issue.reason + _listing(issue)
    return {**common, **more, "事项数": str(len(lines) + issue.unlisted), LIST: lines}


def _listing(issue: Issue) -> str:
    """Said within 事由: so a template of the office's own says it too."""
    if not issue.unlisted:
        return ""
    return f"，本函列出时限最早的{len(issue.items)}项，其余{issue.unlisted}项见整改台账"


def _item(office: Office, item: Item) -> dict[str, str]:
    return {
        "编号": str(item.number),
        "整改事项": item.text,
        "问题类别": office.rules.class_name(item.problem_class),
        "领域": item.domain or NOTHING,
        "来源通报": item.bulletin,
        "印发日期": item.issued_on.isoformat(),
        "整改时限": _limit(item.standing),
        "办理状态": item.standing.state.chinese,
    }


def _further(office: Office, issue: Issue, item: Item, today: date) -> dict[str, str]:
    """What this kind tells of an item besides."""
    if issue.kind is PaperKind.STRIKE_OFF:
        return _closing(office, item, issue.past[item.number])
    day = counts_from(item.standing)
    assert day is not None  # it is late, or near
    offset = offset_on(day, today, office.rules.calendar)
    if issue.kind is PaperKind.REMINDER:
        return {"剩余": f"{-offset}个工作日" if offset else "今日到期"}
    # On its own day only a deadline of hours is over.
    return {"逾期": f"{offset}个工作日" if offset else "不足1个工作日"}


def counts_from(standing: Standing) -> date | None:
    """The day from which days are counted, as messages count them; None: there is no deadline."""
    return standing.due_on and clock_on(standing.due_on, standing.deferred_until)


def _closing(office: Office, item: Item, past: Past) -> dict[str, str]:
    standing = item.standing
    submitted, struck_off = past.last(Event.SUBMIT), past.last(Event.STRIKE_OFF)
    finished, due = standing.finished_at, standing.due_at
    outcome = NOTHING if finished is None or due is None else "按期" if finished <= due else "逾期"
    return {
        "整改情况": (submitted and submitted.reason) or "已完成整改",
        "报送人": standing.submitted_by or NOTHING,
        "报送日期": _on(office, finished),
        "核验人": struck_off.actor if struck_off else NOTHING,
        "销号日期": _on(office, standing.closed_at),
        "完成情况": outcome,
    }


def _extension(office: Office, item: Item, past: Past) -> dict[str, str]:
    asked, decided = past.last(Event.EXTEND), past.decision()
    assert asked is not None  # the judge has seen it
    today = office.rules.calendar.today
    due_on, granted_to = _moved(decided, item.standing.due_on)
    opinion = ""
    if decided is not None and decided.event == Event.GRANT:
        opinion = f"同意延期至{granted_to}。{decided.reason or ''}"
    elif decided is not None:
        opinion = f"不同意延期。{decided.reason or ''}"
    return {
        "整改时限": due_on,
        "申请延期至": _in_words(_pair(asked, "extension_to")[1]),
        "申请理由": asked.reason or NOTHING,
        "申请人": asked.actor,
        "申请日期": day_words(today(asked.at)),
        "审批意见": opinion,
        "审批人": decided.actor if decided else "",
        "审批日期": day_words(today(decided.at)) if decided else "",
    }


def _moved(decided: HistoryRow | None, due_on: date | None) -> tuple[str, str]:
    """The deadline that an extension was asked of, and the one that was granted."""
    if decided is not None and decided.event == Event.GRANT:
        before, after = _pair(decided, "due_on")
        return _in_words(before), _in_words(after)
    return _in_words(due_on.isoformat() if due_on else None), ""


def _pair(row: HistoryRow, name: str) -> tuple[str | None, str | None]:
    """What a step changed, as `tracker.services.advance` wrote it."""
    changed = row.detail.get(name)
    before, after = changed if isinstance(changed, list) else (None, None)
    return before, after


def _in_words(day: str | None) -> str:
    return day_words(date.fromisoformat(day)) if day else NOTHING


def _limit(standing: Standing) -> str:
    due_on, until = standing.due_on, standing.deferred_until
    words = due_on.isoformat() if due_on else "长期坚持"
    return f"{words}（暂缓至{until}）" if until and (due_on is None or until > due_on) else words


def _on(office: Office, moment: datetime | None) -> str:
    return office.rules.calendar.today(moment).isoformat() if moment else NOTHING
