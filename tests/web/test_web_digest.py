"""The digest's page: periods and scopes, who was told, and what a unit's people see of the rest."""

from __future__ import annotations

import io

import pytest
from python_calamine import CalamineWorkbook

from tests.fakes.pages_office import CONTACT, PASSWORD, STAFF, Town
from tests.services.scenes import know
from tests.web.conftest import Visitor
from tracker.domain.lifecycle import Event
from tracker.domain.people import Role
from tracker.services import accounts, advance
from tracker.services.summarise import send_digest
from tracker.store.schema import unit


def _told(town: Town) -> None:
    """An item of 市水务局 and one of 市体育局 struck off, and the week's digest sent."""
    town.take_in()
    know(
        town.office,
        f"市水务局,{CONTACT},联络员,13800000001,,,",
        "市水务局,陈长,负责人,13800000002,,,",
        "市行政审批局,郑组,领导小组,13800000005,,,",
    )
    accounts.save_account(town.office, CONTACT, PASSWORD, now=town.now, role=Role.CONTACT)
    advance.perform(town.office, Event.SUBMIT, [1, 4], by=STAFF, now=town.now)
    advance.perform(town.office, Event.STRIKE_OFF, [1, 4], by="钱审批", now=town.now)
    town.wait(hours=1)
    send_digest(town.office, now=town.now)
    town.sign_in(CONTACT)
    town.sign_in(STAFF)


@pytest.fixture
def bureau(town: Town, staff: Visitor) -> Visitor:
    town.begin(_told)
    staff.resume(town, STAFF)
    return staff


@pytest.fixture
def waterworks(town: Town, contact: Visitor) -> Visitor:
    town.begin(_told)
    contact.resume(town, CONTACT)
    return contact


def test_staff_read_who_was_told_of_what_and_how_it_stands(bureau: Visitor) -> None:
    page = bureau.get("/digest?period=2026-W47").text
    assert "本周销号（2项）" in page
    table = page[page.index("发给谁") :]
    for words in ("市水务局 陈长（负责人）", "市行政审批局 郑组（领导小组）", "待发", "模拟收件箱"):
        assert words in table
    assert "2026-W47</a>" in table[table.index("已发出的各期") :]


def test_a_scope_has_a_page_a_chart_and_the_ledger_that_went_out(bureau: Visitor) -> None:
    page = bureau.get("/digest?period=2026-W47&of=市水务局").text
    assert "2026年第47周·市水务局" in page
    assert "市体育局" not in page[: page.index("发给谁")]
    assert bureau.get("/digest/chart.png?period=2026-W47&of=市水务局").content.startswith(b"\x89PNG")
    answer = bureau.get("/digest/ledger.xlsx?period=2026-W47&of=市水务局")
    assert "2026-W47-%E5%B8%82%E6%B0%B4%E5%8A%A1%E5%B1%80.xlsx" in answer.headers["content-disposition"]
    assert _units(answer.content) == {"市水务局"}


def test_a_ledger_of_another_day_than_the_figures_says_so(bureau: Visitor) -> None:
    assert "下载台账（xlsx）" in bureau.get("/digest?period=2026-W47").text
    assert "下载今天的台账（xlsx）" in bureau.get("/digest?period=2026-10").text
    answer = bureau.get("/digest/ledger.xlsx?period=2026-10")
    assert answer.headers["content-disposition"].endswith("-2026-11-17.xlsx")


def _units(workbook: bytes) -> set[object]:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()
    place = sheet[0].index("责任单位")
    return {row[place] for row in sheet[1:]}


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/digest?pace=monthly", "2026年10月"),
        ("/digest?pace=quarterly", "2026年第三季度"),
        ("/digest?period=2026-09", "较上月"),
        ("/digest?week=2026-W46", "2026年第46周"),
    ],
)
def test_months_and_quarters_have_pages_too(bureau: Visitor, address: str, words: str) -> None:
    assert words in bureau.get(address).text


@pytest.mark.parametrize(
    ("query", "status"),
    [("period=2026-13", 400), ("period=昨天", 400), ("of=市无名局", 404), ("pace=daily", 400)],
)
def test_what_is_no_period_or_scope_is_said(bureau: Visitor, query: str, status: int) -> None:
    assert bureau.get(f"/digest?{query}").status_code == status


def test_a_unit_s_contact_opens_the_unit_s_own(waterworks: Visitor) -> None:
    page = waterworks.get("/digest").text
    assert "2026年第47周·市水务局" in page
    assert "本周销号（1项）" in page
    assert "发给谁" not in page
    assert _units(waterworks.get("/digest/ledger.xlsx").content) == {"市水务局"}


def test_of_the_city_a_unit_s_contact_sees_rates_and_nobody_s_items(waterworks: Visitor) -> None:
    page = waterworks.get("/digest?of=全市").text
    assert "市直" in page
    assert "号</strong>" not in page
    assert "至今未签收" not in page
    assert "市水务局</a>" in page  # where its own stand
    assert "号**" not in waterworks.get("/digest/text.md?of=全市").text


def _district_told(town: Town) -> None:
    """A street of 澜东区 has an item; the district's head is sent the week's digest, and signs in."""
    town.take_in()
    with town.office.database.write() as connection:
        street = {"name": "澜东区桥头街道", "level": "below", "parent": "澜东区"}
        connection.execute(unit.update().where(unit.c.name == "市体育局").values(street))
    know(town.office, f"澜东区,{CONTACT},负责人,13800000001,,,")
    accounts.save_account(town.office, CONTACT, PASSWORD, now=town.now, role=Role.HEAD)
    town.wait(hours=1)
    assert f"澜东区 {CONTACT}（负责人）" in send_digest(town.office, now=town.now).sent_to
    town.sign_in(CONTACT)


def test_a_district_s_head_reads_on_the_page_what_the_letter_says(town: Town, contact: Visitor) -> None:
    town.begin(_district_told)
    contact.resume(town, CONTACT)
    page = contact.get("/digest").text
    assert "2026年第47周·澜东区<" in page
    street = page[page.index('<th scope="row">澜东区桥头街道') :]
    assert "<a " not in street[: street.index("</tr>")]  # their items are not the head's to open
    assert _units(contact.get("/digest/ledger.xlsx?of=澜东区").content) == {"澜东区", "澜东区桥头街道"}
    assert contact.get("/digest?of=市水务局").status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "/digest?of=市体育局",
        "/digest/text.md?of=市体育局",
        "/digest/chart.png?of=市体育局",
        "/digest/ledger.xlsx?of=市体育局",
        "/digest/ledger.xlsx?of=全市",
    ],
)
def test_another_unit_s_is_closed_to_a_unit_s_contact(waterworks: Visitor, address: str) -> None:
    assert waterworks.get(address).status_code == 403
