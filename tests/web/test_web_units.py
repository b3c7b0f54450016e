"""Units that imports brought are vouched for or joined to the unit that they are."""

from __future__ import annotations

import re
from urllib.parse import quote

from tests.fakes.pages_office import BULLETIN
from tracker.services import inspect
from tracker.store.items import ItemFilter
from tracker.web import tables


def _units(town):
    return {unit.name: unit.confirmed for unit in inspect.list_units(town.office)}


def test_the_list_says_level_items_and_who_waits_for_confirmation(town, staff):
    town.take_in()
    page = staff.get("/units").text
    assert page.count("待确认</span>") == 3
    address = f"/items?unit={quote('市水务局')}"
    assert f'href="{address}">3</a>' in page
    assert len(re.findall('name="numbers"', staff.get(address).text)) == 3


def test_ticked_units_are_confirmed_and_leave_the_waiting_ones(town, staff):
    town.take_in()
    answer = staff.post("/units/confirm", "/units", names=["市水务局", "澜东区"])
    assert "已确认 2 个单位" in staff.get(answer.headers["location"]).text
    assert _units(town) == {"市水务局": True, "市体育局": False, "澜东区": True}
    waiting = staff.get("/units?pending=true").text
    assert "市体育局" in waiting
    assert 'value="市水务局" aria-label' not in waiting
    assert "请先勾选单位" in staff.post("/units/confirm", "/units").text
    assert staff.post("/units/confirm", "/units", names=["市气象局"]).status_code == 404


def test_a_unit_that_is_another_one_goes_to_it_with_its_items(town, staff):
    town.take_in()
    number = next(unit.id for unit in inspect.list_units(town.office) if unit.name == "市体育局")
    assert 'name="alias" value="市体育局"' in staff.get(f"/units?merge={number}").text
    answer = staff.post("/units/aliases", "/units", alias="市体育局", unit="市水务局")
    assert "移交事项 2 项" in staff.get(answer.headers["location"]).text
    assert "市体育局" not in _units(town)
    found = inspect.list_items(town.office, ItemFilter(unit="市水务局"), now=town.now)
    assert len(found) == 5
    assert "市体育局" in staff.get("/units").text


def test_units_of_other_levels_are_joined_only_when_that_is_ticked(town, staff):
    town.take_in()
    refused = staff.post("/units/aliases", "/units", alias="澜东区", unit="市水务局")
    assert refused.status_code == 400
    assert "请勾选“层级或地方不同也合并”" in refused.text
    assert "--" not in re.sub(r"<[^>]+>", "", refused.text)
    assert 'name="alias" value="澜东区"' in refused.text
    assert 'name="unit" value="市水务局"' in refused.text
    fields = {"alias": "澜东区", "unit": "市水务局", "across_levels": "true"}
    assert staff.post("/units/aliases", "/units", **fields).status_code == 303


def test_a_name_for_a_unit_that_nobody_knows_is_refused_with_a_hint(town, staff):
    town.take_in()
    refused = staff.post("/units/aliases", "/units", alias="市水利局", unit="市谁务局")
    assert refused.status_code == 404
    assert "没有名为“市谁务局”的责任单位" in refused.text
    assert "都须填写" in staff.post("/units/aliases", "/units", alias="市水利局", unit=" ").text


def test_many_units_are_shown_in_sheets_that_stay_in_their_view(town, staff, monkeypatch):
    monkeypatch.setattr(tables, "SHEET", 2)
    town.take_in(BULLETIN)
    page = staff.get("/units?pending=true").text
    assert "第 1–2 个，共 3 个" in page
    assert 'href="/units?pending=true&amp;page=2" rel="next"' in page
    assert "澜东区" in staff.get("/units?pending=true&page=2").text
