"""What two people do with one item, from the reminder's page to the struck-off rate, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.fakes.pages_office import BULLETIN, CONTACT, STAFF

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PAGES = (
    "/",
    "/items",
    "/items/3",
    "/rates?by=unit",
    "/inbox",
    "/messages?tab=all",
    "/channels",
    "/bulletins",
    "/bulletins/1",
    "/uploads",
    "/claims",
    "/units",
    "/digest",
)


def test_from_signing_for_an_item_to_striking_it_off(windows):
    unit = windows.open()
    unit.sign_in(CONTACT)
    expect(unit.page.locator("tfoot .percent").first).to_have_text("0%")
    unit.page.get_by_role("navigation").get_by_role("link", name="事项").click()
    unit.page.get_by_role("link", name="未设置节约用水专栏").click()
    expect(unit.page.get_by_role("heading", level=1)).to_contain_text("市水务局")

    unit.page.get_by_role("button", name="签收").click()
    expect(unit.page.get_by_role("status")).to_have_text("已签收")
    unit.page.get_by_label("佐证网址").fill("https://shuiwu.yunlan.example/jieshui")
    unit.page.get_by_label("佐证文件").set_input_files(
        {"name": "栏目截图.png", "mimeType": "image/png", "buffer": b"\x89PNG not a picture"}
    )
    unit.page.get_by_role("button", name="报送整改").click()
    expect(unit.page.get_by_role("status")).to_have_text("已报送整改")
    with unit.page.expect_download() as download:
        unit.page.get_by_role("link", name="栏目截图.png").click()
    assert download.value.suggested_filename == "栏目截图.png"

    unit.page.get_by_role("button", name="销号").click()
    expect(unit.page.get_by_role("alert")).to_contain_text("报送人与核验人不能是同一人")

    bureau = windows.open()
    bureau.sign_in(STAFF)
    bureau.page.get_by_role("link", name="待核验").click()
    bureau.page.get_by_role("link", name="未设置节约用水专栏").click()
    bureau.page.get_by_role("button", name="销号").click()
    expect(bureau.page.get_by_role("status")).to_have_text("已销号")
    bureau.go("/")
    expect(bureau.page.locator("tfoot .percent").first).to_have_text("14.3%")


def test_a_bulletin_is_previewed_and_taken_in(windows):
    window = windows.open()
    window.sign_in(STAFF)
    window.go("/bulletins")
    window.page.get_by_role("link", name="读入通报").click()
    later = BULLETIN.replace("11月16日", "11月17日").replace("12件", "5件").replace("体育局", "气象局")
    window.page.get_by_label("文件").set_input_files(
        {"name": "第二期.txt", "mimeType": "text/plain", "buffer": later.encode()}
    )
    window.page.get_by_role("button", name="预览").click()
    expect(window.page.get_by_role("status")).to_contain_text("尚未写入")
    window.page.get_by_role("button", name="确认读入").click()
    expect(window.page.get_by_role("status")).to_contain_text("新增 2、未变 4、数量变化 1、本期未列 2")


def test_on_a_phone_a_preview_is_put_right_and_taken_in(windows):
    phone = windows.open(phone=True)
    phone.sign_in(STAFF)
    phone.go("/uploads")
    aside = "检查还发现一处公厕标牌脱落。"
    later = BULLETIN.replace("11月16日", "11月17日").replace("附件 1", f"{aside}\n\n附件 1")
    phone.page.get_by_label("粘贴正文").fill(later.replace("“全民健身”", "“青少年体育”"))
    phone.page.get_by_role("button", name="预览").click()
    expect(phone.page.get_by_role("status")).to_contain_text("尚未写入")
    assert not phone.scrolls_sideways()

    phone.page.get_by_role("link", name="新增").click()
    phone.page.get_by_role("link", name="更正问题").click()
    assert not phone.scrolls_sideways()
    phone.page.get_by_label("责任单位").last.fill("市教育局")
    phone.page.get_by_role("button", name="保存更正").click()
    expect(phone.page.locator("tr:target")).to_contain_text("市教育局")

    phone.page.get_by_role("link", name="其他正文").click()
    phone.page.get_by_role("row", name=aside).get_by_role("link", name="列为事项").click()
    phone.page.get_by_label("责任单位").fill("市城管局")
    phone.page.get_by_role("button", name="列为事项").click()
    phone.page.get_by_role("link", name="已作更正 2").click()
    assert not phone.scrolls_sideways()

    phone.page.get_by_role("button", name="确认读入").first.click()
    expect(phone.page.get_by_role("status")).to_contain_text("新增 2、未变 6、本期未列 1")
    phone.page.get_by_role("link", name="查看这份通报的事项").click()
    phone.page.get_by_role("link", name=aside).click()
    expect(phone.page.get_by_role("heading", level=1)).to_contain_text("市城管局")


def test_many_items_are_signed_for_at_once(windows):
    window = windows.open()
    window.sign_in(STAFF)
    window.go("/items?unit=市水务局")
    for number in (1, 2, 3):
        window.page.get_by_label(f"勾选第{number}号").check()
    window.page.get_by_text("其他办理").click()
    window.page.get_by_role("button", name="签收", exact=True).click()
    expect(window.page.get_by_role("status")).to_have_text("已签收 3 项")


def test_on_a_phone_every_page_fits_and_an_item_can_be_signed_for(windows):
    phone = windows.open(phone=True)
    phone.sign_in(CONTACT)
    for path in PAGES:
        phone.go(path)
        expect(phone.page.locator("h1")).to_be_visible()
        assert not phone.scrolls_sideways(), path
    phone.go("/items/3")
    phone.page.get_by_role("button", name="签收").click()
    expect(phone.page.get_by_role("status")).to_have_text("已签收")


def test_the_keyboard_alone_reaches_the_text_and_shows_where_it_is(windows):
    window = windows.open()
    window.sign_in(STAFF)
    window.page.keyboard.press("Tab")
    skip = window.page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    assert skip.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    window.page.keyboard.press("Enter")
    assert window.page.url.endswith("#main")
