"""Opening items of problems that an export or a look shows, as an import of a list of them does.

Must only be called inside the one transaction that takes the export in, or decides about a look, with the
turns of registry and planner. The document an item comes from is a list made here: the export itself names
people and is not kept.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.domain.classes import first_fit, tried_for
from tracker.domain.items import Item
from tracker.intake.document import Document, Line
from tracker.intake.model import Finding, Quantity, Reading, Source
from tracker.services.corrections import Correction, Corrections, SameAs, SetClass
from tracker.services.office import Office
from tracker.services.preview import judge
from tracker.services.recording import record
from tracker.store import Connection
from tracker.store.feeds import StoredFeed


@dataclass(frozen=True)
class Problem:
    """A problem that an export or a look shows: whose, of which class, in what words, how many.

    domain: None for that of the class. same_as: the struck-off item whose problem it is.
    """

    unit: str
    code: str
    text: str
    count: int | None = None
    domain: str | None = None
    same_as: int | None = None


@dataclass(frozen=True)
class Origin:
    """What showed the problems, as the list that is made of them says it.

    name: for people. mark: tells two lists of one day apart. proof: in what words, and by which digest or
    text, it can be found again.
    """

    name: str
    mark: str
    proof: tuple[str, str]

    @classmethod
    def of(cls, feed: StoredFeed) -> Origin:
        return cls(feed.filename, str(feed.id), (f"导出序号 {feed.id}", feed.sha256))


def open_items(
    connection: Connection,
    office: Office,
    origin: Origin,
    problems: Sequence[Problem],
    *,
    title: str,
    by: str,
    now: datetime,
) -> list[Item]:
    """Make items of problems by the import's own steps: deadline, ladder, number, history, recurrence.

    What was withdrawn, or struck off this very day, does not come back by it.
    """
    if not problems:
        return []
    reading, content = _listed(office, origin, problems, title, now)
    entries: list[Correction] = [*_classes(office, reading, problems), *_known(problems)]
    corrections = Corrections(entries=tuple(entries))
    plan = replace(judge(connection, office, reading, corrections), absent=(), likely_items=())
    made = record(connection, office, plan, content, by=by, now=now)
    return [draft.item for draft in made.drafts if draft.is_new]


def _listed(
    office: Office, origin: Origin, problems: Sequence[Problem], title: str, now: datetime
) -> tuple[Reading, bytes]:
    """The problems as a document of their own."""
    today = office.rules.calendar.today(now)
    name = f"{title}-{today}-{origin.mark}.csv"
    lines = [("责任单位", "问题", "来源"), *((each.unit, each.text, origin.name) for each in problems)]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([*lines, ("", *origin.proof)])
    content = text.getvalue().encode("utf-8-sig")
    domains = {each.code: each.domain for each in office.rules.classes}
    findings = tuple(
        Finding(
            each.unit,
            None,
            each.domain or domains.get(each.code),
            each.text,
            None if each.count is None else Quantity(each.count, "件"),
            Source(name, None, None, None, line),
        )
        for line, each in enumerate(problems, start=2)
    )
    document = Document(tuple(Line(line, cells) for line, cells in enumerate(lines, start=1)))
    digest = hashlib.sha256(content).hexdigest()
    return Reading(f"{title}（{today}）", today, digest, name, document, findings, (), (), (), ()), content


def _classes(office: Office, reading: Reading, problems: Sequence[Problem]) -> Iterable[SetClass]:
    """Said only where the office's patterns would tell another class from the words."""
    for place, (finding, each) in enumerate(zip(reading.findings, problems, strict=True)):
        if first_fit(finding.described, tried_for(finding.domain, office.rules.classes)) != each.code:
            yield SetClass(f"f{place}", each.code)


def _known(problems: Sequence[Problem]) -> Iterable[SameAs]:
    for place, each in enumerate(problems):
        if each.same_as is not None:
            yield SameAs(f"f{place}", each.same_as)
