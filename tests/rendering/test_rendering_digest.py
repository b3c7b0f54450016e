from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.rates import Rate
from tracker.rendering.digest import DigestView, GroupView, delta_words, render_digest, unfinished_sentence
from tracker.rendering.messages import LateUnit

GROUP = GroupView("市直", Rate(148, 176), Rate(142, 176), Rate(9, 10), overdue=5, open=28)
VIEW = DigestView(
    "2026-W07", datetime(2026, 2, 9, 9, tzinfo=UTC), GROUP, (GROUP,), (("市甲局", 28),), 6, 1, latest=()
)


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ([], "所有单位均已完成整改。"),
        ([("市甲局", 0)], "所有单位均已完成整改。"),
        ([("市甲局", 5)], "未完成整改单位：市甲局5条。"),
        ([("市丙局", 2), ("市丁局", 2)], "未完成整改单位：市丙局、市丁局各2条。"),
        (
            [("市丙局", 1), ("市乙局", 3), ("市丁局", 1), ("市甲局", 5)],
            "未完成整改单位：市甲局5条、市乙局3条、市丙局、市丁局各1条。",
        ),
    ],
)
def test_unfinished_units_are_listed_as_a_bulletin_lists_them(
    counts: list[tuple[str, int]], sentence: str
) -> None:
    assert unfinished_sentence(counts) == sentence


@given(st.dictionaries(st.text("甲乙丙丁戊己", min_size=1, max_size=4), st.integers(0, 9)))
def test_each_unfinished_unit_is_named_exactly_once(counts: dict[str, int]) -> None:
    sentence = unfinished_sentence(list(counts.items()))
    parts = sentence.removeprefix("未完成整改单位：").removesuffix("。").split("、")
    named = [part.removesuffix("条").rstrip("0123456789").removesuffix("各") for part in parts]
    unfinished = sorted(unit for unit, count in counts.items() if count)
    assert sorted(named) == (unfinished or ["所有单位均已完成整改"])


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (Rate(148, 176), Rate(142, 176), "较上周上升3.4个百分点"),
        (Rate(142, 176), Rate(148, 176), "较上周下降3.4个百分点"),
        (Rate(9, 10), Rate(7, 10), "较上周上升20个百分点"),
        (Rate(1, 3), Rate(333, 1000), "较上周持平"),  # both are printed as 33.3%
        (Rate(0, 0), Rate(1, 3), "—"),
        (Rate(1, 3), Rate(0, 0), "—"),
        (Rate(1, 3), None, "—"),
    ],
)
def test_the_change_is_the_difference_of_the_printed_figures(
    now: Rate, before: Rate | None, words: str
) -> None:
    assert delta_words(now, before, "上周") == words


def test_the_week_is_named_without_its_leading_zero() -> None:
    assert "（2026年第7周）" in render_digest(VIEW, "markdown").text


def test_a_change_that_is_not_known_is_left_out() -> None:
    first = replace(GROUP, previous=None)
    text = render_digest(replace(VIEW, total=first, groups=(first,)), "markdown").text
    assert "较上周" not in text
    assert "，—" not in text


def test_names_in_the_digest_stay_words() -> None:
    evil = "<@all>\n**甲**"
    view = replace(
        VIEW, groups=(replace(GROUP, name=evil),), unfinished=((evil, 1),), latest=(LateUnit(evil, 1, 2),)
    )
    assert render_digest(view, "markdown").text.count("＜＠all＞ ＊＊甲＊＊") == 3


def test_a_digest_that_was_not_sent_has_neither_serial_nor_link() -> None:
    for text in (render_digest(VIEW, "markdown").text, render_digest(VIEW, "sms").text):
        assert "编号" not in text
        assert "http" not in text
