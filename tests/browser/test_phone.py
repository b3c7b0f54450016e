"""What a unit's contact does on the phone, from the link in the message to the fix that is handed in."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Window, Windows
from tests.fakes.busy_town import with_key
from tests.fakes.pages_office import STAFF, Town
from tests.fakes.pictures import picture, where_it_was_taken
from tracker.domain.lifecycle import Event, State
from tracker.services import advance, inspect, links
from tracker.store import contacts, units

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PHOTO = {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": picture(exif=where_it_was_taken())}
THUMB = 44  # CSS pixels: the target size of WCAG 2.2, 2.5.5
_TARGETS = """() => [...document.querySelectorAll('header *, main *')]
    .filter(each => each.matches('a, button, summary, input'))
    .filter(each => each.type !== 'hidden' && each.checkVisibility())
    .map(each => [each.textContent.trim() || each.name, each.getBoundingClientRect().height])"""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town with its bulletin, whose office can make links."""
    made = Town(tmp_path)
    with_key(made, "https://zhenggai.yunlan.example/")
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
    window.page.wait_for_load_state()
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
    phone.page.get_by_label("拍照").set_input_files(PHOTO)
    expect(phone.page.locator(".chosen li")).to_have_count(1)
    assert is_fit_for_a_thumb(phone)
    phone.page.get_by_role("button", name="报送整改").click()
    expect(phone.page.get_by_role("status")).to_have_text("已报送整改")
    assert is_fit_for_a_thumb(phone)
    assert inspect.open_file(town.office, 2).item.standing.submitted_by == "李联"


def test_with_a_photo_and_without_any_script(chromium: Browser, origin: str, town: Town) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(origin + link_to(town))
    page.get_by_role("button", name="进入").click()
    page.get_by_role("link", name="未设置节约用水专栏").click()
    page.get_by_role("button", name="签收").click()
    expect(page.get_by_role("status")).to_have_text("已签收")
    page.get_by_label("整改情况").fill("已开设专栏，附首页照片")
    assert page.get_by_label("拍照").get_attribute("capture") == "environment"
    page.get_by_label("拍照").set_input_files(PHOTO)
    page.get_by_role("button", name="报送整改").click()
    expect(page.get_by_role("status")).to_have_text("已报送整改")
    page.get_by_text("经过（").click()
    expect(page.get_by_role("link", name="现场.jpg")).to_be_visible()
    context.close()


def test_photos_taken_one_after_the_other_are_gathered_and_made_smaller(windows: Windows, town: Town) -> None:
    page = opened(windows, link_to(town))
    page.goto(f"{windows.origin}/my/2")
    large = picture(size=(4032, 3024), quality=100, exif=where_it_was_taken())
    pattern = bytes(range(256)) * 1600  # a comment that makes it as long as a telephone's
    large = (
        large[:2]
        + b"".join(
            b"\xff\xfe\xff\xfe" + pattern[place : place + 65532] for place in range(0, 6 * 65532, 65532)
        )
        + large[2:]
    )
    for name in ("一.jpg", "二.jpg"):
        page.get_by_label("拍照").set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": large})
        expect(page.locator(".chosen li")).to_have_count(1 if name == "一.jpg" else 2)
    page.get_by_label("选照片或文件").set_input_files(
        {"name": "说明.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    page.get_by_role("button", name="去掉 一.jpg").click()
    expect(page.locator(".chosen li")).to_have_count(2)
    page.get_by_role("button", name="报送整改").click()
    expect(page.get_by_role("status")).to_have_text("已报送整改")
    kept = inspect.open_file(town.office, 2).evidence
    assert [proof.value for proof in kept] == ["二.jpg", "说明.pdf"]
    _, content = inspect.evidence_file(town.office, 2, kept[0].id)
    with Image.open(BytesIO(content)) as opened_picture:
        assert max(opened_picture.size) == 2000
        assert opened_picture.size[0] < opened_picture.size[1]  # upright
        assert not dict(opened_picture.getexif())


def test_a_network_that_breaks_off_loses_nothing_and_the_second_try_reports_once(
    windows: Windows, town: Town
) -> None:
    page = opened(windows, link_to(town))
    page.goto(f"{windows.origin}/my/2")
    page.get_by_label("整改情况").fill("已开设专栏")
    page.get_by_label("拍照").set_input_files(PHOTO)
    expect(page.locator(".chosen li")).to_have_count(1)
    lost = []

    def answer_lost(route: Route) -> None:
        """What was sent arrives; the answer does not."""
        lost.append(route.fetch(max_redirects=0).status)
        route.abort("connectionreset")

    page.route("**/my/2", answer_lost, times=1)
    page.get_by_role("button", name="报送整改").click()
    expect(page.get_by_text("网络中断")).to_be_visible()
    assert lost == [303]
    expect(page.get_by_label("整改情况")).to_have_value("已开设专栏")
    page.get_by_role("button", name="报送整改").click()
    expect(page.get_by_role("status")).to_have_text("已报送整改")
    assert [row.event for row in inspect.open_file(town.office, 2).history] == ["import", "submit"]
    windows.forgive("ERR_CONNECTION_RESET")


def test_what_was_typed_is_there_after_the_page_was_left_and_gone_after_the_report(
    windows: Windows, town: Town
) -> None:
    page = opened(windows, link_to(town))
    page.goto(f"{windows.origin}/my/2")
    page.get_by_label("整改情况").fill("写到一半")
    page.get_by_label("网址").fill("https://shuiwu.yunlan.example/")
    page.goto(f"{windows.origin}/my")
    page.goto(f"{windows.origin}/my/2")
    expect(page.get_by_label("整改情况")).to_have_value("写到一半")
    page.get_by_role("button", name="报送整改").click()
    expect(page.get_by_role("status")).to_have_text("已报送整改")
    assert page.evaluate("window.sessionStorage.length") == 0
    page.get_by_role("button", name="撤回刚才的").click()
    expect(page.get_by_label("整改情况")).to_have_value("")
    assert inspect.open_file(town.office, 2).item.standing.state is State.OPEN


def test_a_slow_network_shows_how_far_a_report_has_come(windows: Windows, town: Town) -> None:
    page = opened(windows, link_to(town))
    page.goto(f"{windows.origin}/my/2")
    page.get_by_label("选照片或文件").set_input_files(
        {"name": "方案.pdf", "mimeType": "application/pdf", "buffer": b"%PDF" + bytes(200_000)}
    )
    client = page.context.new_cdp_session(page)
    client.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 100, "downloadThroughput": 50_000, "uploadThroughput": 100_000},
    )
    page.get_by_role("button", name="报送整改").dblclick()
    expect(page.locator(".sending")).to_contain_text("正在上传")
    expect(page.get_by_role("status").first).to_have_text("已报送整改", timeout=20_000)
    assert [row.event for row in inspect.open_file(town.office, 2).history] == ["import", "submit"]


def test_all_are_signed_for_in_one_tap(windows: Windows, town: Town) -> None:
    page = opened(windows, link_to(town))
    page.get_by_role("button", name="全部签收（3 项）").click()
    expect(page.get_by_role("status")).to_have_text("已签收 3 项")


def test_a_refused_report_says_why_in_place_and_keeps_what_was_typed(windows: Windows, town: Town) -> None:
    page = opened(windows, link_to(town))
    page.goto(f"{windows.origin}/my/2")
    page.get_by_label("整改情况").fill("见附件")
    page.get_by_label("选照片或文件").set_input_files(
        {"name": "程序.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"}
    )
    page.get_by_role("button", name="报送整改").click()
    expect(page.get_by_role("alert")).to_contain_text("程序.exe")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("整改情况")).to_have_value("见附件")
    page.get_by_role("button", name="报送整改").click()
    expect(page.get_by_role("status")).to_have_text("已报送整改")


def test_whoever_comes_too_late_asks_for_a_new_link(windows: Windows, town: Town) -> None:
    path = link_to(town)
    town.wait(days=8)
    window = windows.open(phone=True)
    window.go(path)
    assert is_fit_for_a_thumb(window)
    window.page.get_by_role("button", name="给我发一个新的链接").click()
    expect(window.page.get_by_role("status")).to_contain_text("新的链接会在几分钟内发到")
    assert [each.kind for each in inspect.list_messages(town.office)] == ["link"]


def test_what_was_returned_is_seen_first_and_can_be_put_off(windows: Windows, town: Town) -> None:
    advance.perform(town.office, Event.SUBMIT, [3], by="李联", now=town.now)
    advance.perform(town.office, Event.RETURN, [3], by=STAFF, now=town.now, reason="栏目打不开")
    page = opened(windows, link_to(town))
    first = page.locator(".card").first
    expect(first).to_contain_text("已退回：栏目打不开")
    first.click()
    expect(page.get_by_text("已退回：栏目打不开").first).to_be_visible()
    page.get_by_text("申请延期", exact=True).first.click()
    page.get_by_label("延期至").fill("2027-03-31")
    page.get_by_role("textbox", name="理由").fill("网站改版，等待上线")
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
