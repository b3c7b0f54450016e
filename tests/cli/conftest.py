"""The command line as a person calls it, without a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import BULLETIN
from tracker.cli import run


@dataclass(frozen=True)
class Said:
    """Exit status and what stood on the two streams."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one document on standard output; anything else there is a fault."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        assert "\\u" not in self.out
        return document


Rectify = Callable[..., Said]


@pytest.fixture
def rectify(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Rectify:
    """`rectify("items", "--overdue", now="2021-07-26T09:00")`; JSON unless told otherwise."""
    monkeypatch.setenv("LANGUAGE", "zh_CN")  # the command sets it, and the test must put it back

    def call(*words: object, now: str = "2021-07-23T17:00", as_json: bool = True) -> Said:
        capsys.readouterr()
        options = ["--now", now, *(["--json"] if as_json else [])]
        status = run([*options, *map(str, words)])
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(status, said.out, said.err)

    return call


@pytest.fixture
def bulletin(tmp_path: Path) -> Path:
    path = tmp_path / "通报.txt"
    path.write_text(BULLETIN, "utf-8")
    return path


@pytest.fixture(scope="session")
def office_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the command has made its database and taken in the bulletin: each test copies it."""
    folder = tmp_path_factory.mktemp("cli")
    path = folder / "通报.txt"
    path.write_text(BULLETIN, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("TRACKER_"):
                patch.delenv(name)
        patch.setenv("LANGUAGE", "zh_CN")
        patch.chdir(folder)
        assert run(["--now", "2021-07-23T17:00", "--json", "import", str(path)]) == 0
    with closing(sqlite3.connect(folder / "rectify.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@pytest.fixture
def taken_in(office_folder: Path, tmp_path: Path) -> None:
    """This test's own copy of an office that has taken in the bulletin."""
    shutil.copytree(office_folder, tmp_path, dirs_exist_ok=True)
