"""What a person starts runs once at a time, and the history is found again; on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.conftest import Begin, BuildOffice
from tests.services.scenes import at_once
from tests.support import at, take_in
from tracker.domain.errors import StoreError
from tracker.domain.lifecycle import Event
from tracker.services import jobs
from tracker.services.advance import perform
from tracker.services.audit_search import search, verification
from tracker.services.diagnose import diagnose
from tracker.services.office import Office

NOW = at("2021-07-27 10:00")


def worked(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))
    perform(office, Event.SIGN, [1, 2], by="李联", now=at("2021-07-26 09:00"))
    perform(office, Event.SUBMIT, [1], by="李联", now=at("2021-07-26 23:59"))
    perform(office, Event.SIGN, [6], by="孙联", now=at("2021-07-27 00:00"))


@pytest.fixture
def office(build_office: BuildOffice, begin: Begin) -> Office:
    begin(worked)
    return build_office()


def test_of_two_who_start_it_at_once_one_does(office: Office, build_office: BuildOffice) -> None:
    other = build_office()
    claims = [lambda each=each: jobs.claim(each, "backup", now=NOW) for each in (office, other)]
    assert sorted(at_once(*claims), key=str) == [False, True]


def test_what_went_wrong_is_noted_without_what_it_may_quote(office: Office) -> None:
    def foreseen() -> None:
        raise StoreError("磁盘已满")

    def unforeseen() -> None:
        raise ValueError("https://example.cn/?key=secret")

    for work, words in ((foreseen, "磁盘已满"), (unforeseen, "ValueError"), (lambda: None, None)):
        jobs.run_asked(office, lambda: NOW, "backup", work)
        assert jobs.last_runs(office)["backup"].error == words


def test_a_run_that_a_person_asked_for_is_no_sign_of_a_scheduler(office: Office) -> None:
    jobs.run_asked(office, lambda: NOW, jobs.AUDIT, lambda: verification(office))
    [found] = [each for each in diagnose(office, now=NOW + timedelta(days=3)) if each.name == "jobs"]
    assert found.detail == "调度程序尚未运行过"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"actor": "李联"}, [("submit", 1), ("sign", 2), ("sign", 1)]),
        ({"event": "sign"}, [("sign", 6), ("sign", 2), ("sign", 1)]),
        ({"number": 6}, [("sign", 6), ("import", 6)]),
        ({"first": date(2021, 7, 27)}, [("sign", 6)]),
        ({"first": date(2021, 7, 26), "last": date(2021, 7, 26)}, [("submit", 1), ("sign", 2), ("sign", 1)]),
        ({"first": date(2021, 7, 28)}, []),
        ({"last": date(2021, 7, 22)}, []),
        ({"actor": "李联", "event": "sign", "number": 2}, [("sign", 2)]),
    ],
    ids=["actor", "event", "number", "since", "day", "later", "earlier", "all"],
)
def test_steps_are_found_latest_first(
    office: Office, wanted: dict[str, object], found: list[tuple[str, int]]
) -> None:
    rows, more = search(office, size=10, **wanted)
    assert [(row.event, number) for number, row in rows] == found
    assert not more


def test_a_page_goes_on_where_the_last_one_ended(office: Office) -> None:
    first, more = search(office, size=5)
    rest, no_more = search(office, size=100, under=first[-1][1].id)
    whole, _ = search(office, size=100)
    assert (more, no_more) == (True, False)
    assert [*first, *rest] == whole
