"""From the bytes of one file to its reading: open it, let each shape take its lines, account for the rest.

Must never let a line vanish: prose is context only where a problem list holds the detail, else it is unread.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePath

from tracker.domain.lexicon import Lexicon
from tracker.domain.text import file_name
from tracker.intake.front import issued_on, title_of
from tracker.intake.model import Leftover, Reading
from tracker.intake.readers import open_document
from tracker.intake.roles import Harvest
from tracker.intake.script import as_in_source, simplified
from tracker.intake.shapes import NARRATIVE, SHAPES

NO_WORDS = Lexicon()  # names are then told by their endings alone

_WHY_NARRATIVE = "正文叙述，问题以清单为准"


def read_document(content: bytes, filename: str, lexicon: Lexicon = NO_WORDS) -> Reading:
    """Read one document. Raises IntakeError (Chinese: file, place, reason) when it cannot be read at all.

    Where an annexed problem list holds the details, a narrative that sums it up is only their context.
    """
    filename = file_name(filename)
    whole = open_document(content, filename)
    document = plain = simplified(whole)
    harvests: list[Harvest] = []
    for shape in SHAPES:
        harvests.append(shape.read(document, filename, lexicon))
        document = replace(document, lines=harvests[-1].rest)
    told = NARRATIVE.read(document, filename, lexicon)
    is_listed = any(harvest.has_problem_list for harvest in harvests)
    # Of a list that was cut off nobody can say whom it went on to name.
    is_summed_up = is_listed and (whole.open_ended or not _adds(told, harvests))
    narrative = document.lines if is_summed_up else ()
    if not is_summed_up:
        harvests.append(told)
    findings = [finding for harvest in harvests for finding in harvest.findings]
    if plain is not whole:
        source = {line.number: line.text for line in whole.lines}
        findings = [as_in_source(finding, source) for finding in findings]
    context = [leftover for harvest in harvests for leftover in harvest.context]
    context += [Leftover(line.text, line.number, _WHY_NARRATIVE) for line in narrative]
    return Reading(
        title=title_of(plain.lines) or PurePath(filename).stem,
        issued_on=issued_on(plain.lines),
        sha256=hashlib.sha256(content).hexdigest(),
        filename=filename,
        document=whole,
        findings=tuple(findings),
        replies=tuple(reply for harvest in harvests for reply in harvest.replies),
        unassigned=tuple(leftover for harvest in harvests for leftover in harvest.unassigned),
        unread=_in_order(leftover for harvest in harvests for leftover in harvest.unread),
        context=_in_order(context),
    )


def _adds(harvest: Harvest, lists: Sequence[Harvest]) -> bool:
    """Whether the text beside a problem list tells of other units' problems, and does not sum the list up."""
    listed = {finding.responsible for each in lists for finding in each.findings}
    named = [finding.responsible for finding in harvest.findings]
    return 2 * sum(name in listed for name in named) < len(named)


def _in_order(leftovers: Iterable[Leftover]) -> tuple[Leftover, ...]:
    return tuple(sorted(leftovers, key=lambda leftover: leftover.line))
