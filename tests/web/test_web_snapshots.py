"""Publications on the page: made by a form, shown beside their corrections, refused in Chinese."""

from __future__ import annotations

import re

from tests.fakes.pages_office import STAFF, Town
from tests.services.scenes import strike_off
from tests.web.conftest import Visitor

PAGE = "/rates/snapshots"


def test_a_publication_and_its_correction_stand_side_by_side(town: Town, staff: Visitor) -> None:
    town.take_in()
    answer = staff.post(PAGE, PAGE, title="第四季度<i>")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}/1")
    strike_off(town.office, [1], town.now)
    staff.post(PAGE, PAGE, title="第四季度", corrects="1", reason="漏计一项<i>")
    shown = staff.get(f"{PAGE}/1").text
    assert "已由第 2 号更正" in shown
    fractions = re.findall(r'class="fraction">(.*?)</span>', shown)
    assert [re.sub(r"<[^>]+>|\s+", "", each) for each in fractions][-2:] == ["0/7", "1/7"]
    assert STAFF in shown
    assert "第 1 名" in staff.get(f"{PAGE}/1?by=unit").text
    listed = staff.get(PAGE).text
    assert "更正第 1 号：漏计一项&lt;i&gt;" in listed
    assert "<i>" not in shown + listed


def test_what_cannot_be_published_keeps_what_was_typed(town: Town, staff: Visitor) -> None:
    town.take_in()
    answer = staff.post(PAGE, PAGE, title="第四季度", reason="无所更正")
    assert answer.status_code == 400
    assert "更正须同时写明更正哪一次发布和更正的原因" in answer.text
    assert 'value="第四季度"' in answer.text
    assert "还没有发布过整改率" in staff.get(PAGE).text
    assert staff.get(f"{PAGE}/7").status_code == 404


def test_the_rates_page_shows_details_and_the_ranking_by_unit(town: Town, staff: Visitor) -> None:
    town.take_in()
    by_unit = staff.get("/rates?by=unit").text
    assert "市直排名" in by_unit
    assert "曾退回" in by_unit
    assert "市直排名" not in staff.get("/rates?by=group").text
    by_month = staff.get("/rates?by=month").text
    assert 'href="/items?issued=2026-11&amp;basis=counted"' in by_month
