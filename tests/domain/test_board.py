"""One light per unit, the worst first, told apart without colour."""

from __future__ import annotations

from dataclasses import replace

from tests.support import at
from tracker.domain.board import Light, Tally, board

NONE = Tally(0, 4, 0, 0, 0, 4, 0, None)


def test_lights_go_by_the_gravest_thing_a_unit_has() -> None:
    assert NONE.light is Light.WHITE
    assert replace(NONE, near=1).light is Light.AMBER
    assert replace(NONE, near=1, overdue=1, latest_at=at("2021-07-23 23:59")).light is Light.RED
    assert replace(NONE, rectified=4, open=0).light is Light.GREEN


def test_the_latest_unit_stands_first_and_who_has_no_items_not_at_all() -> None:
    early, late = at("2021-07-01 23:59"), at("2021-07-20 23:59")
    units = {
        "办结": replace(NONE, rectified=4, open=0),
        "临期一": replace(NONE, near=1),
        "逾期晚": replace(NONE, overdue=3, latest_at=late),
        "临期二": replace(NONE, near=2),
        "逾期早": replace(NONE, overdue=1, latest_at=early),
        "逾期早而多": replace(NONE, overdue=2, latest_at=early),
        "已撤销": replace(NONE, counted=0, open=0),
        "在办": NONE,
    }
    expected = ["逾期早而多", "逾期早", "逾期晚", "临期二", "临期一", "在办", "办结"]
    assert [lamp.unit for lamp in board(units.items())] == expected


def test_lights_differ_in_word_and_shape() -> None:
    for look in ("chinese", "shape"):
        assert len({getattr(light, look) for light in Light}) == len(Light)
