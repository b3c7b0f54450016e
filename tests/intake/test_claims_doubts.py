"""What does not go together without being wrong, in an invented bulletin: shown, never judged."""

from __future__ import annotations

import pytest

from tracker.intake import read_document
from tracker.intake.claims import Claim, Kind, check_claims

CHECKED = "对全市3个区（不含云台区）进行检查，共交办60条，已整改54条，整改率90%。"
LEFT = "未完成整改单位：市教育局4条，市民政局2条。"


def claims_of(text: str, *kinds: Kind) -> list[Claim]:
    claims = check_claims(read_document(text.encode(), "稿子.txt"), {"教体局": "教育局"})
    return [claim for claim in claims if claim.kind in kinds]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("整改进度较快的单位为：市教育局、市水利局。", [("市教育局", "未完成4条")]),
        ("整改较快的有市教体局、市水利局。", [("市教体局", "未完成4条")]),
        ("整改进度缓慢的单位：市教育局、市水利局。", [("市水利局", "未完成0")]),
        ("整改进度缓慢的单位：市民政局、市教育局。", []),
        ("整改进度较快的单位为：市水利局、云台区。", [("云台区", "不含云台区")]),
        ("整改进度较快的单位为：市水利局、澜东区。", []),
        ("办件较多的单位为：市教育局、云台区。", []),
    ],
)
def test_who_is_called_quick_or_slow_goes_with_who_has_something_left(
    sentence: str, expected: list[tuple[str, str]]
) -> None:
    text = f"情况通报\n\n{CHECKED}{LEFT}\n\n{sentence}"
    claims = claims_of(text, Kind.PRAISE, Kind.LIST_UNITS)
    assert [(claim.stated, claim.computed) for claim in claims] == expected
    assert {claim.holds for claim in claims} <= {None}


def test_without_a_list_of_what_is_left_nobody_is_doubted() -> None:
    text = f"情况通报\n\n{CHECKED}\n\n整改进度缓慢的单位：市教育局、市水利局。"
    assert claims_of(text, Kind.PRAISE, Kind.LIST_UNITS) == []


UNITS = ("市教育局", "市民政局", "市水利局", "市商务局", "市审计局", "市司法局")
NUMBERS = (1, 2, 3, 4, 5, 6)


def bulletin(lost: tuple[str, ...]) -> str:
    scores = "\n".join(
        f"{place}\t{unit}\t{10 - float(each):.2f}\t50.00\t{60 - float(each):.2f}"
        for place, (unit, each) in enumerate(zip(UNITS, lost, strict=True), 1)
    )
    problems = "\n".join(
        f"{place}\t{unit}\t1.{number}个办理项指南存在准确性问题。"
        for place, (unit, number) in enumerate(zip(UNITS, NUMBERS, strict=True), 1)
    )
    return (
        f"得分表\n\n排名\t部门名称\t办事指南准确性（10分）\t网上办事（60分）\t得分\n{scores}\n\n"
        f"附件1\n\n市直部门问题清单\n\n序号\t单位名称\t“一网通办”问题\n{problems}\n"
    )


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        (("0.5", "1", "1.5", "2", "2.5", "3"), []),
        (("0.5", "1", "1.5", "2", "2.5", "0.5"), [("市司法局6个", "1个", None)]),
        (("0.5", "1", "1.5", "2", "0.5", "0.5"), []),  # two of six: no steady rate to speak of
        (("0", "0", "0", "0", "0", "2"), []),  # nobody pays for such problems
    ],
)
def test_points_lost_go_with_the_problems_listed_where_they_do_so_for_the_others(
    lost: tuple[str, ...], expected: list[tuple[str, str, None]]
) -> None:
    claims = claims_of(bulletin(lost), Kind.LIST_COUNT)
    assert [(claim.stated, claim.computed, claim.holds) for claim in claims] == expected
    assert all("其余5个单位均为每个扣0.5分" in claim.note for claim in claims)
