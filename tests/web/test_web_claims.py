"""A draft is checked before it is published: verdicts, the worst first, and nothing kept."""

from __future__ import annotations

import re

from tests.services.scenes import rows

DRAFT = """云澜市政务服务检查情况通报

2026年11月16日

上期共交办问题40条，已整改30条，整改率为85%。

本期市水务局、市体育局、市教育局等3个单位未评价办件。
"""


def verdicts(page):
    return re.findall(r'<span class="badge verdict-\w+">(\S+?)</span>', page)


def test_a_pasted_draft_is_recomputed_with_what_does_not_hold_first(town, staff):
    before = rows(town.office)
    answer = staff.post("/claims", "/claims", text=DRAFT)
    assert answer.status_code == 200
    found = verdicts(answer.text)
    assert found[0] == "不符"
    assert found == sorted(found, key=["不符", "无法核对", "相符"].index)
    assert "整改率为85%" in answer.text
    assert "<strong>75%</strong>" in answer.text
    assert "分子 30，分母 40" in answer.text
    assert f"<b>{found.count('不符')}</b>不符" in answer.text
    assert rows(town.office) == before


def test_a_file_is_checked_and_tells_what_an_import_would_read(staff):
    files = {"files": ("稿.txt", DRAFT.replace("85%", "75%").encode("gb18030"))}
    page = staff.post("/claims", "/claims", files=files).text
    assert "不符" not in verdicts(page)
    assert "稿.txt" in page
    assert re.search(r"<b>\d+</b>可读出的问题", page)


def test_a_draft_without_a_date_is_checked_all_the_same(staff):
    page = staff.post("/claims", "/claims", text=DRAFT.replace("2026年11月16日", "")).text
    assert "未见印发日期" in page
    assert "<strong>75%</strong>" in page


def test_what_cannot_be_read_says_why_and_keeps_the_text(staff):
    answer = staff.post("/claims", "/claims", files={"files": ("空.docx", b"")}, text=DRAFT)
    assert answer.status_code == 400
    assert "空.docx" in answer.text
    assert "整改率为85%" in answer.text
    assert "请选择文件，或粘贴正文" in staff.post("/claims", "/claims", text=" ").text


def test_the_words_of_a_draft_never_become_markup(staff):
    page = staff.post("/claims", "/claims", text=DRAFT.replace("上期共", "<img src=x>上期共")).text
    assert "<img" not in page
    assert "&lt;img src=x&gt;" in page
