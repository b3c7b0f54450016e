"""Taking a document in with a real browser: dropped, read behind the page, compared, imported, taken back."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Windows
from tests.fakes.pages_office import BULLETIN, STAFF, Town
from tracker.intake.model import Reading
from tracker.services import inspect, reading_room, register
from tracker.services.drafting import Progress
from tracker.services.office import Office
from tracker.services.register import Source
from tracker.web.routes import uploads

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
LATER = BULLETIN.replace("11月16日", "11月17日").replace("12件", "5件").replace("体育局", "气象局")
_DROP = """([name, text]) => {
    const carried = new DataTransfer();
    carried.items.add(new File([text], name, {type: 'text/plain'}));
    const form = document.querySelector('input[data-drop]').form;
    for (const kind of ['dragenter', 'dragover', 'drop'])
        form.dispatchEvent(new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def page(windows: Windows) -> Page:
    window = windows.open()
    window.sign_in(STAFF)
    window.go("/uploads")
    return window.page


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Every document counts as long, and none is read before `held.set()`."""
    gate, read = threading.Event(), register.read

    def slow(office: Office, source: Source, progress: Progress | None = None) -> Reading:
        gate.wait(60)
        return read(office, source, progress)

    for module in (reading_room, uploads):
        monkeypatch.setattr(module, "LONG_BYTES", 0)
    monkeypatch.setattr(register, "_MEMORY", register._Memory())
    monkeypatch.setattr(register, "read", slow)
    yield gate
    gate.set()
    for thread in threading.enumerate():
        if thread.name.startswith("upload-"):
            thread.join()


def test_a_dropped_file_goes_the_whole_way_and_back(page: Page, town: Town) -> None:
    page.evaluate(_DROP, ["第二期.txt", LATER])
    expect(page.locator(".chosen li")).to_contain_text("第二期.txt（1 KB）")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("status")).to_contain_text("尚未写入")
    expect(page.get_by_role("list", name="读入步骤").locator("[aria-current]")).to_have_text("2核对")
    page.get_by_role("button", name="确认读入：将新增 2 项、变更 1 项").click()
    expect(page.get_by_role("status")).to_contain_text("新增 2、未变 4、数量变化 1、本期未列 2")
    expect(page.get_by_role("button", name="交办")).to_be_visible()
    page.get_by_role("button", name="撤回这次读入").click()
    expect(page.get_by_text("撤回：读入有误，重新核对")).to_be_visible()
    assert len(inspect.list_bulletins(town.office)) == 2
    page.goto(page.url.replace("/bulletins/2", "/uploads"))
    page.get_by_label("粘贴正文").fill(BULLETIN)
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("status")).to_contain_text("读入为《云澜市政务服务问题整改通报》")


def test_the_source_stands_beside_and_follows_what_is_looked_at(page: Page) -> None:
    filler = "\n".join(f"第{place}处为检查组所到的地方。" for place in range(60))
    page.get_by_label("粘贴正文").fill(LATER.replace("附件 1", f"{filler}\n\n附件 1"))
    page.get_by_role("button", name="预览").click()
    pane = page.locator(".source-pane")
    expect(pane.get_by_role("link", name="未设置节约用水专栏。")).to_be_visible()
    row = page.get_by_role("row", name="未设置社区服务专栏。")
    row.hover()
    expect(pane.locator(".here")).to_contain_text("未设置社区服务专栏。")
    page.get_by_role("row", name="监管数据上传").get_by_role("link", name="更正").focus()
    expect(pane.locator(".here")).to_contain_text("监管数据上传")
    pane.get_by_role("link", name="未设置社区服务专栏。").click()
    expect(page.locator("tr:target")).to_contain_text("未设置社区服务专栏。")
    row.get_by_role("link", name="第 ").first.click()
    expect(pane.locator("li:target")).to_contain_text("未设置社区服务专栏。")


def test_a_long_document_goes_on_while_its_page_is_closed(
    page: Page, windows: Windows, held: threading.Event
) -> None:
    page.get_by_label("文件").set_input_files(
        {"name": "长表.txt", "mimeType": "text/plain", "buffer": LATER.encode()}
    )
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_text("可以关闭此页")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    place = page.url
    page.goto("about:blank")
    held.set()
    page.goto(place)
    expect(page.get_by_text("以下为预览，尚未写入。")).to_be_visible()
    page.get_by_role("button", name="确认读入").click()
    expect(page.get_by_text("已读入《")).to_be_visible()


def test_numbers_that_do_not_hold_are_a_click_away(page: Page) -> None:
    rate = "上期共交办问题40条，已整改30条，整改率为85%。"
    page.get_by_label("粘贴正文").fill(LATER.replace("附件 1", f"{rate}\n\n附件 1"))
    page.get_by_role("button", name="预览").click()
    page.get_by_role("link", name="文中有 1 个数与复算不符").click()
    first = page.get_by_role("table").get_by_role("row").nth(1)
    expect(first).to_contain_text("不符")
    expect(first).to_contain_text("75%")


def test_no_page_of_the_way_is_heavier_than_a_slow_line_bears(page: Page) -> None:
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(len(answer.body())) if answer.ok else None)
    for path in ("/uploads", "/bulletins", "/claims"):
        sizes.clear()
        page.goto(page.url.partition("/uploads")[0].partition("/bulletins")[0] + path)
        assert sum(sizes) < 300_000
