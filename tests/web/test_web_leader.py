"""The leader's page: every number leads to exactly its list; nothing that anybody wrote becomes markup."""

from __future__ import annotations

import gzip
import html
import json
import re

import pytest

from tests.fakes.pages_office import STAFF, Town
from tests.fakes.quarter_town import ten_weeks
from tests.support import BULLETIN as CITY
from tests.web.conftest import Visitor
from tracker.domain.lifecycle import Event
from tracker.services.advance import perform
from tracker.web.filters import Filters

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("quarter")]  # which takes seconds to play


@pytest.fixture
def quarter(town: Town) -> Town:
    town.begin(ten_weeks)
    return town


def listed(visitor: Visitor, address: str) -> int:
    """How many items the list at `address` has, over all its pages."""
    count = 0
    while address:
        page = visitor.get(address).text
        count += len(re.findall(r'name="numbers"', page))
        following = re.search(r'href="([^"]+)"[^>]*rel="next"', page)
        address = html.unescape(following[1]) if following else ""
    return count


def numbers(page: str) -> list[tuple[str, int]]:
    """(address, number) of every number of the page that is a link to a list."""
    found = re.findall(r'<a[^>]*href="(/items[^"]*)"[^>]*>(\d+)</a>', page)
    return [(html.unescape(address), int(number)) for address, number in found]


def test_the_sentence_says_what_the_bulletin_would(quarter: Town, staff: Visitor) -> None:
    page = re.sub(r"<[^>]+>|\s+", "", staff.get("/leader").text)
    assert "应整改293项，已销号258项，整改率88.1%；未完成35项，其中逾期33项" in page
    assert "84.1%148/176" in page
    assert "94%110/117" in page
    assert "较上周一（11月9日）提高" in page


def test_one_click_leads_from_each_number_to_exactly_its_list(quarter: Town, staff: Visitor) -> None:
    found = dict(numbers(staff.get("/leader").text))
    assert {148, 176, 28, 110, 117, 7, 258, 293, 35} <= set(found.values())
    for address, number in found.items():
        assert listed(staff, address) == number, address


def test_each_light_leads_to_what_it_says(quarter: Town, staff: Visitor) -> None:
    page = staff.get("/leader").text
    lights = re.findall(r'light-(\w+)"><a href="([^"]+)">.*?class="why">(\d+) 项', page, re.S)
    assert {light for light, *_ in lights} == {"red", "amber", "green"}
    assert [light for light, *_ in lights] == sorted(
        (light for light, *_ in lights), key=["red", "amber", "white", "green"].index
    )
    for light, address, number in lights[:6]:
        assert listed(staff, html.unescape(address)) == int(number), light


def test_a_bulletin_or_a_period_narrows_page_and_lists_alike(quarter: Town, staff: Visitor) -> None:
    quarter.take_in()
    whole = staff.get("/leader").text
    assert 'value="2026Q3"' in whole
    for narrowing in ("bulletin=1", "issued=2026Q3", "bulletin=1&issued=2026-09"):
        page = staff.get(f"/leader?{narrowing}").text
        found = numbers(page)
        assert 293 in dict(found).values()
        assert all(narrowing.split("=")[0] in address for address, _ in found)
        assert listed(staff, found[0][0]) == 293
    assert "没有计入整改率的事项" in staff.get("/leader?issued=2025Q1").text


@pytest.mark.parametrize(
    ("query", "status"),
    [("bulletin=99", 404), ("bulletin=x", 404), ("issued=2026Q9", 400), ("issued=<b>", 400)],
)
def test_what_nobody_issued_is_said_in_chinese(
    quarter: Town, staff: Visitor, query: str, status: int
) -> None:
    answer = staff.get(f"/leader?{query}")
    assert answer.status_code == status
    assert "<b>" not in answer.text.split("<main")[1]


def test_the_trend_is_there_as_data_as_drawing_and_as_table(quarter: Town, staff: Visitor) -> None:
    page = staff.get("/leader").text
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page, re.S)[1])
    assert data["labels"][-1] == "今天"
    assert data["labels"][0] == "9/7"
    assert [each["name"] for each in data["series"]] == ["合计", "市直", "各区"]
    assert data["series"][1]["words"][-1] == "84.1%（148/176）"
    assert page.count("<polyline") == 3
    rows = re.search(r"每周一的整改率</caption>.*?</table>", page, re.S)[0]
    assert rows.count("<tr>") == len(data["labels"]) + 1
    assert all(each["values"] == sorted(each["values"]) for each in data["series"])


def test_names_from_documents_stay_text(town: Town, staff: Visitor) -> None:
    hostile = "市民政局</script><script>alert(1)</script>"
    town.take_in(
        CITY.replace("市民政局", hostile).replace("全市政务服务季度考核情况通报", "“</title><i>”通报")
    )
    for page in ("/leader", "/leader?wall=1", "/rates?by=unit", "/rates/snapshots"):
        text = staff.get(page).text
        assert "<script>alert" not in text
        assert "<i>" not in text


def test_before_the_first_bulletin_the_page_says_that_there_is_nothing(town: Town, staff: Visitor) -> None:
    for address in ("/leader", "/leader?wall=1"):
        answer = staff.get(address)
        assert (answer.status_code, "没有计入整改率的事项" in answer.text) == (200, True)
    assert staff.get("/leader/trend.png").status_code == 200


def test_the_wall_shows_the_same_figures_and_needs_no_hand(quarter: Town, staff: Visitor) -> None:
    page = staff.get("/leader?wall=1").text
    assert page.count('class="panel-wall"') == 4
    assert 'http-equiv="refresh"' in page
    assert 'data-refresh="60"' in page
    assert re.findall(r'class="huge">([^<]+)<', page) == ["88.1%", "84.1%", "94%"]


def test_the_picture_is_a_png_and_the_page_shows_a_step_at_once(quarter: Town, staff: Visitor) -> None:
    assert staff.get("/leader/trend.png").content.startswith(b"\x89PNG")
    left = [149]
    perform(quarter.office, Event.SUBMIT, left, by="联络员", now=quarter.now)
    perform(quarter.office, Event.STRIKE_OFF, left, by=STAFF, now=quarter.now)
    assert 149 in dict(numbers(staff.get("/leader").text)).values()


def test_the_first_load_is_small_and_only_what_is_public_is_compressed(quarter: Town, staff: Visitor) -> None:
    page = staff.get("/leader")
    assert "content-encoding" not in page.headers
    total = len(page.content)
    for address in set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)):
        answer = staff.get(address)
        if not address.startswith("/static/icon"):
            assert answer.headers["content-encoding"] == "gzip", address
        total += min(len(answer.content), len(gzip.compress(answer.content)))
    assert total < 300_000


def test_a_filter_of_the_address_reads_back_as_it_was_written() -> None:
    filters = Filters(issued="2026Q3", due_to="2026-11-20", basis="returned")
    assert filters.link() == "/items?basis=returned&due_to=2026-11-20&issued=2026Q3"
