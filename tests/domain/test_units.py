"""Names of an invented city's units: what is one unit, what is two, what is only likely."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.registry import Registry
from tracker.domain.units import Level, Match, UnitEntry, display_name, guess_level, unit_key

SHORT_FORMS: dict[str, str] = tomllib.loads(
    (Path(__file__).parents[2] / "config" / "short_forms.toml").read_text("utf-8")
)


def entry(name: str, *aliases: str, level: Level = Level.DEPARTMENT) -> UnitEntry:
    return UnitEntry(name, aliases, level, None, None)


ENTRIES = [
    entry("市自然资源和规划局"),
    entry("市文化和旅游局", "市文化旅游广电局"),
    entry("市卫生健康委员会"),
    entry("市委办公室（市档案局）"),
    entry("市水利和湖泊局"),
    entry("澜东区", level=Level.DISTRICT),
    entry("澜东区卫生健康局", level=Level.BELOW),
]
REGISTRY = Registry(ENTRIES, SHORT_FORMS, {"市文旅体局": "市文化和旅游局"})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("市自规局", "市自然资源和规划局"),
        ("市国安局", "市国家安全局"),
        ("市委办", "市委办公室"),
        ("市委办 (档案局)", "市委办公室"),
        ("市监局", "市市场监管局"),
        ("市市监局", "市市场监督管理局"),
        ("市文旅局", "市文化和\n旅游局"),
        ("市编办", "市委编办"),
        ("市交通局", "市交通运输局"),
        ("澜东区自规局", "澜东区自然资源和规划局"),
        ("市自规局澜东分局", "市自然资源和规划局澜东分局"),
        ("市委宣传部（市新闻出版局）", "市委宣传部"),
    ],
)
def test_two_writings_of_one_unit_have_one_key(one: str, other: str) -> None:
    assert unit_key(one, SHORT_FORMS) == unit_key(other, SHORT_FORMS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("市卫健委", "澜东区卫健局"),
        ("市自规局", "市自规局澜东分局"),
        ("澜东区自规局", "澜西区自规局"),
        ("市住建局", "区住建局"),
        ("市烟草局", "市烟草公司"),
        ("市委办", "市政府办"),
        ("市农委办", "市农委办公室"),
    ],
)
def test_two_units_have_two_keys(one: str, other: str) -> None:
    assert unit_key(one, SHORT_FORMS) != unit_key(other, SHORT_FORMS)


@pytest.mark.parametrize(
    ("as_written", "kind", "name"),
    [
        ("市文化和旅游局", Match.EXACT, "市文化和旅游局"),
        (" 市文化和 旅游局", Match.EXACT, "市文化和旅游局"),
        ("市委办公室", Match.EXACT, "市委办公室（市档案局）"),
        ("市文旅局", Match.ALIAS, "市文化和旅游局"),
        ("市文化旅游广电局", Match.ALIAS, "市文化和旅游局"),
        ("市文旅体局", Match.ALIAS, "市文化和旅游局"),
        ("澜东区卫健局", Match.ALIAS, "澜东区卫生健康局"),
    ],
)
def test_a_known_name_resolves_to_the_registered_one(as_written: str, kind: Match, name: str) -> None:
    resolution = REGISTRY.resolve(as_written)
    assert (resolution.kind, resolution.name) == (kind, name)


@pytest.mark.parametrize(
    ("as_written", "candidates"),
    [
        ("市水利局", ("市水利和湖泊局",)),
        ("市档案局", ("市委办公室（市档案局）",)),
        ("云澜市文旅局", ("市文化和旅游局",)),
        ("区卫健局", ("澜东区卫生健康局",)),
        ("市史志研究室（市委办公室）", ("市委办公室（市档案局）",)),
        ("市自然资源和规则局", ("市自然资源和规划局",)),
    ],
)
def test_a_likely_name_is_offered_and_never_taken(as_written: str, candidates: tuple[str, ...]) -> None:
    resolution = REGISTRY.resolve(as_written)
    assert (resolution.kind, resolution.name, resolution.candidates) == (Match.LIKELY, None, candidates)


@pytest.mark.parametrize("as_written", ["市教育局", "澜西区卫健局", "市卫健局", "青桥开发区"])
def test_an_unknown_name_is_new(as_written: str) -> None:
    assert REGISTRY.resolve(as_written).kind is Match.NEW


def test_a_name_that_two_units_bear_is_ambiguous() -> None:
    registry = Registry([entry("市甲中心", "市服务中心"), entry("市乙中心", "市服务中心")], SHORT_FORMS, {})
    resolution = registry.resolve("市服务中心")
    assert (resolution.kind, resolution.name) == (Match.AMBIGUOUS, None)
    assert resolution.candidates == ("市乙中心", "市甲中心")


def test_an_unregistered_unit_is_shown_by_its_full_form_if_it_was_so_written() -> None:
    names = ["市自规局", "市自然资源和 规划局"]
    assert display_name(names, unit_key(names[0], SHORT_FORMS)) == "市自然资源和规划局"
    assert display_name(["市委办 (档案局)"], "市委办公室") == "市委办（档案局）"


@pytest.mark.parametrize(
    ("name", "hint", "level"),
    [
        ("市教育局", None, Level.DEPARTMENT),
        ("市教育局", "市直", Level.DEPARTMENT),
        ("县教育局", None, Level.DEPARTMENT),
        ("澜东区", None, Level.DISTRICT),
        ("青桥开发区", "各区", Level.DISTRICT),
        ("澜东区卫健局", None, Level.BELOW),
        ("市自规局澜东分局", "各区", Level.BELOW),
        ("石桥镇人民政府", None, Level.BELOW),
        ("社会事务局", "各区", Level.BELOW),
    ],
)
def test_the_level_is_told_from_the_name_and_the_document(name: str, hint: str | None, level: Level) -> None:
    assert guess_level(name, hint) is level


def test_districts_and_what_is_below_them_count_as_one_group() -> None:
    assert [level.group for level in Level] == ["市直", "各区", "各区"]


PREFIXES = st.sampled_from(["市", "区", "县", "澜东区", "云澜市", "青桥开发区", "石桥镇", ""])
NAMES = st.builds(str.__add__, PREFIXES, st.sampled_from([*SHORT_FORMS, *SHORT_FORMS.values(), "教育局"]))


@given(NAMES)
def test_the_key_of_a_key_is_itself(name: str) -> None:
    key = unit_key(name, SHORT_FORMS)
    assert unit_key(key, SHORT_FORMS) == key


@given(
    NAMES,
    st.sampled_from([" ", "\n", "\u3000", "\t"]),
    st.integers(0, 12),
    st.sampled_from(["(甲)", "（甲）", "（甲"]),
)
def test_blanks_and_brackets_never_change_who_is_meant(name: str, blank: str, at: int, bracket: str) -> None:
    written = name[:at] + blank + name[at:] + bracket
    assert unit_key(written, SHORT_FORMS) == unit_key(name, SHORT_FORMS)


@given(st.sampled_from(ENTRIES), st.sampled_from([" ", "\n", "\u3000"]), st.integers(0, 12))
def test_a_resolved_name_resolves_to_itself(unit: UnitEntry, blank: str, at: int) -> None:
    first = REGISTRY.resolve(unit.name[:at] + blank + unit.name[at:].replace("（", "(").replace("）", ")"))
    assert first.name == unit.name
    assert REGISTRY.resolve(first.name).name == first.name
