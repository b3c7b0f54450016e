"""`rectify tokens`, `webhooks` and `calendars`: what is made is shown once, and never again."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Rectify
from tests.fakes.loopback import loopback_only
from tracker.services.tokens import looks_right
from tracker.store.vault import new_key

URL = "https://hooks.example.cn/geheim?key=geheim"


@pytest.mark.usefixtures("taken_in")
def test_a_token_is_shown_once_listed_and_revoked(rectify: Rectify) -> None:
    made = rectify("tokens", "create", "--name", "大屏", "--scope", "items:read,rates:read", "--by", "管理")
    token = made.json["token"]
    assert looks_right(token)
    assert (made.json["actor"], made.json["scopes"]) == ("接口 大屏", ["items:read", "rates:read"])
    for as_json in (True, False):
        listed = rectify("tokens", "list", as_json=as_json)
        assert token not in listed.out
        assert "大屏" in listed.out
    assert rectify("tokens", "revoke", 1, "--by", "管理").json == {"revoked": 1}
    assert rectify("tokens", "revoke", 1).json["error"]["code"] == "not_found"
    [row] = rectify("tokens", "list").json["tokens"]
    assert row["revoked_by"] == "管理"


@pytest.mark.usefixtures("taken_in")
def test_a_person_reads_the_token_alone_on_standard_output(rectify: Rectify) -> None:
    said = rectify("tokens", "create", "--name", "大屏", "--scope", "admin", as_json=False)
    assert looks_right(said.out.strip())
    assert "不会再次显示" in said.err


@pytest.mark.parametrize("scope", ["items", "items:read,alles"])
def test_a_scope_that_is_none_is_wrong_usage(rectify: Rectify, scope: str) -> None:
    said = rectify("tokens", "create", "--name", "大屏", "--scope", scope)
    assert said.status == 2
    assert "items:read" in said.err


@pytest.mark.usefixtures("taken_in")
def test_a_webhook_is_added_tried_listed_and_removed(
    rectify: Rectify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_SECRET_KEY", new_key())
    made = rectify("webhooks", "add", "大屏", URL, "--events", "item.step", "--by", "管理").json
    assert made["secret"].startswith("whsec_")
    assert (made["address"], made["events"]) == ("https://hooks.example.cn/…", ["item.step"])
    listed = rectify("webhooks", "list", as_json=False).out + rectify("webhooks", "list").out
    assert "geheim" not in listed
    assert made["secret"] not in listed
    assert rectify("webhooks", "add", "大屏", URL).json["error"]["message"] == "已有名为“大屏”的推送"
    assert rectify("webhooks", "remove", "大屏").json == {"removed": "大屏"}
    assert rectify("webhooks", "list").json == {"webhooks": []}


@pytest.mark.usefixtures("taken_in")
def test_trying_an_internal_address_says_why_nothing_was_sent(rectify: Rectify) -> None:
    rectify("webhooks", "add", "内网", "http://127.0.0.1:8009/hook", "--by", "管理")
    with loopback_only():
        said = rectify("webhooks", "test", "内网", now="2021-07-26T10:00").json
    assert said["state"] == "pending"
    assert "内部网络地址" in said["error"]


@pytest.mark.usefixtures("taken_in")
def test_a_calendar_is_issued_listed_and_revoked(rectify: Rectify, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "TRACKER_SECRET_KEY" in rectify("calendars", "issue", "市教育局").json["error"]["message"]
    monkeypatch.setenv("TRACKER_SECRET_KEY", new_key())
    monkeypatch.setenv("TRACKER_PUBLIC_URL", "https://zhenggai.yunlan.example/")
    made = rectify("calendars", "issue", "市教育局", "--by", "经办").json
    assert made["address"].startswith("https://zhenggai.yunlan.example/calendar/")
    assert made["address"].endswith(".ics")
    listed = rectify("calendars", "list", as_json=False).out + rectify("calendars", "list").out
    assert "市教育局" in listed
    assert made["address"] not in listed
    assert rectify("calendars", "revoke", made["id"]).json == {"revoked": made["id"]}
    assert rectify("calendars", "revoke", made["id"]).status == 1
