"""`rectify checks`, `recheck`, and the looks in `rectify show`."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Rectify
from tests.fakes.website import FakeWebsite, html

pytestmark = pytest.mark.slow

NAMES = ("首页", "机构", "动态", "政策", "互动")
MENU = "".join(f'<a href="/{n}/">{name}</a>' for n, name in enumerate(NAMES))


@pytest.fixture
def site(site: FakeWebsite, monkeypatch: pytest.MonkeyPatch) -> FakeWebsite:
    monkeypatch.setenv("TRACKER_PROBE_NETWORKS", "127.0.0.0/8")
    site["/"] = html(MENU)
    return site


def _hand_in(rectify: Rectify, site: FakeWebsite) -> None:
    said = rectify("submit", 4, "--by", "李联", "--evidence", site.url("/"), now="2021-07-26T10:00")
    assert said.status == 0
    assert rectify("check", now="2021-07-26T10:01").json["checks"][0]["number"] == 4


@pytest.mark.usefixtures("taken_in")
def test_what_was_handed_in_and_is_not_to_be_seen_is_listed_with_a_reason(
    rectify: Rectify, site: FakeWebsite
) -> None:
    site["/robots.txt"] = html("", title="")
    for n in range(5):
        site[f"/{n}/"] = html(MENU)
    _hand_in(rectify, site)
    said = rectify("checks", now="2021-07-26T10:02").json
    assert said["counts"] == {
        "fixed_reported": 0,
        "not_fixed_reported": 1,
        "fixed_unreported": 0,
        "cannot_look": 0,
    }
    [row] = said["items"]
    assert (row["kind"], row["item"]["number"], row["verdict"]) == ("not_fixed_reported", 4, "not_fixed")
    assert (row["status"], row["checked_at"]) == (200, "2021-07-26T10:01:00+08:00")
    assert "网页上没有找到栏目：统计信息" in row["reason"]
    assert rectify("checks", "--kind", "fixed_reported", now="2021-07-26T10:02").json["items"] == []
    table = rectify("checks", now="2021-07-26T10:02", as_json=False).out
    assert "建议退回 1 项" in table
    shown = rectify("show", 4, as_json=False).out
    assert "未见整改" in shown
    assert "2021-07-26 10:01" in shown


@pytest.mark.usefixtures("taken_in")
def test_another_look_is_taken_by_the_next_check(rectify: Rectify, site: FakeWebsite) -> None:
    _hand_in(rectify, site)
    assert rectify("check", now="2021-07-26T11:00").json["checks"] == []
    assert "没有到时的核查" in rectify("check", now="2021-07-26T11:00", as_json=False).out
    said = rectify("recheck", 4, "--by", "王核验", now="2021-07-26T11:00").json
    assert [item["number"] for item in said["items"]] == [4]
    [seen] = rectify("check", now="2021-07-26T11:01").json["checks"]
    assert (seen["number"], seen["checked_at"]) == (4, "2021-07-26T11:01:00+08:00")
    assert rectify("recheck", 1, "--by", "王核验").json["error"]["code"] == "not_allowed"
