"""The source beside its findings: which lines are shown, what in them is marked, and for whom."""

from __future__ import annotations

from io import BytesIO

import pytest
import xlsxwriter

from tests.fakes.pages_office import BULLETIN, STAFF
from tracker.services import register, staging
from tracker.services.corrections import Split
from tracker.services.register import Source
from tracker.web.beside import Excerpt, beside, excerpt, located

ROW = "1 市水务局 未评价办件12件。 1.未设置节约用水专栏。 2.没有公布R&D用水统计。"


def shown(plan):
    return beside(plan.reading.document.lines, plan.drafts)


def test_each_findings_words_are_marked_in_its_own_line(town):
    plan = register.preview(town.office, Source(BULLETIN.encode(), "通报.txt"))
    found = shown(plan)
    marked = {piece.key: piece.text for line in found.lines for piece in line.pieces if piece.key}
    assert marked == {draft.key: draft.finding.text for draft in plan.drafts}
    [first] = [line for line in found.lines if line.place == found.places["f0"]]
    assert (first.number, "".join(piece.text for piece in first.pieces)) == (8, ROW)
    assert found.places["f0"] == found.places["f1"] == found.places["f2"]


def test_lines_far_from_any_finding_are_left_out_and_the_gap_is_shown(town):
    filler = "\n".join(f"第{place}处为检查组所到的地方。" for place in range(30))
    text = BULLETIN.replace("附件 1", f"{filler}\n\n附件 1")
    plan = register.preview(town.office, Source(text.encode(), "通报.txt"))
    found = shown(plan)
    assert len(found.lines) < 8
    assert [line.after_gap for line in found.lines] == [True] + [False] * (len(found.lines) - 1)


def test_parts_of_a_split_finding_share_its_mark(town):
    upload_id = staging.stage(town.office, Source(BULLETIN.encode(), "通报.txt"), by=STAFF, now=town.now)
    plan = staging.correct(town.office, upload_id, Split("f1", ("没有专栏", "没有内容"))).preview
    found = shown(plan)
    assert found.places["f1.1"] == found.places["f1.2"]
    line = next(line for line in found.lines if line.place == found.places["f1.1"])
    assert [piece.key for piece in line.pieces if piece.key] == ["f0", "f1.1", "f2"]
    assert "".join(piece.text for piece in line.pieces) == ROW


def test_of_a_workbooks_sheets_the_one_that_holds_the_words_is_shown(town):
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for unit, problem in (("市水务局", "未设置节约用水专栏"), ("市体育局", "未设置全民健身专栏")):
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["责任单位", "问题"])
            sheet.write_row(1, 0, [unit, problem])
    source = Source(out.getvalue(), "清单.xlsx", issued_on=town.now.date())
    plan = register.preview(town.office, source)
    found = shown(plan)
    assert [draft.finding.source.line for draft in plan.drafts] == [2, 2]
    lines = {line.place: "".join(piece.text for piece in line.pieces) for line in found.lines}
    for draft in plan.drafts:
        assert draft.finding.text in lines[found.places[draft.key]]


def test_the_words_are_marked_in_their_line_whatever_its_blanks():
    assert excerpt(["甲局 未设 专栏。其他"], 3, "未设专栏。") == Excerpt(3, "甲局 ", "未设 专栏。", "其他")
    assert excerpt(["别的表", "乙局 没有内容"], 3, "没有内容") == Excerpt(3, "乙局 ", "没有内容", "")
    assert excerpt(["丙局在别处这样写"], 3, "没有") == Excerpt(3, "丙局在别处这样写", "", "")
    assert excerpt([], 3, "没有") == Excerpt(3, "", "", "")
    long = excerpt(["前" * 100 + "问题" + "后" * 100], 3, "问题")
    assert long == Excerpt(3, "…" + "前" * 36, "问题", "后" * 36 + "…")


@pytest.mark.parametrize(("line", "sought"), [("甲局", "乙局"), ("甲局", ""), ("", "甲局")])
def test_words_that_do_not_stand_in_the_line_are_nowhere(line, sought):
    assert located(line, sought) is None
