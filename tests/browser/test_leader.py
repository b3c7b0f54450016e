"""The leader's page in a real browser: on a desk, a phone, a wall and a sheet of paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pdfplumber import open as open_pdf
from playwright.sync_api import expect

from tests.browser.conftest import Windows
from tests.fakes.pages_office import STAFF, Town
from tests.fakes.quarter_town import ten_weeks
from tests.services.scenes import strike_off

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    made = Town(tmp_path)
    made.begin(ten_weeks)
    yield made
    made.close()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_the_chart_is_drawn_and_each_number_leads_on(windows: Windows, phone: bool) -> None:
    window = windows.open(phone=phone)
    window.sign_in(STAFF)
    window.go("/leader")
    expect(window.page.locator(".trend canvas")).to_be_visible()
    expect(window.page.locator(".drawn")).to_be_hidden()
    assert not window.scrolls_sideways()
    window.page.get_by_role("link", name="148", exact=True).click()
    expect(window.page).to_have_url(re.compile("/items.*group=.*state=struck_off"))
    window.go("/leader")
    window.page.get_by_role("link", name="28", exact=True).click()
    expect(window.page.get_by_role("heading", level=1)).to_be_visible()
    assert not window.scrolls_sideways()


def test_it_prints_on_one_sheet(windows: Windows, tmp_path: Path) -> None:
    window = windows.open()
    window.sign_in(STAFF)
    window.go("/leader")
    file = tmp_path / "leader.pdf"
    window.page.pdf(path=file, prefer_css_page_size=True)
    with open_pdf(file) as sheets:
        assert len(sheets.pages) == 1
        words = sheets.pages[0].extract_text()
    assert "84.1%" in words
    assert "临期指" in words


def test_the_wall_turns_by_itself_and_refreshes_or_says_that_it_could_not(
    windows: Windows, town: Town
) -> None:
    window = windows.open()
    window.sign_in(STAFF)
    page = window.page
    page.clock.install()
    window.go("/leader?wall=1")
    expect(page.locator(".huge:visible")).to_have_text("88.1%")
    page.clock.run_for(12_500)
    expect(page.locator(".huge:visible")).to_have_text("84.1%")
    strike_off(town.office, [149], town.now)
    page.clock.run_for(48_000)
    expect(page.locator(".panel-wall .share").first).to_have_text("259 / 293")
    expect(page.locator("#stale")).to_be_hidden()
    page.context.clear_cookies()
    page.clock.run_for(61_000)
    expect(page.locator("#stale")).to_contain_text("登录已失效")
    expect(page.locator(".panel-wall .share").first).to_have_text("259 / 293")
