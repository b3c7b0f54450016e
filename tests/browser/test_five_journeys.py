"""The whole road in a real browser: taken in, handed out, reported, sent back, reported again, struck off.

One story in one town ten weeks after its bulletin; each part begins where the one before it has ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect

from notifiers.sandbox import Sandbox
from tests.browser.conftest import Window, Windows
from tests.fakes.busy_town import with_key
from tests.fakes.pages_office import PASSWORD, STAFF, Town
from tests.fakes.pictures import picture
from tests.fakes.quarter_town import ten_weeks
from tests.fakes.scripted_channel import ScriptedSms
from tests.services.scenes import know
from tracker.services import accounts, second_factor
from tracker.services.deliver import deliver

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PHONE_NUMBER = "13800000001"
HOST = "https://zhenggai.yunlan.example"
FAULT = "未设置节约用水专栏"
LATER = f"""云澜市政务公开专项检查通报

2026年11月16日

附件1

市直部门政务公开问题清单

序号\t单位名称\t政务公开问题
1\t市水某局\t{FAULT}。
"""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    with_key(made, f"{HOST}/")
    ten_weeks(made)
    made.office = replace(made.office, channels={"sandbox": Sandbox(), "sms": ScriptedSms()})
    know(made.office, f"市水某局,李联,联络员,{PHONE_NUMBER},,,")
    yield made
    made.close()


def code_app(town: Town, login: str) -> pyotp.TOTP:
    """Somebody's telephone, on which the second factor has been turned on."""
    second_factor.begin(town.office, login)
    offer = second_factor.offered(town.office, login)
    assert offer is not None
    codes = pyotp.TOTP(offer.secret)
    opened = accounts.sign_in(town.office, login, PASSWORD, now=town.now)
    second_factor.turn_on(town.office, login, codes.at(town.now), opened.token, now=town.now)
    town.wait(minutes=2)  # no code is good twice
    return codes


def sign_in_with_code(bureau: Window, town: Town, codes: pyotp.TOTP) -> None:
    bureau.go("/sign-in")
    bureau.page.get_by_label("账号").fill(STAFF)
    bureau.page.get_by_label("密码").fill(PASSWORD)
    bureau.page.get_by_role("button", name="登录").click()
    bureau.page.get_by_label("动态口令").fill(codes.at(town.now))
    bureau.page.get_by_role("button", name="登录").click()
    expect(bureau.page.get_by_role("heading", level=1)).to_contain_text("今日工作")


def departments_rate(bureau: Window) -> str:
    """What the leader's page says of the departments: rate, struck off, all."""
    bureau.go("/leader")
    group = bureau.page.locator(".groups li", has_text="市直")
    return re.sub(r"\s+", "", group.locator(".big").inner_text())


def take_in(bureau: Window) -> None:
    bureau.go("/uploads")
    bureau.page.get_by_label("文件").set_input_files(
        {"name": "专项检查.txt", "mimeType": "text/plain", "buffer": LATER.encode()}
    )
    bureau.page.get_by_role("button", name="预览").click()
    expect(bureau.page.get_by_role("row", name=FAULT)).to_contain_text("新增")
    bureau.page.get_by_role("button", name="确认读入").first.click()
    expect(bureau.page.get_by_role("status")).to_contain_text("新增 1")


def hand_out(bureau: Window) -> None:
    bureau.page.get_by_role("button", name="交办").click()
    expect(bureau.page.get_by_role("status")).to_contain_text("交办")


def delivered(bureau: Window, town: Town, kind: str) -> str:
    """The path of the one-tap link in the message that reached the contact's phone just now.

    The bureau sees that it was sent, and never the link itself.
    """
    deliver(town.office, town.clock)
    [address, payload] = sms(town).sent[-1]
    assert address == PHONE_NUMBER
    bureau.go("/messages?tab=all")
    newest = bureau.page.locator("article.message").first
    expect(newest).to_contain_text("市水某局 李联")
    expect(newest).to_contain_text("已受理")
    newest.get_by_text("正文").click()
    expect(newest.locator(".paper")).to_contain_text(kind)
    [token] = re.findall(r"/t/([\w-]+)", payload.decode())
    assert token not in bureau.page.content()
    return f"/t/{token}"


def sms(town: Town) -> ScriptedSms:
    channel = town.office.channels["sms"]
    assert isinstance(channel, ScriptedSms)
    return channel


def report(phone: Page, words: str) -> None:
    """As a contact does it who stands at the item, with a photo."""
    phone.get_by_label("整改情况").fill(words)
    phone.get_by_label("拍照").set_input_files(
        {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    expect(phone.locator(".chosen li")).to_have_count(1)
    phone.get_by_role("button", name="报送整改").click()
    expect(phone.get_by_role("status")).to_have_text("已报送整改")


def open_from_the_pile(bureau: Window) -> None:
    """From today's work to the item that waits to be verified."""
    bureau.go("/")
    bureau.page.get_by_role("link", name="待核验").click()
    bureau.page.get_by_role("link", name=FAULT).click()
    expect(bureau.page.get_by_role("heading", level=1)).to_contain_text("市水某局")


def test_from_the_bulletin_to_the_leaders_rate(windows: Windows, town: Town) -> None:
    bureau = windows.open()
    sign_in_with_code(bureau, town, code_app(town, STAFF))
    assert departments_rate(bureau) == "84.1%148/176"

    take_in(bureau)
    hand_out(bureau)
    link = delivered(bureau, town, "交办")
    assert departments_rate(bureau) == "83.6%148/177"

    phone = windows.open(phone=True)
    phone.go(link)
    phone.page.get_by_role("button", name="进入").click()
    phone.page.get_by_role("link", name=FAULT).click()
    report(phone.page, "已开设专栏")

    open_from_the_pile(bureau)
    bureau.page.get_by_text("查看图片").click()
    expect(bureau.page.locator("img[src$='/picture']").first).to_be_visible()
    step = bureau.page.locator("details.step", has_text="退回").first
    step.locator("summary").click()
    step.get_by_label("理由").fill("专栏打不开，请核实")
    step.get_by_role("button", name="退回").click()
    expect(bureau.page.get_by_role("status")).to_have_text("已退回")
    assert delivered(bureau, town, "退回") != link

    phone.go("/my")
    expect(phone.page.locator(".card").first).to_contain_text("已退回：专栏打不开，请核实")
    phone.page.get_by_role("link", name=FAULT).click()
    report(phone.page, "地址已更正")
    assert departments_rate(bureau) == "83.6%148/177"

    open_from_the_pile(bureau)
    bureau.page.get_by_role("button", name="销号").click()
    expect(bureau.page.get_by_role("status")).to_have_text("已销号")
    assert departments_rate(bureau) == "84.2%149/177"
    phone.go("/my")
    expect(phone.page.get_by_text("没有需要整改的事项")).to_be_visible()
    phone.page.get_by_text("已办结").click()
    expect(phone.page.get_by_role("link", name=FAULT)).to_contain_text("已销号")
