"""Whatever is sent, the interface answers as its description says, and never with a fault of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.fakes.pages_office import Town
from tests.web.api.conftest import Connect, System, imported, interface_of
from tracker.services import tokens
from tracker.services.tokens import Scope
from tracker.web.api.app import ROUTES
from tracker.web.api.manual import write_manual

OPERATIONS = [
    (method.lower(), route.path)
    for module in ROUTES
    for route in module.router.routes
    for method in sorted(route.methods)
]
ITEMS = 7  # of the town's bulletin
DESCRIPTION = "/api/v1/openapi.json"
PAGE = Path(__file__).parents[3] / "docs" / "api.md"


@pytest.fixture(scope="module")
def busy_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One town for all that is sent here: what came before is part of the test."""
    made = Town(tmp_path_factory.mktemp("busy"))
    made.begin(imported)
    yield made
    made.close()


@pytest.fixture(scope="module")
def description(busy_town: Town) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_asgi(DESCRIPTION, interface_of(busy_town))


@pytest.fixture(scope="module")
def headers(busy_town: Town) -> dict[str, str]:
    token, _ = tokens.create(busy_town.office, "探测", [Scope.ADMIN], by="管理", now=busy_town.now)
    return {"Authorization": f"Bearer {token}"}


def _about_items_that_exist(case: schemathesis.Case) -> None:
    """Numbers drawn at random would nearly always be nobody's."""
    holders = [case.path_parameters, case.body if isinstance(case.body, dict) else {}]
    for holder in holders:
        if isinstance(number := holder.get("number"), int) and number > 0:
            holder["number"] = number % ITEMS + 1
        if isinstance(numbers := holder.get("numbers"), list):
            holder["numbers"] = [
                each % ITEMS + 1 if type(each) is int and each > 0 else each for each in numbers
            ]


def _send(
    description: schemathesis.BaseSchema,
    town: Town,
    headers: dict[str, str],
    door: tuple[str, str],
    count: int,
) -> None:
    interface_of(town)  # other tests put their own town behind it
    method, path = door
    known = {(each.ok().method, each.ok().path): each.ok() for each in description.get_all_operations()}
    operation = known[method, path]

    # The town goes on from example to example, so Hypothesis could not repeat one alone: no shrinking.
    @hypothesis.settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(), is_real=st.booleans())
    def send(case: schemathesis.Case, is_real: bool) -> None:
        town.wait(minutes=1)  # else a token would have asked too often
        if is_real:
            _about_items_that_exist(case)
        # What is well-formed may still be refused: no file in a document, a step out of turn.
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

    send()


@pytest.mark.slow
@pytest.mark.parametrize("door", OPERATIONS, ids=" ".join)
def test_a_few_requests_of_each_kind_are_answered_as_described(
    description: schemathesis.BaseSchema, busy_town: Town, headers: dict[str, str], door: tuple[str, str]
) -> None:
    _send(description, busy_town, headers, door, 8)


@pytest.mark.slow
@pytest.mark.parametrize("door", OPERATIONS, ids=" ".join)
def test_many_requests_of_each_kind_are_answered_as_described(
    description: schemathesis.BaseSchema, busy_town: Town, headers: dict[str, str], door: tuple[str, str]
) -> None:
    _send(description, busy_town, headers, door, 60)


def test_every_route_is_described_and_only_those(description: schemathesis.BaseSchema) -> None:
    described = [(each.ok().method, each.ok().path) for each in description.get_all_operations()]
    assert sorted(described) == sorted(OPERATIONS)
    assert not_a_server_error in schemathesis.checks.CHECKS.get_all()


@pytest.mark.parametrize("door", OPERATIONS, ids=" ".join)
@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer rct_0", "Basic cmN0", "cookie"])
def test_no_route_opens_without_a_good_token(town: Town, door: tuple[str, str], given: str) -> None:
    method, path = door
    sent = {"Cookie": f"rectify_session={town.session_tokens['shenpiju']}"} if given == "cookie" else {}
    sent |= {"Authorization": given} if given and given != "cookie" else {}
    answer = System(town, None).request(method.upper(), path.format(number=1, evidence_id=1), headers=sent)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("door", OPERATIONS, ids=" ".join)
def test_each_route_opens_by_one_scope_alone(town: Town, connect: Connect, door: tuple[str, str]) -> None:
    method, path = door
    opens = []
    for scope in Scope:
        answer = connect(scope).request(method.upper(), path.format(number=1, evidence_id=1))
        if answer.status_code == 403:
            assert answer.json()["error"]["code"] == "scope"
        else:
            opens.append(scope)
    assert len(opens) == 2
    assert opens[-1] is Scope.ADMIN


def test_the_description_needs_no_token_and_tells_nothing_of_the_office(town: Town) -> None:
    answer = System(town, None).get("/openapi.json")
    assert answer.status_code == 200
    assert "市水务局" not in answer.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("PUT", "/items", 405)])
def test_what_is_not_there_is_said_as_json(town: Town, method: str, path: str, status: int) -> None:
    answer = System(town, None).request(method, path)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}


def test_the_page_for_people_says_what_the_description_says(town: Town) -> None:
    """`RECTIFY_UPDATE_GOLDEN=1` writes it anew, and fails that run."""
    written = write_manual(System(town, None).get("/openapi.json").json())
    if os.environ.get("RECTIFY_UPDATE_GOLDEN") and PAGE.read_text("utf-8") != written:
        PAGE.write_text(written, "utf-8")
        pytest.fail("docs/api.md was written anew: look at the difference")
    assert PAGE.read_text("utf-8") == written
