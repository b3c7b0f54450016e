"""From bulletin to struck-off item through the command line alone, point by point, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from tests.cli.conftest import Rectify
from tests.conftest import Begin
from tests.fakes.loopback import loopback_only
from tests.fakes.website import FakeWebsite, html
from tests.fakes.wecom import FakeWeCom
from tests.services.scenes import HEADER, NEXT_BULLETIN, counts
from tests.support import Clock, at
from tracker.cli import run
from tracker.services.office import Office

KEY = "invented-robot-key-0001"


def imported(office: Office) -> None:
    """By the command line as well: the test's folder and environment are set when this is played."""
    assert run(["--now", "2021-07-23T17:00", "import", "通报.txt"]) == 0
    assert counts(office)["item"] == 9


@pytest.fixture(autouse=True)
def _city(
    rectify: Rectify, bulletin: Path, database_url: str, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_DATABASE_URL", database_url)
    begin(imported)


def item(rectify: Rectify, number: int, now: str = "2021-07-23T17:00") -> dict[str, Any]:
    found: dict[str, Any] = rectify("show", number, now=now).json["item"]
    return found


def test_both_databases_are_really_meant(database_url: str, request: pytest.FixtureRequest) -> None:
    assert make_url(database_url).get_backend_name() in request.node.name


def test_point_2_every_problem_is_an_item_with_number_class_quantity_and_its_own_words(
    rectify: Rectify,
) -> None:
    items = rectify("items").json["items"]
    assert [each["number"] for each in items] == list(range(1, 10))
    assert [each["class"] for each in items] == [
        "unevaluated_cases", "guide_inaccurate", "low_activity", "missing_column", "stale_column",
        "overdue_acceptance", "missing_column", "unevaluated_cases", "missing_column",
    ]  # fmt: skip
    assert items[1]["text"] == "2个办理项指南存在准确性问题。"
    assert items[1]["quantity"] == {"value": 2, "measure": "个"}
    assert items[1]["source"]["ordinal"] == 2
    assert items[2]["quantity"] is None  # 50% counts nothing
    assert [each["group"] for each in items] == ["市直"] * 7 + ["各区"] * 2


def test_point_3_deadlines_count_working_days_and_overdue_is_computed(
    rectify: Rectify, bulletin: Path, tmp_path: Path
) -> None:
    due = {each["number"]: each["due_on"] for each in rectify("items").json["items"]}
    assert due == {
        6: "2021-07-26",  # 1 working day
        **dict.fromkeys((1, 2, 5, 8), "2021-07-30"),  # 5
        **dict.fromkeys((4, 7, 9), "2021-08-06"),  # 10
        3: "2021-08-23",  # the 23rd of the month, and the day of issue is not counted
    }
    assert not item(rectify, 6, "2021-07-26T23:59")["overdue"]
    assert item(rectify, 6, "2021-07-27T00:00")["overdue"]
    # Over National Day: 1 to 7 October are off, 26 September and 9 October are worked.
    text = bulletin.read_text("utf-8").replace("2021年7月23日", "2021年9月24日").replace("15件", "16件")
    (tmp_path / "九月.txt").write_text(text.replace("未评办件", "无评价办件未评"), "utf-8")
    later = rectify("import", tmp_path / "九月.txt", now="2021-09-24T17:00").json["items"]
    new = next(each for each in later if each["outcome"] == "new")
    assert (new["due_on"], new["provisional"]) == ("2021-09-30", False)


def test_point_4_reminders_climb_the_ladder_once_and_say_why(rectify: Rectify, tmp_path: Path) -> None:
    people = ("市民政局,孙联,联络员,,,,", "市民政局,吴负,负责人,,,,", "市行政审批局,郑组,领导小组,,,,")
    (tmp_path / "联系人.csv").write_text("\n".join((HEADER, *people)), "utf-8")
    rectify("contacts", "import", tmp_path / "联系人.csv")
    heard: dict[str, list[str]] = {}
    for day in ("26", "27", "28", "29", "30", "31"):
        for planned in rectify("remind", now=f"2021-07-{day}T09:00").json["planned"]:
            if 6 in planned["numbers"]:
                heard.setdefault(planned["recipient"].split()[1], []).append(f"{day} {planned['kind']}")
    assert heard == {
        "孙联（联络员）": ["26 due_today", "27 overdue", "28 overdue", "29 overdue", "30 overdue"],
        "吴负（负责人）": ["27 escalation", "28 escalation", "29 escalation", "30 escalation"],
    }
    planned = rectify("remind", now="2021-08-02T09:00").json["planned"]
    assert [each["numbers"] for each in planned if "郑组" in each["recipient"]] == [[6]]
    assert rectify("remind", now="2021-08-02T09:00").json == {"planned": [], "held": []}
    told = rectify("show", 6, now="2021-08-02T09:30").json
    assert len(told["messages"]) == 6 + 5 + 1
    assert all(message["reason"] for message in told["messages"])
    assert told["why"].startswith("下次提醒：2021-08-09 09:00，逾期10个工作日")


def test_point_5_delivery_is_accepted_failed_or_unknown_and_never_twice(
    rectify: Rectify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(at("2021-07-27 09:00"))
    with FakeWeCom(clock=lambda: clock().timestamp()) as wecom, loopback_only():
        wecom.add_robot(KEY)
        monkeypatch.setenv("TRACKER_WECOM_BASE_URL", wecom.base_url)
        people = (
            f"市教育局,李联,联络员,,lilian,{KEY},",
            "市民政局,孙联,联络员,,,invented-robot-key-gone,",
        )
        (tmp_path / "联系人.csv").write_text("\n".join((HEADER, *people)), "utf-8")
        rectify("contacts", "import", tmp_path / "联系人.csv")
        rectify("remind", now="2021-07-27T09:00")
        done = rectify("deliver", now="2021-07-27T09:00")
        states = {each["recipient"].split("（")[0]: each["state"] for each in done.json["messages"]}
        assert states == {"市教育局 李联": "accepted", "市民政局 孙联": "failed", "澜东区": "accepted"}
        assert "invented-robot-key" not in done.out
        assert rectify("deliver", now="2021-07-27T09:30").json["messages"] == []
        [seen] = wecom.delivered
        assert seen.user_ids == ("lilian",)
        assert "市教育局" in seen.content


@pytest.mark.slow
def test_point_6_a_check_is_evidence_and_never_closes_an_item(
    rectify: Rectify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_PROBE_NETWORKS", "127.0.0.0/8")
    menu = "".join(f'<a href="/{n}/">{n}号栏目</a>' for n in range(6))
    with FakeWebsite() as site, loopback_only():
        site["/"] = html(f"{menu}<a href='/tj/'>统计信息</a>")
        site["/tj/"] = html(f"{menu}<p><a href='/tj/1.html'>统计公报</a> 2021-07-20</p>")
        rectify("submit", 4, "--by", "李联", "--evidence", site.url("/"), now="2021-07-26T10:00")
        assert rectify("check", now="2021-07-26T10:00").json["checks"][0]["verdict"] == "fixed"
        assert rectify("check", now="2021-07-27T09:59").json == {"checks": []}
        assert item(rectify, 4)["state"] == "submitted"
        rectify("strike-off", 4, "--by", "核验员", now="2021-07-26T11:00")
        assert rectify("check", now="2021-08-26T10:00").json == {"checks": []}
        assert [request.path for request in site.requests].count("/") == 1


def test_point_7_closing_takes_two_people_and_a_problem_seen_again_is_a_new_item(
    rectify: Rectify, tmp_path: Path
) -> None:
    rectify("sign", 4, "--by", "李联", now="2021-07-26T10:00")
    rectify("submit", 4, "--by", "李联", now="2021-07-26T11:00")
    refused = rectify("strike-off", 4, "--by", "李联", now="2021-07-26T12:00")
    details = refused.json["error"]["details"]
    assert (details["number"], details["refusal"]) == (4, "same_person")
    rectify("return", 4, "--by", "核验员", "--reason", "栏目为空", now="2021-07-26T12:00")
    rectify("submit", 4, "--by", "李联", now="2021-07-27T10:00")
    rectify("strike-off", 4, "--by", "核验员", now="2021-07-27T11:00")
    events = [row["event"] for row in rectify("show", 4).json["history"]]
    assert events == ["import", "sign", "submit", "return", "submit", "strike_off"]
    (tmp_path / "三季度.txt").write_text(NEXT_BULLETIN, "utf-8")
    said = rectify("import", tmp_path / "三季度.txt", now="2021-10-22T17:00").json
    assert said["counts"]["reappeared"] == 1
    assert said["absent"] == [2, 5, 6, 7]
    [again] = [each for each in said["items"] if each["outcome"] == "reappeared"]
    assert (again["number"], again["recurs"], again["state"]) == (10, 4, "open")
    assert item(rectify, 4)["state"] == "struck_off"


def test_point_8_rates_are_exact_and_any_past_moment_comes_out_again(rectify: Rectify) -> None:
    numbers = (1, 2, 4, 5, 7)
    rectify("submit", *numbers, "--by", "李联", now="2021-07-28T10:00")
    rectify("strike-off", *numbers, "--by", "核验员", now="2021-07-28T11:00")
    then = rectify("rates", now="2021-07-28T12:00").json
    rectify("withdraw", 3, "--by", "核验员", "--reason", "重复列入", now="2021-07-29T10:00")
    now = rectify("rates", now="2021-07-29T11:00").json
    assert {row["key"]: row["rectified"]["percent"] for row in now["rows"]} == {"市直": "83.3%", "各区": "0%"}
    assert now["total"]["rectified"] == {"numerator": 5, "denominator": 8, "percent": "62.5%"}
    assert (now["total"]["open"], now["total"]["overdue"]) == (3, 1)
    assert now["total"]["on_time"] == {"numerator": 5, "denominator": 6, "percent": "83.3%"}
    again = rectify("rates", "--as-of", "2021-07-28T12:00", now="2021-12-01T09:00").json
    assert again == then
    assert again["total"]["rectified"]["percent"] == "55.6%"


def test_point_9_the_digest_is_frozen_and_sent_once(rectify: Rectify) -> None:
    sent = rectify("digest", "--send", now="2021-07-26T09:00").json
    assert sent["rates"]["total"]["rectified"]["percent"] == "0%"
    assert sent["unfinished"] == "未完成整改单位：市教育局5条、市民政局、澜东区各2条。"
    rectify("submit", 1, 2, "--by", "李联", now="2021-07-26T10:00")
    rectify("strike-off", 1, 2, "--by", "核验员", now="2021-07-26T11:00")
    again = rectify("digest", "--send", now="2021-07-26T12:00").json
    assert {**again, "sent_to": sent["sent_to"]} == sent
    assert again["sent_to"] == []
    following = rectify("digest", "--send", now="2021-08-02T09:00").json
    assert following["rates"]["total"]["rectified"]["percent"] == "22.2%"
    assert following["delta"]["合计"] == "较上周上升22.2个百分点"
    kinds = [each["kind"] for each in rectify("inbox").json["messages"]]
    assert kinds.count("digest") == 2
