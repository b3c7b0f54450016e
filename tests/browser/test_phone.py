"""What a unit's contact does on the phone, from the link in the message to the fix that is handed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window, Windows
from tests.fakes.pages_office import STAFF, Town
from tracker.domain.lifecycle import Event
from tracker.services import advance, inspect, links
from tracker.store import Database, contacts, units
from tracker.store.vault import Vault, new_key

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PHOTO = {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff not a picture"}
THUMB = 44  # CSS pixels: the target size of WCAG 2.2, 2.5.5
_TARGETS = """() => [...document.querySelectorAll('header *, main *')]
    .filter(each => each.matches('a, button, summary, input'))
    .filter(each => each.type !== 'hidden' && each.checkVisibility())
    .map(each => [each.textContent.trim() || each.name, each.getBoundingClientRect().height])"""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town with its bulletin, whose office can make links."""
    made = Town(tmp_path)
    url = made.office.database.url.render_as_string(hide_password=False)
    made.close()
    database = Database(url, busy_seconds=1, vault=Vault([new_key()]))
    made.office = replace(made.office, database=database, public_url="https://zhenggai.yunlan.example/")
    made.take_in()
    yield made
    made.close()


def link_to(town: Town, unit: str = "市水务局") -> str:
    """The path of a fresh link of a unit's contact."""
    with town.office.database.write() as connection:
        [unit_id] = [each.id for each in units.all_units(connection) if each.name == unit]
        contacts.upsert(connection, unit_id=unit_id, role="联络员", name="李联", phone="13800000001")
        [contact] = contacts.find(connection, unit_ids=[unit_id])
        address = links.issue(connection, town.office, contact, town.now)
    assert address is not None
    return address.removeprefix("https://zhenggai.yunlan.example")


def is_fit_for_a_thumb(window: Window) -> bool:
    small = [each for each in window.page.evaluate(_TARGETS) if each[1] < THUMB]
    assert small == []
    return not window.scrolls_sideways()


def opened(windows: Windows, path: str) -> Page:
    """A phone that came in by the link."""
    window = windows.open(phone=True)
    window.go(path)
    window.page.get_by_role("button", name="进入").click()
    return window.page


def test_from_the_link_in_the_message_it_takes_three_taps_to_hand_in(windows: Windows, town: Town) -> None:
    phone = windows.open(phone=True)
    phone.go(link_to(town))
    assert is_fit_for_a_thumb(phone)
    expect(phone.page.get_by_role("heading", level=1)).to_have_text("市水务局")
    phone.page.get_by_role("button", name="进入").click()
    assert is_fit_for_a_thumb(phone)
    phone.page.get_by_role("link", name="未设置节约用水专栏").click()
    assert is_fit_for_a_thumb(phone)
    phone.page.get_by_role("button", name="报送整改").click()
    expect(phone.page.get_by_role("status")).to_have_text("已报送整改")
    assert inspect.open_file(town.office, 2).item.standing.submitted_by == "李联"


def test_with_a_photo_and_without_any_script(windows: Windows, town: Town) -> None:
    page = opened(windows, link_to(town))
    page.route("**/*.js", lambda route: route.abort())
    assert page.locator("script").count() == 0
    page.get_by_role("link", name="未设置节约用水专栏").click()
    page.get_by_role("button", name="签收").click()
    expect(page.get_by_role("status")).to_have_text("已签收")
    page.get_by_label("整改情况").fill("已开设专栏，附首页照片")
    assert page.get_by_label("拍照").get_attribute("capture") == "environment"
    page.get_by_label("拍照").set_input_files(PHOTO)
    page.get_by_role("button", name="报送整改").click()
    expect(page.get_by_role("status")).to_have_text("已报送整改")
    page.get_by_text("经过（").click()
    expect(page.get_by_text("佐证：现场.jpg")).to_be_visible()


def test_what_was_returned_is_seen_first_and_can_be_put_off(windows: Windows, town: Town) -> None:
    advance.perform(town.office, Event.SUBMIT, [3], by="李联", now=town.now)
    advance.perform(town.office, Event.RETURN, [3], by=STAFF, now=town.now, reason="栏目打不开")
    page = opened(windows, link_to(town))
    first = page.locator(".card").first
    expect(first).to_contain_text("已退回：栏目打不开")
    first.click()
    page.get_by_text("申请延期", exact=True).first.click()
    page.get_by_label("延期至").fill("2027-03-31")
    page.get_by_label("理由").fill("网站改版，等待上线")
    page.get_by_role("button", name="申请延期").click()
    expect(page.get_by_role("status")).to_have_text("已申请延期")


def test_a_second_phone_and_other_pages_stay_closed(windows: Windows, town: Town) -> None:
    path = link_to(town)
    page = opened(windows, path)
    second = windows.open(phone=True)
    second.go(path)
    expect(second.page.get_by_role("heading", level=1)).to_have_text("此链接已在另一台手机上使用")
    assert is_fit_for_a_thumb(second)
    page.goto(f"{second.origin}/items")
    expect(page.get_by_role("alert")).to_contain_text("只能查看和办理本单位的事项")
    page.get_by_role("link", name="返回本单位事项").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("市水务局")
