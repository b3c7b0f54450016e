"""One step of the workflow for one item or many: all of them or none, history in the same transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import PurePath

from tracker.domain.deadlines import last_moment
from tracker.domain.errors import NotFoundError, RectifyError, TransitionError
from tracker.domain.escalation import next_reminder_at
from tracker.domain.items import Item
from tracker.domain.lifecycle import REMINDED, Event, Standing, State, Step, advance
from tracker.domain.periods import plausible
from tracker.services.office import Office
from tracker.store import Connection, history, items

MAX_EVIDENCE_BYTES = 20 * 1024 * 1024
WATCH_EVENT = "watch"
_CHASED = frozenset({State.OPEN, State.SIGNED})


@dataclass(frozen=True)
class Evidence:
    """A proof that comes with a step: a link, a file (with content) or a note."""

    kind: str
    value: str
    content: bytes | None = None

    @classmethod
    def link(cls, url: str) -> Evidence:
        return cls("link", url)

    @classmethod
    def file(cls, name: str, content: bytes) -> Evidence:
        """Raises RectifyError for an empty or too large file. Only the last part of the name is kept."""
        name = PurePath(name.replace("\\", "/")).name
        if not content:
            raise RectifyError(f"佐证材料“{name}”是空文件")
        if len(content) > MAX_EVIDENCE_BYTES:
            raise RectifyError(f"佐证材料“{name}”超过 20 MB")
        return cls("file", name, content)


def perform(
    office: Office,
    event: Event,
    numbers: Sequence[int],
    *,
    by: str,
    now: datetime,
    reason: str | None = None,
    to: date | None = None,
    evidence: Sequence[Evidence] = (),
) -> list[Item]:
    """Take one step with each item; raises TransitionError naming the first that may not, writing none."""
    if not by.strip():
        raise TransitionError("须写明办理人（--by）")
    step = Step(event, by.strip(), now, reason, plausible(to) if to else None)
    with office.database.write() as connection:
        found = load(connection, numbers)
        for item in found:
            take_step(connection, office, item, step, evidence)
        return items.by_numbers(connection, numbers)


def watch(office: Office, numbers: Sequence[int], *, url: str, by: str, now: datetime) -> list[Item]:
    """Tell which page should show the fix; the next check looks at it."""
    if not url.startswith(("http://", "https://")):
        raise RectifyError(f"网址须以 http:// 或 https:// 开头：{url}")
    with office.database.write() as connection:
        found = load(connection, numbers)
        for item in found:
            if not _checkable(office, item):
                name = office.rules.class_name(item.problem_class)
                raise RectifyError(f"第 {item.number} 号事项属“{name}”，目前没有可用的自动核查方式")
            items.set_columns(connection, item.number, page_url=url, next_check_at=now)
        rows = [(item.number, item.standing, {"url": url}) for item in found]
        history.append(connection, at=now, actor=by, event=WATCH_EVENT, rows=rows)
        return items.by_numbers(connection, numbers)


def load(connection: Connection, numbers: Sequence[int]) -> list[Item]:
    """The items of these numbers, locked for this transaction; raises NotFoundError naming those missing."""
    found = items.by_numbers(connection, numbers, lock=True)
    missing = sorted(set(numbers) - {item.number for item in found})
    if missing:
        raise NotFoundError(
            f"没有编号为 {'、'.join(map(str, missing))} 的整改事项", details={"numbers": missing}
        )
    return found


def take_step(
    connection: Connection, office: Office, item: Item, step: Step, evidence: Sequence[Evidence]
) -> None:
    """One step with one item, in the caller's transaction; raises TransitionError naming the item."""
    calendar = office.rules.calendar
    try:
        standing = advance(item.standing, step, calendar)
    except TransitionError as error:
        raise TransitionError(
            f"第 {item.number} 号事项（{item.unit}）：{error.message}",
            details={"number": item.number, **error.details},
        ) from None
    more: dict[str, object] = {}
    if step.event is Event.GRANT and standing.due_on is not None:
        more["provisional"] = calendar.is_provisional(standing.due_on)
        standing = replace(standing, due_at=last_moment(standing.due_on, calendar))
    more["next_reminder_at"] = _next_reminder(office, item, standing, step.at)
    more |= _next_check(office, item, standing, step, evidence)
    items.save_standing(connection, item.number, standing, **more)
    row = (item.number, standing, _detail(item.standing, standing))
    [history_id] = history.append(
        connection, at=step.at, actor=step.by, event=step.event.value, reason=step.reason, rows=[row]
    )
    for proof in evidence:
        history.add_evidence(
            connection,
            number=item.number,
            history_id=history_id,
            kind=proof.kind,
            value=proof.value,
            sha256=hashlib.sha256(proof.content).hexdigest() if proof.content is not None else None,
            content=proof.content,
        )


def _next_reminder(office: Office, item: Item, standing: Standing, now: datetime) -> datetime | None:
    """The ladder falls silent while the bureau is to move, and goes on when the unit is."""
    if {item.standing.state, standing.state} <= _CHASED and item.standing.due_on == standing.due_on:
        return item.next_reminder_at  # a signature does not swallow a reminder that is still to be sent
    return rung_after(office, standing, now)


def rung_after(office: Office, standing: Standing, now: datetime) -> datetime | None:
    """The ladder begun anew: its first rung after `now` or the deferral; None if nobody is to be chased."""
    if standing.state not in REMINDED or standing.due_on is None:
        return None
    rules, after = office.rules, now
    if standing.state is State.DEFERRED and standing.deferred_until is not None:
        after = last_moment(standing.deferred_until, rules.calendar)
    return next_reminder_at(rules.ladder, standing.due_on, after, rules.calendar)


def _next_check(
    office: Office, item: Item, standing: Standing, step: Step, evidence: Sequence[Evidence]
) -> dict[str, object]:
    """A submission with a link says where to look, and is looked at by the next run; an end stops looking."""
    if standing.state in {State.STRUCK_OFF, State.WITHDRAWN}:
        return {"next_check_at": None}
    if step.event is not Event.SUBMIT or not _checkable(office, item):
        return {}
    link = next((proof.value for proof in evidence if proof.kind == "link"), item.page_url)
    return {"page_url": link, "next_check_at": step.at} if link else {}


def _checkable(office: Office, item: Item) -> bool:
    return any(item.problem_class in probe.classes for probe in office.probes)


def _detail(before: Standing, after: Standing) -> Mapping[str, object]:
    """What the step changed besides the state, for the reader of the history."""
    dates = {
        "due_on": (before.due_on, after.due_on),
        "extension_to": (before.extension_to, after.extension_to),
        "deferred_until": (before.deferred_until, after.deferred_until),
    }
    return {
        name: [old.isoformat() if old else None, new.isoformat() if new else None]
        for name, (old, new) in dates.items()
        if old != new
    }
