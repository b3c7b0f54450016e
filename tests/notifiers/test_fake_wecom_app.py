"""The app side of the fake: what Tencent's documents say of tokens, private messages and cards."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.fakes.wecom import FakeWeCom
from tests.fakes.wecom_apps import APP_SEND, GET_TOKEN, UPDATE_CARD, App

CORP, AGENT, SECRET = "ww0000invented", 1000002, "invented-app-secret-0001"
USERS = frozenset({"Zhang.San", "li-si"})


@pytest.fixture
def app(wecom: FakeWeCom) -> App:
    return wecom.add_app(CORP, AGENT, SECRET, USERS)


def ask(wecom: FakeWeCom, corp_id: str = CORP, secret: str = SECRET) -> dict[str, Any]:
    query = {"corpid": corp_id, "corpsecret": secret}
    value: dict[str, Any] = requests.get(wecom.base_url + GET_TOKEN, params=query, timeout=10).json()
    return value


def post(wecom: FakeWeCom, body: object, *, token: str | None = None, path: str = APP_SEND) -> dict[str, Any]:
    token = ask(wecom)["access_token"] if token is None else token
    query = {"access_token": token} if token else {}
    value: dict[str, Any] = requests.post(
        wecom.base_url + path, params=query, data=json.dumps(body), timeout=10
    ).json()
    return value


def message(content: str = "澜东区", **change: object) -> dict[str, object]:
    base = {"touser": "Zhang.San", "agentid": AGENT, "msgtype": "markdown", "markdown": {"content": content}}
    return base | change


def card(task_id: object = "t1", **change: object) -> dict[str, object]:
    content = {
        "card_type": "button_interaction",
        "main_title": {"title": "3 天后到期"},
        "button_list": [{"text": "签收", "key": "sign"}],
        "task_id": task_id,
    } | change
    return message(msgtype="template_card", template_card=content)


# --- tokens


def test_a_token_stays_the_same_while_it_is_good_and_every_question_counts(
    wecom: FakeWeCom, app: App
) -> None:
    first, again = ask(wecom), ask(wecom)
    assert first["access_token"] == again["access_token"]
    assert (first["expires_in"], app.tokens_asked) == (7200, 2)
    wecom.advance(7200)
    assert ask(wecom)["access_token"] != first["access_token"]


@pytest.mark.parametrize(
    ("corp_id", "secret", "errcode"), [("ww-nobody", SECRET, 40013), (CORP, "wrong", 40001)]
)
def test_wrong_credentials_get_no_token(
    wecom: FakeWeCom, app: App, corp_id: str, secret: str, errcode: int
) -> None:
    assert ask(wecom, corp_id, secret)["errcode"] == errcode


def test_a_token_is_missing_unknown_ended_early_or_expired(wecom: FakeWeCom, app: App) -> None:
    token = ask(wecom)["access_token"]
    assert post(wecom, message(), token="")["errcode"] == 41001
    assert post(wecom, message(), token="another")["errcode"] == 40014
    wecom.advance(7200)
    assert post(wecom, message(), token=token)["errcode"] == 42001
    token = ask(wecom)["access_token"]
    app.end_token()
    assert post(wecom, message(), token=token)["errcode"] == 40014


def test_an_address_that_is_not_listed_is_refused_everywhere(wecom: FakeWeCom, app: App) -> None:
    token = ask(wecom)["access_token"]
    app.trusts_us = False
    assert ask(wecom)["errcode"] == 60020
    assert post(wecom, message(), token=token)["errcode"] == 60020


# --- messages


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"agentid": str(AGENT)}, 40056),
        ({"agentid": AGENT + 1}, 301002),
        ({"touser": ["Zhang.San"]}, 40058),
        ({"touser": ""}, 82001),
        ({"touser": "|".join(["Zhang.San"] * 1001)}, 82002),
        ({"touser": "nobody"}, 81013),
        ({"msgtype": "sticker"}, 40008),
        ({"markdown": {"content": ""}}, 44004),
        ({"enable_duplicate_check": 1, "duplicate_check_interval": 4 * 3600 + 1}, 40058),
    ],
)
def test_a_broken_message_gets_its_code(
    wecom: FakeWeCom, app: App, change: dict[str, object], errcode: int
) -> None:
    assert post(wecom, message(**change))["errcode"] == errcode
    assert [(one.errcode, one.delivered) for one in app.sent] == [(errcode, False)]


def test_a_partly_wrong_list_is_accepted_and_names_who_is_left_out_in_lower_case(
    wecom: FakeWeCom, app: App
) -> None:
    answer = post(wecom, message(touser="zhang.san|Nobody"))
    assert (answer["errcode"], answer["invaliduser"]) == (0, "nobody")
    assert app.delivered[0].users == ("zhang.san",)


def test_a_text_over_2048_bytes_loses_its_end_in_silence(wecom: FakeWeCom, app: App) -> None:
    assert post(wecom, message("澜" * 683))["errcode"] == 0
    assert (app.delivered[0].content, app.delivered[0].cut) == ("澜" * 682, True)


def test_more_than_30_a_minute_are_accepted_and_dropped(wecom: FakeWeCom, app: App) -> None:
    token = ask(wecom)["access_token"]
    assert {post(wecom, message(str(n)), token=token)["errcode"] for n in range(31)} == {0}
    assert (len(app.sent), len(app.delivered)) == (31, 30)
    wecom.advance(60)
    post(wecom, message("later"), token=token)
    assert len(app.delivered) == 31


def test_the_same_bytes_show_once_within_the_interval(wecom: FakeWeCom, app: App) -> None:
    body = message(enable_duplicate_check=1, duplicate_check_interval=600)
    assert [post(wecom, body)["errcode"] for _ in range(2)] == [0, 0]
    assert len(app.delivered) == 1
    wecom.advance(600)
    post(wecom, body)
    assert len(app.delivered) == 2
    for _ in range(2):
        post(wecom, message())
    assert len(app.delivered) == 4, "without the check every message shows"


# --- cards


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (card(task_id=""), 42014),
        (card(task_id="x" * 129), 42014),
        (card(task_id="澜"), 42014),
        (card(button_list=[]), 42039),
        (card(button_list=[{"text": "签收", "key": "k"}] * 7), 42038),
        (card(button_list=[{"key": "k"}]), 42033),
        (card(button_list=[{"text": "签收"}]), 42039),
        (card(button_list=[{"text": "签收", "type": 1}]), 42028),
        (card(main_title={}), 42033),
        (card(horizontal_content_list=[{}]), 42027),
        (card(card_type="vote_interaction"), 42031),
    ],
)
def test_a_broken_card_gets_its_code(wecom: FakeWeCom, app: App, body: object, errcode: int) -> None:
    assert post(wecom, body)["errcode"] == errcode


def test_a_task_id_is_good_once_and_a_card_needs_a_callback(wecom: FakeWeCom, app: App) -> None:
    assert [post(wecom, card())["errcode"] for _ in range(2)] == [0, 42014]
    app.has_callback = False
    assert post(wecom, card("t2"))["errcode"] == 43012


def test_a_response_code_updates_a_card_once_within_72_hours(wecom: FakeWeCom, app: App) -> None:
    codes = [post(wecom, card(task_id))["response_code"] for task_id in ("t1", "t2")]

    def update(code: str, **change: object) -> dict[str, Any]:
        body = {"userids": ["Zhang.San", "Nobody"], "agentid": AGENT, "response_code": code}
        return post(wecom, body | {"button": {"replace_name": "已签收"}} | change, path=UPDATE_CARD)

    assert update(codes[0], userids="Zhang.San")["errcode"] == 40058
    assert update(codes[0], button={})["errcode"] == 40058
    assert update(codes[0])["invaliduser"] == ["Nobody"]
    assert update(codes[0])["errcode"] == 60140
    wecom.advance(72 * 3600)
    assert update(codes[1])["errcode"] == 60140
    assert len(app.updates) == 1
