"""What bad input gets: exit status 1 or 2, one Chinese sentence, and nothing half-written."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Rectify
from tests.services.scenes import HEADER
from tests.support import BULLETIN
from tracker.services import inspect
from tracker.store import Database


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("import", "没有这个文件.txt"), "io", "没有这个文件.txt"),
        (("import", "."), "io", "."),
        (("contacts", "import", "没有.csv"), "io", "没有.csv"),
        (("show", 99), "not_found", "99"),
        (("sign", 1, 99, "--by", "李联"), "not_found", "99"),
        (("return", 1, "--by", "李联", "--reason", "x"), "not_allowed", "不能退回"),
        (("extend", 1, "--by", "李联", "--to", "2021-09-01"), "not_allowed", "--reason"),
        (("submit", 1, "--by", "李联", "--evidence", "没有.png"), "failed", "没有.png"),
        (("watch", 1, "--url", "ftp://example.invalid", "--by", "李联"), "failed", "http"),
        (("digest", "--week", "2021-W60"), "failed", "2021-W60"),
        (("digest", "--week", "2021-W40", "--send"), "failed", "尚未到来"),
        (("units", "confirm", "没有局"), "not_found", "没有局"),
        (("items", "--class", "nonsense"), "not_found", "nonsense"),
        (("items", "--unit", "没有局"), "not_found", "没有局"),
        (("users", "add", "  "), "failed", "账号"),
    ],
)
@pytest.mark.usefixtures("taken_in")
def test_a_refusal_has_a_code_and_a_chinese_sentence(
    rectify: Rectify, words: tuple[object, ...], code: str, message: str
) -> None:
    said = rectify(*words)
    assert said.status == 1
    error = said.json["error"]
    assert set(error) == {"code", "message", "details"}
    assert error["code"] == code
    assert message in error["message"]
    assert re.search("[一-龥]", error["message"])
    spoken = rectify(*words, as_json=False)
    assert (spoken.status, spoken.out) == (1, "")
    assert spoken.err.lstrip().startswith("错误：")


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("items", "--nonsense"),
        ("items", "--state", "nonsense"),
        ("show", "一号"),
        ("show",),
        ("sign", 1),
        ("import",),
        ("rates", "--by", "nonsense"),
        ("rates", "--as-of", "昨天"),
        ("check", "--probe", "nonsense"),
        ("extend", 1, "--by", "李联", "--to", "2021-13-01"),
        ("serve", "--port", "99999"),
    ],
)
def test_wrong_usage_is_status_two_and_explained_in_chinese(
    rectify: Rectify, words: tuple[object, ...]
) -> None:
    said = rectify(*words)
    assert (said.status, said.out) == (2, "")
    assert "错误：" in said.err
    assert not re.search(r"\b(Error|Usage|Invalid|Missing|No such|is not)\b", said.err)


def test_a_wrong_moment_is_wrong_usage(rectify: Rectify) -> None:
    assert rectify("items", now="明天").status == 2


def test_strict_units_names_the_unknown(rectify: Rectify, bulletin: Path) -> None:
    said = rectify("import", bulletin, "--strict-units")
    assert said.status == 1
    assert said.json["error"]["code"] == "unknown_unit"
    assert said.json["error"]["details"] == {"units": ["市教育局", "市民政局", "澜东区"]}
    assert rectify("items").json == {"items": []}


def test_the_first_bad_file_of_several_stops_the_rest(
    rectify: Rectify, bulletin: Path, tmp_path: Path
) -> None:
    (tmp_path / "空.txt").write_bytes(b"")
    said = rectify("import", tmp_path / "空.txt", bulletin)
    assert (said.status, said.json["error"]["code"]) == (1, "unreadable_document")
    assert "空.txt" in said.json["error"]["message"]


def test_faulty_contacts_are_all_named(rectify: Rectify, tmp_path: Path) -> None:
    path = tmp_path / "联系人.csv"
    path.write_text(f"{HEADER}\n市教育局,李联,科长,,,,\n,李联,联络员,,,,\n", "utf-8")
    said = rectify("contacts", "import", path)
    assert said.status == 1
    assert len(said.json["error"]["details"]["faults"]) == 2
    assert rectify("contacts", "list").json == {"contacts": []}


def test_a_locked_database_is_said_to_be_locked(
    rectify: Rectify, taken_in: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Database.__init__.__kwdefaults__ is not None
    monkeypatch.setitem(Database.__init__.__kwdefaults__, "busy_seconds", 0.1)
    other = sqlite3.connect(tmp_path / "rectify.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        said = rectify("sign", 1, "--by", "李联")
    finally:
        other.close()
    assert said.status == 1
    assert said.json["error"]["code"] == "database"
    assert "占用" in said.json["error"]["message"]
    assert rectify("show", 1).json["item"]["state"] == "open"


def test_a_file_that_is_no_database_is_said_to_be_none(rectify: Rectify, tmp_path: Path) -> None:
    (tmp_path / "rectify.db").write_bytes(b"this is not a database at all" * 99)
    said = rectify("items")
    assert (said.status, said.json["error"]["code"]) == (1, "database")
    assert "不是数据库" in said.json["error"]["message"]


@pytest.mark.parametrize("url", ["nonsense", "nosuch://x/y", "sqlite:////nonexistent/place/x.db"])
def test_a_database_address_that_leads_nowhere_is_refused(
    rectify: Rectify, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("TRACKER_DATABASE_URL", url)
    said = rectify("items")
    assert (said.status, said.json["error"]["code"]) == (1, "database")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TRACKER_LOG_LEVEL", "LOUD"),
        ("TRACKER_SMS_FIELDS", "{broken"),
        ("TRACKER_CHANNELS", "pigeon"),
        ("TRACKER_CONFIG_DIR", "没有这个目录"),
        ("TRACKER_WECOM_BASE_URL", "not-an-address"),
    ],
)
def test_a_wrong_setting_names_its_variable_and_never_its_secret(
    rectify: Rectify, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    said = rectify("items")
    assert (said.status, said.json["error"]["code"]) == (1, "bad_config")
    if variable != "TRACKER_SMS_FIELDS":
        assert variable in said.json["error"]["message"]


def test_doctor_shows_every_fault_of_a_broken_config(
    rectify: Rectify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "ladders.toml").write_text("[default]\nbefor = [1]\n", "utf-8")
    (config / "unit.toml").write_text("", "utf-8")
    monkeypatch.setenv("TRACKER_CONFIG_DIR", str(config))
    said = rectify("doctor")
    assert said.status == 1
    [check] = said.json["checks"]
    assert (check["name"], check["ok"]) == ("config", False)
    assert "ladders.toml" in check["detail"]
    assert "befor" in check["detail"]
    assert "unit.toml" in check["detail"]


def test_what_nobody_foresaw_is_status_one_without_its_words(
    rectify: Rectify, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("https://example.invalid/send?key=invented-robot-key-0001")

    monkeypatch.setattr(inspect, "list_units", fail)
    said = rectify("units", "list")
    assert said.status == 1
    assert said.json["error"]["code"] == "internal"
    assert "ZeroDivisionError" in said.json["error"]["message"]
    assert "invented-robot-key" not in said.out + said.err


def test_an_old_database_asks_for_its_upgrade(rectify: Rectify, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "rectify.db") as connection:
        connection.execute("CREATE TABLE something (id INTEGER)")
    connection.close()
    said = rectify("items")
    assert (said.status, said.json["error"]["code"]) == (1, "database")
    assert "rectify db upgrade" in said.json["error"]["message"]
    assert rectify("db", "upgrade").json == {"upgraded": True}
    assert rectify("items").json == {"items": []}


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "99999999999999999999999"),
        ("sign", "99999999999999999999999", "--by", "王丽"),
        ("digest", "--week", "0001-W01"),
        ("digest", "--week", "9999-W52"),
        ("items", "--unit", "市不存在局"),
    ],
)
def test_numbers_and_weeks_beyond_reason_are_refused_in_chinese(
    rectify: Rectify, arguments: tuple[str, ...]
) -> None:
    answer = rectify(*arguments)
    assert answer.status == 1
    assert answer.json["error"]["code"] != "internal"


def test_a_faulty_second_file_keeps_the_first_from_being_taken_in(rectify: Rectify, tmp_path: Path) -> None:
    (tmp_path / "好.txt").write_text(BULLETIN, "utf-8")
    (tmp_path / "空.txt").write_bytes(b"")
    assert rectify("import", tmp_path / "好.txt", tmp_path / "空.txt").status == 1
    assert rectify("items").json == {"items": []}
