"""Classing a problem by its words; the shipped file keeps the contract's codes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tracker.domain.classes import ProblemClass, classify
from tracker.domain.deadlines import DeadlineRule

SHIPPED = tomllib.loads((Path(__file__).parents[2] / "config" / "classes.toml").read_text("utf-8"))


def kind(code: str, domain: str | None, *patterns: str) -> ProblemClass:
    return ProblemClass(code, code, domain, patterns, {"working_days": 5}, "由本单位确定")


CLASSES = [
    kind("a", "甲", "清单"),
    kind("b", "乙", "清单|目录"),
    kind("c", "乙", "目录"),
    kind("d", None, "其他"),
]


@pytest.mark.parametrize(
    ("text", "domain", "code"),
    [
        ("缺少清单", "甲", "a"),
        ("缺少清单", "乙", "b"),
        ("缺少目录", "乙", "b"),
        ("缺少目录", "甲", "other"),
        ("其他", "甲", "d"),
        ("缺少目录", None, "b"),
        ("缺少目录", "丙", "b"),
        ("什么也不像", None, "other"),
    ],
)
def test_the_first_class_of_the_domain_whose_pattern_is_found_wins(
    text: str, domain: str | None, code: str
) -> None:
    assert classify(text, domain, CLASSES) == code


def test_the_order_of_the_file_decides_between_two_that_fit() -> None:
    assert classify("缺少目录", "乙", [CLASSES[2], CLASSES[1]]) == "c"


def test_every_shipped_class_has_a_name_a_source_and_a_deadline_the_domain_can_count() -> None:
    assert len(SHIPPED) == 29
    for code, raw in SHIPPED.items():
        assert raw["name"], code
        assert raw["source"], code
        assert DeadlineRule.parse(raw["deadline"], code).as_mapping() == raw["deadline"]
        assert raw["patterns"] or code == "other"
