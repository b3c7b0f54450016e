"""Long texts in parts: nothing lost, nothing too long, nothing cut in two that must stay whole."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.splitting import paged, split

MARK = re.compile(r"^（(\d+)/(\d+)）\n")
FONT = '<font color="warning">逾期3天</font>'
LINK = "[青桥开发区台账](https://ledger.example.invalid/i/17)"

fragments = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.sampled_from(
        ["\n", "\n\n", FONT, LINK, "<@zhang.san>", "**澜东区**", "<font", "</font>", "[", "](", "`"]
    ),
)
texts = st.lists(fragments, max_size=40).map("".join)


@given(texts, st.integers(min_value=4, max_value=300))
def test_parts_joined_are_the_text_and_none_is_empty_or_too_long(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert "".join(parts) == text
    assert all(0 < len(part.encode()) <= limit for part in parts)


@given(texts, st.integers(min_value=40, max_value=300))
def test_pages_count_up_to_their_number_and_fit_with_their_marks(text: str, limit: int) -> None:
    pages = paged(text, limit)
    assert all(len(page.encode()) <= limit for page in pages)
    if len(pages) > 1:
        marks = [MARK.match(page) for page in pages]
        assert [mark.groups() for mark in marks if mark] == [
            (str(number), str(len(pages))) for number in range(1, len(pages) + 1)
        ]
    assert "".join(MARK.sub("", page) if len(pages) > 1 else page for page in pages) == text


@given(st.lists(st.sampled_from([FONT, LINK, "<@zhang.san>", "云台区", "\n", "。"]), max_size=60))
def test_coloured_text_links_and_mentions_stay_whole_when_they_fit(pieces: list[str]) -> None:
    parts = split("".join(pieces), 100)
    for whole in (FONT, LINK, "<@zhang.san>"):
        assert sum(part.count(whole) for part in parts) == pieces.count(whole)


def test_a_part_ends_at_a_line_end_when_one_is_in_reach() -> None:
    assert split("第一行\n第二行\n第三行\n", 25) == ["第一行\n第二行\n", "第三行\n"]


def test_a_line_end_inside_coloured_text_is_no_place_to_cut() -> None:
    coloured = '<font color="info">已销号\n两项</font>'
    assert split(f"前\n{coloured}", len(coloured.encode()) + 2) == ["前\n", coloured]


def test_an_overlong_line_is_cut_between_code_points() -> None:
    assert split("澜" * 5, 7) == ["澜澜", "澜澜", "澜"]


def test_tags_stay_whole_in_coloured_text_that_fits_nowhere() -> None:
    opening = '<font color="warning">'
    parts = split(f"{opening}{'逾' * 20}</font>", 30)
    assert parts[0].startswith(opening)
    assert parts[-1].endswith("</font>")
    assert all(part.count("<") == part.count(">") for part in parts)


@pytest.mark.parametrize("pages", [9, 10, 99, 100])
def test_marks_grow_with_the_number_of_pages(pages: int) -> None:
    mark = len(f"（{'9' * len(str(pages))}/{pages}）\n".encode())
    line = "x" * 39 + "\n"
    assert len(paged(line * pages, 40 + mark)) == pages


def test_a_hostile_text_costs_no_more_than_its_length() -> None:
    hostile = "<font" * 20_000 + "[" * 20_000 + "**" * 20_000 + "<@" * 20_000
    assert "".join(split(hostile, 4096)) == hostile
