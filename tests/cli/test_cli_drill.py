"""`rectify drill`: the documented JSON, tables for people, files for Excel."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli.conftest import Rectify
from tracker.domain.escalation import MessageKind
from tracker.rendering.words import KINDS

pytestmark = pytest.mark.usefixtures("taken_in")
SPAN = ("--from", "2021-07-23", "--to", "2021-08-06")


def test_it_lists_who_would_get_what_when_and_why(rectify: Rectify) -> None:
    played = rectify("drill", *SPAN).json
    assert set(played) == {"from", "to", "messages", "days", "unreachable", "summary"}
    assert (played["from"], played["to"]) == ("2021-07-23", "2021-08-06")
    first = played["messages"][0]
    assert first["text"]
    assert {key: first[key] for key in first if key != "text"} == {
        "at": "2021-07-26T09:00:00+08:00",
        "recipient": "市民政局（未登记联络员）",
        "channel": "sandbox",
        "kind": "due_today",
        "numbers": [6],
        "reason": first["reason"],
        "state": "accepted",
        "error": None,
        "carried_over": False,
    }
    assert "到期当日1项" in first["reason"]
    assert [day["date"] for day in played["days"]][0::14] == ["2021-07-23", "2021-08-06"]
    assert played["days"][1] == {"date": "2021-07-24", "working": False, "held": False, "messages": 0}
    assert {each["unit"] for each in played["unreachable"]} == {"市教育局", "市民政局", "澜东区"}
    summary = played["summary"]
    assert summary["messages"] == len(played["messages"]) == sum(day["messages"] for day in played["days"])
    assert sum(each["messages"] for each in summary["recipients"]) == summary["messages"]
    assert summary["working_days"] == 11
    assert rectify("inbox").json == {"messages": []}


def test_people_get_tables_and_no_line_of_english(rectify: Rectify) -> None:
    said = rectify("drill", *SPAN, as_json=False)
    assert said.status == 0
    for words in ("当日到期", "模拟收件箱", "将发出", "按接收人", "联系不上的单位", "未登记联络员"):
        assert words in said.out
    assert "演练 2021-07-23 至 2021-08-06：消息" in said.out


def test_every_kind_of_message_has_its_word() -> None:
    assert {kind.value for kind in MessageKind} <= set(KINDS)


def test_the_list_can_be_written_as_a_file(rectify: Rectify, tmp_path: Path) -> None:
    file = tmp_path / "演练.csv"
    played = rectify("drill", *SPAN, "--out", file).json
    with file.open(encoding="utf-8-sig", newline="") as lines:
        [headings, *rows] = csv.reader(lines)
    assert headings == ["时间", "接收人", "渠道", "类别", "编号", "项数", "原因", "状态"]
    assert [row[1] for row in rows] == [each["recipient"] for each in played["messages"]]
    assert rows[0][0] == "2021-07-26 09:00"


def test_a_scheduler_can_be_assumed_down_or_running_at_certain_hours(rectify: Rectify) -> None:
    down = rectify("drill", *SPAN, "--down", "2021-07-27", "--down", "2021-07-28").json
    assert [day["messages"] for day in down["days"][4:6]] == [0, 0]
    assert down["summary"]["held_days"] == ["2021-07-27", "2021-07-28"]
    late = rectify("drill", *SPAN, "--at", "16:30").json
    assert {each["at"][11:16] for each in late["messages"]} == {"16:30"}


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (("--from", "2021-08-06", "--to", "2021-07-23"), 1, "早于开始日期"),
        (("--from", "2021-07-23", "--to", "2023-07-23"), 1, "最长 400 天"),
        (("--from", "2021-07-23"), 2, "--to"),
        ((*SPAN, "--out", "演练.docx"), 2, ".xlsx"),
        ((*SPAN, "--at", "25:00"), 2, "25:00"),
    ],
)
def test_what_cannot_be_played_is_refused(
    rectify: Rectify, options: tuple[str, ...], status: int, words: str
) -> None:
    said = rectify("drill", *options, as_json=False)
    assert said.status == status
    assert words in said.err


def test_days_past_the_published_holidays_are_said_to_be_provisional(rectify: Rectify) -> None:
    span = ("--from", "2026-12-30", "--to", "2027-01-05")
    assert "节假日安排只公布到 2026-12-31" in rectify("drill", *span, now="2026-12-30T08:00").err
    assert "节假日安排" not in rectify("drill", *SPAN).err
