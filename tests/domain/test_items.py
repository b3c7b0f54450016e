"""The identity of a problem: what a later bulletin may write differently, and what it may not."""

from __future__ import annotations

import pytest

from tracker.domain.items import identity

UNIT, CLASS = "澜东区卫生健康局", "unevaluated_cases"


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("有未评办件982件", "有未评办件300件。"),
        ("没有设置统计信息专栏", "1.未设置“统计信息”栏目；"),
        ("财政资金栏目长期不更新", "财政资金 栏目，长期不更新。"),
        ("ＡＰＰ无上线事项", "APP没有上线事项"),
        ("行政复议（专栏）未设置", "行政复议(专栏)没设置"),
    ],
)
def test_counts_punctuation_width_and_wording_of_not_do_not_matter(earlier: str, later: str) -> None:
    assert identity(UNIT, CLASS, earlier) == identity(UNIT, CLASS, later)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((UNIT, CLASS, "没有设置统计信息专栏"), (UNIT, CLASS, "没有设置行政复议专栏")),
        ((UNIT, CLASS, "有未评办件15件"), ("澜西区卫生健康局", CLASS, "有未评办件15件")),
        ((UNIT, CLASS, "有未评办件15件"), (UNIT, "overdue_acceptance", "有未评办件15件")),
        (("甲乙", "丙", "丁"), ("甲", "乙丙", "丁")),  # parts never run into one another
    ],
)
def test_another_unit_class_or_matter_is_another_problem(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assert identity(*one) != identity(*other)
