"""Taking a bulletin in: preview first, then one transaction that writes all of it or nothing.

Must never close an item because a bulletin leaves it out, and never touch what people have decided.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import date, datetime
from threading import Lock

from tracker.domain.errors import IntakeError
from tracker.domain.lexicon import Lexicon
from tracker.domain.text import file_name, printable
from tracker.intake import read_document
from tracker.intake.model import Reading
from tracker.services.bulk import collector_paused
from tracker.services.corrections import Corrections
from tracker.services.drafting import Progress
from tracker.services.office import Office
from tracker.services.preview import Preview, judge
from tracker.services.recording import record
from tracker.services.unit_names import take_registry_turn
from tracker.store import Connection, bulletins
from tracker.store.clockwork import take_planning_turn

_USUAL_BYTES = 128 * 1024

__all__ = ["Preview", "Source", "commit", "commit_reading", "dated", "preview", "read", "read_again"]


@dataclass(frozen=True)
class Source:
    """A document as handed in; what the reader says of date and title goes before what it says itself."""

    content: bytes
    filename: str
    issued_on: date | None = None
    title: str | None = None
    strict_units: bool = False

    def __post_init__(self) -> None:
        """Names from outside are shown to people and stored: neither takes what cannot be printed."""
        object.__setattr__(self, "filename", file_name(self.filename))
        object.__setattr__(self, "title", printable(self.title) or None if self.title else None)


@collector_paused()
def preview(
    office: Office,
    source: Source,
    *,
    corrections: Corrections | None = None,
    progress: Progress | None = None,
    assumed: date | None = None,
) -> Preview:
    """Read a document and say what an import would do; writes nothing.

    `assumed` stands in for the day of issue where nothing tells it; an import itself never assumes one.
    `progress` is called with findings judged and findings in all. Raises IntakeError for an unreadable
    document, UnknownUnitError under `strict_units`, CorrectionError for a correction that cannot be made.
    """
    reading = read(office, source)
    told = reading.issued_on
    with office.database.read() as connection:
        reading = dated(connection, source, reading, assumed)
        strict = source.strict_units
        plan = judge(
            connection, office, reading, corrections or Corrections(), strict_units=strict, progress=progress
        )
        is_told = plan.already or (source.issued_on or told) is not None
        return replace(plan, is_date_assumed=not is_told)


@collector_paused()
def commit(
    office: Office,
    source: Source,
    *,
    by: str,
    now: datetime,
    corrections: Corrections | None = None,
    progress: Progress | None = None,
) -> Preview:
    """Import a document: judged again and written in one transaction; the same file twice is a no-op.

    Raises what `preview` does.
    """
    reading = read(office, source)
    with office.database.write() as connection:
        return commit_reading(
            connection,
            office,
            source,
            reading,
            corrections or Corrections(),
            by=by,
            now=now,
            progress=progress,
        )


def read(office: Office, source: Source, progress: Progress | None = None) -> Reading:
    """Open and read a document; no transaction is held meanwhile, for a large one takes its time."""
    return read_document(source.content, source.filename, office.rules.lexicon, progress=progress)


def read_again(office: Office, source: Source, progress: Progress | None = None) -> Reading:
    """The same for a preview, which is asked for anew with every correction: the last readings are kept."""
    return _MEMORY.reading(office, source, progress)


class _Memory:
    """The last readings. A long one lies in a temporary file (`Spool`), and is made once even if two ask."""

    def __init__(self, size: int = 8) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[bytes, str, Lexicon], Reading] = OrderedDict()
        self._turn = Lock()

    def reading(self, office: Office, source: Source, progress: Progress | None) -> Reading:
        digest = hashlib.sha256(source.content).digest()
        key = (digest, source.filename, office.rules.lexicon)
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        if len(source.content) <= _USUAL_BYTES:
            return self._keep(key, read(office, source, progress))
        with self._turn:
            return self._kept.get(key) or self._keep(key, read(office, source, progress))

    def _keep(self, key: tuple[bytes, str, Lexicon], reading: Reading) -> Reading:
        self._kept[key] = reading
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return reading


_MEMORY = _Memory()


def dated(connection: Connection, source: Source, reading: Reading, assumed: date | None = None) -> Reading:
    """With title and day of issue: of an earlier import, else as the reader says, its own, or `assumed`.

    Raises IntakeError when nothing tells the day.
    """
    known = bulletins.by_hash(connection, reading.sha256)
    issued_on = known.issued_on if known else source.issued_on or reading.issued_on or assumed
    if issued_on is None:
        raise IntakeError(f"{source.filename}：文中没有找到印发日期，请用 --issued-on 指明")
    title = known.title if known else source.title or reading.title or source.filename
    return replace(reading, issued_on=issued_on, title=title)


def commit_reading(
    connection: Connection,
    office: Office,
    source: Source,
    reading: Reading,
    corrections: Corrections,
    *,
    by: str,
    now: datetime,
    progress: Progress | None = None,
) -> Preview:
    """Judge and write in the caller's transaction."""
    take_registry_turn(connection)
    reading = dated(connection, source, reading)
    strict = source.strict_units

    def judged(done: int, total: int) -> None:
        if progress:
            progress(done, 2 * total)  # the other half is writing

    plan = judge(connection, office, reading, corrections, strict_units=strict, progress=judged)
    if plan.already:
        return plan
    # Not before: a long list is judged for minutes, and nobody's step should wait for that. A reply may hand
    # in an item about which something waits to be sent.
    take_planning_turn(connection)
    return record(connection, office, plan, source.content, by=by, now=now, progress=progress)
