"""The narrative against the problem lists of an invented bulletin."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.intake import read_document
from tracker.intake.claims import Claim, Kind, check_claims

HEADER = "序号\t单位名称\t“一网通办”问题\t“互联网+监管”问题\t政务公开问题\t备注"
ANNEX = f"""附件1

市直部门问题清单

{HEADER}
1\t市教育局\t1.4个办理项指南存在准确性问题。 2.有未评办件15件。\t1.用户活跃度未达到50%。\t\t
2\t市文旅局\t1.2个办理项指南存在准确性问题。\t1.监管行为事项覆盖率不足80%。 2.无联合监管方案。\t\t
3\t市水利局\t\t1.监管行为事项覆盖率不足80%。\t\t

附件2

各区问题清单

{HEADER.replace("单位名称", "区划")}
1\t澜东区\t1.3个办事指南存在准确性问题。 2.有未评办件982件。\t\t\t
"""


def claims_of(text: str, *kinds: Kind) -> list[Claim]:
    reading = read_document(text.encode(), "稿子.txt")
    claims = check_claims(reading, {"文旅局": "文化和旅游局"})
    return [claim for claim in claims if claim.kind in kinds]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("抽查发现3个单位9个事项办事指南不准确。", [True, True]),
        ("抽查发现5个单位9个事项办事指南不准确。", [False, True]),
        ("抽查发现3个单位8个事项办事指南不准确。", [True, False]),
        ("全市有997个办件未评价。", [True]),
        ("全市有998个办件未评价。", [False]),
        ("澜东区982个、市教育局15个办件均未评价。", [True, True]),
        ("澜东区982个、市教育局16个办件均未评价。", [True, False]),
        ("澜东区教育局982个办件未评价。", [True]),
        ("全市有5个网站未备案。", []),
        ("全市有9个办事指南已经更新。", []),
    ],
)
def test_counts_of_the_narrative_are_those_of_the_lists(sentence: str, expected: list[bool]) -> None:
    claims = claims_of(f"情况通报\n\n{sentence}\n\n{ANNEX}", Kind.LIST_COUNT)
    assert [claim.holds for claim in claims] == expected


@pytest.mark.parametrize(
    ("sentence", "holds", "note"),
    [
        ("监管行为事项覆盖率不足的有：市文化和旅游局、市水利局。", True, ""),
        ("监管行为事项覆盖率不足的有：市水利局。", False, "清单中另有：市文旅局"),
        ("监管行为事项覆盖率不足的有：市水利局、市民政局、市文旅局。", False, "清单中没有：市民政局"),
        ("监管行为事项覆盖率不足的有：市水利局等。", None, "清单中另有：市文旅局"),
        ("市民政局存在接口不稳定、线索未核查处置。", None, "问题清单中没有同类问题"),
    ],
)
def test_units_of_the_narrative_are_those_of_the_lists(sentence: str, holds: bool | None, note: str) -> None:
    (claim,) = claims_of(f"情况通报\n\n{sentence}\n\n{ANNEX}", Kind.LIST_UNITS)
    assert (claim.holds, claim.note) == (holds, note)


@pytest.mark.parametrize(
    ("sentence", "holds", "note"),
    [
        ("澜东区982个、市教育局15个办件均未评价。", True, ""),
        ("未评价办件：市教育局15个、澜东区982个、市商务局3个。", False, "清单中没有：市商务局"),
        ("未评价办件：市教育局15个、澜东区982个、市水利局3个。", None, "清单中没有：市水利局"),
        ("办事指南不准确的事项：市教育局4个、市文旅局2个。", None, "清单中另有：澜东区"),
    ],
)
def test_units_with_counts_are_those_of_the_lists(sentence: str, holds: bool | None, note: str) -> None:
    (claim,) = claims_of(f"情况通报\n\n{sentence}\n\n{ANNEX}", Kind.LIST_UNITS)
    assert (claim.holds, claim.note) == (holds, note)


def test_a_units_own_number_is_recognised_in_other_words() -> None:
    annex = ANNEX.replace("2.有未评办件982件", "2.有未评案卷982件")
    claims = claims_of(f"情况通报\n\n澜东区982个、市教育局15个办件均未评价。\n\n{annex}", Kind.LIST_COUNT)
    assert [(claim.stated, claim.holds) for claim in claims] == [
        ("澜东区982个", True),
        ("市教育局15个", True),
    ]


def test_one_unit_under_two_names_in_one_list_is_shown() -> None:
    row = "4\t市文化和旅游局\t有未评办件1件。\t\t\t\n"
    (claim,) = claims_of(ANNEX.replace("\n附件2", f"{row}\n附件2"), Kind.DUPLICATE_UNIT)
    assert (claim.quote, claim.holds) == ("市文旅局、市文化和旅游局", False)
    assert claims_of(ANNEX, Kind.DUPLICATE_UNIT) == []


def test_who_is_praised_for_what_the_list_blames_is_shown_not_judged() -> None:
    text = f"情况通报\n\n积极报送联合监管方案的单位有：市教育局、市文旅局。\n\n{ANNEX}"
    (claim,) = claims_of(text, Kind.PRAISE)
    assert (claim.holds, claim.stated) == (None, "市文旅局")


PIECES = [
    "市教育局",
    "澜东区",
    "共",
    "其中",
    "各",
    "等",
    "3",
    "12.5",
    "%",
    "件",
    "个",
    "分",
    "整改率",
    "占",
    "平均",
    "分别",
    "已整改",
]
PIECES += [
    "，",
    "、",
    "。",
    "；",
    "：",
    "（",
    "）",
    "\t",
    "\n",
    "\n\n",
    " |\n",
    "得分",
    "排名",
    "第",
    "满分",
    "总分值为",
    "截至",
    "月",
    "日",
    "0",
]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_no_text_makes_the_checks_fail(text: str) -> None:
    claims = check_claims(read_document(f"情况通报\n{text}".encode(), "稿子.txt"), {})
    assert all(claim.computed is not None for claim in claims if claim.holds is not None)
