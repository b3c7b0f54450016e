"""The ledger's pages: download, upload, what would change, and the decision."""

from __future__ import annotations

import base64
import re

import pytest

from tests.fakes.ledger_editor import Sheet
from tests.fakes.pages_office import CONTACT, STAFF
from tracker.domain.lifecycle import Event, State
from tracker.services import advance, inspect
from tracker.web.routes import ledger

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _sheet(visitor, query=""):
    answer = visitor.get(f"/ledger.xlsx{query}")
    assert answer.headers["content-type"] == XLSX
    return Sheet(answer.content)


def _upload(visitor, content, name="台账.xlsx"):
    return visitor.post("/ledger/preview", "/ledger", files={"file": (name, content)})


def _confirm(visitor, page):
    """Press the preview's button."""
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    return visitor.request("POST", "/ledger", data=fields)


def _tiles(page):
    return {name: int(count) for count, name in re.findall(r"<b>(\d+)</b>(\w+)</span>", page.text)}


def test_a_ledger_is_edited_previewed_and_taken_back(town, staff):
    town.take_in()
    edited = _sheet(staff).edit(1, 数量="8", 备注="<b>已约谈</b>").edit(2, 状态="整改中")
    preview = _upload(staff, edited.as_xlsx())
    assert preview.status_code == 200
    assert "尚未写入" in preview.text
    assert _tiles(preview) == {"改动": 2, "未改": 5, "冲突": 0, "不能写入": 0}
    assert "&lt;b&gt;已约谈&lt;/b&gt;" in preview.text
    assert inspect.open_file(town.office, 1).item.quantity == 12
    done = _confirm(staff, preview)
    assert "已写入 2 项的改动" in done.text
    assert "确认写入" not in done.text
    assert inspect.open_file(town.office, 1).item.quantity == 8
    history = inspect.open_file(town.office, 2).history
    assert [(row.actor, row.event) for row in history[1:]] == [(STAFF, "sign")]


def test_an_unedited_ledger_offers_nothing_to_confirm(town, staff):
    town.take_in()
    page = _upload(staff, _sheet(staff).as_csv("gb18030"), "台账.csv").text
    assert "没有可以写入的改动" in page
    assert "确认写入" not in page


def test_rows_that_cannot_be_written_are_shown_with_their_reasons_and_left_out(town, staff):
    town.take_in()
    edited = _sheet(staff).edit(1, 备注="好").edit(2, 责任单位="市太空局").edit(3, 备注="我的")
    other = _sheet(staff).edit(3, 备注="他的")
    _confirm(staff, _upload(staff, other.as_xlsx()))
    preview = _upload(staff, edited.as_xlsx())
    assert "没有名为“市太空局”的责任单位" in preview.text
    assert "备注导出后已被他人改为“他的”，表中为“我的”" in preview.text
    assert "另有 2 行不写入" in preview.text
    done = _confirm(staff, preview)
    assert "已写入 1 项的改动" in done.text
    assert _tiles(done) == {"改动": 1, "未改": 4, "冲突": 1, "不能写入": 1}
    assert [_sheet(staff).cell(number, "备注") for number in (1, 2, 3)] == ["好", "", "他的"]


def test_what_changes_between_preview_and_decision_is_asked_again(town, staff):
    town.take_in()
    preview = _upload(staff, _sheet(staff).edit(1, 状态="整改中").edit(2, 备注="好").as_xlsx())
    advance.perform(town.office, Event.SUBMIT, [1], by=CONTACT, now=town.now)
    answer = _confirm(staff, preview)
    assert answer.status_code == 409
    assert "预览之后又有变动" in answer.text
    assert "状态导出后已被他人改为“待核验”，表中为“整改中”" in answer.text
    assert _sheet(staff).cell(2, "备注") == ""
    assert "已写入 1 项的改动" in _confirm(staff, answer).text


def test_who_handed_in_may_not_strike_off_by_the_ledger(town, contact):
    town.take_in()
    advance.perform(town.office, Event.SUBMIT, [1], by=CONTACT, now=town.now)
    page = _upload(contact, _sheet(contact).edit(1, 状态="已销号").as_xlsx())
    assert "报送人与核验人不能是同一人" in page.text
    assert inspect.open_file(town.office, 1).item.standing.state is State.SUBMITTED


def test_the_download_takes_the_filters_of_the_list(town, staff):
    town.take_in()
    assert [row[0] for row in _sheet(staff, "?unit=市水务局&after=2").rows[1:]] == [1, 2, 3]
    assert staff.get("/ledger.xlsx?unit=市太空局").status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "台账.xlsx", "台账.xlsx：文件为空"),
        ("编号,备注\n1,好".encode(), "台账.csv", "不是由本系统导出的整改台账"),
        (b"%PDF-1.7", "台账.pdf", "不是表格文件"),
    ],
)
def test_a_file_that_is_no_ledger_is_refused_on_the_form(staff, content, name, message):
    answer = _upload(staff, content, name)
    assert answer.status_code == 400
    assert message in answer.text
    assert 'action="/ledger/preview"' in answer.text


def test_nothing_chosen_is_said(staff):
    assert "请选择台账文件" in staff.post("/ledger/preview", "/ledger").text


def test_a_file_beyond_the_limit_is_sent_to_the_command_line(staff, monkeypatch):
    monkeypatch.setattr(ledger, "_MAXIMUM_BYTES", 10)
    assert "请在服务器上用 rectify ledger import" in _upload(staff, b"x" * 11).text


def test_a_mangled_preview_is_refused(staff):
    answer = staff.post("/ledger", "/ledger", filename="台账.xlsx", parts="不是")
    assert answer.status_code == 400
    assert "请重新上传" in answer.text


def test_a_large_file_travels_through_the_preview_in_parts(town, staff, monkeypatch):
    monkeypatch.setattr(ledger, "_PART", 1000)
    town.take_in()
    content = _sheet(staff).edit(1, 备注="好").as_xlsx()
    preview = _upload(staff, content)
    parts = re.findall(r'name="parts" value="([^"]*)"', preview.text)
    assert len(parts) > 3
    assert b"".join(map(base64.b64decode, parts)) == content
    done = staff.post("/ledger", "/ledger", filename="台账.xlsx", parts=parts)
    assert "已写入 1 项的改动" in done.text
