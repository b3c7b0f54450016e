"""A file of `config/` is judged beside the others before it is put there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import shipped_rules
from tracker.domain.errors import ConfigError
from tracker.rules import check_file, load_rules

ZONE = "Asia/Shanghai"


@pytest.mark.parametrize("name", sorted(shipped_rules().files))
def test_each_shipped_file_is_good(name: str) -> None:
    files = shipped_rules().files
    assert check_file(files, name, files[name].read_bytes(), ZONE) == []


def test_all_faults_are_told_at_once_and_by_the_files_own_name() -> None:
    content = b"[default]\nbefore = 7\n[strict]\nclasses = ['no_such_class']\nwhat = 1\n"
    faults = check_file(shipped_rules().files, "ladders.toml", content, ZONE)
    assert len(faults) >= 6
    assert all(fault.startswith("ladders.toml：") for fault in faults)


def test_a_file_is_judged_with_the_offices_own_others(tmp_path: Path) -> None:
    """A ladder for a class that only the office has is good in that office, and nowhere else."""
    shipped = shipped_rules().files
    classes = shipped["classes.toml"].read_text("utf-8")
    own = '\n[own_class]\nname = "自定"\ndeadline = { days = 3 }\nsource = "本单位"\n'
    (tmp_path / "classes.toml").write_text(classes + own, "utf-8")
    ladders = shipped["ladders.toml"].read_text("utf-8") + '\n[own]\nclasses = ["own_class"]\n'
    assert check_file(load_rules(tmp_path).files, "ladders.toml", ladders.encode(), ZONE) == []
    assert len(check_file(shipped, "ladders.toml", ladders.encode(), ZONE)) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "不是 UTF-8 编码"),
        (b"[", "TOML 语法错误"),
        (b"a = " + b"[" * 100_000, "嵌套过深"),
    ],
    ids=["gbk", "syntax", "deep"],
)
def test_what_is_no_toml_is_said_so(content: bytes, words: str) -> None:
    [fault] = [each for each in check_file(shipped_rules().files, "app.toml", content, ZONE) if words in each]
    assert fault.startswith("app.toml：")


def test_a_name_that_is_no_settings_file_is_refused() -> None:
    with pytest.raises(ConfigError, match="没有名为"):
        check_file(shipped_rules().files, "../app.toml", b"", ZONE)


def test_rules_say_where_each_file_came_from(tmp_path: Path) -> None:
    own = tmp_path / "app.toml"
    own.write_bytes(shipped_rules().files["app.toml"].read_bytes())
    files = load_rules(tmp_path).files
    assert files["app.toml"] == own
    assert files["units.toml"] == shipped_rules().files["units.toml"]
