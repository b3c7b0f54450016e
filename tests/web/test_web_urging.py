"""What a person decides about urging: papers, nudges, and the lamps that say how urgent it is."""

from __future__ import annotations

from tests.fakes.pages_office import STAFF, Town
from tests.web.conftest import Visitor
from tracker.services import inspect, papers
from tracker.services.remind import remind
from tracker.store.papers import PaperState


def _five_weeks_later(town: Town) -> None:
    town.take_in()
    town.wait(days=35)
    remind(town.office, now=town.now)
    town.sign_in(STAFF)


def late_town(town: Town, staff: Visitor) -> None:
    """Five weeks on: everything is overdue, and the ladder has asked for its papers."""
    town.begin(_five_weeks_later)
    staff.resume(town, STAFF)


def test_a_waiting_paper_is_on_the_first_page_and_goes_out_when_it_is_approved(
    town: Town, staff: Visitor
) -> None:
    late_town(town, staff)
    assert "待批文书" in staff.get("/").text
    page = staff.get("/papers").text
    assert "通报第 1 号" in page  # more than twenty working days late
    answer = staff.post("/papers/1/approve", "/papers")
    assert (answer.status_code, answer.headers["location"]) == (303, "/papers?done=approved")
    decided = staff.get("/papers?done=approved").text
    assert "已批准，将在工作时间发出" in decided
    assert f"{STAFF}批准" in decided
    sent = [each for each in inspect.list_messages(town.office) if each.kind == "paper"]
    assert sent
    assert all("第1号" in each.text for each in sent)


def test_a_paper_is_rejected_only_with_a_reason(town: Town, staff: Visitor) -> None:
    late_town(town, staff)
    refused = staff.post("/papers/1/reject", "/papers", reason=" ")
    assert refused.status_code == 409
    assert "驳回须写明理由" in refused.text
    assert staff.post("/papers/1/reject", "/papers", reason="已约谈").status_code == 303
    assert "驳回：已约谈" in staff.get("/papers").text
    assert papers.list_papers(town.office, PaperState.REJECTED)


def test_the_item_is_urged_once_and_then_says_when_that_was(town: Town, staff: Visitor) -> None:
    town.take_in()
    answer = staff.post("/items/1/nudge", "/items/1")
    assert answer.status_code == 303
    assert "已催办" in staff.get(answer.headers["location"]).text
    again = staff.post("/items/1/nudge", "/items/1")
    assert again.status_code == 409
    assert "已催办过" in again.text
    assert [each.kind for each in inspect.list_messages(town.office)] == ["nudge"]


def test_many_are_urged_from_the_list_or_none(town: Town, staff: Visitor) -> None:
    town.take_in()
    assert "请先勾选事项" in staff.post("/nudges", "/items").text
    answer = staff.post("/nudges?group=市直", "/items", numbers=[1, 2])
    assert answer.status_code == 303
    assert "已催办 2 项" in staff.get(answer.headers["location"]).text
    assert "第 2 号" in staff.post("/nudges", "/items", numbers=[2, 3]).text
    assert len(inspect.list_messages(town.office)) == 1


def test_the_lamp_says_how_urgent_it_is(town: Town, staff: Visitor) -> None:
    town.take_in()
    assert "绿灯" in staff.get("/items/1").text
    town.wait(days=35)
    staff.sign_in(STAFF)
    assert "红灯" in staff.get("/items/1").text
    assert "红灯" in staff.get("/items").text
