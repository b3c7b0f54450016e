"""The staff desk: search, columns, views, undo, export, one item within its list; no words become markup."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest
from python_calamine import load_workbook

from tests.fakes.pages_office import BULLETIN, CONTACT, STAFF
from tests.fakes.pictures import picture
from tests.web.conftest import Visitor
from tracker.domain.lifecycle import Event, State
from tracker.services import advance, inspect
from tracker.services.evidence import Evidence
from tracker.services.lists import MOST_EXPORTED
from tracker.services.views import save_view
from tracker.store import items

EVIL = '<img src=x onerror="alert(1)"><script>alert(1)</script>'


def numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'aria-label="勾选第(\d+)号"', page)]


def submitted(town) -> None:
    town.take_in()
    advance.perform(town.office, Event.SUBMIT, [1, 2, 6], by=CONTACT, now=town.now)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=专栏", [2, 7]),
        ("q=水务 专栏", [2]),
        ("q=7", [7]),
        ("state=open&state=submitted&domain=一网通办", [1, 6]),
        ("state=open", [3, 4, 5, 7]),
        ("due_from=2026-11-30&due_to=2026-11-30&sort=newest", [7, 3, 2]),
        ("basis=extension", []),
    ],
)
def test_filters_add_up_and_words_are_found(town, staff, query, expected):
    town.begin(submitted)
    staff.resume(town, STAFF)
    assert numbers(staff.get(f"/items?{query}").text) == expected


def test_pages_go_on_and_back_in_every_order(town, staff, monkeypatch):
    monkeypatch.setattr("tracker.web.routes.items.PAGE", 3)
    town.begin(submitted)
    staff.resume(town, STAFF)
    for order in ("number", "newest", "due", "unit", "state", "updated"):
        first = staff.get(f"/items?sort={order}").text
        following = unescape(re.search(r'<a href="([^"]+)" rel="next">', first)[1])
        second = staff.get(following).text
        back = unescape(re.search(r'<a href="([^"]+)" rel="prev">', second)[1])
        assert numbers(staff.get(back).text) == numbers(first)
        assert not set(numbers(first)) & set(numbers(second))
        assert 'rel="prev"' not in first


@pytest.mark.parametrize(
    "place", ["sort=due&after=gestern.3", "sort=state&after=lost.3", "sort=unit&after=3", "after=1.1"]
)
def test_a_place_that_is_none_is_refused(staff, place):
    assert staff.get(f"/items?{place}").status_code == 400


def test_a_unit_that_nobody_knows_is_said_so(town, staff):
    town.take_in()
    page = staff.get("/items?unit=市太空局").text
    assert "没有名为“市太空局”的责任单位" in page
    assert numbers(page) == []


def test_a_bulk_step_can_be_taken_back_as_one(town, staff):
    town.begin(submitted)
    staff.resume(town, STAFF)
    answer = staff.post("/items?state=submitted", "/items", event="strike_off", numbers=["1", "2"])
    page = staff.get(answer.headers["location"]).text
    assert "已销号 2 项" in page
    toast = re.search(r'<form class="toast".*?</form>', page, re.S)[0]
    assert 'action="/items/undo-step?state=submitted"' in toast
    undone = re.findall(r'name="numbers" value="(\d+)"', toast)
    answer = staff.post("/items/undo-step?state=submitted", "/items", numbers=undone)
    page = staff.get(answer.headers["location"]).text
    assert "已撤回 2 项" in page
    assert numbers(page) == [1, 2, 6]
    assert inspect.open_file(town.office, 1).item.standing.state is State.SUBMITTED


def test_taking_back_what_cannot_be_changes_nothing_and_says_why(town, staff):
    town.begin(submitted)
    staff.resume(town, STAFF)
    staff.post("/items", "/items", event="strike_off", numbers=["1"])
    refused = staff.post("/items/undo-step", "/items", numbers=["1", "3"])
    assert refused.status_code == 409
    assert "第 3 号事项" in refused.text
    assert inspect.open_file(town.office, 1).item.standing.state is State.STRUCK_OFF


def test_a_view_is_saved_opened_first_deleted_and_brought_back(town, staff):
    town.begin(submitted)
    staff.resume(town, STAFF)
    answer = staff.post(
        "/views?state=submitted&sort=due&after=.1", "/items?q=a", name="待我核验", starts="true"
    )
    page = staff.get(answer.headers["location"]).text
    assert "视图已保存" in page
    assert re.search(r'aria-current="page">待我核验', page)
    begun = staff.get("/items")
    assert begun.headers["location"] == "/items?state=submitted&sort=due&view=1"
    assert numbers(staff.get("/items?view=0").text) == [1, 2, 3, 4, 5, 6, 7]
    answer = staff.post("/views/1/delete", "/items?view=0")
    page = staff.get(answer.headers["location"]).text
    assert "待我核验" not in page
    assert 'action="/views/1/restore"' in page
    assert staff.post("/views/1/restore", "/items?view=0").status_code == 303
    assert "待我核验" in staff.get("/items?view=0").text


def test_the_columns_are_those_of_the_address(town, staff):
    town.take_in()
    page = staff.get("/items?cols=due&cols=bulletin&dense=true").text
    table = page[page.index("<table") : page.index("</thead>")]
    assert [word for word in ("责任单位", "问题", "时限", "通报") if word in table] == ["时限", "通报"]
    assert "cards items dense" in page
    assert "云澜市政务服务问题整改通报</td>" in page


def test_the_file_says_exactly_what_the_list_shows(town, staff, monkeypatch):
    monkeypatch.setattr("tracker.web.routes.items.PAGE", 2)
    monkeypatch.setattr("tracker.services.lists._BATCH", 2)
    town.take_in()
    with town.office.database.write() as connection:
        items.set_columns(connection, 3, text='=HYPERLINK("http://x.example")')
    answer = staff.get("/items.xlsx?q=市&sort=newest&cols=text&cols=state&cols=unit")
    assert (
        "filename*=UTF-8''%E6%95%B4%E6%94%B9%E4%BA%8B%E9%A1%B9-2026-11-17.xlsx"
        in (answer.headers["content-disposition"])
    )
    rows = load_workbook(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert rows[0] == ["编号", "责任单位", "问题", "状态"]
    assert [row[0] for row in rows[1:]] == [5, 4, 3, 2, 1]
    assert rows[3][1:] == ["市水务局", '=HYPERLINK("http://x.example")', "待签收 绿灯"]
    assert b"<f>" not in answer.content


def test_a_list_that_is_too_long_for_a_file_is_refused(town, staff, monkeypatch):
    assert MOST_EXPORTED < 1_048_576
    monkeypatch.setattr("tracker.services.lists.MOST_EXPORTED", 6)
    town.take_in()
    refused = staff.get("/items.xlsx")
    assert refused.status_code == 400
    assert "请先缩小范围" in refused.text
    assert staff.get("/items.xlsx?domain=政务公开").status_code == 200


def test_an_item_goes_on_in_the_list_it_was_opened_from(town, staff):
    town.begin(submitted)
    staff.resume(town, STAFF)
    link = unescape(
        re.search(r'href="(/items/2\?list=[^"]+)"', staff.get("/items?state=submitted&sort=newest").text)[1]
    )
    page = staff.get(link).text
    turns = dict(re.findall(r'<a href="/items/(\d+)[^"]*" rel="(\w+)"', page))
    assert turns == {"6": "prev", "1": "next"}
    assert 'href="/items?state=submitted&amp;sort=newest"' in page
    answer = staff.post(link, link, event="strike_off")
    assert answer.headers["location"].startswith("/items/2?list=state%3Dsubmitted%26sort%3Dnewest&done=")
    assert staff.get("/items/2?list=%2F%2Fevil.example%2F").status_code == 200
    assert "evil.example" not in staff.get("/items/2?list=https%3A%2F%2Fevil.example").text


def test_the_item_shows_its_line_among_its_neighbours_in_the_original(town, staff):
    town.take_in()
    page = staff.get("/items/4/source").text
    marked = re.search(r'<li class="it"><span>(\d+)</span>(.*?)</li>', page)
    assert marked[1] == "9"
    assert "监管数据上传及时率仅为60%" in marked[2]
    assert "市水务局" in page
    assert "澜东区" in page
    assert 'hx-get="/items/4/source"' in staff.get("/items/4").text


def test_the_item_says_which_days_were_counted(town, staff):
    town.take_in()
    assert (
        "2026-11-16 的次日起算，第 10 个工作日为 2026-11-30；其间周末 4 天不计" in staff.get("/items/2").text
    )


def picture_of(town, staff, name: str, content: bytes) -> str:
    """Where the item page shows what was handed in as a picture."""
    proof = Evidence("file", name, content)  # as it may lie there from before uploads were examined
    advance.perform(town.office, Event.SUBMIT, [2], by=CONTACT, now=town.now, evidence=[proof])
    return re.search(r'src="(/items/2/evidence/\d+/picture)"', staff.get("/items/2").text)[1]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("照片.PNG", picture("PNG"), "image/png"),
        ("照片.jpg", picture("JPEG"), "image/jpeg"),
        ("照片.gif", picture("GIF"), "image/gif"),
        ("照片.webp", picture("WEBP"), "image/webp"),
    ],
)
def test_a_picture_is_shown_and_can_do_nothing_else(town, staff, name, content, kind):
    town.take_in()
    address = picture_of(town, staff, name, content)
    answer = staff.get(address)
    assert (answer.headers["content-type"], answer.content) == (kind, content)
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert staff.get(address.replace("/items/2/", "/items/3/")).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("照片.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
        ("照片.jpg", b"<html><script>alert(1)</script>"),
    ],
)
def test_what_only_says_that_it_is_a_picture_is_not_shown(town, staff, name, content):
    town.take_in()
    assert staff.get(picture_of(town, staff, name, content)).status_code == 404


def test_all_that_happened_stands_in_one_line_of_time(town, staff):
    town.begin(submitted)
    staff.resume(town, STAFF)
    page = staff.get("/items/2").text
    line = page[
        page.index('<ol class="timeline">') : page.index("</ol>", page.index('<ol class="timeline">'))
    ]
    assert re.findall(r'<li class="(\w+)">', line) == ["history", "history"]
    assert line.index("报送整改") < line.index("列入清单")


def hostile(town) -> None:
    """What comes from documents and people, wherever the desk shows it."""
    text = BULLETIN.replace("节约用水", EVIL).replace("云澜市政务服务问题整改通报", f"云澜市{EVIL}整改通报")
    town.take_in(text.replace("市体育局", f"市{EVIL}体育局"), filename=f"{EVIL}.txt")
    save_view(town.office, f"视图{EVIL}", "state=open", by=STAFF, now=town.now, shared=True)
    advance.perform(town.office, Event.SUBMIT, [2], by=CONTACT, now=town.now, reason=EVIL)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/items?view=0&cols=unit&cols=text&cols=bulletin&cols=class",
        f"/items?q={EVIL}&unit={EVIL}",
        f"/items/2?list={EVIL}",
        "/items/2",
        "/items/4",
        "/items/2/source",
        "/rates?by=bulletin",
        "/rates?by=unit",
    ],
)
def test_what_was_typed_elsewhere_is_never_markup_here(town, staff, path):
    town.begin(hostile)
    staff.resume(town, STAFF)
    page = staff.get(path).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'onerror="' not in page


def test_names_of_files_and_reasons_are_never_markup(town, staff: Visitor, contact):
    town.begin(hostile)
    staff.resume(town, STAFF)
    staff.post("/items/2", "/items/2", event="return", reason=EVIL)
    contact.resume(town, CONTACT)
    files = {"file": (f"{EVIL}.png", picture("PNG"), "image/png")}
    assert contact.post("/items/2", "/items/2", files=files, event="submit").status_code == 303
    page = staff.get("/items/2").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_the_desk_runs_no_script_but_its_own_files(town, staff):
    """What the strict policy would refuse is not written in the first place."""
    town.take_in()
    for path in ("/", "/items?view=0", "/items/2", "/items/2/source"):
        page = staff.get(path).text
        assert re.findall(r"<script(?![^>]* src=\"/static/)", page) == []
        assert not re.search(r"<[^>]+ (style|on\w+)=", page)
        loaded = re.findall(r'(?:src|href)="(/static/[^"?]+)', page)
        assert all(staff.get(address).status_code == 200 for address in loaded)


def test_nothing_to_do_is_said_with_pleasure(town, staff):
    town.take_in()
    every = range(1, 8)
    advance.perform(town.office, Event.SUBMIT, every, by=CONTACT, now=town.now)
    assert "都办完了" not in staff.get("/").text
    advance.perform(town.office, Event.STRIKE_OFF, every, by=STAFF, now=town.now)
    assert "都办完了" in staff.get("/").text


def test_the_rates_of_the_overview_follow_each_step_and_say_their_moment(town, staff):
    town.begin(submitted)
    staff.resume(town, STAFF)
    assert "14.3%" not in staff.get("/").text
    town.wait(minutes=4)
    assert "截至 2026-11-17 10:00" in staff.get("/").text  # nothing was done: not counted again
    staff.post("/items/1", "/items/1", event="strike_off")
    page = staff.get("/").text
    assert "截至 2026-11-17 10:04" in page
    assert "14.3%" in page
    town.wait(minutes=5)
    assert "截至 2026-11-17 10:09" in staff.get("/").text
