"""Papers on the pages: issued from where the need shows, downloaded as they are, voided with a reason."""

from __future__ import annotations

import io
from datetime import date

import pytest
from docx import Document

from tests.fakes.pages_office import STAFF, Town
from tests.fakes.seated_town import EAST, seated
from tests.services.scenes import know, strike_off
from tests.web.conftest import Visitor
from tracker.domain.lifecycle import Event
from tracker.services import issued, papers
from tracker.services.advance import perform
from tracker.store import items
from tracker.store import papers as stored
from tracker.web.access import Seat


def _struck_off(town: Town) -> None:
    town.take_in()
    know(town.office, "市行政审批局,钱管,审批局,13800000004,,,")
    strike_off(town.office, [1, 2], town.now)


@pytest.fixture
def desk(town: Town, staff: Visitor) -> Visitor:
    town.begin(_struck_off)
    staff.resume(town, STAFF)
    return staff


def test_a_strike_off_paper_is_issued_on_the_items_page_and_downloaded(town: Town, desk: Visitor) -> None:
    assert "出具销号单" in desk.get("/items/1").text
    answer = desk.post("/papers/issue", "/items/1", kind="销号单", numbers=[1])
    assert (answer.status_code, answer.headers["location"]) == (303, "/papers?issued=1")
    assert "已出具 销号单〔2026〕1号，可在下面下载" in desk.get("/papers?issued=1").text
    file = desk.get("/papers/1/docx")
    assert file.content == issued.print_paper(town.office, 1).content
    assert "filename*=UTF-8''%E9%94%80" in file.headers["content-disposition"]
    assert "市水务局" in "".join(each.text for each in Document(io.BytesIO(file.content)).paragraphs)
    assert "销号单〔2026〕1号" in desk.get("/items/1").text


def test_a_units_papers_are_issued_from_its_list(town: Town, desk: Visitor) -> None:
    assert "为该单位出具" in desk.get("/items?unit=市水务局").text
    assert "为该单位出具" not in desk.get("/items").text
    answer = desk.post("/papers/issue", "/items?unit=市水务局", kind="销号单", unit="市水务局")
    assert answer.status_code == 303
    [paper] = papers.list_papers(town.office)
    assert paper.numbers == (1, 2)
    again = desk.post("/papers/issue", "/papers", kind="销号单", unit="市水务局")
    assert again.status_code == 409
    assert "没有可以出具销号单的事项，或已出具过" in again.text
    assert "请填写责任单位" in desk.post("/papers/issue", "/papers", kind="销号单").text


def test_an_extension_paper_is_offered_once_somebody_asked(town: Town, desk: Visitor) -> None:
    assert "出具延期审批表" not in desk.get("/items/3").text
    perform(
        town.office,
        Event.EXTEND,
        [3],
        by="某联络员",
        now=town.now,
        reason="招标中",
        to=date(2026, 12, 31),
    )
    assert "出具延期审批表" in desk.get("/items/3").text
    assert desk.post("/papers/issue", "/items/3", kind="延期审批表", numbers=[3]).status_code == 303


def test_older_papers_stand_on_further_pages(town: Town, desk: Visitor) -> None:
    for number in (1, 2):
        desk.post("/papers/issue", "/papers", kind="销号单", numbers=[number])
    later, older = papers.decided_page(town.office, before=None, size=1)
    assert ([each.id for each in later], older) == ([2], 2)
    assert [each.id for each in papers.decided_page(town.office, before=older, size=1)[0]] == [1]
    page = desk.get("/papers?before=2").text
    assert "销号单〔2026〕1号" in page
    assert "销号单〔2026〕2号" not in page


def test_a_paper_is_voided_only_with_a_reason_and_keeps_its_number(town: Town, desk: Visitor) -> None:
    desk.post("/papers/issue", "/papers", kind="销号单", unit="市水务局")
    refused = desk.post("/papers/1/void", "/papers", reason=" ")
    assert refused.status_code == 409
    assert desk.post("/papers/1/void", "/papers", reason="漏列").headers["location"] == "/papers?done=voided"
    page = desk.get("/papers?done=voided").text
    assert "已作废，文号保留" in page
    assert "作废：漏列" in page


def test_without_libreoffice_a_pdf_says_so_and_is_not_offered(
    desk: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    desk.post("/papers/issue", "/papers", kind="销号单", unit="市水务局")
    assert "/papers/1/pdf" not in desk.get("/papers").text
    answer = desk.get("/papers/1/pdf")
    assert answer.status_code == 400
    assert "没有安装 LibreOffice" in answer.text


def _asked(town: Town) -> None:
    seated(town)
    know(town.office, "市行政审批局,钱管,审批局,13800000004,,,")
    with town.office.database.write() as connection:
        own = items.by_numbers(connection, [EAST])[0].unit_id
        for kind in ("督办函", "通报"):
            stored.propose(
                connection,
                unit_id=own,
                kind=kind,
                numbers=[EAST] if kind == "通报" else [EAST, EAST + 1],
                reason="逾期",
                at=town.now,
                today=town.office.rules.calendar.today,
            )


@pytest.mark.parametrize(("seat", "is_citys"), [(Seat.DISTRICT, False), (Seat.LEADER, True)])
def test_only_the_citys_people_are_offered_what_bears_the_bureaus_head(
    town: Town, visitor: Visitor, seat: Seat, *, is_citys: bool
) -> None:
    town.begin(_asked)
    visitor.resume(town, seat)
    page = visitor.get("/papers").text
    approvals = {
        paper.kind: f'action="/papers/{paper.id}/approve"' for paper in papers.list_papers(town.office)
    }
    assert approvals["通报"] in page
    assert (approvals["督办函"] in page, "由全市的经办人批准" in page) == (is_citys, not is_citys)
    shown = [page, visitor.get(f"/items/{EAST}").text, visitor.get("/items?unit=澜东区").text]
    assert ['action="/papers/issue"' in each for each in shown] == [is_citys, False, is_citys]
    assert visitor.post("/papers/issue", "/papers", kind="销号单", unit="澜东区").status_code == (
        409 if is_citys else 403
    )
