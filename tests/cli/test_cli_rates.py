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


@pytest.mark.usefixtures("taken_in")
def test_each_number_of_a_past_moment_has_its_list(rectify: Rectify) -> None:
    rectify("submit", "1", "2", "--by", "联络员", now=NOW)
    rectify("strike-off", "1", "2", "--by", "审批局经办", now="2021-07-27T11:00")
    when = ("--as-of", "2021-07-27T10:30")
    for moment, struck_off in ((("--as-of", "2021-07-27T12:00"), 2), (when, 0)):
        [row, _] = rectify("rates", *moment, now="2021-08-20T09:00").json["rows"]
        for basis, number in {
            "rectified": row["rectified"]["numerator"],
            "counted": row["rectified"]["denominator"],
            "judged": row["on_time"]["denominator"],
            "overdue": row["overdue"],
            "unfinished": row["open"],
        }.items():
            listed = rectify(
                "items", "--group", row["key"], "--basis", basis, *moment, now="2021-08-20T09:00"
            )
            assert (basis, len(listed.json["items"])) == (basis, number)
        assert row["rectified"]["numerator"] == struck_off
    then = rectify("items", "--issued", "2021Q3", *when, now="2021-08-20T09:00").json["items"]
    assert [each["state"] for each in then[:3]] == ["submitted", "submitted", "open"]
    assert [each["number"] for each in then if each["overdue"]] == [6]
    assert "截至 2021-07-27 10:30" in rectify("items", *when, now="2021-08-20T09:00", as_json=False).out
    refused = rectify("items", "--basis", "extension", *when, now="2021-08-20T09:00")
    assert (refused.status, refused.json["error"]["message"][:4]) == (1, "延期待审")


def test_an_unknown_publication_is_refused(rectify: Rectify) -> None:
    said = rectify("rates", "snapshots", "3")
    assert (said.status, said.json["error"]["message"]) == (1, "没有序号为 3 的发布")
