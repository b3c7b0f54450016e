"""Numbers of a past moment: each leads to its list, which shows the items as they stood, and only shows."""

from __future__ import annotations

import io
import re
from datetime import datetime
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from python_calamine import load_workbook

from tests.fakes.pages_office import STAFF, Town
from tests.services.scenes import strike_off
from tests.store.test_counted_details import walk
from tests.support import Clock
from tests.web.conftest import Visitor
from tracker.services import lists
from tracker.services.office import Office
from tracker.services.report import detailed_table
from tracker.store.rates import By
from tracker.web.filters import from_query
from tracker.web.tables import RowView, rate_view

pytestmark = pytest.mark.slow

THEN = "2026-11-17T12:00"


def numbers_of(line: RowView) -> dict[str, int]:
    row = line.row
    return {
        "struck_off": row.rectified.numerator,
        "counted": row.rectified.denominator,
        "on_time": row.on_time.numerator,
        "judged": row.on_time.denominator,
        "overdue": row.overdue,
        "unfinished": row.open,
        "returned": row.returned,
        "recurred": row.recurred,
    }


def length(office: Office, link: str, now: datetime) -> int:
    filters = from_query(urlsplit(link).query)
    as_of = datetime.fromisoformat(filters.as_of) if filters.as_of else None
    with lists.whole_list(office, filters.wanted, filters.sort, now=now, as_of=as_of) as batches:
        return sum(len(found) for found in batches)


@pytest.mark.parametrize("seed", [21, 22, 23])
def test_every_number_of_every_table_at_every_moment_is_the_length_of_its_list(
    office: Office, clock: Clock, seed: int
) -> None:
    moments = list(walk(office, clock, seed))
    end, seen = clock.advance(days=1), 0
    for moment in moments[seed % 3 :: 3]:
        for by in By:
            view = rate_view(office, detailed_table(office, by, now=end, as_of=moment), by, past=True)
            for line in (*view.rows, view.total):
                assert {name: length(office, link, end) for name, link in line.links.items()} == numbers_of(
                    line
                ), (moment, by, line.row.key)
                seen += sum(numbers_of(line).values())
    assert seen > 1000


def a_strike_off_later(town: Town) -> None:
    """Seven items; a day after, the first is struck off."""
    town.take_in()
    town.wait(days=1)
    town.sign_in(STAFF)
    strike_off(town.office, [1], town.now)
    town.wait(hours=1)


@pytest.fixture
def later(town: Town, staff: Visitor) -> Town:
    town.begin(a_strike_off_later)
    staff.resume(town, STAFF)
    return town


def rows(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-label="编号"><a[^>]*>(\d+)<', page)]


def links(page: str) -> list[tuple[str, str]]:
    return [(unescape(link), shown) for link, shown in re.findall(r'<a href="(/items[^"]*)">(\d+)</a>', page)]


@pytest.mark.parametrize("by", list(By))
def test_the_numbers_of_a_past_table_lead_to_lists_of_that_length(later, staff, by):
    found = links(staff.get(f"/rates?by={by.value}&as_of={THEN}").text)
    assert len(found) >= 12
    for link, shown in found:
        assert (link, len(rows(staff.get(link).text))) == (link, int(shown))


def test_a_past_list_says_so_and_shows_what_was_then(later, staff):
    then, now = staff.get(f"/items?as_of={THEN}&unit=市水务局").text, staff.get("/items?unit=市水务局").text
    assert "截至 2026-11-17 12:00 的清单" in then
    assert "截至" not in now
    assert ("state-struck_off" in then, "state-struck_off" in now) == (False, True)
    assert rows(then) == rows(now) == [1, 2, 3]
    back = re.search(r'<a href="([^"]+)">看现在的清单', then)
    assert back
    assert "as_of" not in back[1]
    assert "state-struck_off" in staff.get(unescape(back[1])).text


def test_overdue_is_what_was_overdue_then(later, staff):
    later.wait(days=200)
    later.sign_in(STAFF)
    staff.resume(later, STAFF)
    assert rows(staff.get(f"/items?overdue=true&as_of={THEN}").text) == []
    page = staff.get("/items?overdue=true&as_of=2026-11-18T12:00").text
    assert rows(page) == [6]
    assert page.count(">逾期<") == 1
    assert len(rows(staff.get("/items?overdue=true").text)) > 1


def test_nothing_is_done_from_a_past_list(later, staff):
    page = staff.get(f"/items?as_of={THEN}").text
    assert 'id="bulk"' not in page
    assert 'name="numbers"' not in page
    for path, data in (
        (f"/items?as_of={THEN}", {"event": "sign"}),
        (f"/nudges?as_of={THEN}", {}),
        (f"/items/undo-step?as_of={THEN}", {}),
    ):
        answer = staff.post(path, "/items", numbers=["2"], **data)
        assert answer.status_code == 400
        assert "这是过去时刻的清单，不能据此办理" in answer.text
    assert 'value="extension"' not in page
    assert staff.get(f"/items?as_of={THEN}&basis=extension").status_code == 400


@pytest.mark.parametrize("query", ["as_of=gestern", "as_of=0001-01-01", "as_of=9999-12-31T23:59:59"])
def test_a_moment_that_is_none_is_refused_in_chinese(staff, query):
    answer = staff.get(f"/items?{query}")
    assert answer.status_code == 400
    assert re.search(r"请求中的内容有误|不在 \d+ 年", answer.text)


def test_a_moment_to_come_shows_the_list_of_now(later, staff):
    page = staff.get("/items?as_of=2030-01-01T00:00").text
    assert "截至" not in page
    assert 'id="bulk"' in page


def test_pages_and_neighbours_stay_at_the_moment(later, staff, monkeypatch):
    monkeypatch.setattr("tracker.web.routes.items.PAGE", 3)
    seen, address = [], f"/items?as_of={THEN}&state=open&sort=due"
    while address:
        page = staff.get(address).text
        seen += rows(page)
        following = re.search(r'<a href="([^"]+)" rel="next">', page)
        address = unescape(following[1]) if following else ""
    assert sorted(seen) == [1, 2, 3, 4, 5, 6, 7]
    item = staff.get(f"/items/{seen[1]}?list=" + f"as_of={THEN}&state=open&sort=due".replace("&", "%26")).text
    assert "清单截至 2026-11-17 12:00；下面是这一事项现在的情况" in item
    turn = [int(number) for number in re.findall(r'<a href="/items/(\d+)[^"]*" rel="(?:prev|next)"', item)]
    assert turn == [seen[0], seen[2]]


def test_the_file_of_a_past_list_holds_what_is_shown_and_says_of_when(later, staff):
    answer = staff.get(f"/items.xlsx?as_of={THEN}&unit=市水务局&cols=unit&cols=state")
    assert "%E6%88%AA%E8%87%B32026-11-17" in answer.headers["content-disposition"]
    assert load_workbook(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python() == [
        ["编号", "责任单位", "状态（截至2026-11-17 12:00:00）"],
        *[[number, "市水务局", "待签收"] for number in (1, 2, 3)],
    ]


def test_the_ledger_which_is_taken_back_is_never_of_the_past(later, staff):
    answer = staff.get(f"/ledger.xlsx?as_of={THEN}")
    assert answer.status_code == 400
    assert "台账只有现在的" in answer.text


def test_the_numbers_of_last_weeks_digest_lead_to_the_items_of_then(later, staff):
    """Issued on a Tuesday: the digest of that week speaks of its Sunday, when one was struck off."""
    later.wait(days=9)
    later.sign_in(STAFF)
    staff.resume(later, STAFF)
    strike_off(later.office, [2, 3], later.now)
    page = staff.get("/digest?week=2026-W47").text
    found = links(page)
    assert len(found) == 18
    for link, shown in found:
        assert (link, len(rows(staff.get(link).text))) == (link, int(shown))
    whole = [shown for link, shown in found if "group" not in link]
    assert whole[:2] == ["1", "7"]


def test_published_numbers_lead_to_the_items_as_they_stood(later, staff):
    staff.post("/rates/snapshots", "/rates/snapshots", title="第四季度")
    later.wait(hours=1)
    strike_off(later.office, [2], later.now)
    later.wait(hours=1)
    page = staff.get("/rates/snapshots/1?by=unit").text
    found = links(page)
    assert len(found) >= 12
    for link, shown in found:
        assert "as_of" in parse_qs(urlsplit(link).query)
        assert (link, len(rows(staff.get(link).text))) == (link, int(shown))
