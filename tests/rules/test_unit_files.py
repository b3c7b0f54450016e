"""The registry, the short forms and the home: what they promise, and every contradiction told at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tracker.domain.errors import ConfigError
from tracker.domain.units import Home, UnitEntry, unit_key
from tracker.rules import Rules, load_rules

SHORT_FORMS = load_rules(None).short_forms
SIGNS = ("省", "市", "州", "盟", "县", "区", "旗", "澜东区", "青桥开发区", "云澜市")

Load = Callable[..., Rules]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load rules with these texts in the office's folder: `load(units="…")`."""

    def write(**files: str) -> Rules:
        for name, content in files.items():
            (tmp_path / f"{name}.toml").write_text(content, "utf-8")
        return load_rules(tmp_path)

    return write


def unit(name: str, *lines: str, level: str = "department") -> str:
    return "\n".join(["[[unit]]", f'name = "{name}"', f'level = "{level}"', *lines, ""])


def faults(load: Load, *units: str) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        load(units="\n".join(units))
    errors = refused.value.details["errors"]
    assert isinstance(errors, list)
    return [error.rpartition("units.toml：")[2] for error in errors]


OLD = unit("市工商行政管理局", "until = 2019-01-31", 'successor = "市市场监督管理局"')
NEW = unit("市市场监督管理局", "since = 2019-02-01")


def test_a_unit_that_ended_names_who_took_over(load: Load) -> None:
    old, new = load(units=OLD + NEW).units
    assert (old.until, old.successor, new.since) == (date(2019, 1, 31), new.name, date(2019, 2, 1))
    assert [old.existed(date(2019, 1, 31)), old.existed(date(2019, 2, 1))] == [True, False]
    assert [new.existed(date(2019, 1, 31)), new.existed(date(2019, 2, 1))] == [False, True]


def test_an_alias_may_pass_from_one_unit_to_the_next_but_not_belong_to_both(load: Load) -> None:
    alias = 'aliases = ["市监管办"]'
    passed = load(units=OLD + alias + "\n" + NEW + alias)
    assert [each.aliases for each in passed.units] == [("市监管办",)] * 2
    shared = NEW.replace("2019-02-01", "2019-01-31") + alias
    assert faults(load, OLD + alias, shared) == [
        "unit.1.aliases：“市监管办”与 unit.0.aliases 的“市监管办”重复"
    ]


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        (
            [unit("市自然资源和规划局"), unit("市规划办", 'aliases = ["市自规局"]')],
            ["unit.1.aliases：“市自规局”与 unit.0.name 的“市自然资源和规划局”重复"],
        ),
        ([unit("市甲局", 'parent = "市乙局"')], ["unit.0.parent：名册中没有“市乙局”"]),
        (
            [unit("市甲局", "until = 2019-01-31")],
            ["unit.0：until 与 successor 须同时填写：撤并的单位由谁接手要写明"],
        ),
        (
            [unit("市甲局", 'successor = "市乙局"')],
            ["unit.0：until 与 successor 须同时填写：撤并的单位由谁接手要写明"],
        ),
        (
            [unit("市甲局", "until = 2019-01-31", 'successor = "市乙局"')],
            ["unit.0.successor：名册中没有“市乙局”"],
        ),
        (
            [
                unit("市甲局", "until = 2019-01-31", 'successor = "市乙局"'),
                unit("市乙局", "until = 2020-01-31", 'successor = "市甲局"'),
            ],
            ["unit.0.successor：“市甲局”绕回了自己", "unit.1.successor：“市乙局”绕回了自己"],
        ),
        ([unit("市甲局", 'parent = "市甲局"')], ["unit.0.parent：“市甲局”绕回了自己"]),
        (
            [
                unit("澜东区教育局", level="below"),
                unit("澜东区", 'parent = "澜东区教育局"', level="district"),
            ],
            ["unit.1.level：与上级“澜东区教育局”的层级（below）矛盾"],
        ),
        (
            [unit("澜东区", level="district"), unit("澜东区教育局", 'parent = "澜东区"')],
            ["unit.1.level：与上级“澜东区”的层级（district）矛盾"],
        ),
        (
            [unit("市甲局", "since = 2020-01-01", "until = 2019-01-31", 'successor = "市甲局"')],
            ["unit.0：since 不得晚于 until"],
        ),
        ([unit("市甲局", 'since = "2020年"')], ["unit.0.since：应为日期，如 2026-10-01"]),
    ],
)
def test_a_contradiction_is_told_by_key_and_reason(load: Load, units: list[str], expected: list[str]) -> None:
    assert faults(load, *units) == expected


def test_all_contradictions_are_told_at_once(load: Load) -> None:
    told = faults(
        load,
        unit("市甲局", 'parent = "市丙局"', 'aliases = ["市甲办"]'),
        unit("市乙局", 'parent = "市乙局"', 'aliases = ["市甲办"]'),
    )
    assert [fault.partition("：")[0] for fault in told] == [
        "unit.1.aliases",
        "unit.0.parent",
        "unit.1.parent",
    ]


@pytest.mark.parametrize(
    ("table", "home"),
    [
        ("", None),
        ('[home]\nname = ""\n', None),
        ('[home]\nname = "云澜市"\n', Home("云澜市", "市")),
        ('[home]\nname = "青桥开发区"\n', Home("青桥开发区", "区")),
        ('[home]\nname = "云澜新城"\nlevel = "区"\n', Home("云澜新城", "区")),
    ],
)
def test_the_home_is_the_offices(load: Load, table: str, home: Home | None) -> None:
    shipped = (Path(__file__).parents[2] / "config" / "app.toml").read_text("utf-8").partition("[home]")[0]
    assert load(app=shipped + table).home == home


def test_the_example_in_the_shipped_registry_is_valid(load: Load) -> None:
    shipped = (Path(__file__).parents[2] / "config" / "units.toml").read_text("utf-8")
    example = (
        shipped.partition("即生效）：\n")[2].replace("\n# ", "\n").replace("\n#\n", "\n\n").removeprefix("# ")
    )
    found: tuple[UnitEntry, ...] = load(units=example).units
    assert len(found) == example.count("[[unit]]") == 5


@pytest.mark.parametrize("sign", SIGNS)
def test_each_short_form_means_one_thing_behind_every_level(sign: str) -> None:
    """So no other form, and no sign that a form begins with (市监局, 区…), swallows a part of it."""
    wrong = {form for form, full in SHORT_FORMS.items() if unit_key(sign + form, SHORT_FORMS) != sign + full}
    assert wrong == set()


@pytest.mark.parametrize("sign", ["", *SIGNS])
def test_no_full_form_is_expanded_again(sign: str) -> None:
    wrong = {full for full in SHORT_FORMS.values() if unit_key(sign + full, SHORT_FORMS) != sign + full}
    assert wrong == set()
    assert not set(SHORT_FORMS) & set(SHORT_FORMS.values())


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("市市监局", "市市场监督管理局"),
        ("市监局", "市市场监督管理局"),
        ("市场监管局", "市场监督管理局"),
        ("省人社厅", "省人力资源和社会保障厅"),
        ("州文体广电旅游局", "州文化体育广电和旅游局"),
        ("旗政府办", "旗人民政府办公室"),
        ("盟卫健委", "盟卫生健康委员会"),
        ("石桥镇政府", "石桥镇人民政府"),
        ("青桥开发区管委会", "青桥开发区管理委员会"),
        ("团市委", "市共青团委"),
        ("县国动办", "县国防动员办公室"),
    ],
)
def test_usual_short_forms_are_written_out(short: str, full: str) -> None:
    assert unit_key(short, SHORT_FORMS) == full


@pytest.mark.parametrize("ambiguous", ["经发局", "市政局", "社发局", "金融局", "水务局"])
def test_what_means_different_things_in_different_places_is_left_as_written(ambiguous: str) -> None:
    assert unit_key("澜东区" + ambiguous, SHORT_FORMS) == "澜东区" + ambiguous


def test_a_unit_may_be_assessed_without_being_ranked(load: Load) -> None:
    named = load(units=unit("市甲局", "ranked = false") + unit("市乙局")).units
    assert [(entry.name, entry.is_ranked) for entry in named] == [("市甲局", False), ("市乙局", True)]
