"""A copy holds what the database held at one moment, goes on by itself, and leaves nothing behind."""

from __future__ import annotations

import resource
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from tests.conftest import BuildOffice
from tests.services.scenes import know, rows, strike_off
from tests.support import at, take_in
from tracker.domain.errors import StoreError
from tracker.services import advance
from tracker.services.office import Office
from tracker.services.remind import remind
from tracker.store.copying import copied


@pytest.fixture
def office(office: Office) -> Office:
    take_in(office, at("2021-07-23 17:00"))
    know(office, "市教育局,李联,联络员,13800000001,,,")
    remind(office, now=at("2021-07-27 09:00"))
    proof = advance.Evidence.file("截图.png", bytes(range(256)))
    advance.perform(
        office, advance.Event.SUBMIT, [1, 3], by="李联", now=at("2021-07-27 10:00"), evidence=[proof]
    )
    return office


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's temporary files go."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_every_row_of_every_table_is_in_the_copy(office: Office) -> None:
    with copied(office.database) as database:
        assert rows(replace(office, database=database)) == rows(office)


def test_the_copy_goes_on_by_itself_and_the_original_stays(office: Office) -> None:
    before = rows(office)
    with copied(office.database) as database:
        copy = replace(office, database=database)
        strike_off(copy, [2, 4], at("2021-07-28 10:00"))
        remind(copy, now=at("2021-07-28 10:00"))
        after = rows(copy)
    assert len(after["history"]) == len(before["history"]) + 4
    assert len(after["message"]) > len(before["message"])
    assert rows(office) == before


def test_what_is_written_meanwhile_is_not_in_the_copy(office: Office, build_office: BuildOffice) -> None:
    before, other, moment = rows(office), build_office(), at("2021-07-28 10:00")
    written: list[str] = []

    def write(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM item" in statement and not written:  # some tables are read, others not yet
            written.append(statement)
            strike_off(other, [2], moment)

    event.listen(office.database.engine, "before_cursor_execute", write)
    with copied(office.database) as database:
        strike_off(other, [4], moment)
        assert rows(replace(office, database=database)) == before
    assert bool(written) != office.database.is_sqlite  # that one copies in a single step


def test_a_copy_is_its_owner_s_alone_and_is_removed(office: Office, temporary: Path) -> None:
    with copied(office.database):
        [folder] = temporary.iterdir()
        assert folder.stat().st_mode & 0o077 == 0
    assert list(temporary.iterdir()) == []


def test_without_room_nothing_is_left_behind(office: Office, temporary: Path) -> None:
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, usual[1]))
    try:
        with pytest.raises(StoreError, match="临时目录可能已满"), copied(office.database):
            pytest.fail("a copy that could not be made was handed out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert list(temporary.iterdir()) == []
