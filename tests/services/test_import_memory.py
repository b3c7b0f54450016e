"""Taking in a list twice as long asks for hardly more memory: nothing is held for each finding.

Counted in the allocations of Python, in a process of its own: the same on every machine, however busy.
"""

from __future__ import annotations

import json
import multiprocessing
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support import at
from tracker.answers.imports import preview_json
from tracker.bootstrap import build_channels
from tracker.rules import load_rules
from tracker.services import register
from tracker.services.office import Office
from tracker.services.register import Source
from tracker.settings import Settings
from tracker.store import Database

FEW, MANY = 5_000, 10_000  # neither below what is kept of anything for the sake of speed
ISSUED_ON = date(2026, 10, 20)
SIGNS = "甲乙丙丁戊己庚辛壬癸"
UNITS = ("市教育局", "市民政局", "市审计局", "市统计局", "澜东区", "澜西区", "云台区")


def listed(count: int, remark: str) -> bytes:
    """As many problems as identities: each column's name is another one."""
    rows = ["责任单位,问题,备注"]
    for place in range(count):
        name = "".join(SIGNS[int(digit)] for digit in str(place))
        rows.append(f"{UNITS[place % len(UNITS)]},“{name}”栏目超过{place}天没有更新。,{remark}")
    return "\n".join(rows).encode()


def peaks(url: str, count: int) -> list[int]:
    """Bytes at the peak of a preview as JSON, an import, and one of the same problems a week later."""
    database = Database(url)
    database.upgrade()
    office = Office(database, load_rules(None), build_channels(Settings()), probes=())
    now = at("2026-10-26 09:00")
    first = Source(listed(count, "初查"), "清单.csv", ISSUED_ON, "清单")
    again = Source(listed(count, "复查"), "清单.csv", ISSUED_ON + timedelta(days=7), "清单")

    def write_preview() -> None:
        shown = preview_json(register.preview(office, first), office, now)
        with Path(f"{database.url.database}.json").open("w") as file:
            json.dump(shown, file, indent=2)

    def take_in(source: Source, outcome: str) -> None:
        assert register.commit(office, source, by="演练", now=now).counts[outcome] == count

    ways: list[Callable[[], None]] = [
        write_preview,
        lambda: take_in(first, "new"),
        lambda: take_in(again, "unchanged"),
    ]
    found = []
    for way in ways:
        tracemalloc.start()
        way()
        found.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    database.close()
    return found


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_findings(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as child:
        few, many = (
            child.submit(peaks, f"sqlite:///{tmp_path / str(count)}.db", count).result()
            for count in (FEW, MANY)
        )
    each = [(more - less) / (MANY - FEW) for less, more in zip(few, many, strict=True)]
    # Bytes a finding: its line in the file takes 70, importing again some 340; as objects, over 2,000.
    assert max(each) < 500, (few, many, each)
