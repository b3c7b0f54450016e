"""What is the whole city's is closed to a unit's contact; who is of the bureau may change it."""

from __future__ import annotations

import pytest

from tests.fakes.pages_office import CONTACT, PASSWORD, Town
from tests.services.scenes import know, rows
from tests.web.conftest import Visitor
from tests.web.test_web_ledger import _confirm, _sheet, _upload
from tracker.domain.people import Role
from tracker.services import accounts, inspect, staging
from tracker.services.register import Source


def _peopled(town: Town) -> None:
    town.take_in()
    source = Source("2026年11月17日\n\n市体育局未设置预算专栏。".encode(), "另一份.txt")
    staging.stage(town.office, source, by="shenpiju", now=town.now)
    know(town.office, f"市水务局,{CONTACT},联络员,13800000001,,,")
    accounts.save_account(town.office, CONTACT, PASSWORD, now=town.now, role=Role.CONTACT)
    town.sign_in(CONTACT)


@pytest.fixture
def waterworks(town: Town, contact: Visitor) -> Visitor:
    """The contact of 市水务局, in a town with an import, and a document staged by staff."""
    town.begin(_peopled)
    contact.resume(town, CONTACT)
    return contact


CITYWIDE = [
    ("/uploads", "/uploads", {"text": "2026年11月17日\n\n市体育局未设置预算专栏。"}),
    ("/uploads/1", "/uploads/1", {"title": "另一个标题"}),
    ("/uploads/1/commit", "/uploads/1", {}),
    ("/uploads/1/discard", "/uploads/1", {}),
    ("/uploads/1/corrections", "/uploads/1", {"deed": "skip", "key": "1"}),
    ("/uploads/1/corrections/retract", "/uploads/1", {"kind": "skip", "key": "1"}),
    ("/units/confirm", "/units", {"names": "市水务局"}),
    ("/units/aliases", "/units", {"alias": "水务", "unit": "市水务局"}),
    ("/bulletins/1/undo", "/bulletins/1", {"reason": "印发有误"}),
    ("/bulletins/1/hand-out", "/bulletins/1", {}),
    ("/messages/decide", "/channels", {"decision": "drop", "ids": "1"}),
    ("/messages/1/decide", "/channels", {"decision": "resend"}),
    ("/channels/endpoints/1/disable", "/channels", {}),
    ("/channels/endpoints/1/enable", "/channels", {}),
    ("/channels/sms/resume", "/channels", {}),
    ("/channels/test", "/channels", {"channel": "sandbox", "to": "市水务局 lianluo"}),
]


@pytest.mark.parametrize(("address", "page", "fields"), CITYWIDE, ids=[each[0] for each in CITYWIDE])
def test_a_units_contact_neither_reads_nor_changes_what_is_the_whole_citys(
    town: Town, waterworks: Visitor, address: str, page: str, fields: dict[str, str]
) -> None:
    before = rows(town.office)
    for answer in (waterworks.get(page), waterworks.post(address, "/items", **fields)):
        assert answer.status_code == 403
        assert "您的账号只能查看和办理本单位（本区）的事项" in answer.text
    assert rows(town.office) == before


def test_a_units_contact_moves_no_deadline_through_the_ledger(town: Town, waterworks: Visitor) -> None:
    due_on = inspect.open_file(town.office, 1).item.standing.due_on
    page = _upload(waterworks, _sheet(waterworks).edit(1, 整改时限="2028-12-29").as_xlsx())
    assert f"修改整改时限须由工作人员、分管领导或管理员办理（{CONTACT}：" in page.text
    _confirm(waterworks, page)
    assert inspect.open_file(town.office, 1).item.standing.due_on == due_on


@pytest.mark.usefixtures("waterworks")
def test_a_leader_may_what_the_contact_may_not(town: Town, visitor: Visitor) -> None:
    accounts.save_account(town.office, "fangju", PASSWORD, now=town.now, role=Role.LEADER)
    visitor.sign_in("fangju")
    assert visitor.post("/units/confirm", "/units", names="市水务局").status_code == 303
    answer = visitor.post("/bulletins/1/undo", "/bulletins/1", reason="印发有误")
    assert answer.status_code == 303
