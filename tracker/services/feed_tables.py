"""A table of another system's database as an export: a dumped SQLite file, or a database that is at work.

Must never choose among tables: where several could hold the cases, a person says which.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from tracker.domain.errors import IntakeError
from tracker.domain.text import file_name
from tracker.intake.feeds.cases import NEEDED, judgeable
from tracker.intake.feeds.columns import find_header
from tracker.intake.feeds.rows import Row
from tracker.intake.feeds.tables import WrittenRows
from tracker.services.office import Office
from tracker.store.foreign import ForeignDatabase, Reading, Wanted

_MARK = b"SQLite format 3\x00"
_FILE_MINUTES = 10
Synonyms = Mapping[str, Sequence[str]]


class TableExport:
    """Of the table only those columns are asked for that cases are judged by: whose case it is stays there.

    wanted: None for the only table of a file that can hold cases. mark: see `WrittenRows`.
    """

    def __init__(
        self,
        office: Office,
        database: ForeignDatabase,
        filename: str,
        wanted: Wanted | None,
        *,
        minutes: int,
        mark: str = "",
    ) -> None:
        self.filename, self._mark = filename, mark
        self._office, self._database, self._wanted, self._minutes = office, database, wanted, minutes
        self._written: WrittenRows | None = None

    @property
    def sha256(self) -> str:
        """Of the rows as they came; known when they have been gone through."""
        assert self._written is not None
        return self._written.sha256

    @contextmanager
    def rows(self) -> Iterator[Iterator[Row]]:
        """The header as row 0, then the rows as they come; raises as `ForeignDatabase.reading`."""
        rules = self._office.rules
        synonyms = rules.feeds.cases.columns
        with self._database.reading(self.filename, self._minutes) as reading:
            wanted = self._wanted or _only_table(reading, self.filename, synonyms)
            names = reading.columns(wanted)
            places = find_header(iter([(0, names)]), synonyms, NEEDED, self.filename)
            columns = [names[place] for place in sorted(set(places.values()))]
            rows = reading.rows(wanted, columns)
            self._written = WrittenRows(self.filename, columns, rows, rules.calendar.zone, self._mark)
            yield iter(self._written)


def is_database(file: BinaryIO) -> bool:
    """Whether the file is one of SQLite's, by its first bytes."""
    file.seek(0)
    return file.read(len(_MARK)) == _MARK


@contextmanager
def opened_file(office: Office, file: BinaryIO, filename: str, table: str = "") -> Iterator[TableExport]:
    """A dumped database. It is read from a copy: whatever lies beside the original stays as it is.

    Its rows raise IntakeError where no table holds cases, or several could and none is named.
    """
    name = file_name(filename)
    with TemporaryDirectory(prefix="rectify-") as folder:
        copy = Path(folder) / "export.db"
        file.seek(0)
        with copy.open("wb") as target:
            shutil.copyfileobj(file, target, 1024 * 1024)
        database = ForeignDatabase.in_file(copy)
        wanted = Wanted((table,)) if table else None
        yield TableExport(office, database, name, wanted, minutes=_FILE_MINUTES)


def _only_table(reading: Reading, filename: str, synonyms: Synonyms) -> Wanted:
    fitting = [name for name in reading.tables() if _fits(reading.columns(Wanted((name,))), synonyms)]
    if len(fitting) == 1:
        return Wanted((fitting[0],))
    if fitting:
        raise IntakeError(
            f"{filename}：其中有几个表都像办件（{'、'.join(fitting)}），"
            "请只导出一个，或在命令行用 --table 写明",
            details={"tables": fitting},
        )
    raise IntakeError(
        f"{filename}：没有一个表有可据以判断的列（{synonyms['unit'][0]}、{synonyms['applied'][0]} 等）。"
        "列名可在 feeds.toml 中补充",
        details={"tables": []},
    )


def _fits(names: Sequence[str], synonyms: Synonyms) -> bool:
    try:
        found = find_header(iter([(0, list(names))]), synonyms, NEEDED, "")
    except IntakeError:
        return False
    return bool(judgeable(found))
