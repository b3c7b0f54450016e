"""The menu: every page that can be opened is found in it, once, and it says where one is."""

from __future__ import annotations

import pytest

from tracker.web.access import Seat, may_open
from tracker.web.menu import ROOMS, menu

PAGES = [page.path for room in ROOMS for page in room.pages]


def seen(path: str, seat: Seat = Seat.ADMIN) -> list[tuple[str, list[str]]]:
    """The room one is in with its page, as the menu has them from `path`."""
    rooms = menu(path, lambda page: may_open(seat, page))
    return [(room.name, [page.name for page in room.pages if page.is_here]) for room in rooms if room.is_here]


def test_no_page_stands_in_it_twice() -> None:
    assert len(set(PAGES)) == len(PAGES)


@pytest.mark.parametrize("seat", [seat for seat in Seat if seat is not Seat.HOLDER])
def test_it_shows_what_the_seat_may_open_and_nothing_else(seat: Seat) -> None:
    rooms = menu("/", lambda page: may_open(seat, page))
    assert [page.path for room in rooms for page in room.pages] == [p for p in PAGES if may_open(seat, p)]
    assert all(room.path == room.pages[0].path for room in rooms)


@pytest.mark.parametrize(
    ("path", "room", "page"),
    [
        ("/", "总览", "今日工作"),
        ("/items", "事项", "清单"),
        ("/items/7/checks", "事项", "清单"),
        ("/rates", "整改率", "整改率"),
        ("/rates/snapshots/3", "整改率", "历次发布"),
        ("/spot-checks/2", "核查", "抽查"),
        ("/inbox", "消息", "收发情况"),
    ],
)
def test_it_says_in_which_room_and_on_which_page_one_is(path: str, room: str, page: str) -> None:
    assert seen(path) == [(room, [page])]


def test_a_page_that_is_in_no_room_marks_none() -> None:
    assert seen("/account") == []
