"""Backups: one file with the whole database at one moment and the office's own settings files.

What is sealed in the database stays sealed in it. Must never hold a key (`TRACKER_SECRET_KEY`) or any other
setting from the environment, nor overwrite a file, nor leave a part of one.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tracker import __version__
from tracker.domain.errors import NotFoundError, RectifyError
from tracker.resources import shipped
from tracker.services.jobs import BACKUP
from tracker.services.office import Office
from tracker.store import clockwork, dumping, mailbox
from tracker.store.clockwork import JobRun

FORMAT = "rectify-backup/1"
MANIFEST, DATABASE = "manifest.json", "database"
_NAME = re.compile(r"rectify-[0-9A-Za-z-]{1,60}\.zip")
_SHOWN = 50
_PART = 1024 * 1024
_OWNER_ONLY = 0o700


class BackupError(RectifyError):
    """The file is no backup, is damaged, or cannot be used here."""

    code = "bad_backup"


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. files: name inside it → SHA-256 (hex); waiting: messages not sent yet.

    kind: `sqlite` or `postgresql`; sealed: whether addresses and messages were kept under a key.
    """

    made_at: datetime
    version: str
    kind: str
    revision: str
    sealed: bool
    waiting: int
    files: Mapping[str, str]


@dataclass(frozen=True)
class Kept:
    """One file among the backups; `manifest` is None where it cannot be read, `size` in bytes."""

    file: Path
    size: int
    manifest: Manifest | None


def make(office: Office, *, now: datetime, file: Path | None = None, why: str = "") -> Kept:
    """Back up into `file`, or under a name of its own among the office's backups; `why` goes into that.

    Raises RectifyError if the file exists, StoreError when the database cannot be copied whole, BackupError
    where nothing can be written.
    """
    local = office.rules.calendar.local(now)
    name = f"rectify-{local:%Y%m%d-%H%M%S}{'-' if why else ''}{why}.zip"
    try:
        target = file or _folder(office) / name
        if target.exists():
            raise RectifyError(f"{target.name}：文件已存在，不覆盖；请换一个文件名")
        _write(office, target, now)
    except OSError as error:
        raise BackupError("备份没有写成：磁盘可能已满，或没有写入那个目录的权限") from error
    with office.database.write() as connection:
        clockwork.record_run(connection, JobRun(BACKUP, now, now, None))
    return kept(target)


def _write(office: Office, target: Path, now: datetime) -> None:
    """The file appears under its name when it is whole."""
    with TemporaryDirectory(prefix=".backup-", dir=target.parent) as room:
        copy, made = Path(room) / DATABASE, Path(room) / "made.zip"
        revision = dumping.dump(office.database, copy)
        _pack(office, copy, made, {"made_at": now.isoformat(), "revision": revision})
        made.chmod(0o600)
        made.rename(target)


def _folder(office: Office) -> Path:
    office.backup_dir.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    return office.backup_dir


def _pack(office: Office, copy: Path, made: Path, facts: Mapping[str, object]) -> None:
    """The manifest last: only then are all digests known."""
    own = {f"config/{name}": path for name, path in own_files(office).items()}
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        digests = {name: _add(archive, path, name) for name, path in {DATABASE: copy, **own}.items()}
        with office.database.read() as connection:
            waiting = mailbox.waiting(connection)
        told = {
            "format": FORMAT,
            "version": __version__,
            "kind": dumping.kind_of(office.database),
            "sealed": bool(office.database.vault),
            "waiting": waiting,
            "files": digests,
        }
        archive.writestr(MANIFEST, json.dumps(told | dict(facts), ensure_ascii=False, indent=2))


def own_files(office: Office) -> dict[str, Path]:
    """The files of `config/` that the office has laid over those that are shipped."""
    return {name: path for name, path in office.rules.files.items() if path.parent != shipped("config")}


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> str:
    """Write a file into the archive piece by piece; return its SHA-256."""
    digest = hashlib.sha256()
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        while part := source.read(_PART):
            digest.update(part)
            target.write(part)
    return digest.hexdigest()


def kept(file: Path) -> Kept:
    try:
        manifest = read_manifest(file)
    except BackupError:
        manifest = None
    return Kept(file, file.stat().st_size, manifest)


def list_backups(office: Office) -> list[Kept]:
    """The newest of the office's backups, newest first."""
    if not office.backup_dir.is_dir():
        return []
    names = sorted((path.name for path in office.backup_dir.iterdir()), reverse=True)
    found = [name for name in names if _NAME.fullmatch(name)][:_SHOWN]
    return [kept(office.backup_dir / name) for name in found]


def find(office: Office, name: str) -> Path:
    """One of the office's backups by its name, which comes from outside; NotFoundError for anything else."""
    if _NAME.fullmatch(name) and (office.backup_dir / name).is_file():
        return office.backup_dir / name
    raise NotFoundError("没有这份备份，可能已被移走")


def read_manifest(file: Path) -> Manifest:
    """Raises BackupError for a file that `make` did not write."""
    try:
        with zipfile.ZipFile(file) as archive:
            told = json.loads(archive.read(MANIFEST))
        if told["format"] == FORMAT:
            return Manifest(
                made_at=datetime.fromisoformat(told["made_at"]),
                version=str(told["version"]),
                kind=str(told["kind"]),
                revision=str(told["revision"]),
                sealed=bool(told["sealed"]),
                waiting=int(told["waiting"]),
                files={str(name): str(digest) for name, digest in told["files"].items()},
            )
    except (zipfile.BadZipFile, ValueError, TypeError, KeyError, AttributeError, EOFError):
        pass
    raise BackupError(f"{file.name}：不是整改通的备份，或已损坏")
