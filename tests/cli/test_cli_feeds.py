"""`rectify feed`: exports in, the contract's JSON out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Rectify
from tests.fakes.exports import ACCOUNT_COLUMNS, account, as_csv, as_database, case
from tracker.resources import shipped

UNRATED = [case(f"L{n:04}", "澜东区", rating="") for n in range(30)]
GOOD = [case(f"G{n:04}", "澜东区") for n in range(960)]  # with those above more than the bulletin counts


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "办件.csv"
    path.write_bytes(
        as_csv([*UNRATED, *GOOD, case("B1", "市民政局", "7月5日")], encoding="gb18030").getvalue()
    )
    return path


@pytest.mark.usefixtures("taken_in")
def test_an_export_lowers_what_a_bulletin_counted(rectify: Rectify, cases: Path) -> None:
    said = rectify("feed", "cases", cases, "--by", "李强").json
    assert {"opened", "updated", "cleared", "rejected"} <= said.keys()
    [updated] = said["updated"]
    assert (updated["number"], updated["quantity"]) == (8, {"value": 30, "measure": "件"})
    assert said["rejected"] == [{"row": 992, "reason": "“7月5日”不是可识别的日期"}]
    assert (said["feed"]["rows"], said["feed"]["rejected_rows"]) == (990, 1)
    assert (said["feed"]["first_on"], said["feed"]["last_on"]) == ("2021-07-05", "2021-07-05")
    [check] = rectify("show", 8).json["checks"]
    assert (check["probe"], check["verdict"]) == ("cases", "not_fixed")
    again = rectify("feed", "cases", cases, "--by", "李强").json
    assert again["feed"]["already"]
    assert [again[name] for name in ("opened", "updated", "cleared", "rejected")] == [[], [], [], []]


@pytest.mark.usefixtures("taken_in")
def test_each_case_an_item_counts_is_traced_to_its_row(rectify: Rectify, cases: Path) -> None:
    fed = rectify("feed", "cases", cases, "--by", "李强").json["feed"]["id"]
    behind = rectify("feed", "trace", 8).json["cases"]
    assert [each["row"] for each in behind] == list(range(2, 32))  # below the heading, in the export's order
    assert {(each["feed_id"], each["source"]) for each in behind} == {(fed, "办件")}
    assert len({each["digest"] for each in behind}) == 30
    said = rectify("feed", "trace", 8, as_json=False).out
    assert "第 8 号，30 件" in said
    assert "L0000" not in said  # the case's number is kept as a digest only
    assert rectify("feed", "trace", 4).json["cases"] == []


@pytest.mark.usefixtures("taken_in")
def test_a_short_export_waits_for_a_persons_word(rectify: Rectify, cases: Path) -> None:
    rectify("feed", "cases", cases)
    cases.write_bytes(as_csv(GOOD[:700]).getvalue())
    short = rectify("feed", "cases", cases).json
    assert (short["cleared"], short["feed"]["doubts"]) == ([], ["shrunk"])
    assert short["doubtful"] == [
        {"number": 8, "unit": "澜东区", "left": 0, "why": ["导出的行数比上一次少得多"]}
    ]
    done = rectify("feed", "confirm", short["feed"]["id"], "--by", "王芳").json
    assert [item["number"] for item in done["cleared"]] == [8]


def test_exports_of_two_systems_are_kept_apart(rectify: Rectify, cases: Path) -> None:
    assert len(rectify("feed", "cases", cases, "--source", "市平台").json["opened"]) == 1
    other = rectify("feed", "cases", cases, "--source", "省平台").json
    assert (other["feed"]["already"], other["opened"], other["updated"]) == (False, [], [])


def test_accounts_open_and_clear_items(rectify: Rectify, tmp_path: Path) -> None:
    path = tmp_path / "账号.csv"
    row = ("市教育局", "微信公众号", "云澜教育")
    path.write_bytes(as_csv([account(*row, last_post="2021-07-01")], ACCOUNT_COLUMNS).getvalue())
    [opened] = rectify("feed", "accounts", path).json["opened"]
    assert (opened["class"], opened["unit"]) == ("dormant_account", "市教育局")
    path.write_bytes(as_csv([account(*row, last_post="2021-07-22")], ACCOUNT_COLUMNS).getvalue())
    assert [item["number"] for item in rectify("feed", "accounts", path).json["cleared"]] == [
        opened["number"]
    ]


@pytest.mark.usefixtures("taken_in")
def test_people_get_tables_and_are_told_what_to_do_next(rectify: Rectify, cases: Path) -> None:
    first = rectify("feed", "cases", cases, as_json=False)
    assert "更新 1 项" in first.out
    assert "没有采用的 1 行" in first.out
    assert "此前已读入" in rectify("feed", "cases", cases, as_json=False).out
    cases.write_bytes(as_csv([*GOOD[:700], case("N1", "市观鸟局", rating="")]).getvalue())
    short = rectify("feed", "cases", cases, as_json=False)
    assert "存疑" in short.out
    assert "rectify feed confirm 2" in short.err
    assert "新增单位待确认：市观鸟局" in short.err


def test_what_is_no_export_is_refused(rectify: Rectify, bulletin: Path) -> None:
    said = rectify("feed", "cases", bulletin)
    assert said.status == 1
    assert said.json["error"]["code"] == "unreadable_document"
    assert rectify("feed", "confirm", 7, "--by", "王芳").json["error"]["code"] == "not_found"


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The city's platform with its cases in a database, as the office's settings name it."""
    file, folder = tmp_path / "platform.db", tmp_path / "config"
    as_database(file, [*UNRATED, *GOOD])
    folder.mkdir()
    text = (shipped("config") / "feeds.toml").read_text("utf-8")
    table = '\n[[databases]]\nname = "市平台"\ntable = "banjian"\n'
    (folder / "feeds.toml").write_text(text + table, "utf-8")
    monkeypatch.setenv("TRACKER_CONFIG_DIR", str(folder))
    monkeypatch.setenv("TRACKER_FEED_DATABASES", json.dumps({"市平台": f"sqlite:///{file}"}))
    return file


@pytest.mark.usefixtures("taken_in")
def test_cases_are_read_out_of_another_systems_database(rectify: Rectify, platform: Path) -> None:
    before = platform.read_bytes()
    said = rectify("feed", "cases", "--from", "市平台", "--by", "李强").json
    assert [item["number"] for item in said["updated"]] == [8]
    assert (said["feed"]["source"], said["feed"]["rows"]) == ("市平台", 990)
    assert rectify("feed", "cases", "--from", "市平台").json["feed"]["already"]
    assert platform.read_bytes() == before
    assert rectify("feed", "cases", "--from", "省平台").json["error"]["code"] == "not_found"
    platform.unlink()
    gone = rectify("feed", "cases", "--from", "市平台", as_json=False)
    assert gone.status == 1
    assert "市平台（2021-07-23读取）：数据库文件不存在，或打不开，未作任何改动" in gone.err
    assert "platform.db" not in gone.err
    assert not platform.exists()


@pytest.mark.usefixtures("taken_in")
def test_a_dumped_database_is_an_export(rectify: Rectify, platform: Path) -> None:
    said = rectify("feed", "cases", platform, "--table", "banjian", "--source", "市平台").json
    assert [item["number"] for item in said["updated"]] == [8]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("platform.db", "--from", "市平台"),
        ("--from", "市平台", "--table", "a"),
        ("--from", "市平台", "--source", "a"),
    ],
)
def test_file_and_database_are_told_apart(rectify: Rectify, platform: Path, words: tuple[str, ...]) -> None:
    assert platform.name == "platform.db"
    assert rectify("feed", "cases", *words).status == 2


def test_an_address_that_cannot_be_used_is_said_without_being_shown(
    rectify: Rectify, platform: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_FEED_DATABASES", json.dumps({"市平台": "mysql://reader:geheim@127.0.0.1/x"}))
    said = rectify("feed", "cases", "--from", "市平台")
    assert said.json["error"]["code"] == "bad_config"
    assert "市平台" in said.out
    assert "geheim" not in said.out + said.err


@pytest.mark.usefixtures("taken_in")
def test_a_check_reads_the_databases_whose_hour_has_come(rectify: Rectify, platform: Path) -> None:
    rules = platform.parent / "config" / "feeds.toml"
    rules.write_text(rules.read_text("utf-8") + "at = 06:30:00\n", "utf-8")
    assert rectify("check", now="2021-07-26T06:30").json["checks"] == []
    assert rectify("show", 8).json["item"]["quantity"] == {"value": 30, "measure": "件"}
    platform.unlink()
    failed = rectify("check", now="2021-07-27T06:30", as_json=False)
    assert failed.status == 0
    assert "数据库文件不存在，或打不开" in failed.err
