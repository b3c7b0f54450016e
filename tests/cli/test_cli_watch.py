"""`rectify watch-list`, `watch-columns`, `watch-open`, `warn`, `revisits`, `spot-check`: JSON and words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Rectify
from tests.fakes.exports import ACCOUNT_COLUMNS, account, as_csv

MONDAY = "2021-07-26T09:00"


@pytest.fixture
def fed(rectify: Rectify, tmp_path: Path) -> None:
    path = tmp_path / "账号.csv"
    row = account("市教育局", "微信公众号", "云澜教育", last_post="2021-07-13")
    path.write_bytes(as_csv([row], ACCOUNT_COLUMNS).getvalue())
    assert rectify("feed", "accounts", path).status == 0


@pytest.mark.usefixtures("fed")
def test_an_account_near_its_limit_is_listed_warned_of_and_explained(rectify: Rectify) -> None:
    [watched] = rectify("watch-list", now=MONDAY).json["watched"]
    assert (watched["id"], watched["state"], watched["idle"]) == ("account:1", "near", 13)
    assert (watched["limit"], watched["over_on"], watched["warned"]) == ("14天", "2021-07-28", [])
    assert len(rectify("warn", "--dry-run", now=MONDAY).json["planned"]) == 1
    [planned] = rectify("warn", now=MONDAY).json["planned"]
    assert planned["recipient"] == "市教育局（未登记联络员）"
    assert rectify("warn", now=MONDAY).json["planned"] == []
    [watched] = rectify("watch-list", "--state", "near", now=MONDAY).json["watched"]
    assert watched["warned"][0]["at"] == "2021-07-26T09:00:00+08:00"
    assert watched["why"].startswith("已预警：2021-07-26 09:00")
    assert rectify("watch-list", "--state", "over", now=MONDAY).json["watched"] == []
    assert "快到期限" in rectify("watch-list", now=MONDAY, as_json=False).out
    assert "已放入发件箱：0 条" in rectify("warn", now=MONDAY, as_json=False).out
    assert "更新预警" in rectify("inbox", as_json=False).out


@pytest.mark.usefixtures("fed")
def test_what_told_of_an_account_and_when_is_listed(rectify: Rectify) -> None:
    [watched] = rectify("watch-list", now=MONDAY).json["watched"]
    assert (watched["source"]["kind"], watched["source"]["name"], watched["page"]) == (
        "export",
        "账号.csv",
        None,
    )
    assert watched["source"]["at"].endswith("+08:00")
    assert "导出 账号.csv" in "".join(rectify("watch-list", now=MONDAY, as_json=False).out.split("\n"))


@pytest.mark.usefixtures("fed")
def test_past_the_limit_a_person_opens_an_item(rectify: Rectify) -> None:
    late = "2021-07-29T09:00"
    [item] = rectify("watch-open", "account:1", "--by", "王芳", now=late).json["items"]
    assert (item["class"], item["unit"]) == ("dormant_account", "市教育局")
    again = rectify("watch-open", "account:1", "--by", "王芳", now=late)
    assert (again.status, again.json["error"]["code"]) == (1, "not_allowed")
    assert rectify("watch-open", "事项1", "--by", "王芳").status == 2
    assert rectify("watch-open", "column:5", "--by", "王芳").json["error"]["code"] == "not_found"


def test_columns_come_in_by_a_table_and_go_by_name(rectify: Rectify, tmp_path: Path) -> None:
    path = tmp_path / "栏目.csv"
    path.write_text("单位,栏目,网址\n市水务局,通知公告,\n", "utf-8")
    done = rectify("watch-columns", "import", path, "--by", "王芳").json
    assert done == {"added": 1, "named": 1, "new_units": ["市水务局"]}
    [watched] = rectify("watch-list").json["watched"]
    assert (watched["kind"], watched["state"], watched["newest_on"]) == ("column", "unknown", None)
    assert "新登记 0 个" in rectify("watch-columns", "import", path, as_json=False).out
    assert rectify("watch-columns", "remove", "市水务局", "通知公告").status == 0
    assert rectify("watch-list").json["watched"] == []
    path.write_text("单位,栏目\n市水务局,机构职能\n", "utf-8")
    assert "第2行" in rectify("watch-columns", "import", path).json["error"]["message"]


def _strike_off(rectify: Rectify, *numbers: int) -> None:
    assert rectify("submit", *numbers, "--by", "李联", now="2021-07-24T10:00").status == 0
    assert rectify("strike-off", *numbers, "--by", "王芳", now="2021-07-24T11:00").status == 0


@pytest.mark.usefixtures("taken_in")
def test_a_draw_is_kept_shown_recomputed_and_judged(rectify: Rectify) -> None:
    _strike_off(rectify, 1, 2, 3, 6)
    made = rectify("spot-check", "draw", "--count", 2, "--seed", "云澜2021", "--by", "王芳", now=MONDAY).json
    assert (made["spot_check"]["population_size"], made["spot_check"]["seed"]) == (4, "云澜2021")
    assert len(made["spot_check"]["population_sha256"]) == 64
    numbers = [each["number"] for each in made["items"]]
    shown = rectify("spot-check", "show", 1, "--verify", "--population", now=MONDAY)
    assert shown.status == 0
    assert shown.json["verified"] == {"digest": True, "draw": True}
    assert shown.json["population"].startswith("1\t市教育局")
    assert [each["number"] for each in shown.json["items"]] == numbers
    done = rectify(
        "spot-check", "record", 1, numbers[0], "--unfit", "--note", "仍未改", "--by", "王芳", now=MONDAY
    ).json
    assert (done["item"]["result"], done["item"]["new_number"]) == ("unfit", 10)
    assert rectify("show", 10).json["item"]["recurs"] == numbers[0]
    said = rectify("spot-check", "record", 1, numbers[1], "--fit", "--by", "王芳", now=MONDAY, as_json=False)
    assert "符合" in said.out
    assert [each["id"] for each in rectify("spot-check", "list").json["spot_checks"]] == [1]
    words = rectify("spot-check", "show", 1, "--verify", now=MONDAY, as_json=False).out
    assert "复算一致" in words
    refused = rectify("spot-check", "draw", "--count", 1, "--per-unit", "--all", now=MONDAY)
    assert "每个单位至少一项" in refused.json["error"]["message"]


@pytest.mark.usefixtures("taken_in")
def test_nothing_to_look_back_at_is_said(rectify: Rectify) -> None:
    assert rectify("revisits", "list").json == {"to_decide": [], "again": [], "settled": []}
    assert "待判定 0 项" in rectify("revisits", "list", as_json=False).out
    assert rectify("revisits", "confirm", 1, "--by", "王芳").json["error"]["code"] == "not_found"
    assert (
        rectify("revisits", "dismiss", 1, "--by", "王芳", "--reason", "无").json["error"]["code"]
        == "not_found"
    )
