"""Rates on the command line: details, ranking, publications."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Rectify

NOW = "2021-07-27T10:00"


@pytest.mark.usefixtures("taken_in")
def test_details_stand_beside_each_rate(rectify: Rectify) -> None:
    rectify("submit", "1", "--by", "联络员", now=NOW)
    rectify("return", "1", "--by", "审批局经办", "--reason", "佐证不全", now=NOW)
    rectify("submit", "2", "--by", "联络员", now=NOW)
    rectify("strike-off", "2", "--by", "审批局经办", now=NOW)
    total = rectify("rates", "--by", "period", now=NOW).json["total"]
    assert (total["returned"], total["recurred"], total["median_days"]) == (1, 0, 4)
    assert [row["key"] for row in rectify("rates", "--by", "month", now=NOW).json["rows"]] == ["2021-07"]
    shown = rectify("rates", "--by", "unit", now=NOW, as_json=False).out
    assert "整改天数中位数" in shown


@pytest.mark.usefixtures("taken_in")
def test_units_are_ranked_group_by_group(rectify: Rectify) -> None:
    rows = rectify("rates", "--rank", now=NOW).json["rows"]
    found = [(row["group"], row["key"], row["rank"], row["unranked"]) for row in rows]
    assert found == [
        ("市直", "市教育局", 1, None),
        ("市直", "市民政局", None, "few"),
        ("各区", "澜东区", None, "few"),
    ]
    shown = rectify("rates", "--rank", now=NOW, as_json=False).out
    assert "事项较少，不参与排名" in shown


@pytest.mark.usefixtures("taken_in")
def test_a_correction_is_published_beside_what_it_corrects(rectify: Rectify) -> None:
    first = rectify("rates", "publish", "--title", "第二季度", "--by", "审批局经办", now=NOW).json["snapshot"]
    assert (first["id"], first["items"], first["sound"]) == (1, 9, True)
    rectify("submit", "2", "--by", "联络员", now=NOW)
    rectify("strike-off", "2", "--by", "审批局经办", now=NOW)
    words = ("--title", "第二季度", "--by", "审批局经办", "--corrects", "1", "--reason", "漏计一项")
    rectify("rates", "publish", *words, now="2021-07-27T11:00")
    both = rectify("rates", "snapshots", "1").json["snapshots"]
    assert [each["total"]["rectified"]["numerator"] for each in both] == [0, 1]
    assert (both[0]["corrected_by"], both[1]["corrects"]) == ([2], 1)
    assert both[0]["tables"]["unit"][0]["rank"] == 1
    shown = rectify("rates", "snapshots", "2", as_json=False).out
    assert "第 1 号" in shown
    assert "更正第 1 号：漏计一项" in shown


def test_an_unknown_publication_is_refused(rectify: Rectify) -> None:
    said = rectify("rates", "snapshots", "3")
    assert (said.status, said.json["error"]["message"]) == (1, "没有序号为 3 的发布")
