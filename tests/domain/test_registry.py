"""The registry: who a name means on a day, who answers for it now, and what is worth offering."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.test_units import SHORT_FORMS, entry
from tracker.domain.registry import Registry
from tracker.domain.units import Home, Level, Match, UnitEntry, unit_key

HOME = Home("云澜市", "市")
ENTRIES = [
    entry("市自然资源和规划局"),
    entry("市文化和旅游局", "市文化旅游广电局"),
    entry("市卫生健康委员会"),
    entry("市烟草专卖局"),
    entry("市财政局"),
    entry("澜东区", level=Level.DISTRICT),
    entry("青桥开发区", level=Level.DISTRICT),
    entry("澜东区住房和城乡建设局", level=Level.BELOW),
    entry("澜东区发展改革和经济信息化局", level=Level.BELOW),
    entry("澜东区卫生健康局", level=Level.BELOW),
    entry("澜西区卫生健康局", level=Level.BELOW),
    entry("澜西区财政局", level=Level.BELOW),
]
REGISTRY = Registry(ENTRIES, SHORT_FORMS, {})
AT_HOME = Registry(ENTRIES, SHORT_FORMS, {}, HOME)


def old(name: str, until: date, successor: str, *aliases: str) -> UnitEntry:
    return UnitEntry(name, aliases, Level.DEPARTMENT, None, None, None, until, successor)


def new(name: str, since: date, *aliases: str) -> UnitEntry:
    return UnitEntry(name, aliases, Level.DEPARTMENT, None, None, since)


REFORM = date(2019, 2, 1)
REFORMED = Registry(
    [
        old("市工商行政管理局", date(2015, 6, 30), "市工商和质量监督局", "市监管办"),
        old("市工商和质量监督局", date(2019, 1, 31), "市市场监督管理局"),
        new("市市场监督管理局", REFORM, "市监管办"),
    ],
    SHORT_FORMS,
    {},
)


@pytest.mark.parametrize(
    ("as_written", "name"),
    [
        ("云澜市自规局", "市自然资源和规划局"),
        ("云澜市自然资源和规划局", "市自然资源和规划局"),
        ("云澜市澜东区住建局", "澜东区住房和城乡建设局"),
        ("云澜市青桥开发区", "青桥开发区"),
    ],
)
def test_the_home_s_own_name_says_nothing_once_it_is_known(as_written: str, name: str) -> None:
    assert AT_HOME.resolve(as_written).name == name
    without = REGISTRY.resolve(as_written)
    assert (without.kind, without.candidates) == (Match.LIKELY, (name,))


@pytest.mark.parametrize(
    ("as_written", "key"),
    [
        ("云澜市", "云澜市"),
        ("云澜市委宣传部", "市委宣传部"),
        ("云澜市市委宣传部", "市委宣传部"),
        ("云澜市直属机关工委", "市直属机关工作委员会"),
        ("云澜市市监局", "市市场监督管理局"),
        ("云澜市城市管理局", "市城市管理局"),
        ("云澜市社区服务中心", "市社区服务中心"),
        ("云澜市乡村振兴局", "市乡村振兴局"),
        ("云澜市住建局", "市住房和城乡建设局"),
        ("云澜市石桥镇人民政府", "石桥镇人民政府"),
        ("云台市教育局", "云台市教育局"),
    ],
)
def test_behind_the_home_an_organ_has_its_level_and_a_place_its_own_name(as_written: str, key: str) -> None:
    assert unit_key(as_written, SHORT_FORMS, HOME) == key


@pytest.mark.parametrize(
    ("as_written", "candidates"),
    [
        ("澜东区政府", ("澜东区",)),
        ("青桥开发区管委会", ("青桥开发区",)),
        ("澜东区经发局", ("澜东区发展改革和经济信息化局",)),
        ("市烟草公司", ("市烟草专卖局",)),
        ("财政局", ("市财政局",)),
        ("自规局", ("市自然资源和规划局",)),
        ("市规划局", ("市自然资源和规划局",)),
    ],
)
def test_what_looks_like_a_unit_is_offered_and_never_taken(
    as_written: str, candidates: tuple[str, ...]
) -> None:
    for registry in (REGISTRY, AT_HOME):
        found = registry.resolve(as_written)
        assert (found.kind, found.name, found.candidates) == (Match.LIKELY, None, candidates)


@pytest.mark.parametrize("as_written", ["卫健局", "民政局", "市自规局澜东分局", "澜东区财政局", "市卫健局"])
def test_what_the_home_does_not_have_once_is_not_offered(as_written: str) -> None:
    assert AT_HOME.resolve(as_written).kind is Match.NEW


@pytest.mark.parametrize("known", ["市水利局", "市水利和湖泊局", "市水利与湖泊保护局"])
@pytest.mark.parametrize("asked", ["市水利局", "市水利和湖泊局"])
def test_of_a_short_and_a_long_name_each_is_offered_for_the_other(known: str, asked: str) -> None:
    registry = Registry([*ENTRIES, entry(known)], SHORT_FORMS, {})
    is_pair = "市水利局" in {known, asked} and known != asked
    assert registry.candidates(asked) == ((known,) if is_pair else ())


def test_a_head_office_is_no_abbreviation_of_every_office_with_its_characters() -> None:
    registry = Registry([entry("市委编办"), entry("市委巡察办")], SHORT_FORMS, {})
    assert registry.resolve("市委办").kind is Match.NEW


@pytest.mark.parametrize(
    ("as_written", "on", "name", "responsible"),
    [
        ("市工商局", date(2014, 1, 1), "市工商行政管理局", "市市场监督管理局"),
        ("市工商局", date(2024, 1, 1), "市工商行政管理局", "市市场监督管理局"),
        ("市监管办", date(2014, 1, 1), "市工商行政管理局", "市市场监督管理局"),
        ("市监管办", date(2020, 1, 1), "市市场监督管理局", "市市场监督管理局"),
        ("市监管办", None, "市市场监督管理局", "市市场监督管理局"),
        ("市市监局", date(2014, 1, 1), "市市场监督管理局", "市市场监督管理局"),
    ],
)
def test_a_name_means_who_bore_it_then_and_the_heir_answers_for_it(
    as_written: str, on: date | None, name: str, responsible: str
) -> None:
    found = REFORMED.resolve(as_written, on)
    assert found.name == name
    assert REFORMED.responsible(name).name == responsible


def test_responsibility_passes_on_the_day_after_the_last() -> None:
    name = "市工商和质量监督局"
    assert REFORMED.responsible(name, date(2019, 1, 31)).name == name
    assert REFORMED.responsible(name, REFORM).name == "市市场监督管理局"


def test_a_name_that_nobody_bore_on_the_day_is_ambiguous() -> None:
    found = REFORMED.resolve("市监管办", date(2017, 1, 1))
    assert (found.kind, found.candidates) == (Match.AMBIGUOUS, ("市工商行政管理局", "市市场监督管理局"))


ORGANS = st.sampled_from([*SHORT_FORMS, *SHORT_FORMS.values(), "教育局", "服务中心"])
PLACES = st.sampled_from(["市", "区", "县", "澜东区", "澜西区", "云澜市", "青桥开发区", "石桥镇"])
NAMES = st.builds(str.__add__, PLACES, ORGANS)


@given(
    st.lists(NAMES, min_size=1, max_size=12, unique_by=lambda n: unit_key(n, SHORT_FORMS)),
    NAMES,
    st.randoms(),
)
def test_the_order_of_the_registry_never_matters(names: list[str], asked: str, chance: random.Random) -> None:
    entries = [entry(name) for name in names]
    shuffled = entries[:]
    chance.shuffle(shuffled)
    assert Registry(entries, SHORT_FORMS, {}).resolve(asked) == Registry(shuffled, SHORT_FORMS, {}).resolve(
        asked
    )


@given(st.sampled_from(ENTRIES), NAMES)
def test_a_confirmed_likely_name_means_the_unit_next_time(unit: UnitEntry, asked: str) -> None:
    before = REGISTRY.resolve(asked)
    after = Registry(ENTRIES, SHORT_FORMS, {asked: unit.name}).resolve(asked)
    if before.name is None:
        assert (after.kind, after.name) == (Match.ALIAS, unit.name)
    else:
        assert before.name in (after.name, *after.candidates)


@given(PLACES, PLACES, ORGANS)
def test_one_organ_in_two_places_is_never_one_unit(one: str, other: str, organ: str) -> None:
    registry = Registry([entry(one + organ)], SHORT_FORMS, {})
    assert (registry.resolve(other + organ).name is not None) == (one == other)


@given(NAMES, NAMES)
def test_the_index_offers_what_a_comparison_of_the_two_would(known: str, asked: str) -> None:
    """Alone or among many, the same two names are alike: the index leaves nothing out."""
    crowd = [each for each in ENTRIES if unit_key(each.name, SHORT_FORMS) != unit_key(known, SHORT_FORMS)]
    alone = Registry([entry(known)], SHORT_FORMS, {}).candidates(asked)
    among = Registry([*crowd, entry(known)], SHORT_FORMS, {}).candidates(asked)
    bare_organ = unit_key(asked, SHORT_FORMS)[0] not in "市区县澜云青石"
    assert bare_organ or set(alone) <= set(among)
