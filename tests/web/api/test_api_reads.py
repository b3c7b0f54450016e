"""What other systems read, a page at a time and only as far as they reach; and documents taken in by them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.fakes.pages_office import BULLETIN, Town
from tests.web.api.conftest import CONTACT, HEAD, Connect, System, interface_of
from tracker.services import inspect
from tracker.services.tokens import Scope
from tracker.web.api.errors import RETRY_SECONDS
from tracker.web.api.throttle import Throttle

REPORT = "关于整改的通报\n\n2026年11月17日\n\n市水务局没有设置热线专栏。\n"


def numbers(system: System, query: str) -> list[int]:
    return [each["number"] for each in system.get(f"/items?{query}").json()["items"]]


def test_the_list_goes_on_where_the_page_before_ended(system: System) -> None:
    found, after = [], 0
    for _ in range(4):
        page = system.get(f"/items?limit=2&after={after}").json()
        found.append([each["number"] for each in page["items"]])
        after = page["next"]
    assert found == [[1, 2], [3, 4], [5, 6], [7]]
    assert after is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("unit=市水务局", [1, 2, 3]),
        ("class=unevaluated_cases", [1]),
        ("group=各区", [6, 7]),
        ("state=signed", []),
        ("bulletin=1&domain=互联网%2B监管", [4]),
        ("overdue=true", []),
    ],
)
def test_filters_are_those_of_the_command_line(system: System, query: str, expected: list[int]) -> None:
    assert numbers(system, query) == expected


@pytest.mark.parametrize("query", ["unit=没有这个局", "class=nothing"])
def test_a_slip_does_not_look_like_no_work(system: System, query: str) -> None:
    assert system.get(f"/items?{query}").status_code == 404


def test_a_filter_that_nobody_reads_is_refused(system: System) -> None:
    answer = system.get("/items?stat=open")
    assert answer.json()["error"]["details"]["fields"] == [{"at": "query.stat", "fault": "extra_forbidden"}]


def test_rates_bear_numerator_denominator_and_moment(town: Town, system: System) -> None:
    system.post("/steps", {"numbers": [1, 2], "event": "withdraw", "reason": "重复"})
    rates = system.get("/rates?by=unit").json()
    assert rates["as_of"] == "2026-11-17T10:00:00+08:00"
    assert rates["total"]["rectified"] == {"numerator": 0, "denominator": 5, "percent": "0%"}
    past = system.get("/rates", params={"as_of": "2026-11-17T09:59:00+08:00"}).json()
    assert past["total"]["rectified"]["denominator"] in {0, 7}


def test_items_of_a_past_moment_stand_as_they_stood(town: Town, system: System) -> None:
    before = town.now
    town.wait(hours=1)
    system.post("/steps", {"numbers": [1, 2], "event": "withdraw", "reason": "重复"})
    town.wait(hours=1)
    then = {"as_of": before.isoformat(), "basis": "counted"}
    rows = system.get("/rates", params=then | {"basis": None}).json()["rows"]
    assert sum(row["rectified"]["denominator"] for row in rows) == 7
    listed = system.get("/items", params=then | {"limit": 5}).json()
    assert [each["state"] for each in listed["items"]] == ["open"] * 5
    rest = system.get("/items", params=then | {"after": listed["next"]}).json()
    assert [each["number"] for each in rest["items"]] == [6, 7]
    assert [each["number"] for each in system.get("/items?basis=counted").json()["items"]] == [3, 4, 5, 6, 7]
    assert system.get("/items?issued=2026Q4").json()["items"]
    assert system.get("/items?issued=2020Q4").json()["items"] == []
    refused = system.get("/items", params=then | {"basis": "objection"})
    assert refused.status_code == 400
    assert "只有现在的清单" in refused.json()["error"]["message"]


def test_rates_bear_what_stands_beside_them_as_on_the_command_line(town: Town, system: System) -> None:
    total = system.get("/rates").json()["total"]
    assert (total["returned"], total["recurred"], total["median_days"]) == (0, 0, None)


def test_contacts_are_masked(system: System) -> None:
    answer = system.get("/contacts")
    assert "13800000011" not in answer.text
    assert [each["name"] for each in answer.json()["contacts"]] == [CONTACT, HEAD]


def test_a_units_own_people_see_their_unit_and_take_in_nothing(town: Town, connect: Connect) -> None:
    unit = connect(acts_as=CONTACT)
    assert [each["name"] for each in unit.get("/units").json()["units"]] == ["市水务局"]
    assert unit.get("/checks").json() == {"checks": [], "next": None}
    for path in ("/contacts", "/messages"):
        assert unit.get(path).status_code == 403
    files = {"file": ("通报.txt", REPORT.encode())}
    for path in ("/bulletins", "/bulletins/preview", "/feeds/cases", "/feeds/accounts"):
        assert unit.post(path, files=files).status_code == 403
    assert len(inspect.list_bulletins(town.office)) == 1


def test_a_document_is_previewed_and_taken_in_once(town: Town, system: System) -> None:
    files = {"file": ("../../通报二.txt", REPORT.encode())}
    shown = system.post("/bulletins/preview", files=files).json()
    assert (shown["counts"]["new"], shown["bulletin"]) == (1, None)
    assert len(inspect.list_bulletins(town.office)) == 1
    first = system.post("/bulletins", files=files, data={"title": "第二份"}).json()
    again = system.post("/bulletins", files=files).json()
    assert first["document"]["title"] == "第二份"
    assert (first["items"][0]["number"], again["counts"]["new"]) == (8, 0)
    stored = system.get("/bulletins").json()["bulletins"]
    assert (stored[0]["file"], stored[0]["imported_by"]) == ("通报二.txt", "接口 对接")


@pytest.mark.parametrize(
    ("content", "data"),
    [(b"", {}), (b"PK\x03\x04broken", {}), (REPORT.encode(), {"issued_on": "1999-01-01"})],
)
def test_a_document_that_cannot_be_read_changes_nothing(
    town: Town, system: System, content: bytes, data: dict[str, str]
) -> None:
    answer = system.post("/bulletins", files={"file": ("通报.docx", content)}, data=data)
    assert answer.status_code == 422
    assert len(inspect.list_bulletins(town.office)) == 1


def test_a_token_that_asks_too_often_is_told_to_wait(town: Town, system: System) -> None:
    interface_of(town).state.throttle = Throttle(3, timedelta(seconds=RETRY_SECONDS))
    assert [system.get("/units").status_code for _ in range(3)] == [200] * 3
    late = system.get("/units")
    assert (late.status_code, late.headers["retry-after"]) == (429, "60")
    town.wait(minutes=1)
    assert system.get("/units").status_code == 200


def test_hostile_words_come_back_as_data(town: Town, connect: Connect) -> None:
    evil = BULLETIN.replace("R&D用水统计", "<script>用水统计").replace("16日", "17日")
    town.take_in(evil, "<img src=x>.txt")
    answer = connect(Scope.ITEMS_READ).get("/items?limit=500")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["items"][-1]["source"]["file"] == "<img src=x>.txt"
