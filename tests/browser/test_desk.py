"""The staff desk by keys and mouse: search as one types, many at once, undo, one key for one step."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.fakes.pages_office import CONTACT, STAFF
from tracker.domain.lifecycle import Event, State
from tracker.services import advance, inspect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_the_list_answers_while_one_types_and_the_address_keeps_it(windows):
    window = windows.open()
    window.sign_in(STAFF)
    window.go("/items?view=0")
    window.page.keyboard.press("/")
    window.page.keyboard.type("专栏")
    expect(window.page.locator("#list tbody tr")).to_have_count(2)
    expect(window.page.get_by_label("搜索")).to_be_focused()
    window.page.locator("label", has_text="待核验").click()
    expect(window.page.locator("#list .empty")).to_be_visible()
    window.page.wait_for_load_state("networkidle")
    window.page.reload()
    expect(window.page.get_by_label("搜索")).to_have_value("专栏")
    expect(window.page.locator("#list .empty")).to_be_visible()


def test_many_are_ticked_struck_off_and_taken_back(windows, town):
    advance.perform(town.office, Event.SUBMIT, [1, 2, 3], by=CONTACT, now=town.now)
    window = windows.open()
    window.sign_in(STAFF)
    window.go("/items?state=submitted")
    bar = window.page.get_by_role("group", name="批量办理")
    expect(bar).to_be_hidden()
    boxes = window.page.locator('input[name="numbers"]')
    boxes.first.click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(bar).to_contain_text("已勾选 3 项")
    bar.get_by_role("button", name="销号", exact=True).click()
    expect(window.page.get_by_role("status")).to_have_text("已销号 3 项")
    assert "moved" not in window.page.url
    window.page.keyboard.press("u")
    expect(window.page.get_by_role("status")).to_have_text("已撤回 3 项")
    assert inspect.open_file(town.office, 3).item.standing.state is State.SUBMITTED


def test_one_key_opens_a_step_and_a_second_takes_it(windows, town):
    advance.perform(town.office, Event.SUBMIT, [1, 2], by=CONTACT, now=town.now)
    window = windows.open()
    window.sign_in(STAFF)
    window.go("/items/1?list=state%3Dsubmitted")
    window.page.keyboard.press("r")
    reason = window.page.locator('details[data-key="r"] textarea')
    expect(reason).to_be_focused()
    window.page.keyboard.type("vvnu")  # typed words are no keys
    expect(reason).to_have_value("vvnu")
    window.page.locator("h1").click()
    window.page.keyboard.press("v")
    window.page.keyboard.press("Enter")
    expect(window.page.get_by_role("status")).to_have_text("已销号")
    window.page.keyboard.press("j")
    expect(window.page).to_have_title("第 2 号 · 整改通")
    window.page.keyboard.press("?")
    expect(window.page.get_by_role("dialog")).to_be_visible()
    window.page.keyboard.press("v")
    window.page.keyboard.press("Escape")
    expect(window.page.get_by_role("dialog")).to_be_hidden()
    assert inspect.open_file(town.office, 2).item.standing.state is State.SUBMITTED


def test_the_source_opens_beside_its_item(windows):
    window = windows.open()
    window.sign_in(STAFF)
    window.go("/items/4")
    window.page.get_by_role("link", name="看原文上下文").click()
    expect(window.page.locator("#source .it")).to_contain_text("监管数据上传及时率")
    assert window.page.url.endswith("/items/4")


@pytest.mark.parametrize("path", ["/", "/items?view=0", "/items/2", "/items/2/source"])
def test_the_desk_fits_a_phone(windows, path):
    window = windows.open(phone=True)
    window.sign_in(STAFF)
    window.go(path)
    assert not window.scrolls_sideways()
