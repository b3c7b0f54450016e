"""`rectify units`: what is known of each unit, and what people decide about names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Rectify

pytestmark = pytest.mark.usefixtures("taken_in")


def by_name(rectify: Rectify) -> dict[str, dict[str, object]]:
    return {unit["name"]: unit for unit in rectify("units", "list").json["units"]}


def test_a_unit_is_listed_with_its_level_names_and_number_of_items(rectify: Rectify) -> None:
    rectify("units", "alias", "市教委", "市教育局")
    found = by_name(rectify)
    assert found["市教育局"] == {
        "name": "市教育局",
        "level": "department",
        "parent": None,
        "confirmed": False,
        "aliases": ["市教委"],
        "items": 5,
    }
    table = rectify("units", "list", as_json=False).out
    assert all(word in table for word in ("市教育局", "市教委", "待确认", "区"))


def test_a_unit_found_under_two_names_is_joined(rectify: Rectify, bulletin: Path) -> None:
    said = rectify("units", "alias", "市民政局", "市教育局", "--by", "王丽").json
    assert said == {"alias": "市民政局", "unit": "市教育局", "moved": [6, 7]}
    assert "市民政局" not in by_name(rectify)
    shown = rectify("show", 6).json
    assert shown["item"]["unit"] == "市教育局"
    assert shown["history"][-1]["by"] == "王丽"
    assert rectify("items", "--unit", "市民政局").json["items"][-1]["number"] == 7


def test_levels_are_not_mixed_up_by_a_slip(rectify: Rectify) -> None:
    refused = rectify("units", "alias", "澜东区", "市教育局")
    assert (refused.status, refused.json["error"]["details"]) == (1, {"units": ["澜东区", "市教育局"]})
    assert "--across-levels" in refused.json["error"]["message"]
    assert rectify("units", "alias", "澜东区", "市教育局", "--across-levels").json["moved"] == [8, 9]


def test_a_unit_that_nobody_knows_is_refused_with_what_it_may_be(rectify: Rectify) -> None:
    refused = rectify("units", "alias", "市教委", "云澜市教育局")
    assert (refused.status, refused.json["error"]["code"]) == (1, "not_found")
    assert refused.json["error"]["details"]["candidates"] == ["市教育局"]
