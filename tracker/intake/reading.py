"""From the bytes of one file to its reading: open it, let each shape take its lines, account for the rest.

Must never let a line vanish: prose is context only where a problem list holds the detail, else it is unread.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from operator import attrgetter
from pathlib import PurePath

from tracker.domain.lexicon import Lexicon
from tracker.domain.text import file_name
from tracker.intake.front import issued_on, title_of
from tracker.intake.model import Leftover, Reading
from tracker.intake.readers import open_document
from tracker.intake.roles import Harvest, Shape
from tracker.intake.script import as_in_source, simplified
from tracker.intake.shapes import NARRATIVE, SHAPES
from tracker.intake.spool import Spool, in_order, together

NO_WORDS = Lexicon()  # names are then told by their endings alone

_WHY_NARRATIVE = "正文叙述，问题以清单为准"
_LINE = attrgetter("line")
Progress = Callable[[int, int], None]


def read_document(
    content: bytes,
    filename: str,
    lexicon: Lexicon = NO_WORDS,
    *,
    progress: Progress | None = None,
) -> Reading:
    """Read one document. Raises IntakeError (Chinese: file, place, reason) when it cannot be read at all.

    Where an annexed problem list holds the details, a narrative that sums it up is only their context.
    `progress` is called with steps done and steps in all, which take unequal time.
    """
    filename = file_name(filename)
    whole = open_document(content, filename)
    document = plain = simplified(whole)
    harvests: list[Harvest] = []
    for shape in _counted(SHAPES, progress):
        harvests.append(shape.read(document, filename, lexicon))
        document = replace(document, lines=harvests[-1].rest)
    told = NARRATIVE.read(document, filename, lexicon)
    is_listed = any(harvest.has_problem_list for harvest in harvests)
    # Of a list that was cut off nobody can say whom it went on to name.
    is_summed_up = is_listed and (whole.open_ended or not _adds(told, harvests))
    narrative = document.lines if is_summed_up else ()
    if not is_summed_up:
        harvests.append(told)
    findings = together(harvest.findings for harvest in harvests)
    if plain is not whole:
        findings = Spool(as_in_source(findings, whole))
    summed_up = (Leftover(line.text, line.number, _WHY_NARRATIVE) for line in narrative)
    return Reading(
        title=title_of(plain.lines) or PurePath(filename).stem,
        issued_on=issued_on(plain.lines),
        sha256=hashlib.sha256(content).hexdigest(),
        filename=filename,
        document=whole,
        findings=findings,
        replies=tuple(reply for harvest in harvests for reply in harvest.replies),
        unassigned=together(harvest.unassigned for harvest in harvests),
        unread=in_order(chain.from_iterable(harvest.unread for harvest in harvests), _LINE),
        context=in_order(chain(*(harvest.context for harvest in harvests), summed_up), _LINE),
    )


def _counted(shapes: Sequence[Shape], progress: Progress | None) -> Iterator[Shape]:
    """The shapes, each told of before its turn: opening the file was one step, the narrative is the last."""
    for place, shape in enumerate(shapes, start=1):
        if progress:
            progress(place, len(shapes) + 2)
        yield shape


def _adds(harvest: Harvest, lists: Sequence[Harvest]) -> bool:
    """Whether the text beside a problem list tells of other units' problems, and does not sum the list up."""
    listed = {finding.responsible for each in lists for finding in each.findings}
    return 2 * sum(finding.responsible in listed for finding in harvest.findings) < len(harvest.findings)
