"""`rectify secrets`: a key is made, and changed without a day on which nothing opens."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Rectify
from tracker.store.vault import MARK, Vault, new_key

PHONE, ROBOT = "13800000001", "invented-robot-key-0001"
OLD, NEW, OTHER = new_key(), new_key(), new_key()
pytestmark = pytest.mark.usefixtures("taken_in")


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch):
    """Set the keys that the next calls find in the environment."""

    def set_keys(*keys: str) -> None:
        monkeypatch.setenv("TRACKER_SECRET_KEY", ",".join(keys))

    return set_keys


@pytest.fixture
def sealed(taken_in: None, rectify: Rectify, keep, tmp_path: Path) -> None:
    """A contact and a reminder, sealed with the old key."""
    keep(OLD)
    file = tmp_path / "联系人.csv"
    header = "单位,姓名,角色,手机,企业微信账号,群机器人,邮箱"
    file.write_text(f"{header}\n市民政局,孙联,联络员,{PHONE},sunlian,{ROBOT},\n", "utf-8")
    assert rectify("contacts", "import", file).status == 0
    assert rectify("remind", now="2021-07-27T09:00").status == 0


def execute(statement: str) -> None:
    with closing(sqlite3.connect("rectify.db")) as connection:
        connection.execute(statement)
        connection.commit()


def test_a_new_key_is_one_and_each_is_another(rectify: Rectify) -> None:
    [one, two] = [rectify("secrets", "new-key").json["key"] for _ in range(2)]
    assert one != two
    assert Vault([one]).seal(b"x").startswith(MARK)
    shown = rectify("secrets", "new-key", as_json=False).out.strip()
    assert Vault([shown]).seal(b"x").startswith(MARK)


@pytest.mark.usefixtures("sealed")
def test_rotation_seals_anew_and_says_how_much(rectify: Rectify, keep) -> None:
    keep(NEW, OLD)
    done = rectify("secrets", "rotate").json["resealed"]
    assert done.keys() == {"account", "contact", "endpoint", "message"}
    assert done["account"] == 0  # nobody has a second factor here
    assert all(count for name, count in done.items() if name != "account")
    keep(NEW)
    assert rectify("contacts", "list").status == 0
    assert rectify("secrets", "rotate").json["resealed"] == dict.fromkeys(done, 0)


@pytest.mark.usefixtures("sealed")
def test_rotation_in_words_quotes_no_key(rectify: Rectify, keep) -> None:
    keep(NEW, OLD)
    said = rectify("secrets", "rotate", as_json=False)
    assert said.out.startswith("已重新加密：账号 0 条，联系人 1 条，接收地址 ")
    assert not any(key in said.out + said.err for key in (OLD, NEW, PHONE, ROBOT))


@pytest.mark.usefixtures("sealed")
def test_a_rotation_that_broke_off_is_started_again_and_goes_on(rectify: Rectify, keep) -> None:
    keep(NEW, OLD)
    execute("CREATE TRIGGER broken BEFORE UPDATE ON endpoint BEGIN SELECT RAISE(ABORT, 'disk'); END")
    assert rectify("secrets", "rotate").status == 1
    assert rectify("contacts", "list").status == 0  # both keys are at hand: all of it opens
    execute("DROP TRIGGER broken")
    done = rectify("secrets", "rotate").json["resealed"]
    assert done["contact"] == 0
    assert done["endpoint"] > 0
    assert done["message"] > 0
    keep(NEW)
    [contact] = rectify("contacts", "list").json["contacts"]
    assert contact["phone"] == "138****0001"


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("keys", [(OTHER,), (NEW, OTHER), ()])
@pytest.mark.parametrize("command", [("secrets", "rotate"), ("contacts", "list")])
def test_a_key_that_does_not_fit_is_said_so_and_nothing_is_changed(
    rectify: Rectify, keep, keys: tuple[str, ...], command: tuple[str, ...]
) -> None:
    keep(*keys)
    said = rectify(*command)
    assert said.status == 1
    assert "TRACKER_SECRET_KEY" in said.json["error"]["message"]
    assert not any(key in said.out + said.err for key in (OLD, NEW, OTHER))
    keep(OLD)
    assert rectify("contacts", "list").status == 0


def test_what_is_no_key_is_refused_without_being_quoted(rectify: Rectify, keep) -> None:
    keep("kein-schluessel")
    said = rectify("items")
    assert (said.status, said.json["error"]["code"]) == (1, "bad_config")
    assert "TRACKER_SECRET_KEY 不是有效的密钥" in said.json["error"]["message"]
    assert "kein" not in said.out + said.err


@pytest.mark.usefixtures("sealed")
@pytest.mark.usefixtures("sealed")
def test_what_is_sealed_lies_open_nowhere_in_the_file() -> None:
    raw = b"".join(path.read_bytes() for path in Path().glob("rectify.db*"))
    assert MARK in raw
    assert PHONE.encode() not in raw
    assert ROBOT.encode() not in raw


def test_an_office_that_gets_its_first_key_seals_what_lay_open(
    rectify: Rectify, keep, tmp_path: Path
) -> None:
    file = tmp_path / "联系人.csv"
    file.write_text(f"单位,姓名,角色,手机\n市教育局,李联,联络员,{PHONE}\n", "utf-8")
    assert rectify("contacts", "import", file).status == 0
    keep(NEW)
    assert rectify("contacts", "list").status == 0
    assert rectify("secrets", "rotate").json["resealed"]["contact"] == 1
    keep()
    assert rectify("contacts", "list").status == 1
