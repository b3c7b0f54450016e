"""Cells are written so that the reader gives back exactly their problems, whatever their words look like."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracker.intake.model import Quantity
from tracker.intake.quantities import quantity_of, with_quantity
from tracker.intake.shapes.lists import split_cell
from tracker.intake.writing import cell_of, cells_of, storable, title_of_domain

# Whatever might be taken for the start of a problem, its end, or markup.
PIECES = st.sampled_from(
    (
        *("1.", "2.", "3、", "（1）", "(2)", "①", "②", "一、", "二、", "（一）", "（二）", "一是", "二是"),
        *("；", "。", "，", "：", "45.8%", "2.16个", "<b>", "&lt;", " ", "无", "问题", "12条"),
        *("没有设置专栏", "未更新", "“三公”"),
    )
)
PROBLEMS = st.lists(PIECES, min_size=1, max_size=7).map(lambda pieces: storable("市" + "".join(pieces)))


def read(cell: tuple[str, ...]) -> list[str]:
    return [entry.text for entry in split_cell("\f".join(cell))]


@given(st.lists(PROBLEMS, min_size=1, max_size=5))
def test_hostile_problems_come_back_word_for_word_and_in_order(problems: list[str]) -> None:
    assume(all(cell_of([problem]) for problem in problems))
    assert [text for cell in cells_of(problems) for text in read(cell)] == problems


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_a_cell_is_only_written_as_it_is_read(one: str, other: str) -> None:
    problems = [storable(f"未公开{one}"), storable(f"未公开{other}")]
    cell = cell_of(problems)
    assert cell is None or read(cell) == problems


@pytest.mark.parametrize(
    ("problems", "cell"),
    [
        (["没有设置专栏。"], ("没有设置专栏。",)),
        (["没有设置专栏。", "栏目为空。"], ("1.没有设置专栏。", "2.栏目为空。")),
        (["栏目为空。2.专栏未更新。"], ("（1）栏目为空。2.专栏未更新。",)),
        (["存在问题：1.栏目为空；2.专栏未更新。"], ("（1）存在问题：1.栏目为空；2.专栏未更新。",)),
        (["没有设置专栏；没有公开决算情况。"], ("1.没有设置专栏；没有公开决算情况。",)),
        (["写有<b>标签的栏目为空"], ("写有&lt;b&gt;标签的栏目为空",)),
    ],
)
def test_problems_are_numbered_only_as_far_as_they_need_it(
    problems: list[str], cell: tuple[str, ...]
) -> None:
    assert cell_of(problems) == cell
    assert read(cell) == problems


def test_what_leads_to_the_next_problem_gets_a_cell_of_its_own() -> None:
    problems = ["栏目为空。", "网站存在下列问题：", "专栏未更新。"]
    assert cells_of(problems) == [("1.栏目为空。", "2.网站存在下列问题："), ("专栏未更新。",)]


def test_a_problem_that_no_cell_can_hold_stands_alone_as_it_is() -> None:
    assert cells_of(["栏目为空。", "404"]) == [("栏目为空。",), ("404",)]


def test_what_a_word_document_cannot_hold_is_left_out() -> None:
    assert storable("\x0b没有\x00设置\t专栏\ufffe ") == "没有设置 专栏"


@pytest.mark.parametrize(
    ("domain", "title"),
    [
        ("政务公开", "“政务公开”问题"),
        ("互联网+监管", "“互联网+监管”问题"),
        ("网站建设工作", None),  # 工作 would be read as part of 问题
        ("", None),
        ("长" * 20, None),
    ],
)
def test_a_domain_heads_a_column_only_if_it_is_read_from_it(domain: str, title: str | None) -> None:
    assert title_of_domain(domain) == title


@pytest.mark.parametrize(
    ("text", "quantity", "told"),
    [
        ("有未评办件982件。", Quantity(300, "件"), "有未评办件300件。"),
        ("有未评办件1,361件。", Quantity(300, "件"), "有未评办件300件。"),
        ("检查10个栏目，3个没有更新。", Quantity(2, "个"), "检查10个栏目，2个没有更新。"),
        ("存在一条未填报的清单。", Quantity(5, "条"), "存在5条未填报的清单。"),
        ("有未评办件982件。", Quantity(982, "件"), "有未评办件982件。"),
        ("没有设置专栏。", Quantity(3, "个"), "没有设置专栏。"),
    ],
)
def test_the_count_of_a_text_is_brought_up_to_date(text: str, quantity: Quantity, told: str) -> None:
    assert with_quantity(text, quantity) == told


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_count_brought_up_to_date_is_the_one_that_is_read(old: int, new: int) -> None:
    told = with_quantity(f"“12个办事项”抽查5次，出现5个工作日超时未受理办件{old}件。", Quantity(new, "件"))
    assert quantity_of(told) == Quantity(new, "件")
