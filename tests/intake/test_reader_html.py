"""Web pages: what a browser shows is what is read."""

from __future__ import annotations

import pytest

from tracker.intake.readers import open_document


def lines_of(body: str, name: str = "通报.html") -> list[tuple[str, ...]]:
    page = f"<!DOCTYPE html><html><body>{body}</body></html>"
    return [line.cells for line in open_document(page.encode(), name).lines]


def test_a_page_is_known_by_its_content_whatever_its_name() -> None:
    assert lines_of("<p>正文</p>", "通报.txt") == [("正文",)]


def test_scripts_styles_menus_and_hidden_parts_are_dropped_and_what_follows_them_is_not() -> None:
    body = (
        "<nav>首页</nav>甲<script>x=1</script>乙<p style='color:red; display: none'>丙</p>"
        "<p hidden>丁</p><p>戊<style>p{}</style>己</p>"
    )
    assert lines_of(body) == [("甲乙",), ("戊己",)]


def test_items_of_ordered_lists_have_their_numbers() -> None:
    body = "<ol start=3><li>甲<li value=7>乙</ol><ol type=a><li>丙</ol><ul><li>丁</ul><ol><li>1.戊</ol>"
    assert lines_of(body) == [("3.甲",), ("7.乙",), ("a.丙",), ("丁",), ("1.戊",)]


def test_cells_over_rows_and_columns_fill_their_places() -> None:
    body = (
        "<table><tr><th colspan=3>清单</th></tr>"
        "<tr><td rowspan=2>市教育局</td><td>甲</td><td>乙</td></tr><tr><td>丙</td><td>丁</td></tr></table>"
    )
    assert lines_of(body) == [("清单", "", ""), ("市教育局", "甲", "乙"), ("市教育局", "丙", "丁")]


def test_tables_that_only_arrange_the_page_are_undone() -> None:
    data = "<table><tr><td>单位</td><td>问题</td></tr><tr><td>市教育局</td><td>甲</td></tr></table>"
    inner = f"<table><tr><td><p>前言</p>{data}<p>尾</p></td></tr></table>"
    body = f"<table><tr><td>&nbsp;</td><td>{inner}</td></tr></table>"
    assert lines_of(body) == [("前言",), ("单位", "问题"), ("市教育局", "甲"), ("尾",)]


def test_paragraphs_of_a_cell_are_parted_and_line_breaks_are_not() -> None:
    body = "<table><tr><td>甲</td><td><p>1.乙<br>续</p>\n<p>2.丙<br><br>丁</p></td></tr></table>"
    assert lines_of(body) == [("甲", "1.乙\n续\f2.丙\f丁")]


def test_line_breaks_of_prose_and_of_preformatted_text_make_lines() -> None:
    assert lines_of("<p>甲<br>乙\n丙</p><pre>丁\n戊</pre>") == [("甲",), ("乙 丙",), ("丁",), ("戊",)]


@pytest.mark.parametrize(
    ("stated", "written"),
    [("gb2312", "gb18030"), ("utf-8", "utf-8"), ("big5", "big5"), ("gb2312", "utf-8"), ("utf-8", "gb18030")],
)
def test_the_stated_encoding_is_believed_if_it_is_true(stated: str, written: str) -> None:
    words = "各部門及時更新" if written == "big5" else "各单位及时更新专栏内容"
    page = f"<html><head><meta charset={stated}></head><body><p>{words}</p></body></html>"
    assert [line.text for line in open_document(page.encode(written), "通报.htm").lines] == [words]
