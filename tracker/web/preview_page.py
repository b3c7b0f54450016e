"""The page of a staged document: each finding beside its source line, the trays, the corrections made.

Must never judge a finding or look one up: it arranges what the preview says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from tracker.domain.units import Match, bare, folded
from tracker.intake.claims import Claim
from tracker.intake.model import Reading
from tracker.intake.spool import Derived
from tracker.services import inspect
from tracker.services.corrections import Corrections
from tracker.services.drafts import Draft
from tracker.services.office import Office
from tracker.services.preview import Preview
from tracker.services.reading_room import Ready
from tracker.web import words
from tracker.web.beside import Excerpt, beside, excerpt
from tracker.web.context import Desk
from tracker.web.correcting import CorrectionForm
from tracker.web.filters import PreviewFilters, View
from tracker.web.tables import Sheet


def _worst_first(claims: Sequence[Claim]) -> list[Claim]:
    order = {False: 0, None: 1, True: 2}
    return sorted(claims, key=lambda claim: (order[claim.holds], claim.line))


@dataclass(frozen=True)
class Head:
    """Title and day of issue, as they were typed."""

    title: str
    issued_on: str


@dataclass(frozen=True)
class FindingRow:
    """One finding as the table shows it; `alike` are tracked items that it may only word differently.

    `written_as` is the unit as the source writes it, "" where that is the unit's name.
    """

    draft: Draft
    match: Match
    written_as: str
    excerpt: Excerpt
    alike: tuple[int, ...]


def show_preview(
    request: Request,
    desk: Desk,
    ready: Ready,
    filters: PreviewFilters,
    status: int = 200,
    *,
    typed: CorrectionForm | None = None,
    head: Head | None = None,
    message: str = "",
) -> Response:
    """The page; a refused correction, title or day comes back with what was typed."""
    staged, preview, office = ready.staged, ready.staged.preview, desk.office
    place = f"/uploads/{staged.upload.id}"
    edited = typed.key if typed else filters.edit
    sheet = _sheet(office, ready, filters)
    drafts = [row.draft for row in sheet.rows] if filters.show.has_findings else []
    return desk.render(
        request,
        "uploads/preview.html",
        status,
        staged=staged,
        preview=preview,
        filters=filters,
        address=place,
        turn=lambda page: filters.link(place, "list", page=page, edit=None),
        sheet=sheet,
        source=beside(preview.reading.document.lines, drafts),
        before=inspect.imported_before(office, preview.reading.sha256) if preview.already else None,
        units=preview.tally.shown,
        edited=edited,
        typed=typed,
        head=head or Head(preview.reading.title, str(preview.reading.issued_on)),
        head_open=head is not None,
        known_units=_known_units(office) if edited else [],
        classes=office.rules.classes,
        claims=ready.claims,
        failing=sum(claim.holds is False for claim in ready.claims),
        views=View,
        words=words,
        message=message,
    )


def _known_units(office: Office) -> list[str]:
    names = {unit.name for unit in inspect.list_units(office)}
    return sorted(names | {entry.name for entry in office.rules.units})


def _sheet(office: Office, ready: Ready, filters: PreviewFilters) -> Sheet:
    staged, show = ready.staged, filters.show
    preview = staged.preview
    if show.has_findings:
        sheet = Sheet.cut(_wanted(preview, filters), filters.page)
        return sheet.with_rows(_finding_rows(preview, sheet.rows))
    if show is View.ABSENT:
        sheet = Sheet.cut(preview.absent, filters.page)
        return sheet.with_rows(inspect.pick_items(office, sheet.rows))
    rows: dict[View, Sequence[object]] = {
        View.UNASSIGNED: preview.unassigned,
        View.UNREAD: preview.unread,
        View.CONTEXT: preview.context,
        View.DROPPED: preview.dropped,
        View.REPLIES: preview.replies,
        View.CLAIMS: _worst_first(ready.claims),
        View.CORRECTIONS: _corrections(staged.corrections, preview.reading, office.rules.class_name),
    }
    return Sheet.cut(rows[show], filters.page)


def _wanted(preview: Preview, filters: PreviewFilters) -> Sequence[Draft]:
    """The findings of the view and unit. All of them are not walked through: a long list takes a while."""
    show, unit = filters.show, filters.unit
    if show is View.ALL and unit is None:
        return preview.drafts

    def walk() -> Iterator[Draft]:
        for draft in preview.drafts:
            if (show is View.ALL or draft.outcome.value == show.value) and unit in {None, draft.item.unit}:
                yield draft

    if unit is None:
        return Derived(preview.counts[show.value], walk)
    length = preview.tally.shown[unit] if show is View.ALL else sum(1 for _ in walk())
    return Derived(length, walk)


def _finding_rows(preview: Preview, drafts: Sequence[Draft]) -> list[FindingRow]:
    likely = {each.as_written for each in preview.likely_units}
    alike = {each.key: each.numbers for each in preview.likely_items}
    new = set(preview.new_units)
    lines: dict[int, list[str]] = {draft.corrected.read.source.line: [] for draft in drafts}
    for line in preview.reading.document.lines:
        if line.number in lines:
            lines[line.number].append(line.text)
    rows = []
    for draft in drafts:
        source, written = draft.corrected.read.source, draft.finding.unit_as_written
        rows.append(
            FindingRow(
                draft=draft,
                match=_match(draft, likely, new),
                written_as="" if folded(written) == folded(draft.item.unit) else written,
                excerpt=excerpt(lines[source.line], source.line, draft.corrected.read.text),
                alike=alike.get(draft.key, ()),
            )
        )
    return rows


def _match(draft: Draft, likely: set[str], new: set[str]) -> Match:
    """How the name met the registry, as far as the preview tells it."""
    written = draft.finding.responsible
    if written in likely:
        return Match.LIKELY
    if draft.unit.name in new:
        return Match.NEW
    return Match.EXACT if bare(written) == bare(draft.unit.name) else Match.ALIAS


@dataclass(frozen=True)
class CorrectionRow:
    """A correction that was made: where, what, and the finding's words as they were read."""

    kind: str
    key: str
    what: str
    text: str


def _corrections(
    corrections: Corrections, reading: Reading, class_name: Callable[[str], str]
) -> list[CorrectionRow]:
    wanted = {each.key.partition(".")[0] for each in corrections.entries}
    texts = {key: text for key, text in _pieces(reading) if key in wanted} if wanted else {}
    return [
        CorrectionRow(
            each.kind,
            each.key,
            words.correction(each, class_name),
            texts.get(each.key.partition(".")[0], ""),
        )
        for each in corrections.entries
    ]


def _pieces(reading: Reading) -> Iterator[tuple[str, str]]:
    """Everything that can be corrected, its words by its key."""
    for place, finding in enumerate(reading.findings):
        yield f"f{place}", finding.text
    for letter, tray in (("u", reading.unassigned), ("r", reading.unread), ("c", reading.context)):
        for place, leftover in enumerate(tray):
            yield f"{letter}{place}", leftover.text
