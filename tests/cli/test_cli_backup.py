"""`rectify backup` and `rectify restore` as a person calls them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Rectify

pytestmark = pytest.mark.usefixtures("taken_in")
NOW = "2021-07-26T09:00"


def test_a_backup_restores_an_office_on_a_new_machine(
    rectify: Rectify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = rectify("backup", now=NOW)
    assert made.status == 0
    assert Path(made.json["file"]).name == "rectify-20210726-090000.zip"
    before = rectify("items", now=NOW).json
    monkeypatch.setenv("TRACKER_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    restored = rectify("restore", made.json["file"], now=NOW)
    assert restored.status == 0
    assert restored.json["safety"] is None
    assert rectify("items", now=NOW).json == before
    assert rectify("audit", "verify", now=NOW).json["faults"] == []


def test_an_office_at_work_is_not_overwritten_unless_asked(rectify: Rectify) -> None:
    file = rectify("backup", "--out", "b.zip", now=NOW).json["file"]
    rectify("sign", 1, "--by", "李联", now=NOW)
    refused = rectify("restore", file, now=NOW)
    assert refused.status == 1
    assert refused.json["error"]["code"] == "not_empty"
    assert rectify("show", 1, now=NOW).json["item"]["state"] == "signed"
    done = rectify("restore", file, "--force", now=NOW)
    assert Path(done.json["safety"]).is_file()
    assert rectify("show", 1, now=NOW).json["item"]["state"] == "open"


def test_what_is_no_backup_is_refused_in_chinese(rectify: Rectify, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK nothing")
    refused = rectify("restore", "x.zip", now=NOW, as_json=False)
    assert refused.status == 1
    assert "不是整改通的备份" in refused.err


def test_people_are_told_that_the_key_is_not_in_it(rectify: Rectify, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "没有加密" in rectify("backup", now=NOW, as_json=False).err
    key = rectify("secrets", "new-key", as_json=False).out.strip().splitlines()[-1].split()[-1]
    monkeypatch.setenv("TRACKER_SECRET_KEY", key)
    assert "备份不含密钥" in rectify("backup", "--out", "c.zip", now=NOW, as_json=False).err


def test_doctor_asks_for_a_backup_until_there_is_one(rectify: Rectify) -> None:
    def finding() -> bool:
        checks = rectify("doctor", now=NOW).json["checks"]
        return next(check["ok"] for check in checks if check["name"] == "backup")

    assert not finding()
    rectify("backup", now=NOW)
    assert finding()
