"""All that an import would do, judged against what is tracked; nothing is written for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tracker.domain.errors import UnknownUnitError
from tracker.domain.periods import plausible
from tracker.domain.series import series_of
from tracker.intake.model import Finding, Reading, Source
from tracker.intake.spool import Spool
from tracker.services.bulk import Numbers
from tracker.services.corrected import Corrected, Dropped, TrayLine, apply, reading_mark
from tracker.services.corrections import Alias, CorrectionError, Corrections
from tracker.services.drafting import Progress, draft_all
from tracker.services.drafts import Draft, Tally
from tracker.services.likeness import LikelyItem, likely_items
from tracker.services.matching import ItemOutcome
from tracker.services.office import Office
from tracker.services.replies import MatchedReply, as_finding, match_replies
from tracker.services.unit_names import KnownUnit, LikelyUnit, UnitNames
from tracker.store import Connection, bulletins, sightings


@dataclass(frozen=True)
class Preview:
    """What an import would do. `already`: this very file was taken in before, and nothing would happen.

    `absent` are numbers at work that the series' document before lists and this one does not; `aliases`
    say which known unit a written name was given; `bulletin_id` is None before the import.
    """

    reading: Reading
    corrections: Corrections
    corrected: Corrected
    drafts: Sequence[Draft]
    tally: Tally
    absent: Sequence[int]
    new_units: tuple[str, ...]
    likely_units: tuple[LikelyUnit, ...]
    likely_items: tuple[LikelyItem, ...]
    replies: tuple[MatchedReply, ...]
    aliases: Mapping[str, KnownUnit]
    already: bool
    is_date_assumed: bool = False
    bulletin_id: int | None = None

    @property
    def unassigned(self) -> Sequence[TrayLine]:
        return self.corrected.unassigned

    @property
    def unread(self) -> Sequence[TrayLine]:
        return self.corrected.unread

    @property
    def context(self) -> Sequence[TrayLine]:
        return self.corrected.context

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        return self.corrected.dropped

    @property
    def mark(self) -> str:
        """Which reading the keys of this preview speak of."""
        return reading_mark(self.reading)

    @property
    def ledger_corrections(self) -> dict[str, object]:
        """As the ledger keeps them: with the reading's mark; empty if nothing was corrected."""
        if not self.corrections.entries:
            return {}
        return replace(self.corrections, mark=self.mark).as_json()

    @property
    def counts(self) -> dict[str, int]:
        """*counts* of the contract; with `dropped` the outcomes add up to all findings."""
        return {outcome.value: self.tally.outcomes[outcome] for outcome in ItemOutcome} | {
            "absent": len(self.absent),
            "unassigned": len(self.unassigned),
            "unread": len(self.unread),
        }

    @property
    def fingerprint(self) -> str:
        """Stands for what a person was shown and agrees to: title, day of issue, counts, corrections."""
        shown = [self.reading.title, str(self.reading.issued_on), self.counts, self.ledger_corrections]
        return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def judge(
    connection: Connection,
    office: Office,
    reading: Reading,
    corrections: Corrections,
    *,
    strict_units: bool = False,
    progress: Progress | None = None,
) -> Preview:
    """Judge a reading whose day of issue is known.

    Raises CorrectionError for a correction that cannot be made, UnknownUnitError under `strict_units`.
    """
    assert reading.issued_on is not None
    plausible(reading.issued_on)
    known = bulletins.by_hash(connection, reading.sha256)
    if known:
        corrections = _as_imported(known.corrections, reading)
    corrected = apply(reading, corrections)
    names = UnitNames(
        connection, office.rules, _named(corrected, corrections, reading), issued_on=reading.issued_on
    )
    drafts, tally = draft_all(connection, office, reading, corrected.findings, names=names, progress=progress)
    unknown = tuple(dict.fromkeys(unit.name for unit in tally.spoken_of.values() if not unit.known))
    if strict_units and unknown:
        raise UnknownUnitError(
            f"{reading.filename}：有 {len(unknown)} 个单位未登记：{'、'.join(unknown)}",
            details={"units": list(unknown)},
        )
    return Preview(
        reading=reading,
        corrections=corrections,
        corrected=corrected,
        drafts=drafts,
        tally=tally,
        # A document that lists no problem, a unit's report, leaves none out.
        absent=() if known or not reading.findings else _absent(connection, reading, tally.met),
        new_units=unknown,
        likely_units=tuple(each for each in names.likely if each.as_written in tally.spoken_of),
        likely_items=() if known else likely_items(connection, drafts, tally),
        replies=match_replies(connection, reading.replies, names, reading.title),
        aliases=_aliases(corrections, names),
        already=known is not None,
    )


def _as_imported(ledger: Mapping[str, object], reading: Reading) -> Corrections:
    """The corrections of the import before, unless this program reads the file otherwise."""
    corrections = Corrections.parse(ledger, reading.filename)
    return corrections if corrections.mark == reading_mark(reading) else Corrections()


def _named(corrected: Corrected, corrections: Corrections, reading: Reading) -> Iterable[Finding]:
    """Every name that has to be resolved, each in a finding that bears it; those of the document first."""
    for each in corrected.findings:
        yield each.finding
        if each.read is not each.finding:
            yield each.read
    for reply in reading.replies:
        yield as_finding(reply)
    for correction in corrections.entries:
        if isinstance(correction, Alias):
            yield _bearer(correction.unit)


def _bearer(name: str) -> Finding:
    return Finding(name, None, None, "", None, Source("", None, None, None, 0))


def _aliases(corrections: Corrections, names: UnitNames) -> dict[str, KnownUnit]:
    found = {}
    for each in corrections.entries:
        if isinstance(each, Alias):
            found[each.key] = names.of(_bearer(each.unit))
            if not found[each.key].known and found[each.key].id is None:
                raise CorrectionError(f"没有名为“{each.unit}”的责任单位，“{each.key}”不能作它的别名")
    return found


def _absent(connection: Connection, reading: Reading, met: Numbers) -> Sequence[int]:
    """What the list before this one has and this one has not: the newest of its series, else of all."""
    assert reading.issued_on is not None
    earlier = bulletins.lists_before(connection, reading.issued_on)
    series = series_of(reading.title)
    same = [each for each in earlier if series_of(each[1]) == series] or earlier
    if not same:
        return ()
    last_on = same[0][2]
    last = [bulletin_id for bulletin_id, _, issued_on in same if issued_on == last_on]
    waiting = sightings.waiting_since(connection, last, last_on)
    return Spool(number for number in waiting if number not in met)
