"""Places as a bulletin gives them: by the exact rate, ties shared, nobody left out."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.ranking import Unranked, rank
from tracker.domain.rates import Rate, RateRow


def row(key: str, numerator: int, denominator: int) -> RateRow:
    return RateRow(key, Rate(numerator, denominator), Rate(0, 0), 0, denominator - numerator)


def test_equal_rates_share_a_place_and_the_next_is_counted_on() -> None:
    rows = [row("甲", 1, 4), row("乙", 2, 4), row("丙", 4, 8), row("丁", 9, 10)]
    assert [(each.row.key, each.place) for each in rank(rows, exempt=set(), least=1)] == [
        ("丁", 1),
        ("乙", 2),
        ("丙", 2),
        ("甲", 4),
    ]


def test_rates_that_only_print_alike_are_no_tie() -> None:
    rows = [row("甲", 841, 1000), row("乙", 8412, 10_000)]
    assert {each.row.rectified.percent for each in rank(rows, exempt=set(), least=1)} == {"84.1%"}
    assert [each.row.key for each in rank(rows, exempt=set(), least=1)] == ["乙", "甲"]


def test_who_is_exempt_or_has_few_items_is_listed_behind_with_the_reason() -> None:
    rows = [row("免", 9, 9), row("少", 2, 2), row("无", 0, 0), row("甲", 1, 3), row("少免", 0, 1)]
    found = rank(rows, exempt={"免", "少免"}, least=3)
    assert [(each.row.key, each.place, each.unranked) for each in found] == [
        ("甲", 1, None),
        ("免", None, Unranked.EXEMPT),
        ("少", None, Unranked.FEW),
        ("无", None, Unranked.NONE),
        ("少免", None, Unranked.EXEMPT),
    ]
    assert Unranked.EXEMPT.chinese == "纳入考核，不进行排名通报"


rates = st.integers(0, 12).flatmap(lambda n: st.builds(Rate, st.integers(0, n), st.just(n)))


@given(st.lists(rates, max_size=12), st.integers(1, 4))
def test_a_place_is_one_more_than_the_number_of_better_ones(found: list[Rate], least: int) -> None:
    rows = [RateRow(str(n), rate, rate, 0, 0) for n, rate in enumerate(found)]
    ranked = rank(rows, exempt={"0"}, least=least)
    assert sorted(each.row.key for each in ranked) == sorted(each.key for each in rows)
    placed = [each for each in ranked if each.place is not None]
    exact = {
        each.row.key: Fraction(each.row.rectified.numerator, each.row.rectified.denominator)
        for each in placed
    }
    for each in placed:
        better = sum(value > exact[each.row.key] for value in exact.values())
        assert each.place == better + 1
    assert all(each.row.key != "0" and each.row.rectified.denominator >= least for each in placed)
