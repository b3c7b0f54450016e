"""Which titles belong to one series."""

from __future__ import annotations

import pytest

from tracker.domain.series import series_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("云澜市2021年第二季度考核情况的通报", "云澜市2021年三季度考核情况的通报"),
        ("关于3月份“一网通办”运行情况的通报", "关于12月份一网通办运行情况的通报"),
        ("全市季度考核情况通报", "全市三季度考核情况通报"),
        ("2021年上半年检查情况通报", "2022年下半年检查情况通报"),
        ("政务公开情况通报（第7期）", "政务公开情况通报（第十二期）"),
        ("二〇二一年度检查通报", "2022年度检查通报"),
        ("2021年1-6月检查通报", "2021年1－9月检查通报"),
    ],
)
def test_titles_that_differ_by_period_or_number_are_one_series(one: str, other: str) -> None:
    assert series_of(one) == series_of(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2021年一季度政务公开通报", "2021年一季度一网通办通报"),
        ("澜东区2021年通报", "澜西区2021年通报"),
    ],
)
def test_titles_of_other_matters_or_places_are_other_series(one: str, other: str) -> None:
    assert series_of(one) != series_of(other)


def test_numerals_that_are_part_of_a_name_stay() -> None:
    assert series_of("一网通办2021年二季度通报") == "一网通办通报"
