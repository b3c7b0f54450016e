"""Whatever is edited in the ledger: the next export shows it, and two editors never clash unseen."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.ledger_editor import Sheet
from tests.services.test_service_ledger import ISSUED, RULES, exported, take
from tests.support import take_in
from tracker.bootstrap import build_channels
from tracker.services.office import Office
from tracker.settings import Settings
from tracker.store import Database


@pytest.fixture(scope="module")
def imported(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with nine open items, copied for each example."""
    file = tmp_path_factory.mktemp("ledger") / "imported.db"
    shutil.copy(sqlite_template, file)
    database = Database(f"sqlite:///{file}")
    take_in(Office(database, RULES, build_channels(Settings()), ()), ISSUED)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return file


@contextmanager
def copied(imported: Path) -> Iterator[Office]:
    with TemporaryDirectory() as folder:
        shutil.copy(imported, Path(folder) / "office.db")
        database = Database(f"sqlite:///{folder}/office.db")
        try:
            yield Office(database, RULES, build_channels(Settings()), ())
        finally:
            database.close()


CELLS = {
    "责任单位": st.sampled_from(["市教育局", "市民政局", "澜东区"]),
    "问题类别": st.sampled_from([each.name for each in RULES.classes]),
    "数量": st.integers(0, 99_999).map("{}件".format) | st.just(""),
    "状态": st.sampled_from(["待签收", "整改中", "待核验"]),
    "整改时限": st.dates(date(2021, 7, 26), date(2022, 12, 31)) | st.just("长期坚持"),
    "备注": st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=12).map(str.strip),
}
EDITS = st.dictionaries(
    st.tuples(st.integers(1, 9), st.sampled_from(sorted(CELLS))), st.none(), max_size=12
).flatmap(lambda places: st.fixed_dictionaries({place: CELLS[place[1]] for place in places}))
Edits = dict[tuple[int, str], object]


def edited(sheet: Sheet, edits: Edits) -> Sheet:
    for (number, heading), value in edits.items():
        sheet.edit(number, **{heading: value})
    return sheet


def editable(sheet: Sheet) -> dict[tuple[object, str], object]:
    return {
        (row[0], heading): sheet.cell(int(str(row[0]).split(".")[0]), heading)
        for row in sheet.rows[1:]
        for heading in CELLS
    }


@settings(max_examples=25)
@given(EDITS)
@pytest.mark.slow
def test_an_export_after_any_edits_is_the_edited_ledger(imported: Path, edits: Edits) -> None:
    with copied(imported) as office:
        sheet = edited(exported(office), edits)
        take(office, sheet)
        assert editable(exported(office)) == editable(sheet)
        assert take(office, sheet).counts["unchanged"] == 9


@settings(max_examples=25)
@given(EDITS, EDITS)
@pytest.mark.slow
def test_two_editors_merge_where_they_are_apart_and_conflict_where_they_meet(
    imported: Path, first: Edits, second: Edits
) -> None:
    with copied(imported) as office:
        original = editable(exported(office))
        mine, theirs = edited(exported(office), first), edited(exported(office), second)
        take(office, theirs, by="王丽")
        now_held = editable(exported(office))
        found = take(office, mine, skip_refused=True)
        wanted = editable(mine)
        for number in range(1, 10):
            places = [(float(number), heading) for heading in CELLS]
            meeting = [
                place
                for place in places
                if original[place] != now_held[place] != wanted[place] != original[place]
            ]
            row = next((row for row in found.rows if row.number == number), None)
            if meeting:
                assert row is not None
                assert {clash.field.heading for clash in row.clashes} == {heading for _, heading in meeting}
            elif row is not None:
                assert [reason for reason in row.reasons if "状态" not in reason] == []
        after = editable(exported(office))
        for place, value in after.items():
            taken = int(place[0]) in {row.number for row in found.changed}
            expected = wanted[place] if taken and wanted[place] != original[place] else now_held[place]
            assert value == expected
