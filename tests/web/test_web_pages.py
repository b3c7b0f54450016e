"""Overview, rates, messages, bulletins, digest, and what is shown when something is broken."""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
from datetime import timedelta
from html import unescape

import pytest

from tests.fakes.pages_office import CONTACT, STAFF
from tracker.domain.lifecycle import Event
from tracker.rendering.markdown import to_html
from tracker.services import advance
from tracker.services.remind import remind
from tracker.store.rates import By


def _mixed(town) -> None:
    """Items in every state, two days after the bulletin: in time, late, withdrawn, waiting."""
    town.take_in()
    at = town.now

    def step(event, *numbers, by=STAFF, now=at):
        to = now.date() + timedelta(days=1) if event is Event.DEFER else None
        advance.perform(town.office, event, numbers, by=by, now=now, reason="测试", to=to)

    step(Event.SUBMIT, 1, 2, by=CONTACT)
    step(Event.STRIKE_OFF, 1)
    step(Event.WITHDRAW, 3)
    step(Event.SIGN, 4)
    step(Event.DEFER, 5)
    town.wait(days=3)
    step(Event.SUBMIT, 6, by=CONTACT, now=town.now)
    step(Event.STRIKE_OFF, 6, now=town.now)
    town.sign_in(STAFF)


def test_an_empty_office_is_told_where_to_begin(staff):
    page = staff.get("/").text
    assert '请先<a href="/bulletins">读入一份通报</a>' in page
    assert "—" in page


def test_the_overview_counts_what_waits_and_links_to_it(town, staff):
    town.begin(_mixed)
    staff.resume(town, STAFF)
    page = staff.get("/").text
    piles = dict(re.findall(r'<a href="([^"]+)"><b>(\d+)</b>', page))
    assert piles == {
        "/items?state=submitted&amp;sort=due": "1",
        "/items?state=open&amp;sort=due": "1",
        "/units": "3",
    }
    assert "没有登记联络员" in page
    assert "都办完了" not in page


def test_what_is_due_today_stands_in_its_tile_and_list(town, staff):
    town.take_in()
    page = staff.get("/items?basis=due_today").text
    assert re.findall(r'name="numbers" value="(\d+)"', page) == ["6"]
    assert "<b>1</b> 今日到期" in staff.get("/").text


@pytest.mark.parametrize(
    "by", [pytest.param(each, marks=() if each is By.GROUP else pytest.mark.slow) for each in By]
)
def test_the_list_behind_each_number_is_as_long_as_the_number_says(town, staff, by):
    town.begin(_mixed)
    staff.resume(town, STAFF)
    page = staff.get(f"/rates?by={by.value}").text
    numbers = re.findall(r'<a href="(/items[^"]*)">(\d+)</a>', page)
    assert len(numbers) >= 12
    for address, shown in numbers:
        listed = re.findall(r'name="numbers"', staff.get(unescape(address)).text)
        assert (address, len(listed)) == (address, int(shown))


def test_rates_of_a_past_moment_are_recounted_and_lead_to_the_lists_of_then(town, staff):
    town.begin(_mixed)
    staff.resume(town, STAFF)
    assert "2 / " in re.sub(r"<[^>]+>", "", staff.get("/rates").text)
    page = staff.get("/rates?as_of=2026-11-17T12:00").text
    assert "截至 2026-11-17 12:00" in page
    assert "16.7%" in page
    links = re.findall(r'href="(/items[?][^"]+)"', page)
    assert links
    assert all("as_of=2026-11-17T12%3A00%3A00%2B08%3A00" in link for link in links)
    assert staff.get("/rates?as_of=gestern").status_code == 400
    assert staff.get("/rates?by=colour").status_code == 400


def test_messages_are_shown_as_their_reader_sees_them_and_never_with_an_address(town, staff):
    town.take_in()
    town.wait(hours=1)
    remind(town.office, now=town.now)
    page = staff.get("/inbox").text
    assert re.search(r"R-20261117-\d{4}", page)
    assert "模拟收件箱" in page
    assert '<span class="badge send-pending">待发</span>' in page
    assert '<a href="/inbox" aria-current="page">' in page
    assert '<a href="/messages?tab=all" aria-current="page">' in staff.get("/messages?tab=all").text


def test_the_markup_of_a_message_cannot_become_markup_of_the_page():
    shown = to_html(
        "## 标题 <img src=x>\n"
        '> **3号** <font color="warning">逾期</font>\n'
        '[去](javascript:alert(1))\n"><script>'
    )
    assert "<h4>标题 &lt;img src=x&gt;</h4>" in shown
    assert '<blockquote><strong>3号</strong> <span class="ink-warning">逾期</span></blockquote>' in shown
    assert "href" not in shown
    assert "<script" not in shown


def test_the_digest_shows_words_and_chart_and_gives_files(town, staff):
    town.begin(_mixed)
    staff.resume(town, STAFF)
    page = staff.get("/digest").text
    assert "2026年第47周" in page
    assert "未完成整改单位：" in page
    assert staff.get("/digest/chart.png?week=2026-W47").content.startswith(b"\x89PNG")
    text = staff.get("/digest/text.md?week=2026-W46")
    assert "2026年第46周" in text.text
    assert staff.get("/digest?week=2026-W99").status_code == 400


def test_the_ledger_is_a_workbook_of_all_items(town, staff):
    town.take_in()
    answer = staff.get("/ledger.xlsx")
    assert (
        "filename*=UTF-8''%E6%95%B4%E6%94%B9%E5%8F%B0%E8%B4%A6-2026-11-17.xlsx"
        in (answer.headers["content-disposition"])
    )
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        assert "节约用水" in "".join(book.read(name).decode() for name in book.namelist())


def test_a_database_in_trouble_is_a_page_and_not_a_trace(town, staff, visitor, tmp_path):
    assert visitor.get("/healthz").text == "ok"
    with sqlite3.connect(tmp_path / "rectify.db") as other:
        other.execute("DROP TABLE message_item")
        other.execute("DROP TABLE reminder")
        other.execute("DROP TABLE message")
    other.close()
    answer = staff.get("/inbox")
    assert answer.status_code == 500
    assert "程序遇到意外错误" in answer.text
    assert "Traceback" not in answer.text
    assert "no such table" not in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_a_locked_database_asks_for_patience(tmp_path, town, staff):
    town.take_in()
    town.office.database.engine.dispose()
    blocker = sqlite3.connect(tmp_path / "rectify.db", isolation_level=None)
    token = staff.token("/items/1")
    blocker.execute("BEGIN IMMEDIATE")
    try:
        answer = staff.request("POST", "/items/1", data={"csrf": token, "event": "sign"})
    finally:
        blocker.close()
    assert answer.status_code == 503
    assert "数据库正被其他程序占用" in answer.text
