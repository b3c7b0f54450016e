"""A date past the last holiday notice says 暂定 on every page that shows it, and a settled one does not."""

from __future__ import annotations

import re

from tests.fakes.pages_office import BULLETIN
from tracker.domain.items import Item
from tracker.services import inspect

LAST_DAYS_OF_2026 = BULLETIN.replace("2026年11月16日", "2026年12月25日")
MARK = "（暂定）"


def marked(page: str) -> list[bool]:
    """Whether each deadline of a list's column 时限 bears the mark."""
    return [MARK in cell for cell in re.findall(r'data-label="时限">([^<]*)<', page)]


def provisional(items: list[Item]) -> list[bool]:
    return [each.provisional for each in items]


def test_preview_list_and_item_say_which_dates_may_still_move(town, staff):
    file = {"files": ("通报.txt", LAST_DAYS_OF_2026.encode())}
    place = staff.post("/uploads", "/uploads", files=file).headers["location"]
    foretold = marked(staff.get(place).text)
    town.take_in(LAST_DAYS_OF_2026)
    items = inspect.pick_items(town.office, range(1, 8))
    assert {True, False} == set(provisional(items))
    assert marked(staff.get("/items").text) == foretold == provisional(items)
    for item in items:
        page = staff.get(f"/items/{item.number}").text
        assert (f"{item.standing.due_on}{MARK}" in page) == item.provisional
        assert ("，暂定）" in page) == item.provisional  # why and when the next reminder comes


def test_the_history_of_an_item_tells_how_its_deadline_changed():
    from tracker.web import words

    detail = {
        "due_on": ["2027-01-08", "2027-01-11"],
        "provisional": [True, False],
        "rule": ["10个工作日", "5个工作日"],
    }
    assert words.changes(detail) == [
        "整改时限：2027-01-08 → 2027-01-11",
        "暂定：是 → 否",
        "时限规定：10个工作日 → 5个工作日",
    ]
