"""Rates, shares, averages and scores of invented sentences: holds, does not, truncated, cannot be told."""

from __future__ import annotations

import pytest

from tracker.intake import read_document
from tracker.intake.claims import Claim, Kind, check_claims


def claims_of(text: str, *kinds: Kind) -> list[Claim]:
    claims = check_claims(read_document(text.encode(), "稿子.txt"), {})
    return [claim for claim in claims if claim.kind in kinds]


@pytest.mark.parametrize(
    ("text", "holds", "computed"),
    [
        ("共发现问题80条，已整改67条，整改率为83.8%。", True, "83.8%"),
        ("共发现问题80条，已整改67条，整改率为83.7%。", True, "83.8%"),  # truncated
        ("共发现问题80条，已整改67条，整改率为85%。", False, "83.75%"),
        ("共发现问题50条。截至目前，已整改40条，整改率为75%。", False, "80%"),
        (
            "市直部门交办60条，各区交办40条。市直部门已整改45条，整改率75%；各区已整改30条，整改率76%。",
            True,
            "75%",
        ),
        ("受理投诉300件，办结291件，办结率97%。", True, "97%"),
        ("受理投诉300件，办结291件，办结率99%。", False, "97%"),
        ("检查网站120家，3家不合格，合格率97.5%。", True, "97.5%"),
        ("检查网站120家，3家不合格，合格率为99.7%。", False, "97.5%"),
        ("6家网站全部查过，没有不合格的，合格率100%。", True, "100%"),
        (
            "应注册执法人员100人，实际注册40人，应注册监管人员200人、实际注册80人，总注册率仅为40%。",
            True,
            "40%",
        ),
        (
            "应注册执法人员100人，实际注册40人，应注册监管人员200人、实际注册80人，总注册率仅为45%。",
            False,
            "40%",
        ),
        ("注册用户500，活跃用户（每月登录3次以上）120，活跃度24%。", True, "24%"),
        ("受理２０００件，办结1,900件，办结率95％。", True, "95%"),
        ("受理投诉200件，办结130件，办结率低于70%。", True, "65%"),
        ("受理投诉200件，办结150件，办结率低于70%。", False, "75%"),
        ("已整改60条，未整改20条，整改率为75%。", True, "75%"),
        ("已整改60条，未整改20条，整改率为80%。", False, "75%"),
        ("应整改90条，已整改60条，尚未完成整改20条，整改率为80%。", False, "66.67%"),
        ("标注材料600个，标注率92.4%。全市有60个材料未按要求标注。", None, None),
        ("标注材料600个，标注率92.3%。全市有50个材料未按要求标注。", True, "92.3%"),
        ("标注材料600个，标注率92.4%。", None, None),
        ("我市好评率为91%。", None, None),
        ("派单60件，其中按时结案57件、超时结案3件，结案率100%。", None, None),
        ("登记用户300个，新增活跃用户20个，活跃度40%。", None, None),
        ("受理0件，办结0件，办结率100%。", None, None),
    ],
)
def test_a_rate_is_judged_by_the_numbers_that_the_document_gives_for_it(
    text: str, holds: bool | None, computed: str | None
) -> None:
    claim = claims_of(text, Kind.RATE)[0]
    assert (claim.holds, claim.computed) == (holds, computed)


def test_a_rate_beside_what_is_left_tells_what_the_two_would_make() -> None:
    (claim,) = claims_of("标注材料600个，标注率92.4%。全市有200个材料未按要求标注。", Kind.RATE)
    assert claim.note == "按文中已完成与未完成的数，600÷(600+200)为75%；未写明总数，无法判断"


def test_a_truncated_rate_holds_and_says_so() -> None:
    half_up, cut = (
        claims_of(f"共发现问题80条，已整改67条，整改率为{stated}%。", Kind.RATE)[0]
        for stated in ("83.8", "83.7")
    )
    assert (half_up.holds, half_up.note) == (True, "")
    assert cut.holds is True
    assert "截断" in cut.note


def test_a_claim_shows_where_it_stands_and_what_went_in() -> None:
    sentence = "共发现问题80条，已整改67条，整改率为85%。"
    (claim,) = claims_of(f"一、整改\n\n检查如期完成。{sentence}", Kind.RATE)
    assert (claim.line, claim.stated, claim.quote) == (3, "85%", sentence)
    assert claim.inputs == {"numerator": "67", "denominator": "80"}


def test_a_sentence_broken_over_two_lines_is_one_sentence() -> None:
    head = "为摸清底数，专班逐家核对，目前全市注册用户500，其中每月登录三次以上的活跃用户120，活跃度"
    (claim,) = claims_of(f"{head}\n\n26%，低于预期。", Kind.RATE)
    assert (claim.holds, claim.line) == (False, 1)


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("共接来电400件。咨询类100件，占25%；投诉类60件，占15%。", [True, True]),
        ("共接来电400件。咨询类100件，占25%；投诉类60件，占17%。", [True, False]),
        ("共接来电400件，其中咨询类100件，占35%。", [False]),
        ("共接来电700件。咨询类69件，占比9.8%。", [True]),
        ("咨询类100件，占35%。", [None]),
    ],
)
def test_a_share_needs_a_stated_total(text: str, verdicts: list[bool | None]) -> None:
    assert [claim.holds for claim in claims_of(text, Kind.SHARE)] == verdicts


LISTED = "其中市级80%、澜东区60%、澜西区40%。"
COUNTED = "监管事项总数：市本级200项、澜东区100项、澜西区100项。\n\n"


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (f"全市平均覆盖率为60%。{LISTED}", True),
        (f"{COUNTED}全市平均覆盖率为65%。{LISTED}", True),
        (f"{COUNTED}全市平均覆盖率为66%。{LISTED}", False),
        (f"全市平均覆盖率为66%。{LISTED}", None),
        (f"全市平均覆盖率为86%。{LISTED}", False),
        ("全市平均覆盖率为86%。", None),
    ],
)
def test_an_average_may_be_plain_or_weighted_but_never_beyond_its_parts(
    text: str, holds: bool | None
) -> None:
    (claim,) = claims_of(text, Kind.AVERAGE)
    assert claim.holds is holds


@pytest.mark.parametrize(
    ("text", "kind", "holds"),
    [
        ("该项指标分值为6分，全省平均分为5.20分，我市得分5.50分，高于平均分0.3分。", Kind.DIFFERENCE, True),
        ("该项指标分值为6分，全省平均分为5.20分，我市得分5.50分，高于平均分0.4分。", Kind.DIFFERENCE, False),
        ("该项指标分值为6分，全省平均分为5.20分，我市得分5.50分，低于平均分0.3分。", Kind.DIFFERENCE, False),
        ("分值为4+2分，全省平均分为3.1+1.2分，我市得分3.5+2分，高于平均分1.2分。", Kind.DIFFERENCE, True),
        ("我市得分5.50分，高于平均分0.3分。", Kind.DIFFERENCE, None),
        ("我市评价率为91%，低于平均值98%。", Kind.DIFFERENCE, True),
        ("我市评价率为99%，低于平均值98%。", Kind.DIFFERENCE, False),
        ("该项指标分值为3分，全省17个市（州）均获得满分。", Kind.FULL_MARK, True),
        ("该项指标分值为3分，我市得分2.9分，全省17个市（州）均获得满分。", Kind.FULL_MARK, False),
        ("该项指标分值为3分，平均分为3.2分，我市得分2.9分。", Kind.FULL_MARK, False),
    ],
)
def test_scores_are_compared_as_the_sentence_says(text: str, kind: Kind, holds: bool | None) -> None:
    (claim,) = claims_of(text, kind)
    assert claim.holds is holds


PARENT = "该一级指标包含减时限等3个二级指标，总分为9分，平均分为7分，我市得分{own}分。\n\n"
FIRST = "减时限情况：该项指标分值为3分，平均分为2分，我市得分2.5分。\n\n"
OTHERS = "稳定性、一致性情况：该两项指标分值均为3分，平均分为5分，我市得分5.5分。"


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        (PARENT.format(own=8) + FIRST + OTHERS, [True, True, True]),
        (PARENT.format(own="8.5") + FIRST + OTHERS, [True, True, False]),
        (PARENT.format(own=8) + FIRST, [None]),
        (PARENT.format(own=8) + FIRST + OTHERS.replace("均为3分", "均为4分"), [False]),
    ],
)
def test_an_indicator_is_the_sum_of_those_below_it(text: str, verdicts: list[bool | None]) -> None:
    assert [claim.holds for claim in claims_of(text, Kind.SUM)] == verdicts


@pytest.mark.parametrize(
    ("own", "average", "verdicts"),
    [
        ("5.5", "4", [None]),
        ("9", "4", [None, False]),  # 9 − 2.5 is more than the 6 points of the two others
        ("2", "4", [None, False]),
        ("5.5", "1.5", [None, False]),
    ],
)
def test_what_the_indicators_not_told_of_would_need_must_be_possible(
    own: str, average: str, verdicts: list[bool | None]
) -> None:
    parent = PARENT.format(own=own).replace("平均分为7分", f"平均分为{average}分")
    assert [claim.holds for claim in claims_of(parent + FIRST, Kind.SUM)] == verdicts


@pytest.mark.parametrize(
    ("total", "average", "verdicts"),
    [("17", "15", [True, True]), ("24.5", "15", [None, True]), ("17", "15.5", [True, None])],
)
def test_a_total_score_is_laid_beside_the_first_level_indicators(
    total: str, average: str, verdicts: list[bool | None]
) -> None:
    first = "该一级指标包含减时限等3个二级指标，总分为9分，平均分为7分，我市得分8分。\n\n"
    second = "该一级指标包含汇聚等4个二级指标，总分为10分，平均分为8分，我市得分9分。\n\n"
    head = f"考核我市总得分{total}分，全省平均得分{average}分。\n\n"
    claims = claims_of(head + first + second, Kind.SUM)
    assert [claim.holds for claim in claims] == verdicts
    assert [claim.computed for claim in claims] == ["17分", "15分"]
    assert all("满分共19分" in claim.note for claim in claims if claim.holds is None)
