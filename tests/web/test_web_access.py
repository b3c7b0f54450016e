"""Every route by every seat as the table says, and nobody sees or moves what is another unit's."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from fastapi import APIRouter

from tests.fakes.pages_office import Town
from tests.fakes.seated_town import EAST, SPORT, SPORT_WORDS, WATER, WATER_WORDS, seated
from tests.services.scenes import rows
from tests.web.conftest import Visitor
from tracker.web import app as pages
from tracker.web.access import HOMES, TABLE, UNITS, Door, Seat, may_open

pytestmark = pytest.mark.slow

ROUTES = sorted(TABLE)
NARROW = (Seat.HOLDER, Seat.CONTACT, Seat.HEAD, Seat.DISTRICT)
OWN = {Seat.HOLDER: WATER, Seat.CONTACT: WATER, Seat.HEAD: WATER, Seat.DISTRICT: EAST}
FOREIGN = {seat: SPORT_WORDS + (WATER_WORDS if seat is Seat.DISTRICT else ()) for seat in NARROW}


@pytest.fixture
def people(town: Town) -> Town:
    town.begin(seated)
    return town


def seat_taken(people: Town, seat: Seat) -> Visitor:
    visitor = Visitor(people)
    visitor.resume(people, seat)
    return visitor


def address(path: str, number: int = 1) -> str:
    return re.sub(r"\{[^}]+\}", str(number), path)


def test_the_table_names_the_routes_that_there_are_and_no_others() -> None:
    written = {
        (method, route.path)
        for module in pages.ROUTES
        for route in module.router.routes
        for method in route.methods
    }
    assert written == set(TABLE)


def test_a_route_that_is_not_in_the_table_keeps_the_pages_from_starting(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgotten:
        router = APIRouter()

    Forgotten.router.add_api_route("/forgotten", lambda: "open to everybody")
    monkeypatch.setattr(pages, "ROUTES", (*pages.ROUTES, Forgotten))
    with pytest.raises(LookupError, match="/forgotten"):
        pages.create_app(town.office, town.clock)


def test_a_stranger_gets_no_further_than_the_public_doors(people: Town, visitor: Visitor) -> None:
    for method, path in ROUTES:
        answer = visitor.request(method, address(path))
        place = answer.headers.get("location", "")
        if isinstance(TABLE[method, path], Door):
            assert (method, path, "next=" in place) == (method, path, False)
        else:
            assert (method, path, answer.status_code) == (method, path, 303)
            assert place.startswith("/sign-in")


@pytest.mark.parametrize("seat", Seat)
def test_each_seat_opens_what_the_table_says_and_nothing_else(people: Town, seat: Seat) -> None:
    visitor = seat_taken(people, seat)
    for method, path in ROUTES:
        who = TABLE[method, path]
        if isinstance(who, Door):
            continue
        answer = visitor.request(method, address(path, OWN.get(seat, 1)))
        outcome = (method, path, answer.status_code)
        if method == "POST":  # without its form's token nothing is done: what is refused first tells
            assert outcome == (method, path, 403)
            assert ("页面已过期" in answer.text, "不能打开" in answer.text) == (seat in who, seat not in who)
        elif seat in who:
            assert outcome in {(method, path, 200), (method, path, 404)}
        elif seat is not Seat.HOLDER and (who == UNITS or (path == "/" and seat in HOMES)):
            assert outcome == (method, path, 303)
            assert answer.headers["location"] == ("/items" if who == UNITS else HOMES[seat])
        else:
            assert outcome == (method, path, 403)
            assert "不能打开" in answer.text


@pytest.mark.parametrize("seat", Seat)
def test_no_link_of_the_menu_leads_to_a_closed_door(people: Town, seat: Seat) -> None:
    visitor = seat_taken(people, seat)
    home = visitor.get("/my" if seat is Seat.HOLDER else "/items").text
    links = set(re.findall(r'href="(/[a-z-]*)"', re.search(r"<header.*?</header>", home, re.S)[0]))
    assert links
    for link in links - {"/"}:
        assert (link, may_open(seat, link), visitor.get(link).status_code) == (link, True, 200)


@pytest.mark.parametrize("seat", NARROW)
def test_what_is_another_units_is_not_found_under_any_address(people: Town, seat: Seat) -> None:
    visitor = seat_taken(people, seat)
    own = "/my" if seat is Seat.HOLDER else "/items"
    token = visitor.token(f"{own}/{OWN[seat]}")
    before = rows(people.office)
    reached = 0
    for (method, path), who in TABLE.items():
        if isinstance(who, Door) or seat not in who or "{" not in path or path.startswith("/digest"):
            continue
        fields = {"csrf": token, "event": "sign", "reason": "无", "code": "1"}
        data = {"data": fields} if method == "POST" else {}
        answer = visitor.request(method, address(path, SPORT), **data)
        assert (method, path, answer.status_code) == (method, path, 404)
        assert not any(word in answer.text for word in FOREIGN[seat])
        reached += 1
    assert reached >= 2
    assert rows(people.office) == before


@pytest.mark.parametrize("seat", NARROW)
def test_no_page_shows_a_word_of_another_units_items(people: Town, seat: Seat) -> None:
    visitor = seat_taken(people, seat)
    seen = 0
    for (method, path), who in TABLE.items():
        if method != "GET" or isinstance(who, Door) or seat not in who:
            continue
        answer = visitor.get(address(path, OWN[seat]))
        for word in FOREIGN[seat]:
            assert (path, word in shown(answer.content)) == (path, False)
        seen += answer.status_code == 200
    assert seen >= 2


def shown(content: bytes) -> str:
    """What somebody reads; of a workbook, all of its parts."""
    if not content.startswith(b"PK"):
        return content.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "".join(parts.read(name).decode(errors="replace") for name in parts.namelist())


def test_whoever_acts_for_the_city_sees_every_unit(people: Town) -> None:
    for seat in (Seat.STAFF, Seat.LEADER, Seat.ADMIN):
        listed = seat_taken(people, seat).get("/items").text
        assert all(word in listed for word in SPORT_WORDS + WATER_WORDS)


def test_a_district_sees_its_own_items_and_those_of_the_units_below_it(people: Town) -> None:
    listed = seat_taken(people, Seat.DISTRICT).get("/items").text
    assert "社区服务专栏" in listed
    assert "超出承诺时限" in listed


@pytest.mark.parametrize("numbers", [[SPORT], [WATER, SPORT]])
def test_ticking_another_units_item_changes_nothing(people: Town, numbers: list[int]) -> None:
    visitor = seat_taken(people, Seat.CONTACT)
    before = rows(people.office)
    answer = visitor.post("/items", "/items", event="sign", numbers=numbers)
    assert answer.status_code == 404
    assert rows(people.office) == before


def test_evidence_is_not_reached_by_way_of_ones_own_item(people: Town) -> None:
    assert seat_taken(people, Seat.STAFF).get(f"/items/{SPORT}/evidence/1").content.startswith(b"\x89PNG")
    for number in (WATER, SPORT):
        assert seat_taken(people, Seat.CONTACT).get(f"/items/{number}/evidence/1").status_code == 404
