"""`rectify recompute` and what `rectify doctor` says about the calendar, as a person calls them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Rectify
from tracker.resources import shipped

NOW = "2021-07-26T10:00"
LOCAL_HOLIDAY = '[[days]]\ndate = 2021-07-28\nkind = "off"\n'
STAFF = ("--by", "王核验", "--reason", "会议决定")

pytestmark = pytest.mark.usefixtures("taken_in")
Configure = Callable[..., None]


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Put files into the office's folder: `configure(calendar="…")`."""

    def write(**files: str) -> None:
        folder = tmp_path / "config"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / f"{name}.toml").write_text(content, "utf-8")
        monkeypatch.setenv("TRACKER_CONFIG_DIR", str(folder))

    return write


def check(rectify: Rectify, name: str, now: str) -> tuple[bool, str]:
    [found] = [each for each in rectify("doctor", now=now).json["checks"] if each["name"] == name]
    return found["ok"], found["detail"]


def test_an_edited_calendar_is_tried_and_then_carried_out(rectify: Rectify, configure: Configure) -> None:
    configure(calendar=LOCAL_HOLIDAY)
    tried = rectify("recompute", "--dry-run", now=NOW).json
    done = rectify("recompute", now=NOW).json
    assert (tried["dry_run"], done["dry_run"]) == (True, False)
    assert tried["items"] == done["items"]
    assert [each["number"] for each in done["items"]] == [1, 2, 4, 5, 7, 8, 9]
    assert done["items"][2] == {
        "number": 4,
        "unit": "市教育局",
        "due_on": ["2021-08-06", "2021-08-09"],
        "provisional": False,
        "rule": {"working_days": 10},
    }
    assert (tried["told"], len(done["told"]), done["kept"]) == ([], 3, [])
    assert rectify("show", 4, now=NOW).json["item"]["due_on"] == "2021-08-09"
    assert rectify("recompute", now=NOW).json["items"] == []


def test_a_new_rule_is_applied_to_a_class_only_when_staff_say_so(
    rectify: Rectify, configure: Configure
) -> None:
    configure(classes=(shipped("config") / "classes.toml").read_text("utf-8").replace("= 10 }", "= 5 }"))
    assert rectify("recompute", now=NOW).json["items"] == []
    done = rectify("recompute", "--class", "missing_column", *STAFF, now=NOW).json
    assert {each["number"]: each["due_on"][1] for each in done["items"]} == dict.fromkeys(
        (4, 7, 9), "2021-07-30"
    )
    words = rectify("show", 7, now=NOW, as_json=False).out
    assert "时限重新计算" in words
    assert "会议决定" in words


def test_people_read_old_and_new_and_what_is_provisional(rectify: Rectify, configure: Configure) -> None:
    configure(calendar='[[days]]\nfrom = 2021-07-27\nto = 2021-09-17\nkind = "off"\n')
    said = rectify("recompute", "--dry-run", now=NOW, as_json=False)
    assert "2021-07-30" in said.out
    assert "2021-09-24" in said.out
    assert "将重算 7 项，通知 0 人" in said.out


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (("--by", "王核验"), 2),
        (("--reason", "会议决定"), 2),
        (("--class", "missing_column"), 1),
        (("--class", "missing_column", "--by", "王核验"), 1),
        (("--class", "nonsense", *STAFF), 1),
    ],
)
def test_half_an_order_is_refused(rectify: Rectify, options: tuple[str, ...], status: int) -> None:
    assert rectify("recompute", *options, now=NOW).status == status


def test_doctor_asks_for_next_year_s_notice_from_the_middle_of_november(
    rectify: Rectify, tmp_path: Path
) -> None:
    text = (tmp_path / "通报.txt").read_text("utf-8").replace("2021年7月23日", "2026年11月13日")
    (tmp_path / "新通报.txt").write_text(text.replace("季度", "专项").replace("件", "个"), "utf-8")
    assert check(rectify, "calendar", "2026-11-14T10:00") == (True, "节假日安排已公布至 2026-12-31")
    rectify("extend", 3, "--by", "李联", "--reason", "系统升级", "--to", "2027-03-31", now=NOW)
    rectify("grant", 3, "--by", "审批员", now=NOW)
    ok, words = check(rectify, "calendar", "2026-11-15T10:00")
    assert not ok
    for part in ("config/calendar.toml", "published_through", "2027-12-31", "[[days]]", "1 项"):
        assert part in words


def test_doctor_sees_a_calendar_by_which_nobody_has_counted_yet(
    rectify: Rectify, configure: Configure
) -> None:
    assert check(rectify, "deadlines", NOW)[0]
    rectify("recompute", now=NOW)
    configure(calendar=LOCAL_HOLIDAY)
    ok, words = check(rectify, "deadlines", NOW)
    assert not ok
    assert "rectify recompute" in words
    rectify("recompute", now=NOW)
    assert check(rectify, "deadlines", NOW)[0]
