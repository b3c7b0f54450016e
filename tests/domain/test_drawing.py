"""A draw anybody can repeat: by seed and number alone, in any language."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.drawing import draw, parse_population, population_digest, population_text, rank

UNITS = ("市教育局", "市民政局", "澜东区")
populations = st.dictionaries(st.integers(1, 10**6), st.sampled_from(UNITS), min_size=1, max_size=60)
seeds = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=20)


def test_the_draw_is_what_sha256sum_says() -> None:
    """As by hand: `printf '云澜2026:3' | sha256sum`."""
    assert rank("云澜2026", 3) == hashlib.sha256("云澜2026:3".encode()).hexdigest()
    assert draw(dict.fromkeys(range(1, 11), "市教育局"), 3, "2026-11-20") == [7, 3, 10]


def test_the_population_is_one_line_each_in_order_of_number() -> None:
    text = population_text({12: "澜东区", 3: "市教育局"})
    assert text == "3\t市教育局\n12\t澜东区"
    assert population_digest(text) == hashlib.sha256(text.encode()).hexdigest()


@given(populations, st.integers(1, 80), seeds)
def test_it_is_reproducible_and_each_rank_depends_on_seed_and_number_alone(
    population: dict[int, str], count: int, seed: str
) -> None:
    drawn = draw(population, count, seed)
    assert drawn == draw(dict(reversed(population.items())), count, seed)
    assert drawn == draw(parse_population(population_text(population)), count, seed)
    assert len(drawn) == len(set(drawn)) == min(count, len(population))
    # Whoever is left out changes nothing among the others.
    for gone in list(population)[:3]:
        rest = {number: unit for number, unit in population.items() if number != gone}
        if gone not in drawn:
            assert draw(rest, count, seed) == drawn
        elif rest:
            assert draw(rest, count, seed)[: len(drawn) - 1] == [each for each in drawn if each != gone]


@given(populations, seeds)
def test_each_unit_has_one_at_least_its_lowest_rank(population: dict[int, str], seed: str) -> None:
    units = set(population.values())
    for count in (len(units), len(units) + 1):
        drawn = draw(population, count, seed, per_unit=True)
        assert {population[number] for number in drawn} == units
        for unit in units:
            own = [number for number in population if population[number] == unit]
            assert min(own, key=lambda number: rank(seed, number)) in drawn
        assert len(drawn) == min(count, len(population))


def test_too_few_draws_for_all_units_are_refused() -> None:
    with pytest.raises(ValueError, match="2 units"):
        draw({1: "市教育局", 2: "澜东区"}, 1, "种子", per_unit=True)


def test_every_item_is_drawn_about_as_often() -> None:
    """Over two thousand seeds each of twenty is drawn a quarter of the time: five deviations at most."""
    population = dict.fromkeys(range(1, 21), "市教育局")
    times = dict.fromkeys(population, 0)
    for seed in range(2000):
        for number in draw(population, 5, str(seed)):
            times[number] += 1
    assert all(abs(each - 500) < 5 * 19.4 for each in times.values())
