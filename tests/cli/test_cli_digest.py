"""`rectify digest` by period and scope."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Rectify

pytestmark = pytest.mark.usefixtures("taken_in")
HEAD = "单位,姓名,角色,手机,企业微信账号,群机器人,邮箱\n"


def test_a_unit_s_digest_tells_of_the_unit(rectify: Rectify, tmp_path: Path) -> None:
    said = rectify("digest", "--unit", "市民政局", "--out", tmp_path, now="2021-07-26T09:00").json
    assert (said["period"], said["scope"]) == ("2021-W30", "市民政局")
    assert said["headline"] == "市民政局整改率0%（0/2），未完成2项，逾期0项。"
    assert said["rates"]["total"]["rectified"]["denominator"] == 2
    assert [row["key"] for row in said["rates"]["rows"]] == ["一网通办", "政务公开"]
    assert said["unsigned"] == [{"unit": "市民政局", "count": 2}]
    assert said["newly_struck_off"] == {"count": 0, "numbers": []}
    assert [Path(file).name for file in said["files"]] == [
        "整改周报-2021-W30-市民政局.md",
        "整改周报-2021-W30-市民政局.png",
        "整改台账-2021-W30-市民政局.xlsx",
    ]


def test_a_month_and_a_quarter_are_told_as_they_ended(rectify: Rectify, tmp_path: Path) -> None:
    rectify("submit", 1, "--by", "李联", now="2021-07-28T10:00")
    rectify("strike-off", 1, "--by", "核验员", now="2021-07-29T10:00")
    rectify("submit", 2, "--by", "李联", now="2021-08-01T10:00")
    rectify("strike-off", 2, "--by", "核验员", now="2021-08-01T11:00")
    month = rectify("digest", "--month", "2021-07", "--out", tmp_path, now="2021-08-02T09:00").json
    assert (month["period"], month["as_of"]) == ("2021-07", "2021-07-31T23:59:59+08:00")
    assert month["newly_struck_off"] == {"count": 1, "numbers": [1]}
    assert month["unreported"] is None
    quarter = rectify("digest", "--quarter", "2021Q3", "--out", tmp_path, now="2021-10-08T09:00").json
    assert (quarter["period"], quarter["newly_struck_off"]["count"]) == ("2021Q3", 2)


def test_a_scope_is_sent_to_its_people_and_the_rest_to_theirs(rectify: Rectify, tmp_path: Path) -> None:
    people = tmp_path / "联系人.csv"
    people.write_text(
        HEAD + "澜东区,周长,负责人,13800000001,,,\n市行政审批局,郑组,领导小组,13800000002,,,\n", "utf-8"
    )
    rectify("contacts", "import", people)
    own = rectify("digest", "--district", "澜东区", "--send", "--out", tmp_path, now="2021-07-26T09:00").json
    assert own["sent_to"] == ["澜东区 周长（负责人）"]
    rest = rectify("digest", "--send", "--out", tmp_path, now="2021-07-26T09:00").json
    assert (rest["sent_to"], rest["scope"]) == (["市行政审批局 郑组（领导小组）"], "全市")


@pytest.mark.parametrize(
    "words",
    [
        ("--week", "2021-W30", "--month", "2021-07"),
        ("--month", "2021-07", "--quarter", "2021Q3"),
        ("--unit", "市民政局", "--district", "澜东区"),
    ],
)
def test_two_periods_or_two_scopes_are_wrong_usage(rectify: Rectify, words: tuple[str, ...]) -> None:
    assert rectify("digest", *words).status == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--month", "2021Q3"), "不是有效的月份"),
        (("--quarter", "2021-07"), "不是有效的季度"),
        (("--month", "2021-07", "--send"), "2021-07 尚未结束"),
        (("--district", "市民政局"), "“市民政局”不是区"),
        (("--unit", "市民政局", "--send"), "没有应收“市民政局”周报的人"),
    ],
)
def test_what_cannot_be_told_is_refused_in_chinese(
    rectify: Rectify, words: tuple[str, ...], message: str
) -> None:
    said = rectify("digest", *words, now="2021-07-26T09:00")
    assert said.status == 1
    assert message in said.json["error"]["message"]
