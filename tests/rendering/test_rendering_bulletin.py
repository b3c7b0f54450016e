"""The bulletin as a Word document: official layout, repeating headings, pages of annexes on their side."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm

from tracker.domain.rates import Rate
from tracker.rendering.bulletin import (
    Annex,
    BulletinView,
    DomainFindings,
    GroupRate,
    ProblemTable,
    Progress,
    render_bulletin,
)

TABLE = ProblemTable(
    ("序号", "责任单位", "“政务公开”问题", "备注"),
    ((("1",), ("市甲局",), ("1.没有设置专栏。", "2.栏目为空。"), ()),),
)
VIEW = BulletinView(
    title="关于2021年第三季度整改情况的通报",
    quarter="2021年第三季度",
    as_of=date(2021, 9, 30),
    issued_on=date(2021, 10, 9),
    issued=Progress((GroupRate("市直部门", Rate(148, 176)),), (("市甲局", 20), ("市乙局", 8))),
    carried=Progress((), ()),
    listed=28,
    open_groups=(("市直部门", 28),),
    recurring=0,
    deferred=0,
    domains=(DomainFindings("“政务公开”方面", 2, 28, (("专栏缺失", 20), ("专栏无内容", 8))),),
    annexes=(Annex("市直部门政务服务问题整改清单", (TABLE,)), Annex("各区政务服务问题整改清单", (TABLE,))),
)


def rendered(view: BulletinView) -> Document:
    return Document(io.BytesIO(render_bulletin(view)))


def test_the_body_is_told_in_order_and_signed_before_the_annexes() -> None:
    assert [each.text for each in rendered(VIEW).paragraphs if each.text] == [
        "关于2021年第三季度整改情况的通报",
        "〔2021〕　　号",
        "一、整改情况",
        "2021年第三季度，交办市直部门问题176条。截至2021年9月30日，市直部门已整改148条，整改率为84.1%。"
        "未完成整改单位：市甲局20条、市乙局8条。",
        "二、各领域问题",
        "截至2021年9月30日，继续整改的问题共28条，详见附件。",
        "（一）“政务公开”方面",
        "涉及2个单位，共有问题28条，其中“专栏缺失”20条、“专栏无内容”8条。",
        "三、工作要求",
        "请各责任单位对照清单逐条整改，按时限报送整改情况和佐证材料；确需延期的，在时限届满前提出申请。"
        "已销号的事项要巩固成果，防止反弹。",
        "附件：1.市直部门政务服务问题整改清单",
        "　　　2.各区政务服务问题整改清单",
        "（印发机关）",
        "2021年10月9日",
        "附件1",
        "市直部门政务服务问题整改清单",
        "附件2",
        "各区政务服务问题整改清单",
    ]


def test_the_page_is_that_of_official_papers_and_annexes_lie_on_their_side() -> None:
    upright, lying = rendered(VIEW).sections
    sides = (upright.page_width, upright.page_height, upright.top_margin, upright.left_margin)
    assert [round(each.mm) for each in sides] == [210, 297, 37, 28]
    assert (lying.orientation, round(lying.page_width.mm)) == (WD_ORIENT.LANDSCAPE, 297)
    assert "PAGE" in upright.footer._element.xml


def test_each_annex_begins_a_page_and_its_headings_come_again_on_every_page() -> None:
    document = rendered(VIEW)
    breaks = [each.text for each in document.paragraphs if each.paragraph_format.page_break_before]
    assert breaks == ["附件2"]  # the first one begins its own section
    for table in document.tables:
        heads = [row for row in table.rows if row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None]
        assert [[cell.text for cell in row.cells] for row in heads] == [list(TABLE.headings)]
        assert table.rows[1].cells[2].text == "1.没有设置专栏。\n2.栏目为空。"
        assert sum(cell.width for cell in table.rows[0].cells) <= Mm(243)


def test_the_signature_stays_with_the_end_of_the_text() -> None:
    told = [each for each in rendered(VIEW).paragraphs if each.text]
    start = next(place for place, each in enumerate(told) if each.text.startswith("请各责任单位"))
    end = next(place for place, each in enumerate(told) if each.text == "2021年10月9日")
    assert all(each.paragraph_format.keep_with_next for each in told[start:end])


def test_chinese_signs_have_the_fonts_of_official_papers() -> None:
    fonts = {
        each.text: each.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia"))
        for each in rendered(VIEW).paragraphs
        if each.text
    }
    assert fonts["关于2021年第三季度整改情况的通报"] == "方正小标宋简体"
    assert fonts["一、整改情况"] == fonts["附件1"] == "黑体"
    assert fonts["（一）“政务公开”方面"] == "楷体_GB2312"
    assert fonts["2021年10月9日"] == "仿宋_GB2312"


def test_with_nothing_to_list_there_is_no_annex_and_no_chapter_about_it() -> None:
    empty = replace(VIEW, issued=Progress((), ()), listed=0, open_groups=(), domains=(), annexes=())
    document = rendered(empty)
    text = [each.text for each in document.paragraphs]
    assert "2021年第三季度，新交办问题0条。" in text
    assert "二、工作要求" in text
    assert not any("附件" in each for each in text)
    assert len(document.sections) == 1


def test_hostile_words_stay_text() -> None:
    table = replace(TABLE, rows=((("1",), ("{{ 7*7 }}",), ("<w:p>&",), ()),))
    document = rendered(replace(VIEW, title="{% raise %}<b>通报", annexes=(Annex("清单", (table,)),)))
    assert document.paragraphs[0].text == "{% raise %}<b>通报"
    assert [cell.text for cell in document.tables[0].rows[1].cells] == ["1", "{{ 7*7 }}", "<w:p>&", ""]
