"""`columns.toml`: the shipped limits, an office's own, and every mistake told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import shipped_rules
from tracker.domain.columns import Age, WalkLimits
from tracker.domain.errors import ConfigError
from tracker.rules import Rules, load_rules

KIND = '[kind.news]\nwords = ["动态"]\nlimit = { days = 7 }\n'


def load(folder: Path, columns: str) -> Rules:
    (folder / "columns.toml").write_text(columns, "utf-8")
    return load_rules(folder)


@pytest.mark.parametrize(
    ("column", "limit"),
    [
        ("工作动态", Age(days=14)),
        ("政务要闻", Age(days=14)),
        ("通知公告", Age(months=6)),
        ("政策文件", Age(months=6)),
        ("人事信息", Age(months=12)),
        ("规划计划", Age(months=12)),
        ("局长信箱", Age(months=2)),
        ("机构职能", None),
    ],
)
def test_the_shipped_limits_are_those_of_the_national_check(column: str, limit: Age | None) -> None:
    assert shipped_rules().columns.limit_of(column, "二季度通报") == limit


def test_the_shipped_walk_is_the_usual_one() -> None:
    assert shipped_rules().walk == WalkLimits()


def test_an_office_may_be_stricter_and_differ_by_list(tmp_path: Path) -> None:
    rules = load(
        tmp_path, f'{KIND}lists = {{ "读网" = {{ days = 3 }} }}\n[default]\nlimit = {{ months = 3 }}\n'
    )
    assert rules.columns.limit_of("工作动态", "二季度通报") == Age(days=7)
    assert rules.columns.limit_of("工作动态", "交叉读网") == Age(days=3)
    assert rules.columns.limit_of("机构职能", "") == Age(months=3)


def test_an_empty_file_knows_no_limit_and_walks_as_usual(tmp_path: Path) -> None:
    rules = load(tmp_path, "")
    assert (rules.columns.limit_of("工作动态", ""), rules.walk) == (None, WalkLimits())


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ("[kind.news]\nwords = []\n", "kind.news.limit：缺少该项"),
        (
            '[kind.news]\nwords = ["动态"]\nlimit = {}\n',
            "kind.news.limit：须写 days 或 months 之一，且大于 0",
        ),
        ('[kind.news]\nwords = ["动态"]\nlimit = { days = 1, months = 1 }\n', "须写 days 或 months 之一"),
        ('[kind.news]\nwords = ["动"]\nlimit = { days = 1 }\n', "kind.news.words.0：至少 2 个字"),
        ('synonyms = [["通知公告", "公告公示"], ["公告公示", "公示"]]\n', "重复的名称：公告公示"),
        ("[walk]\npages = 0\n", "walk.pages：不得小于 1"),
        ('[walk]\npause_seconds = "1"\n', "walk.pause_seconds：应为数字"),
        ("[walks]\n", "walks：不认识该项"),
    ],
)
def test_a_mistake_names_file_and_key(tmp_path: Path, columns: str, fault: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, columns)
    [error] = refused.value.details["errors"]  # type: ignore[misc]
    assert "columns.toml：" in error
    assert fault in error
