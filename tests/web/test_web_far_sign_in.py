"""Signing in by WeCom and by a city's unified sign-in, over the wire, from this very browser only."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from notifiers.oidc import Oidc
from notifiers.wecom_sign_in import WeComSignIn
from tests.fakes.identity_provider import CLIENT, SECRET, FakeProvider
from tests.fakes.pages_office import STAFF, Town
from tests.fakes.wecom import FakeWeCom
from tests.fakes.wecom_apps import App
from tests.services.scenes import know
from tests.web.conftest import Visitor
from tracker.domain.people import Role
from tracker.services import accounts, users
from tracker.web.guard import SESSION_COOKIE

PUBLIC = "https://zhenggai.example.cn/"
CORP, AGENT, APP_SECRET = "ww0123456789abcdef", 1000002, "invented-app-secret"
PHONE = {"user-agent": "Mozilla/5.0 (Linux; Android 12) wxwork/4.1.20 MicroMessenger/7.0.1"}


@pytest.fixture
def app() -> Iterator[App]:
    with FakeWeCom() as server:
        made = server.add_app(CORP, AGENT, APP_SECRET, frozenset())
        made.server = server  # type: ignore[attr-defined]
        yield made


@pytest.fixture
def by_wecom(town: Town, app: App) -> Town:
    """A town whose WeCom is the fake; 王水 is contact of 市水务局 and known there as Wang.Shui."""
    server = app.server  # type: ignore[attr-defined]
    sign_in = WeComSignIn(
        server.base_url,
        open_url="https://open.example.com/",
        login_url="https://login.example.com/",
        corp_id=CORP,
        agent_id=AGENT,
        secret=APP_SECRET,
    )
    town.take_in()
    know(
        town.office,
        "市水务局,王水,联络员,13800000001,Wang.Shui,,",
        "市体育局,赵组,领导小组,13800000002,zhao,,",
    )
    town.office = replace(town.office, wecom_sign_in=sign_in, public_url=PUBLIC)
    return town


def over_http(town: Town) -> Visitor:
    """The tests' browser has no https: cookies without the prefix that only https may set."""
    visitor = Visitor(town)
    visitor.desk.secure_cookies = False
    return visitor


def set_out(visitor: Visitor, way: str, **headers: str) -> tuple[str, dict[str, str]]:
    """Where the browser is sent, and with what."""
    answer = visitor.request("GET", way, headers=headers or PHONE)
    assert answer.status_code == 303
    location = answer.headers["location"]
    return location, {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def come_back(visitor: Visitor, app: App, state: str, **who: str):
    server = app.server  # type: ignore[attr-defined]
    return visitor.get(f"/sign-in/wecom/back?code={app.approve(server.now, **who)}&state={state}")


def test_wecoms_own_browser_is_asked_in_silence_and_any_other_shows_a_code(by_wecom: Town) -> None:
    visitor = over_http(by_wecom)
    location, query = set_out(visitor, "/sign-in/wecom")
    assert location.startswith("https://open.example.com/connect/oauth2/authorize?")
    assert location.endswith("#wechat_redirect")
    assert query["redirect_uri"] == "https://zhenggai.example.cn/sign-in/wecom/back"
    assert (query["appid"], query["agentid"], query["scope"]) == (CORP, str(AGENT), "snsapi_base")
    assert query["state"].isalnum()
    desktop, query = set_out(visitor, "/sign-in/wecom", **{"user-agent": "Mozilla/5.0 Chrome/120"})
    assert desktop.startswith("https://login.example.com/wwlogin/sso/login?login_type=CorpApp&")
    assert query["redirect_uri"] == "https://zhenggai.example.cn/sign-in/wecom/back"


def test_a_contact_comes_in_to_the_units_own_items(by_wecom: Town, app: App) -> None:
    visitor = over_http(by_wecom)
    _, query = set_out(visitor, "/sign-in/wecom?next=/items")
    answer = come_back(visitor, app, query["state"], userid="wang.shui")
    assert (answer.status_code, answer.headers["location"]) == (303, "/my")
    assert "节约用水专栏" in visitor.get("/my").text
    assert visitor.get("/my/4").status_code == 404
    assert visitor.get("/items").status_code == 403


def test_a_contact_who_is_taken_off_the_file_is_out(by_wecom: Town, app: App) -> None:
    visitor = over_http(by_wecom)
    _, query = set_out(visitor, "/sign-in/wecom")
    come_back(visitor, app, query["state"], userid="Wang.Shui")
    know(by_wecom.office, "市水务局,王水,联络员,13800000001,wang.other,,")
    assert visitor.get("/my").status_code == 303


def test_an_account_comes_in_as_itself_and_goes_where_it_was_headed(by_wecom: Town, app: App) -> None:
    users.set_wecom(by_wecom.office, STAFF, " Qian.Guan ")
    visitor = over_http(by_wecom)
    _, query = set_out(visitor, "/sign-in/wecom?next=/items%3Fstate%3Dopen")
    answer = come_back(visitor, app, query["state"], userid="qian.guan")
    assert answer.headers["location"] == "/items?state=open"
    assert visitor.get("/").status_code == 200


@pytest.mark.parametrize("who", [{"userid": "stranger"}, {"openid": "o-1"}, {"userid": "zhao"}])
def test_whoever_is_not_on_file_is_told_what_to_do_and_stays_outside(
    by_wecom: Town, app: App, who: dict[str, str]
) -> None:
    visitor = over_http(by_wecom)
    _, query = set_out(visitor, "/sign-in/wecom")
    answer = come_back(visitor, app, query["state"], **who)
    assert answer.status_code == 403
    assert "不能登录" in answer.text
    assert SESSION_COOKIE not in visitor.cookies


def test_a_disabled_account_does_not_come_in_as_the_contact_of_the_same_id(by_wecom: Town, app: App) -> None:
    users.set_wecom(by_wecom.office, STAFF, "Wang.Shui")
    users.disable(by_wecom.office, STAFF, now=by_wecom.now)
    visitor = over_http(by_wecom)
    _, query = set_out(visitor, "/sign-in/wecom")
    assert come_back(visitor, app, query["state"], userid="wang.shui").status_code == 403


@pytest.mark.parametrize("state", ["", "0" * 32, "错"])
def test_a_code_for_which_this_browser_did_not_set_out_signs_nobody_in(
    by_wecom: Town, app: App, state: str
) -> None:
    for visitor in (over_http(by_wecom), over_http(by_wecom)):
        set_out(visitor, "/sign-in/wecom")
        assert come_back(visitor, app, state, userid="Wang.Shui").status_code == 403
    stranger = over_http(by_wecom)
    _, query = set_out(over_http(by_wecom), "/sign-in/wecom")
    assert come_back(stranger, app, query["state"], userid="Wang.Shui").status_code == 403


def test_neither_a_journey_nor_a_code_is_good_twice(by_wecom: Town, app: App) -> None:
    visitor = over_http(by_wecom)
    _, query = set_out(visitor, "/sign-in/wecom")
    server = app.server  # type: ignore[attr-defined]
    back = f"/sign-in/wecom/back?code={app.approve(server.now, userid='Wang.Shui')}&state="
    assert visitor.get(back + query["state"]).status_code == 303
    assert "没有从本机开始" in visitor.get(back + query["state"]).text
    _, query = set_out(visitor, "/sign-in/wecom")
    assert "已失效" in visitor.get(back + query["state"]).text


@pytest.mark.parametrize("wanted", ["https://example.com/", "//example.com", "/\\example.com"])
def test_the_way_back_leads_to_these_pages_only(by_wecom: Town, app: App, wanted: str) -> None:
    users.set_wecom(by_wecom.office, STAFF, "qian")
    visitor = over_http(by_wecom)
    _, query = set_out(visitor, f"/sign-in/wecom?next={wanted}")
    assert come_back(visitor, app, query["state"], userid="qian").headers["location"] == "/"


def test_a_forged_cookie_leads_nowhere_else_either(by_wecom: Town, app: App) -> None:
    users.set_wecom(by_wecom.office, STAFF, "qian")
    visitor = over_http(by_wecom)
    elsewhere = base64.urlsafe_b64encode(b"https://example.com/").decode().rstrip("=")
    visitor.cookies.set("rectify_journey", f"abc.n.v.{elsewhere}", "pages.test")
    assert come_back(visitor, app, "abc", userid="qian").headers["location"] == "/"


def test_without_being_set_up_there_is_no_such_door(town: Town, visitor: Visitor) -> None:
    for way in ("wecom", "oidc"):
        assert visitor.get(f"/sign-in/{way}").status_code == 404
        assert visitor.get(f"/sign-in/{way}/back?code=1&state=1").status_code == 404
    assert "企业微信登录" not in visitor.get("/sign-in").text


@pytest.fixture
def provider(town: Town) -> Iterator[FakeProvider]:
    def seconds() -> float:
        return town.now.timestamp()

    with FakeProvider(seconds) as made:
        oidc = Oidc(made.base_url, client_id=CLIENT, client_secret=SECRET, clock=seconds)
        town.office = replace(town.office, oidc=oidc, public_url=PUBLIC)
        yield made


def by_oidc(visitor: Visitor, provider: FakeProvider, login: str = STAFF):
    location, _ = set_out(visitor, "/sign-in/oidc?next=/rates")
    back = provider.approve(location, login)
    return visitor.get(f"/sign-in/oidc/back?code={back.code}&state={back.state}")


def test_the_unified_sign_in_lets_an_account_in(town: Town, provider: FakeProvider) -> None:
    visitor = over_http(town)
    assert "统一身份认证登录" in visitor.get("/sign-in").text
    assert by_oidc(visitor, provider).headers["location"] == "/rates"
    assert visitor.get("/rates").status_code == 200
    assert provider.keys_asked == 1


def test_who_has_no_account_is_not_given_one(town: Town, provider: FakeProvider) -> None:
    before = accounts.list_accounts(town.office)
    answer = by_oidc(over_http(town), provider, "nobody-here")
    assert (answer.status_code, "没有账号" in answer.text) == (403, True)
    assert accounts.list_accounts(town.office) == before


LIES: dict[str, dict[str, object]] = {
    "another issuer": {"iss": "https://idp.example.com"},
    "another audience": {"aud": "another-client"},
    "another authorised party": {"aud": [CLIENT, "another-client"], "azp": "another-client"},
    "expired": {"exp": 1},
    "from the future": {"iat": 4_000_000_000},
    "another nonce": {"nonce": "of-another-browser"},
    "no nonce": {"nonce": None},
    "no end": {"exp": None},
    "no login": {"preferred_username": None},
    "a login that is no text": {"preferred_username": ["shenpiju"]},
}


@pytest.mark.parametrize("name", sorted(LIES))
def test_an_answer_that_is_not_for_us_now_proves_nobody(
    town: Town, provider: FakeProvider, name: str
) -> None:
    provider.lies.claims = LIES[name]
    visitor = over_http(town)
    assert by_oidc(visitor, provider).status_code == 403
    assert SESSION_COOKIE not in visitor.cookies


def _payload(token: str) -> dict[str, object]:
    body = token.split(".")[1]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def _unsigned(token: str) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return f"{head}.{token.split('.')[1]}."


def _by_another_key(token: str) -> str:
    key = RSAKey.generate_key(2048, {"kid": "x"})
    return jwt.encode({"alg": "RS256", "kid": "x"}, _payload(token), key)


def _by_the_clients_secret(token: str) -> str:
    return jwt.encode({"alg": "HS256"}, _payload(token), OctKey.import_key(SECRET * 2))


SPOILT: dict[str, Callable[[str], str]] = {
    "unsigned": _unsigned,
    "by another key": _by_another_key,
    "by the client's secret": _by_the_clients_secret,
    "altered": lambda token: token[:-8] + "AAAAAAAA",
    "no token": lambda _token: "",
}


@pytest.mark.parametrize("name", sorted(SPOILT))
def test_a_signature_that_is_not_the_providers_proves_nobody(
    town: Town, provider: FakeProvider, name: str
) -> None:
    provider.lies.spoil = SPOILT[name]
    assert by_oidc(over_http(town), provider).status_code == 403


def test_a_provider_that_calls_itself_otherwise_is_not_believed(town: Town, provider: FakeProvider) -> None:
    provider.lies.issuer = "https://idp.example.com"
    answer = over_http(town).get("/sign-in/oidc")
    assert (answer.status_code, "TRACKER_OIDC_ISSUER" in answer.text) == (403, True)


def test_a_changed_key_is_asked_for_once_more(town: Town, provider: FakeProvider) -> None:
    visitor = over_http(town)
    by_oidc(visitor, provider)
    provider.change_key()
    assert by_oidc(over_http(town), provider).status_code == 403  # asked a moment ago
    town.wait(minutes=1)
    assert by_oidc(over_http(town), provider).status_code == 303
    assert provider.keys_asked == 2


def test_the_state_of_another_browser_signs_nobody_in(town: Town, provider: FakeProvider) -> None:
    attacker, victim = over_http(town), over_http(town)
    location, _ = set_out(attacker, "/sign-in/oidc")
    back = provider.approve(location, STAFF)
    set_out(victim, "/sign-in/oidc")
    assert victim.get(f"/sign-in/oidc/back?code={back.code}&state={back.state}").status_code == 403


def test_the_second_factor_is_asked_for_whichever_way_somebody_comes(
    town: Town, provider: FakeProvider
) -> None:
    accounts.save_account(town.office, "li", "yunlan-2026-mima", now=town.now, role=Role.STAFF)
    with town.office.database.write() as connection:
        found = accounts.account_named(connection, "li")
        accounts.accounts.change(connection, found.id, totp_secret="A" * 32, totp_since=town.now)
    answer = by_oidc(over_http(town), provider, "li")
    assert answer.headers["location"] == "/sign-in/code?next=/rates"
