"""The ledger goes out in pieces: however long, little of it is in memory, and it shows one moment."""

from __future__ import annotations

import gc
from pathlib import Path
from tracemalloc import get_traced_memory, start, stop
from zipfile import ZipFile

import pytest

from tests.fakes.ledger_editor import Sheet
from tests.support import at, take_in
from tracker.domain.errors import NotFoundError
from tracker.domain.lifecycle import State
from tracker.rendering import ledger
from tracker.services import lists
from tracker.services.ledger import write_office_ledger
from tracker.services.office import Office
from tracker.store import items
from tracker.store.items import ItemFilter

NOW = at("2021-07-26 10:00")
EXPORTED = 40


@pytest.fixture
def tracked(office: Office) -> Office:
    take_in(office, at("2021-07-23 17:00"))
    return office


def multiply(office: Office, count: int) -> None:
    """`count` more items like the first."""
    with office.database.write() as connection:
        [first] = items.by_numbers(connection, [1])
        numbers = items.numbers_for(connection, count)
        items.add(
            connection,
            [
                {
                    "number": number,
                    "bulletin_id": first.bulletin_id,
                    "unit_id": first.unit_id,
                    "unit_as_written": first.unit_as_written,
                    "domain": first.domain,
                    "class": first.problem_class,
                    "text": first.text,
                    "identity": str(number),
                    "line": 1,
                    "state": State.OPEN.value,
                    "issued_on": first.issued_on,
                    "provisional": False,
                    "rule": {},
                    "note": f"第{number}号的备注",
                }
                for number in numbers
            ],
        )


def test_rows_come_in_order_with_their_notes_across_the_pieces(tracked, tmp_path, monkeypatch):
    monkeypatch.setattr(lists, "_BATCH", 4)
    multiply(tracked, EXPORTED)
    count = write_office_ledger(tracked, tmp_path / "台账.xlsx", now=NOW)
    sheet = Sheet(tmp_path / "台账.xlsx")
    numbers = [int(row[0]) for row in sheet.rows[1:]]
    assert count == len(numbers) == 9 + EXPORTED
    assert numbers == sorted(set(numbers))
    note = sheet.rows[0].index("备注")
    assert [row[note] for row in sheet.rows[10:]] == [f"第{number}号的备注" for number in numbers[9:]]


def test_progress_says_how_much_there_will_be(tracked, tmp_path):
    multiply(tracked, 2_100)
    told: list[tuple[int, int]] = []
    wanted = ItemFilter(unit="市教育局")
    count = write_office_ledger(
        tracked, tmp_path / "台账.xlsx", now=NOW, wanted=wanted, progress=lambda *done: told.append(done)
    )
    assert count == 2_105
    assert told == [(1_000, 2_105), (2_000, 2_105)]


@pytest.mark.slow
def test_four_times_the_rows_take_hardly_more_memory(tracked, tmp_path, monkeypatch):
    """But for the heights of the first 10,000 rows, which the library keeps until the end."""
    monkeypatch.setattr(ledger, "_HEIGHTS_UNTIL", 100)
    monkeypatch.setattr(lists, "_BATCH", 100)

    def peak(name: str) -> int:
        thresholds = gc.get_threshold()
        gc.set_threshold(700, 10, 10)  # as in an office: the tests' own lets garbage lie that none asked for
        start()
        try:
            write_office_ledger(tracked, tmp_path / name, now=NOW)
            return get_traced_memory()[1]
        finally:
            stop()
            gc.set_threshold(*thresholds)

    multiply(tracked, 500)
    peak("warm.xlsx")
    small = peak("small.xlsx")
    multiply(tracked, 1_500)
    assert peak("large.xlsx") < small * 1.2


@pytest.mark.parametrize(
    ("wanted", "words"),
    [(ItemFilter(unit="市太空局"), "市太空局"), (ItemFilter(problem_class="nothing"), "nothing")],
)
def test_what_nobody_knows_leaves_the_old_file_as_it_was(tracked, tmp_path, wanted, words):
    target: Path = tmp_path / "台账.xlsx"
    target.write_bytes(b"old")
    with pytest.raises(NotFoundError, match=words):
        write_office_ledger(tracked, target, now=NOW, wanted=wanted)
    assert target.read_bytes() == b"old"


def test_what_is_due_soon_is_tinted_by_the_days_of_the_board_of_units(tracked, tmp_path):
    write_office_ledger(tracked, tmp_path / "台账.xlsx", now=NOW)
    rules = tracked.rules
    last = rules.calendar.add_working_days(rules.calendar.today(NOW), rules.near_days)
    with ZipFile(tmp_path / "台账.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert f"DATE({last.year},{last.month},{last.day})" in sheet
