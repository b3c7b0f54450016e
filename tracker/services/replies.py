"""What units report about problems put to them (整改情况): news of items at work, never new items.

Must never guess between two items: a reply that fits none, or several alike, is shown and left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.domain.items import bare_words
from tracker.domain.lifecycle import Event, State
from tracker.domain.steps import Step
from tracker.intake.model import Finding, Reply, Source
from tracker.services.advance import take_step
from tracker.services.evidence import Evidence, keep, sealed
from tracker.services.office import Office
from tracker.services.unit_names import UnitNames
from tracker.store import Connection, history, items, open_problems, sightings
from tracker.store.open_problems import OpenProblem

REPLY_EVENT = "reply"
_SHORTEST = 4  # signs: less is no description of a problem
_SUBMITS = frozenset({State.OPEN, State.SIGNED})


@dataclass(frozen=True, slots=True)
class MatchedReply:
    """A reply and its item, None if none fits; `is_recorded`: an earlier import brought the same words."""

    reply: Reply
    number: int | None
    is_recorded: bool = False


def as_finding(reply: Reply) -> Finding:
    """For the resolver of names, which asks whose a finding is."""
    return Finding(
        reply.unit_as_written, None, None, reply.text, None, Source("", None, None, None, reply.line)
    )


def match_replies(
    connection: Connection, replies: Sequence[Reply], names: UnitNames, title: str
) -> tuple[MatchedReply, ...]:
    """Each reply with the one item at work of its unit whose words hold the problem's, or the other way."""
    owners = [names.of(as_finding(reply)).id for reply in replies]
    by_unit: dict[int, list[OpenProblem]] = defaultdict(list)
    for problem in open_problems.of_units(connection, {owner for owner in owners if owner}):
        by_unit[problem.unit_id].append(problem)
    numbers = [
        _best(reply, by_unit.get(owner or 0, [])) for reply, owner in zip(replies, owners, strict=True)
    ]
    noted = history.notes_of(connection, {number for number in numbers if number})
    return tuple(
        MatchedReply(reply, number, number is not None and (number, evidence_of(reply, title)) in noted)
        for reply, number in zip(replies, numbers, strict=True)
    )


def evidence_of(reply: Reply, title: str) -> str:
    """The note that is kept beside the item."""
    return f"{reply.text}（{title}）"


def record_replies(
    connection: Connection,
    office: Office,
    replies: Sequence[MatchedReply],
    *,
    bulletin_id: int,
    title: str,
    by: str,
    now: datetime,
) -> None:
    """Keep each reply as evidence; one that says "done" hands the item in, in the unit's own name."""
    for each in replies:
        if each.number is None or each.is_recorded:
            continue
        [item] = items.by_numbers(connection, [each.number], lock=True)
        outcome = sightings.REPLIED
        if each.reply.is_done and item.standing.state in _SUBMITS:
            take_step(connection, office, item, Step(Event.SUBMIT, item.unit, now), ())
            outcome = sightings.SUBMITTED
            [item] = items.by_numbers(connection, [each.number])
        note = Evidence("note", evidence_of(each.reply, title))
        row = (item.number, item.standing, {"bulletin": title, "evidence": sealed([note])})
        [history_id] = history.append(connection, at=now, actor=by, event=REPLY_EVENT, rows=[row])
        keep(connection, item.number, history_id, [note])
        mention = {
            "bulletin_id": bulletin_id,
            "item_number": item.number,
            "identity": "",
            "outcome": outcome,
            "quantity": None,
            "measure": None,
            "annex": None,
            "row": None,
            "ordinal": None,
            "line": each.reply.line,
            "unit_as_written": each.reply.unit_as_written,
            "text": each.reply.text,
            "history_id": history_id,
        }
        sightings.add(connection, [mention])


def _best(reply: Reply, problems: Sequence[OpenProblem]) -> int | None:
    said = bare_words(reply.problem or reply.text)
    graded = sorted(((_fit(said, bare_words(each.text)), each.number) for each in problems), reverse=True)
    if not graded or graded[0][0] == 0 or (len(graded) > 1 and graded[0][0] == graded[1][0]):
        return None
    return graded[0][1]


def _fit(said: str, problem: str) -> float:
    """How much of the longer text the shorter one is that stands in it; 0 if it does not.

    Likeness is not enough: 行政处罚公示 and 行政许可公示 are two columns.
    """
    short, long = sorted((said, problem), key=len)
    return len(short) / len(long) if len(short) >= _SHORTEST and short in long else 0
