"""`rectify users`: accounts are bound, unlocked, disabled and signed out; no chosen password is printed."""

from __future__ import annotations

import io

import pytest

from tests.cli.conftest import Rectify
from tests.support import at
from tracker.bootstrap import build_office
from tracker.domain.errors import ConfigError, RectifyError
from tracker.domain.people import Role
from tracker.services import accounts
from tracker.settings import Settings, load_settings

pytestmark = pytest.mark.usefixtures("taken_in")


@pytest.fixture
def zhang(rectify: Rectify) -> str:
    """The password of an account of 澜东区's staff."""
    given = ("users", "add", "zhang", "--role", "staff", "--unit", "澜东区", "--wecom", "Zhang.San")
    password: str = rectify(*given).json["password"]
    return password


def account(rectify: Rectify, login: str = "zhang") -> dict[str, object]:
    [found] = [each for each in rectify("users", "list").json["accounts"] if each["login"] == login]
    return found


def attempt(password: str) -> str | None:
    """Sign in at the time of the calls; the code of the refusal."""
    office = build_office(Settings())
    try:
        accounts.sign_in(office, "zhang", password, now=at("2021-07-23 17:00"))
    except RectifyError as error:
        return error.code
    finally:
        office.database.close()
    return None


def test_an_account_is_bound_to_a_unit_and_a_wecom_id(rectify: Rectify, zhang: str) -> None:
    assert account(rectify) == {
        "login": "zhang",
        "role": "staff",
        "unit": "澜东区",
        "wecom_userid": "zhang.san",
        "disabled": False,
        "totp": False,
        "locked_until": None,
        "sessions": 0,
    }
    assert rectify("users", "role", "zhang", "leader").status == 0
    assert rectify("users", "wecom", "zhang").status == 0
    changed = account(rectify)
    assert (changed["role"], changed["unit"], changed["wecom_userid"]) == ("leader", None, None)


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (("add", "li", "--unit", "不存在的单位"), "not_found", "不存在的单位"),
        (("add", "li", "--role", "admin", "--unit", "澜东区"), "failed", "管理员管理全市"),
        (("add", "li", "--wecom", "ZHANG.SAN"), "failed", "已用于账号“zhang”"),
        (("role", "nobody", "staff"), "not_found", "nobody"),
        (("unlock", "nobody"), "not_found", "nobody"),
        (("sign-out", "zhang", "--session", "99"), "not_found", "99"),
    ],
)
def test_a_refused_change_leaves_everything_as_it_was(
    rectify: Rectify, zhang: str, words: tuple[str, ...], code: str, named: str
) -> None:
    before = rectify("users", "list").json
    said = rectify("users", *words)
    assert (said.status, said.json["error"]["code"]) == (1, code)
    assert named in said.json["error"]["message"]
    assert rectify("users", "list").json == before


def test_a_locked_account_is_unlocked(rectify: Rectify, zhang: str) -> None:
    assert [attempt("wrong-password") for _ in range(6)] == ["sign_in"] * 5 + ["locked_out"]
    assert attempt(zhang) == "locked_out"
    assert account(rectify)["locked_until"] is not None
    assert "锁定至 17:01:00" in rectify("users", "list", as_json=False).out
    assert "已解锁" in rectify("users", "unlock", "zhang", as_json=False).out
    assert attempt(zhang) is None


def test_a_disabled_account_is_out_until_it_is_enabled(rectify: Rectify, zhang: str) -> None:
    assert attempt(zhang) is None
    assert account(rectify)["sessions"] == 1
    rectify("users", "disable", "zhang")
    assert (account(rectify)["disabled"], account(rectify)["sessions"]) == (True, 0)
    assert attempt(zhang) == "sign_in"
    rectify("users", "enable", "zhang")
    assert attempt(zhang) is None


def test_sessions_are_listed_and_ended(rectify: Rectify, zhang: str) -> None:
    for _ in range(3):
        attempt(zhang)
    listed = rectify("users", "sessions", "zhang").json["sessions"]
    assert len(listed) == 3
    assert listed[0]["created_at"] == "2021-07-23T17:00:00+08:00"
    assert rectify("users", "sign-out", "zhang", "--session", listed[0]["id"]).json["ended"] == 1
    assert rectify("users", "sign-out", "zhang").json["ended"] == 2
    assert rectify("users", "sessions", "zhang").json["sessions"] == []


def test_a_lost_second_factor_is_taken_away(rectify: Rectify, zhang: str) -> None:
    assert rectify("users", "reset-totp", "zhang").json == {"login": "zhang"}
    assert account(rectify)["totp"] is False


def test_a_chosen_password_is_not_printed(rectify: Rectify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("chosen-by-somebody-1\n"))
    said = rectify("users", "add", "li", "--password-stdin", as_json=False)
    assert said.status == 0
    assert "chosen-by-somebody" not in said.out + said.err


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"WECOM_SIGN_IN": "true"}, "TRACKER_WECOM_CORP_ID"),
        ({"OIDC_ISSUER": "https://idp.example.com/"}, "TRACKER_OIDC_CLIENT_ID"),
        ({"OIDC_ISSUER": "https://idp.example.com/", "OIDC_CLIENT_ID": "x"}, "TRACKER_PUBLIC_URL"),
        ({"OIDC_CLIENT_SECRET": "x"}, "TRACKER_OIDC_ISSUER"),
        ({"REQUIRE_TOTP": "staff,admin"}, "TRACKER_SECRET_KEY"),
    ],
)
def test_a_way_in_that_is_half_set_up_is_named(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], missing: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"TRACKER_{name}", value)
    with pytest.raises(ConfigError, match=missing):
        build_office(load_settings())


def test_a_role_that_does_not_exist_is_an_error_that_names_the_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRACKER_REQUIRE_TOTP", "staff,mayor")
    with pytest.raises(ConfigError, match="TRACKER_REQUIRE_TOTP"):
        load_settings()
    monkeypatch.setenv("TRACKER_REQUIRE_TOTP", "staff,admin")
    assert load_settings().require_totp == (Role.STAFF, Role.ADMIN)
