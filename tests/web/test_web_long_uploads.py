"""A long document in the browser: taken at once, its progress told, its failure named."""

from __future__ import annotations

import re
import threading

import pytest

from tests.fakes.pages_office import BULLETIN
from tracker.services import inspect, reading_room, register, staging
from tracker.web.routes import uploads

CONTENT = BULLETIN.encode()
EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _everything_is_long(monkeypatch):
    for module in (reading_room, uploads):
        monkeypatch.setattr(module, "LONG_BYTES", 0)
    monkeypatch.setattr(register, "_MEMORY", register._Memory())
    yield
    settled()


def settled():
    for thread in threading.enumerate():
        if thread.name.startswith("upload-"):
            thread.join()


def hand_in(staff, content=CONTENT, filename="长表.txt", **fields):
    answer = staff.post("/uploads", "/uploads", files={"files": (filename, content)}, **fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


@pytest.fixture
def held(monkeypatch):
    """Nothing is read before `held.set()`."""
    gate, read = threading.Event(), register.read

    def slow(office, source, progress=None):
        gate.wait(30)
        return read(office, source, progress)

    monkeypatch.setattr(register, "read", slow)
    yield gate
    gate.set()


def test_it_is_taken_at_once_and_its_page_tells_how_far_it_has_come(staff, held):
    place = hand_in(staff)
    page = staff.get(place).text
    assert "可以关闭此页" in page
    assert f'data-progress="{place}/progress"' in page
    assert '<meta http-equiv="refresh"' in page  # where no script runs
    told = staff.get(f"{place}/progress").json()
    assert told["under_way"] is True
    assert told["phase"] in {"等候前一份文件", "正在识别"}
    held.set()
    settled()
    assert staff.get(f"{place}/progress").json() == {"under_way": False}
    assert "<b>7</b>新增" in staff.get(place).text


def test_it_is_put_right_and_imported_as_a_short_one_is(town, staff):
    place = hand_in(staff)
    settled()
    corrected = staff.post(f"{place}/corrections", place, deed="drop", key="f0", reason="误读")
    assert corrected.headers["location"].startswith(place)
    page = staff.get(place).text
    assert "将新增 6 项" in page
    shown = re.search(r'name="shown" value="(\w+)"', page)[1]
    assert staff.post(f"{place}/commit", place, shown=shown).headers["location"] == place
    settled()
    assert staff.get(place).headers["location"] == "/bulletins/1?done=true"
    done = staff.get("/bulletins/1?done=true").text
    assert "撤回这次读入" in done
    assert "交办" in done
    assert inspect.open_bulletin(town.office, 1).counts["new"] == 6


def test_what_was_not_shown_is_shown_before_it_is_imported(town, staff):
    place = hand_in(staff)
    settled()
    staff.post(f"{place}/commit", place, shown="0" * 64)
    settled()
    assert "尚未读入；以下是最新的预览" in staff.get(place).text
    settled()
    assert "将新增 7 项" in staff.get(place).text
    assert inspect.list_bulletins(town.office) == []


def test_a_title_and_a_day_can_be_added_where_the_document_tells_none(staff):
    place = hand_in(staff, "市水务局未设置节水专栏。".encode(), filename=f"{EVIL}.txt")
    settled()
    failed = staff.get(place)
    assert failed.status_code == 400
    assert "请填写印发日期" in failed.text
    assert "没有写入任何内容" in failed.text
    assert "<script>" not in failed.text
    settled()
    assert staff.post(place, "/uploads", title="补充", issued_on="2026-11-16").headers["location"] == place
    staff.get(place)
    settled()
    assert "<h1>补充</h1>" in staff.get(place).text


def test_a_failed_one_is_named_in_the_list_until_it_is_discarded(town, staff):
    place = hand_in(staff, b"PK\x03\x04 broken", filename="坏表.xlsx")
    settled()
    assert "坏表.xlsx" in staff.get(place).text
    settled()
    assert staff.post(f"{place}/discard", "/uploads").headers["location"] == "/uploads"
    assert staging.list_uploads(town.office) == []
    assert staff.get(place).status_code == 404


@pytest.mark.parametrize("name", [EVIL, "../../etc/passwd", "照\u202e片.txt", "a\r\nb.txt", "..", ""])
def test_a_hostile_file_name_is_shown_as_a_name_and_stored_as_one(town, staff, name):
    answer = staff.post("/uploads", "/uploads", files={"files": (name or "x", BULLETIN.encode())})
    settled()
    page = staff.get(answer.headers["location"]).text
    [upload] = staging.list_uploads(town.office)
    assert "/" not in upload.filename
    assert upload.filename.isprintable()
    assert "<script>" not in page
    assert "passwd" not in page or "etc" not in page
