"""Writes by other systems: done once, on what was seen, and judged like everybody else's."""

from __future__ import annotations

import base64
import sqlite3
from contextlib import closing

import pytest

from tests.fakes.pages_office import Town
from tests.web.api.conftest import CONTACT, Connect, System, interface_of
from tracker.services import inspect
from tracker.services.tokens import Scope

SIGN = {"event": "sign"}
KEY = {"Idempotency-Key": "3f0c"}


def history(town: Town, number: int) -> list[tuple[str, str]]:
    return [(row.event, row.actor) for row in inspect.open_file(town.office, number).history]


def test_a_step_is_taken_in_the_name_that_the_token_acts_as(town: Town, connect: Connect) -> None:
    assert connect(acts_as=CONTACT).post("/items/1/steps", SIGN).json()["items"][0]["state"] == "signed"
    assert connect().post("/items/4/steps", SIGN).status_code == 200
    assert history(town, 1)[-1] == ("sign", CONTACT)
    assert history(town, 4)[-1] == ("sign", "接口 对接")


def test_a_repeat_with_the_same_key_is_done_once_and_answered_alike(town: Town, system: System) -> None:
    first = system.post("/items/1/steps", SIGN, headers=KEY)
    again = system.post("/items/1/steps", SIGN, headers=KEY)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["idempotent-replayed"] == "true"
    assert [event for event, _ in history(town, 1)] == ["import", "sign"]
    assert system.post("/items/1/steps", SIGN).status_code == 409, "without the key it is asked anew"


@pytest.mark.parametrize(
    ("path", "body"), [("/items/1/steps", {"event": "sign", "reason": "另一件"}), ("/items/2/steps", SIGN)]
)
def test_a_key_that_was_given_with_another_request_is_refused(
    town: Town, system: System, path: str, body: object
) -> None:
    system.post("/items/1/steps", SIGN, headers=KEY)
    answer = system.post(path, body, headers=KEY)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "idempotency_key_reused"
    assert [event for event, _ in history(town, 2)] == ["import"]


def test_a_key_belongs_to_its_token_and_is_forgotten_after_a_day(town: Town, connect: Connect) -> None:
    one, other = connect(), connect()
    one.post("/items/1/steps", SIGN, headers=KEY)
    assert other.post("/items/2/steps", SIGN, headers=KEY).status_code == 200
    town.wait(hours=24)
    assert one.post("/items/3/steps", SIGN, headers=KEY).status_code == 200


def test_a_refused_step_leaves_its_key_free(town: Town, system: System) -> None:
    strike = {"event": "strike_off"}
    assert system.post("/items/1/steps", strike, headers=KEY).status_code == 409
    assert system.post("/items/1/steps", SIGN, headers=KEY).status_code == 200


def test_a_step_on_what_has_changed_is_refused_with_the_item_as_it_is(town: Town, system: System) -> None:
    seen = system.get("/items/1").headers["etag"]
    assert system.post("/items/1/steps", SIGN, headers={"If-Match": seen}).status_code == 200
    answer = system.post("/items/1/steps", {"event": "submit"}, headers={"If-Match": seen})
    assert answer.status_code == 412
    error = answer.json()["error"]
    assert (error["code"], error["details"]["item"]["state"]) == ("changed", "signed")
    again = {"If-Match": error["details"]["etag"]}
    assert system.post("/items/1/steps", {"event": "submit"}, headers=again).status_code == 200
    assert [event for event, _ in history(town, 1)] == ["import", "sign", "submit"]


@pytest.mark.parametrize(
    ("if_match", "status"), [("*", 200), ('"0"', 412), ("garbage", 412), ('W/"{}"', 412), ('"0", "{}"', 200)]
)
def test_if_match_compares_strongly(town: Town, system: System, if_match: str, status: int) -> None:
    version = system.get("/items/1").headers["etag"].strip('"').partition(".")[0]
    answer = system.post("/items/1/steps", SIGN, headers={"If-Match": if_match.format(version)})
    assert answer.status_code == status


def test_a_get_is_not_sent_again_to_whoever_has_it(town: Town, system: System) -> None:
    for path in ("/items", "/items/1", "/rates", "/units"):
        etag = system.get(path).headers["etag"]
        answer = system.get(path, headers={"If-None-Match": etag})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["cache-control"] == "private, no-cache"
    system.post("/items/1/steps", SIGN)
    assert system.get("/items", headers={"If-None-Match": etag}).status_code == 200


def test_many_steps_are_all_taken_or_none(town: Town, system: System) -> None:
    system.post("/items/2/steps", SIGN)
    answer = system.post("/steps", {"numbers": [1, 2, 3], **SIGN})
    assert answer.status_code == 409
    assert [each["number"] for each in answer.json()["error"]["details"]["refused"]] == [2]
    assert [event for event, _ in history(town, 1)] == ["import"]
    moved = system.post("/steps", {"numbers": [1, 3], **SIGN}).json()["items"]
    assert [(each["number"], each["state"]) for each in moved] == [(1, "signed"), (3, "signed")]


def test_who_submits_may_not_strike_off(town: Town, connect: Connect) -> None:
    system = connect()
    system.post("/items/4/steps", {"event": "submit", "reason": "已补"})
    answer = system.post("/items/4/steps", {"event": "strike_off"})
    assert (answer.status_code, answer.json()["error"]["details"]["refusal"]) == (409, "same_person")


def test_a_step_is_taken_back_by_whoever_took_it(town: Town, connect: Connect) -> None:
    system = connect()
    system.post("/items/1/steps", SIGN)
    assert connect(acts_as=CONTACT).post("/steps/undo", {"numbers": [1]}).status_code == 409
    assert system.post("/steps/undo", {"numbers": [1]}).json()["items"][0]["state"] == "open"


def test_urging_is_the_bureaus_and_not_twice(town: Town, connect: Connect) -> None:
    assert connect(acts_as=CONTACT).post("/nudges", {"numbers": [1]}).status_code == 409
    assert connect().post("/nudges", {"numbers": [1, 2]}).status_code == 200
    assert connect().post("/nudges", {"numbers": [1]}).status_code == 409


def test_an_item_of_another_unit_is_as_if_it_were_not(town: Town, connect: Connect) -> None:
    unit = connect(acts_as=CONTACT)
    theirs, nobodys = unit.post("/items/4/steps", SIGN), unit.post("/items/99/steps", SIGN)
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.json()["error"]["code"] == nobodys.json()["error"]["code"]
    for path in ("/items/4", "/items/4/evidence/1"):
        assert unit.get(path).status_code == 404
    for path, body in (("/steps", {"numbers": [1, 4], **SIGN}), ("/steps/undo", {"numbers": [4]})):
        assert unit.post(path, body).status_code == 404
    assert [event for event, _ in history(town, 4)] == ["import"]
    assert [each["number"] for each in unit.get("/items").json()["items"]] == [1, 2, 3]


def _file(name: str, content: bytes) -> dict[str, object]:
    proof = {"kind": "file", "name": name, "content": base64.b64encode(content).decode()}
    return {"event": "submit", "evidence": [proof]}


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.txt", r"..\..\windows\win.txt", "/tmp/x.txt", "a/../../照片.txt"]
)
def test_a_files_path_is_cut_to_its_name(town: Town, system: System, name: str) -> None:
    assert system.post("/items/1/steps", _file(name, "已开设".encode())).status_code == 200
    [proof] = system.get("/items/1").json()["history"][-1]["evidence"]
    assert proof["value"] in {"passwd.txt", "win.txt", "x.txt", "照片.txt"}
    answer = system.get(f"/items/1/evidence/{proof['id']}")
    assert answer.content == "已开设".encode()
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.txt", b""),
        ("run.exe", b"MZ\x90"),
        ("page.html", b"<p>"),
        ("drawing.svg", b"<svg onload=alert(1)>"),
        ("photo.jpg", b"MZ\x90\x00"),
        ("photo.png", b"\n <!DOCTYPE html><script>"),
        ("notes.txt", b"#!/bin/sh"),
        ("noending", b"x"),
    ],
)
def test_a_program_or_a_web_page_is_no_evidence(
    town: Town, system: System, name: str, content: bytes
) -> None:
    body = _file(name, content or b"x")
    if not content:
        body["evidence"][0]["content"] = ""  # type: ignore[index]
    assert system.post("/items/1/steps", body).status_code in {400, 422}
    assert [event for event, _ in history(town, 1)] == ["import"]


@pytest.mark.parametrize(("path", "more"), [("/items/1/steps", {}), ("/steps", {"numbers": [1, 2]})])
def test_photos_are_redrawn_while_others_can_write(
    town: Town, system: System, monkeypatch: pytest.MonkeyPatch, path: str, more: dict[str, object]
) -> None:
    drawn = list[str]()

    def redraw(name: str, content: bytes) -> bytes:
        with closing(sqlite3.connect(town.folder / "rectify.db", timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")  # refused at once while anybody writes
        drawn.append(name)
        return content

    monkeypatch.setattr("tracker.services.evidence.plain_photo", redraw)
    body = _file("现场.jpg", b"\xff\xd8\xff") | more
    assert system.post(path, body, headers=KEY).status_code == 200
    assert drawn == ["现场.jpg"]


def test_a_file_that_is_too_large_is_refused(town: Town, system: System) -> None:
    answer = system.post("/items/1/steps", _file("large.txt", b"x" * (20 * 1024 * 1024 + 3)))
    assert answer.status_code == 400
    assert "20 MB" in answer.json()["error"]["message"]
    answer = system.post("/items/1/steps", content=b"x" * (33 * 1024 * 1024))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "body",
    [
        {"event": "sign", "reason": "\x00"},
        {"event": "sign", "wrong": 1},
        {"event": "nothing"},
        {"event": "submit", "evidence": [{"kind": "link", "url": "javascript:alert(1)"}]},
        {"event": "extend", "reason": "来不及", "to": "9999-12-31"},
    ],
)
def test_a_body_that_cannot_be_meant_is_refused_before_anything_is_done(
    town: Town, system: System, body: object
) -> None:
    answer = system.post("/items/1/steps", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")


def test_half_a_surrogate_pair_is_refused(town: Town, system: System) -> None:
    text = b'{"event": "sign", "reason": "\\ud800"}'
    headers = {"Content-Type": "application/json"}
    answer = system.request("POST", "/items/1/steps", content=text, headers=headers)
    assert answer.status_code == 422


def test_a_scope_that_is_missing_is_named(town: Town, connect: Connect) -> None:
    answer = connect(Scope.ITEMS_READ).post("/items/1/steps", SIGN)
    assert answer.status_code == 403
    assert answer.json()["error"]["details"] == {"scope": "items:write"}


def test_the_interface_is_the_one_that_is_served(town: Town) -> None:
    assert "/api/v1" in {getattr(route, "path", "") for route in interface_of(town).routes}
