"""From a backup back to a working database.

Must never touch a database that somebody has worked with unless that is asked for, and then keeps a backup of
it first; nor write anything before the whole backup was found sound.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tracker.domain.errors import RectifyError
from tracker.services import backup
from tracker.services.backup import DATABASE, BackupError, Manifest
from tracker.services.office import Office
from tracker.store import Database, dumping, migrations

_PART = 1024 * 1024


class NotEmptyError(RectifyError):
    """The database has been worked with."""

    code = "not_empty"


@dataclass(frozen=True)
class Restored:
    """What was put back. safety: the backup of what was there before; needs_upgrade: it is of an older
    program.
    """

    manifest: Manifest
    safety: Path | None
    needs_upgrade: bool


def restore(office: Office, file: Path, *, now: datetime, force: bool = False) -> Restored:
    """Put a backup in place of what the office's database holds.

    The database need not be prepared. Raises BackupError for a file that cannot be used here, NotEmptyError
    where there is something to lose and `force` was not said.
    """
    manifest = backup.read_manifest(file)
    _require_fitting(office.database, manifest, file)
    holds_anything = dumping.holds_anything(office.database)
    if holds_anything and not force:
        words = "数据库中已有内容，没有恢复；确要以备份替换的，加 --force（现有内容先另存一份备份）"
        raise NotEmptyError(words)
    with TemporaryDirectory(prefix="rectify-restore-") as room:
        copy = Path(room) / DATABASE
        _unpack(file, manifest, copy)
        safety = _safety_copy(office, now) if holds_anything else None
        dumping.pour_back(office.database, copy)
    return Restored(manifest, safety, manifest.revision != migrations.head())


def _require_fitting(database: Database, manifest: Manifest, file: Path) -> None:
    if manifest.kind != dumping.kind_of(database):
        words = f"{file.name}：备份来自 {manifest.kind}，与现用的数据库不是同一种，不能恢复"
        raise BackupError(words)
    if not migrations.knows(manifest.revision):
        raise BackupError(f"{file.name}：由较新的版本（{manifest.version}）所备份，请先升级整改通")
    if not dumping.takes(database, manifest.revision):
        words = f"{file.name}：与现有数据库的结构版本不同，请恢复到新建的空数据库，再改 TRACKER_DATABASE_URL"
        raise BackupError(words)


def _unpack(file: Path, manifest: Manifest, target: Path) -> None:
    """Take the database out of the backup; every file of it must be as it was."""
    try:
        with zipfile.ZipFile(file) as archive:
            if (
                set(archive.namelist()) != {*manifest.files, backup.MANIFEST}
                or DATABASE not in manifest.files
            ):
                raise BackupError(f"{file.name}：备份中的文件与其清单不符")
            for name, wanted in manifest.files.items():
                if _copied(archive, name, target if name == DATABASE else None) != wanted:
                    raise BackupError(f"{file.name}：其中的 {name} 与校验值不符，备份已损坏或被改动")
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BackupError(f"{file.name}：备份已损坏，无法解开") from error


def _copied(archive: zipfile.ZipFile, name: str, target: Path | None) -> str:
    """SHA-256 of one file of the archive, which goes to `target` if there is one."""
    digest = hashlib.sha256()
    with archive.open(name) as source, (target or Path(os.devnull)).open("wb") as sink:
        while part := source.read(_PART):
            digest.update(part)
            sink.write(part)
    return digest.hexdigest()


def _safety_copy(office: Office, now: datetime) -> Path:
    return backup.make(office, now=now, why="before-restore").file
