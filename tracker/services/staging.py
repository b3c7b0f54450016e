"""A document between its preview and the decision: kept in the database, corrected step by step.

Must never change what is tracked: only `commit_upload` does, in one transaction with the upload's end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from tracker.domain.errors import NotFoundError, RectifyError
from tracker.services.corrected import reading_mark
from tracker.services.corrections import Correction, Corrections
from tracker.services.drafting import Progress
from tracker.services.office import Office
from tracker.services.preview import Preview, judge
from tracker.services.register import Source, commit_reading, dated, read_again
from tracker.store import Connection, uploads
from tracker.store.uploads import StoredUpload

_KEPT = timedelta(days=30)
_UNREAD = ""  # the mark of a document that nobody has read yet


class ShownOtherwiseError(RectifyError):
    """What would be imported is not what the person saw; nothing was written."""

    code = "preview_outdated"


@dataclass(frozen=True)
class StagedPreview:
    """A staged document, what was put right in it so far, and what its import would do."""

    upload: StoredUpload
    corrections: Corrections
    preview: Preview


def stage(office: Office, source: Source, *, by: str, now: datetime) -> int:
    """Keep a document for its preview and return the upload's id; forgotten ones go after 30 days.

    Raises what `register.preview` does; what cannot be read is not kept.
    """
    reading = read_again(office, source)
    with office.database.write() as connection:
        judge(
            connection,
            office,
            dated(connection, source, reading),
            Corrections(),
            strict_units=source.strict_units,
        )
        uploads.remove_older(connection, now - _KEPT)
        mark = reading_mark(reading)
        return uploads.add(
            connection,
            filename=reading.filename,
            sha256=reading.sha256,
            content=source.content,
            issued_on=source.issued_on,
            title=source.title,
            strict_units=source.strict_units,
            corrections=Corrections(mark).as_json(),
            reading_mark=mark,
            created_at=now,
            created_by=by,
        )


def lay_down(office: Office, source: Source, *, by: str, now: datetime) -> int:
    """Keep a document that takes its time to be read, unread: it outlives the page and a restart.

    `read_staged` reads it; what cannot be read then is named, and stays until somebody discards it.
    """
    with office.database.write() as connection:
        uploads.remove_older(connection, now - _KEPT)
        return uploads.add(
            connection,
            filename=source.filename,
            sha256=hashlib.sha256(source.content).hexdigest(),
            content=source.content,
            issued_on=source.issued_on,
            title=source.title,
            strict_units=source.strict_units,
            corrections=Corrections().as_json(),
            reading_mark=_UNREAD,
            created_at=now,
            created_by=by,
        )


def read_staged(office: Office, upload_id: int, *, reading: Progress, judging: Progress) -> StagedPreview:
    """The preview as it stands now, saying how far it has come: steps of the reading, then findings judged.

    From the first time on the corrections speak of this reading. Raises what `register.preview` does.
    """

    def with_mark(upload: StoredUpload, mark: str) -> StoredUpload:
        corrections = replace(Corrections.parse(upload.corrections, upload.filename), mark=mark)
        return replace(upload, reading_mark=mark, corrections=corrections.as_json())

    with office.database.read() as connection:
        upload, content = _load(connection, upload_id)
    source = _source(upload, content)
    found = read_again(office, source, reading)
    if upload.reading_mark == _UNREAD:
        mark = reading_mark(found)
        with office.database.write() as connection:
            uploads.save(connection, with_mark(_load(connection, upload_id, lock=True)[0], mark))
    return _judged(office, upload_id, lambda upload: upload, keep=False, progress=judging)


def staged(office: Office, upload_id: int) -> StagedPreview:
    """The preview as it stands now; raises NotFoundError for an upload that is gone."""
    return _judged(office, upload_id, lambda upload: upload, keep=False)


def correct(office: Office, upload_id: int, *corrections: Correction) -> StagedPreview:
    """Add corrections, each in place of an earlier one of its kind for the same finding: all, or none.

    Raises CorrectionError for one that cannot be made; then what stood before stays.
    """

    def with_all(made: Corrections) -> Corrections:
        for correction in corrections:
            made = made.with_(correction)
        return made

    return _judged(office, upload_id, lambda upload: _corrected(upload, with_all), keep=True)


def retract(office: Office, upload_id: int, kind: str, key: str) -> StagedPreview:
    """Take a correction back."""
    return _judged(
        office, upload_id, lambda upload: _corrected(upload, lambda made: made.without(kind, key)), keep=True
    )


def amend(office: Office, upload_id: int, *, title: str | None, issued_on: date | None) -> StagedPreview:
    """Say what the document is called and when it was issued; None: as it says itself.

    Raises what `register.preview` does; then what stood before stays.
    """
    return _judged(
        office, upload_id, lambda upload: replace(upload, title=title, issued_on=issued_on), keep=True
    )


def discard(office: Office, upload_id: int) -> None:
    """Forget an upload; raises NotFoundError if it is gone already."""
    with office.database.write() as connection:
        if not uploads.remove(connection, upload_id):
            raise gone(upload_id)


def commit_upload(
    office: Office,
    upload_id: int,
    *,
    by: str,
    now: datetime,
    shown: str | None = None,
    progress: Progress | None = None,
) -> Preview:
    """Import what was previewed, judged again; the upload ends in the same transaction.

    `shown` is the fingerprint of the preview that the person agreed to: ShownOtherwiseError, with nothing
    written, if the import would be another one by now.
    """
    with office.database.read() as connection:
        upload, content = _load(connection, upload_id)
    reading = read_again(office, _source(upload, content))
    with office.database.write() as connection:
        # Asked again under the lock: somebody may have amended it meanwhile on another page.
        upload, _ = _load(connection, upload_id, lock=True)
        source = _source(upload, content)
        corrections = Corrections.parse(upload.corrections, upload.filename)
        done = commit_reading(
            connection, office, source, reading, corrections, by=by, now=now, progress=progress
        )
        # Only now is it known for certain; the error takes back what was written.
        if shown not in {None, done.fingerprint} and not done.already:
            raise ShownOtherwiseError(
                "预览之后，更正或在办事项有了变动，尚未读入；以下是最新的预览，请核对后再确认"
            )
        uploads.remove(connection, upload_id)
        return done


def list_uploads(office: Office) -> list[StoredUpload]:
    """Newest first."""
    with office.database.read() as connection:
        return uploads.all_uploads(connection)


def _corrected(upload: StoredUpload, change: Callable[[Corrections], Corrections]) -> StoredUpload:
    corrections = change(Corrections.parse(upload.corrections, upload.filename))
    return replace(upload, corrections=corrections.as_json())


def _judged(
    office: Office,
    upload_id: int,
    change: Callable[[StoredUpload], StoredUpload],
    *,
    keep: bool,
    progress: Progress | None = None,
) -> StagedPreview:
    with office.database.read() as connection:
        upload, content = _load(connection, upload_id)
    reading = read_again(office, _source(upload, content))  # outside a transaction: it takes its time
    with office.database.write() if keep else office.database.read() as connection:
        # Asked again under the lock: somebody may have corrected it meanwhile on another page.
        upload = change(_load(connection, upload_id, lock=keep)[0])
        corrections = Corrections.parse(upload.corrections, upload.filename)
        preview = judge(
            connection,
            office,
            dated(connection, _source(upload, content), reading),
            corrections,
            strict_units=upload.strict_units,
            progress=progress,
        )
        if keep:
            uploads.save(connection, upload)
    return StagedPreview(upload, corrections, preview)


def _load(connection: Connection, upload_id: int, *, lock: bool = False) -> tuple[StoredUpload, bytes]:
    found = uploads.by_id(connection, upload_id, lock=lock)
    if found is None:
        raise gone(upload_id)
    return found


def gone(upload_id: int) -> NotFoundError:
    return NotFoundError(
        "这份待读入的文件已不在，可能已读入、已放弃或已过期，请重新上传", details={"id": upload_id}
    )


def _source(upload: StoredUpload, content: bytes) -> Source:
    return Source(content, upload.filename, upload.issued_on, upload.title, upload.strict_units)
