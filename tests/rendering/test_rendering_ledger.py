from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tracker.domain.classes import ProblemClass
from tracker.domain.errors import RectifyError
from tracker.domain.ledger import Exported, Field
from tracker.rendering.ledger import write_ledger
from tracker.rendering.ledger_row import LedgerRow

ROW = LedgerRow(
    number=12,
    unit="云澜市文化和旅游局",
    group="市直",
    domain="政务公开",
    class_name="缺少专栏",
    text="未设置专栏",
    quantity="7个",
    state="整改中",
    issued_on=date(2026, 11, 2),
    due_on=date(2026, 11, 20),
    provisional=False,
    overdue=True,
    struck_off_on=None,
    source="附件4/3/1",
    bulletin="2026年第三季度通报",
    note="",
)


def written(*rows: LedgerRow) -> bytes:
    target = io.BytesIO()
    write_ledger(target, rows, "整改台账", "截至2026年11月20日")
    return target.getvalue()


def cells(xlsx: bytes) -> list[list[object]]:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(xlsx)).get_sheet_by_name("整改台账")
    return [list(row) for row in sheet.to_python()]


def part(xlsx: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(xlsx)) as package:
        return package.read(name).decode()


def test_a_ledger_reads_back_with_its_header_in_the_first_row() -> None:
    (*header, _), (*row, _) = cells(written(ROW))
    assert dict(zip(header, row, strict=True)) == {
        "编号": 12,
        "责任单位": "云澜市文化和旅游局",
        "组别": "市直",
        "领域": "政务公开",
        "问题类别": "缺少专栏",
        "问题描述": "未设置专栏",
        "数量": "7个",
        "状态": "整改中",
        "下发日期": date(2026, 11, 2),
        "整改时限": date(2026, 11, 20),
        "是否暂定": "否",
        "是否逾期": "是",
        "销号日期": "",
        "来源": "附件4/3/1",
        "来源通报": "2026年第三季度通报",
        "备注": "",
    }


def test_a_standing_duty_says_so_where_others_have_a_date() -> None:
    assert cells(written(replace(ROW, due_on=None)))[1][9] == "长期坚持"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://x.invalid")',
        "{=1+1}",
        "+1",
        "@SUM(1)",
        "http://x.invalid",
        "0012",
        "_x0041_",
        " 前后 ",
    ],
)
def test_a_text_stays_the_text_it_was(text: str) -> None:
    xlsx = written(replace(ROW, text=text, unit=text, note=text))
    assert [cells(xlsx)[1][place] for place in (1, 5, 15)] == [text, text, text]
    sheet = part(xlsx, "xl/worksheets/sheet1.xml")
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet


def test_a_text_too_long_for_a_cell_is_cut_visibly() -> None:
    long = str(cells(written(replace(ROW, text="𠮷" * 40_000)))[1][5])
    assert long.startswith("𠮷" * 16_000)
    assert long.endswith("（原文过长，此处截断，全文见系统）")


def test_equal_rows_give_equal_bytes() -> None:
    xlsx = written(ROW, replace(ROW, number=13))
    assert xlsx == written(ROW, replace(ROW, number=13))
    assert part(xlsx, "docProps/core.xml").count(">2000-01-01T00:00:00Z<") == 2


def test_the_sheet_is_ready_for_filtering_and_for_paper() -> None:
    xlsx = written(ROW, replace(ROW, number=13))
    sheet = part(xlsx, "xl/worksheets/sheet1.xml")
    assert '<autoFilter ref="A1:Q3"/>' in sheet
    assert 'ySplit="1"' in sheet
    assert 'paperSize="9"' in sheet
    assert 'orientation="landscape"' in sheet
    assert 'fitToHeight="0"' in sheet
    assert 'sqref="A2:Q3"' in sheet
    assert '<formula>$L2="是"</formula>' in sheet
    assert ">整改台账!$1:$1<" in part(xlsx, "xl/workbook.xml")


def test_a_title_with_a_print_code_is_printed_as_it_is() -> None:
    target = io.BytesIO()
    write_ledger(target, [ROW], "A&P" + "长" * 300, "截至&D")
    sheet = part(target.getvalue(), "xl/worksheets/sheet1.xml")
    assert "A&amp;&amp;P" in sheet
    assert "截至&amp;&amp;D" in sheet


def test_a_ledger_without_items_is_still_a_ledger() -> None:
    assert [row[0] for row in cells(written())] == ["编号"]


def test_progress_is_told_every_thousand_rows() -> None:
    told: list[int] = []
    rows = (replace(ROW, number=number) for number in range(2_500))
    assert write_ledger(io.BytesIO(), rows, "台账", "今日", told.append) == 2_500
    assert told == [1_000, 2_000]


def test_a_path_gets_the_finished_file_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "台账.xlsx"
    write_ledger(target, [ROW], "整改台账", "截至2026年11月20日")
    assert target.read_bytes() == written(ROW)
    assert list(tmp_path.iterdir()) == [target]


def test_rows_that_break_off_leave_the_old_file_as_it_was(tmp_path: Path) -> None:
    def broken() -> Iterator[LedgerRow]:
        yield ROW
        raise LookupError("the database went away")

    target = tmp_path / "台账.xlsx"
    target.write_bytes(b"old")
    with pytest.raises(LookupError):
        write_ledger(target, broken(), "整改台账", "今日")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_does_not_exist_is_refused_in_chinese(tmp_path: Path) -> None:
    with pytest.raises(RectifyError, match="台账文件无法写入"):
        write_ledger(tmp_path / "nowhere" / "台账.xlsx", [ROW], "整改台账", "今日")


def test_a_row_of_several_lines_is_tall_enough_in_every_office_program() -> None:
    xlsx = written(ROW, replace(ROW, text="未设置专栏" * 10), replace(ROW, text="长" * 9_000))
    sheet = part(xlsx, "xl/worksheets/sheet1.xml")
    assert re.findall(r'<row r="(\d)"(?: ht="(\d+)")?', sheet) == [
        ("1", ""),
        ("2", ""),
        ("3", "45"),
        ("4", "405"),
    ]


def test_a_row_remembers_each_editable_value_it_was_exported_with() -> None:
    row = replace(ROW, note="已约谈\n待复核")
    exported = Exported.parse(12, str(cells(written(row))[1][-1]))
    assert exported is not None
    assert all(exported.was(field, value) for field, value in row.editable.items())
    assert [field for field in Field if exported.was(field, "别的")] == []


def test_a_fingerprint_moved_to_another_number_fits_nothing() -> None:
    exported = Exported.parse(13, str(cells(written(ROW))[1][-1]))
    assert exported is not None
    assert [field for field, value in ROW.editable.items() if exported.was(field, value)] == []


def test_the_fingerprint_is_hidden_and_stays_with_its_row_when_sorted() -> None:
    sheet = part(written(ROW), "xl/worksheets/sheet1.xml")
    assert re.search(r'<col min="17" max="17" [^>]*hidden="1"', sheet)
    assert '<autoFilter ref="A1:Q2"/>' in sheet


def test_only_editable_columns_have_the_tint_of_editing() -> None:
    xlsx = written(ROW)
    sheet = part(xlsx, "xl/worksheets/sheet1.xml")
    styles = dict(re.findall(r'<c r="([A-Q])1" s="(\d+)"', sheet))
    tinted = {styles[column] for column in "BEGHJP"}
    assert len(tinted) == 1
    assert tinted.isdisjoint({styles[column] for column in "ACDFIKLMNO"})
    assert "FFF2CC" in part(xlsx, "xl/styles.xml")


def test_states_and_classes_are_offered_to_choose_from() -> None:
    classes = [
        ProblemClass("missing_column", "缺少专栏", "政务公开", (), {}, ""),
        ProblemClass("other", "其他", None, (), {}, ""),
    ]
    target = io.BytesIO()
    write_ledger(target, [ROW], "整改台账", "截至今日", classes=classes)
    sheet = part(target.getvalue(), "xl/worksheets/sheet1.xml")
    assert "待签收,整改中,待核验,已销号,已撤销,暂缓" in sheet
    [(first, last)] = re.findall(r"填写说明!\$A\$(\d+):\$A\$(\d+)", sheet)
    guide = (
        CalamineWorkbook.from_filelike(io.BytesIO(target.getvalue()))
        .get_sheet_by_name("填写说明")
        .to_python()
    )
    assert [row[:3] for row in guide[int(first) - 1 : int(last)]] == [
        ["缺少专栏", "missing_column", "政务公开"],
        ["其他", "other", "各领域"],
    ]


def test_rows_are_told_apart_by_colour_and_by_type_in_the_order_of_what_they_ask_for() -> None:
    target = io.BytesIO()
    write_ledger(target, [ROW], "整改台账", "截至今日", near_until=date(2026, 11, 24))
    sheet = part(target.getvalue(), "xl/worksheets/sheet1.xml")
    assert [unescape(rule) for rule in re.findall(r"<formula>([^<]+)</formula>", sheet)] == [
        'OR($H2="已销号",$H2="已撤销")',
        '$L2="是"',
        'AND(OR($H2="待签收",$H2="整改中"),ISNUMBER($J2),$J2<=DATE(2026,11,24))',
    ]
    assert sheet.count('stopIfTrue="1"') == 3
    looks = part(target.getvalue(), "xl/styles.xml")
    assert re.findall(r"<dxf><font>(<b/>|<i/>|<color [^>]*/>)", looks) == [
        '<color rgb="FF6B6B6B"/>',
        "<b/>",
        "<i/>",
    ]


def test_every_column_that_may_be_edited_says_what_it_takes_and_refuses_nothing() -> None:
    classes = [ProblemClass("other", "其他", None, (), {}, "")]
    target = io.BytesIO()
    write_ledger(target, [ROW, ROW], "整改台账", "截至今日", classes=classes, units=["市教育局", "澜东区"])
    sheet = part(target.getvalue(), "xl/worksheets/sheet1.xml")
    rules = re.findall(
        r'<dataValidation type="(\w+)" [^>]*?errorStyle="(\w+)" [^>]*sqref="([A-Q]2:[A-Q]3)"', sheet
    )
    assert sorted((column, kind) for kind, _, column in rules) == [
        ("B2:B3", "list"),
        ("E2:E3", "list"),
        ("G2:G3", "custom"),
        ("H2:H3", "list"),
        ("J2:J3", "custom"),
        ("P2:P3", "textLength"),
    ]
    assert {style for _, style, _ in rules} == {"warning"}
    [(first, last)] = re.findall(r"填写说明!\$D\$(\d+):\$D\$(\d+)", sheet)
    guide = CalamineWorkbook.from_filelike(io.BytesIO(target.getvalue())).get_sheet_by_name("填写说明")
    rows = guide.to_python()[int(first) - 1 : int(last)]
    assert rows == [["其他", "other", "各领域", "市教育局"], ["", "", "", "澜东区"]]


def test_the_second_sheet_says_how_each_column_is_edited() -> None:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(written(ROW)))
    assert workbook.sheet_names == ["整改台账", "填写说明"]
    words = [str(row[0]) for row in workbook.get_sheet_by_name("填写说明").to_python()]
    assert "导出时刻：截至2026年11月20日" in words
    assert [
        field for field in Field if not any(line.startswith(f"{field.heading}：") for line in words)
    ] == []


def test_a_note_too_long_for_a_cell_is_not_taken_for_edited() -> None:
    long = replace(ROW, note="长" * 20_000)
    *_, note, fingerprint = cells(written(long))[1]
    exported = Exported.parse(12, str(fingerprint))
    assert exported is not None
    assert exported.was(Field.NOTE, str(note))
