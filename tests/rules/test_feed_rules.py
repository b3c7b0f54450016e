"""`feeds.toml`: what the office may lay down, and each mistake told by file and key."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from tracker.domain.cases import Fault
from tracker.domain.errors import ConfigError
from tracker.domain.media import Registered
from tracker.resources import shipped
from tracker.rules import Rules, load_rules
from tracker.rules.databases import DatabaseRules

SHIPPED = (shipped("config") / "feeds.toml").read_text("utf-8")


def load(folder: Path, old: str, new: str) -> Rules:
    assert old in SHIPPED
    (folder / "feeds.toml").write_text(SHIPPED.replace(old, new, 1), "utf-8")
    return load_rules(folder)


def test_limits_words_and_columns_are_the_offices(tmp_path: Path) -> None:
    rules = load(tmp_path, "accept_working_days = 5 ", "accept_working_days = 3 ").feeds
    assert rules.cases.limits.accept_working_days == 3
    assert rules.cases.text(Fault.OVERDUE_ACCEPTANCE, 7) == "有7件办件超过3个工作日未受理。"
    assert rules.cases.text(Fault.LATE_RETURN, 7) == "有7件办件未在48小时内回传。"
    assert rules.accounts.registered["已注销"] is Registered.CLOSED
    own = load(tmp_path, '"承办单位", ', '"经办机构", "承办单位", ').feeds
    assert own.cases.columns["unit"][0] == "经办机构"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("return_hours = 48", "return_hours = 0", "cases.return_hours：不得小于 1"),
        ('promised_unit = "工作日"', 'promised_unit = "周"', "cases.promised_unit：只能是 '工作日' or '天'"),
        ("shrink_percent = 80", "shrink_percent = 101", "cases.shrink_percent：不得大于 100"),
        ("near_days = 1", "near_dayz = 1", "accounts.near_dayz：不认识该项"),
        ('"有未评办件{count}件。"', '"有未评办件。"', "unevaluated_cases：须写有 {count}"),
        ('"有未评办件{count}件。"', '"{count}{days}"', "unevaluated_cases：花括号中只能写 count、limit"),
        ("没有更新。", "{since}没有更新。", "text_dormant：花括号中只能写 platform、name、limit"),
        ('accepted = ["受理时间"', 'accepted = ["申请时间"', "列名“申请时间”同时写在 applied 与 accepted 中"),
        ('matter = ["事项名称", "办理事项", "业务名称", "事项"]', "matter = []", "cases.columns.matter"),
    ],
)
def test_a_mistake_is_told_by_key_and_reason(tmp_path: Path, old: str, new: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, old, new)
    errors = caught.value.details["errors"]
    assert all("feeds.toml" in error for error in errors)
    assert any(fault in error for error in errors)


def with_databases(folder: Path, *tables: str) -> Rules:
    text = "".join(f"\n[[databases]]\n{table}\n" for table in tables)
    (folder / "feeds.toml").write_text(SHIPPED + text, "utf-8")
    return load_rules(folder)


def test_databases_are_the_offices(tmp_path: Path) -> None:
    assert load_rules(None).feeds.databases == ()
    own = with_databases(
        tmp_path,
        'name = "市平台"\ntable = "zwfw.banjian"\nat = 06:30:00',
        'name = "省平台"\nselect = """\nSELECT * FROM t"""\nminutes = 5',
    )
    assert own.feeds.databases == (
        DatabaseRules("市平台", ("zwfw", "banjian"), "", time(6, 30), 30),
        DatabaseRules("省平台", (), "SELECT * FROM t", None, 5),
    )


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ('name = "市平台"', "table 与 select 须写且只写一项"),
        ('name = "市平台"\ntable = "a"\nselect = "SELECT 1"', "table 与 select 须写且只写一项"),
        ('name = "市平台"\nselect = "DELETE FROM a"', "须为一条以 SELECT 或 WITH 开头的查询"),
        ('name = "市平台"\nselect = "SELECT 1; DROP TABLE a"', "不得有分号"),
        ('name = " 市平台"\ntable = "a"', "首尾不得有空格"),
        ('name = "' + "平" * 41 + '"\ntable = "a"', "databases.0.name"),
        ('name = "市平台"\ntable = "a"\nurl = "postgresql://"', "databases.0.url：不认识该项"),
        ('name = "市平台"\ntable = "a"\nminutes = 0', "databases.0.minutes：不得小于 1"),
        ('name = "市平台"\ntable = "a"\n[[databases]]\nname = "市平台"\ntable = "b"', "“市平台”写了两次"),
        ('name = "市平台"\ntable = "."', "table 须写表名"),
    ],
)
def test_a_mistake_about_a_database_is_told(tmp_path: Path, table: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        with_databases(tmp_path, table)
    errors = caught.value.details["errors"]
    assert any("feeds.toml" in error and fault in error for error in errors), errors
