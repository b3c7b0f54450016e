"""A connection that is bound to some units shows what is theirs and nothing else, whichever query asks."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from tests.conftest import Begin
from tests.services.scenes import know
from tests.support import at, take_in
from tracker.domain.lifecycle import Event, State
from tracker.services.advance import perform
from tracker.services.evidence import Evidence
from tracker.services.office import Office
from tracker.store import Connection, history, item_pages, items, mailbox, outbox, papers, units
from tracker.store.conditions import Basis
from tracker.store.items import ItemFilter
from tracker.store.list_order import Order, Walk
from tracker.store.outbox import NewMessage
from tracker.store.papers import PaperState
from tracker.store.schema import unit

ISSUED, NOW = at("2021-07-23 17:00"), at("2021-07-26 10:00")
EDUCATION, CIVIL, EAST = 4, 6, 8  # an item of each unit


def _message(numbers: tuple[int, ...], key: str) -> NewMessage:
    return NewMessage(
        dedup=key,
        letter=key.ljust(64, "0"),
        serial=f"R-{key}",
        kind="reminder",
        recipient=key,
        channel="sandbox",
        address=key,
        hint=key,
        text="",
        payload=b"{}",
        reason="到期",
        send_after=NOW,
        numbers=numbers,
    )


def settled(office: Office) -> None:
    """Evidence beside one item; messages about one unit's, about two units', and about none; papers."""
    take_in(office, ISSUED)
    know(office, "市民政局,孙联,联络员,13800000002,,,")
    proof = Evidence.file("截图.png", b"\x89PNG\r\n\x1a\n")
    perform(office, Event.SUBMIT, [CIVIL], by="孙联", now=NOW, evidence=[proof])
    with office.database.write() as connection:
        [civil, east] = items.by_numbers(connection, [CIVIL, EAST])
        messages = [_message((CIVIL,), "own"), _message((CIVIL, EAST), "both"), _message((), "none")]
        outbox.enqueue(connection, messages, NOW)
        for each in (civil, east):
            papers.propose(
                connection,
                unit_id=each.unit_id,
                kind="督办函",
                numbers=[each.number],
                reason="逾期",
                at=NOW,
                today=lambda moment: moment.date(),
            )
        created = {"level": "below", "confirmed": True, "created_at": ISSUED}
        for name, parent in (("澜东区民政局", "澜东区"), ("澜东区民政局社区办", "澜东区民政局")):
            connection.execute(insert(unit).values(name=name, key=name, parent=parent, **created))


@pytest.fixture
def peopled(office: Office, begin: Begin) -> Office:
    begin(settled)
    return office


def unit_of(office: Office, number: int) -> int:
    with office.database.read() as connection:
        [found] = items.by_numbers(connection, [number])
    return found.unit_id


def seen(connection: Connection) -> tuple[set[int], set[int], list[int]]:
    """The numbers that a list and a look by number show, and how many are counted."""
    listed = {each.number for each in items.find(connection, ItemFilter(), NOW, NOW.date())}
    looked = {each.number for each in items.by_numbers(connection, range(1, 100))}
    wanted = (ItemFilter(basis=Basis.COUNTED), ItemFilter(state=State.SUBMITTED))
    counts = [item_pages.count_up_to(connection, each, NOW, NOW.date(), 99) for each in wanted]
    walk = Walk(ItemFilter(), Order.DUE, NOW, NOW.date())
    assert {place.number for place in item_pages.places(connection, walk, 99)} == listed
    return listed, looked, counts


def test_items_are_listed_looked_up_and_counted_within_the_reach(peopled: Office) -> None:
    civil = unit_of(peopled, CIVIL)
    with peopled.database.read() as connection:
        everything, looked, counted = seen(connection)
        ours = {each.number for each in items.by_numbers(connection, everything) if each.unit_id == civil}
    assert {EDUCATION, CIVIL, EAST} <= everything
    assert (looked, counted) == (everything, [len(everything), 1])
    with peopled.database.within(frozenset({civil})).read() as connection:
        assert seen(connection) == (ours, ours, [len(ours), 1])
    with peopled.database.within(frozenset()).write() as connection:
        assert seen(connection) == (set(), set(), [0, 0])
    with peopled.database.read() as connection:
        assert seen(connection)[0] == everything


def test_evidence_messages_and_papers_stay_within_the_reach(peopled: Office) -> None:
    civil, east = unit_of(peopled, CIVIL), unit_of(peopled, EAST)
    with peopled.database.within(frozenset({civil})).read() as connection:
        assert history.evidence_file(connection, CIVIL, 1) is not None
        assert [each.recipient for each in mailbox.of_item(connection, CIVIL)] == ["own"]
        assert [each.recipient for each in mailbox.latest(connection)] == ["own"]
        assert [each.unit_id for each in papers.find(connection)] == [civil]
        assert papers.count(connection, PaperState.PROPOSED) == 1
        assert [each.unit_id for each in papers.by_ids(connection, [1, 2])] == [civil]
    with peopled.database.within(frozenset({east})).read() as connection:
        assert history.evidence_file(connection, CIVIL, 1) is None
        assert mailbox.of_item(connection, CIVIL) == []
        assert mailbox.latest(connection) == []
    with peopled.database.within(frozenset({civil, east})).read() as connection:
        assert {each.recipient for each in mailbox.latest(connection)} == {"own", "both"}
    with peopled.database.read() as connection:
        assert {each.recipient for each in mailbox.latest(connection)} >= {"own", "both", "none"}


def test_below_a_unit_is_whatever_has_it_above_however_far(peopled: Office) -> None:
    east = unit_of(peopled, EAST)
    with peopled.database.read() as connection:
        names = {each.id: each.name for each in units.all_units(connection)}
        found = {names[each] for each in units.with_below(connection, east)}
        assert found == {"澜东区", "澜东区民政局", "澜东区民政局社区办"}
        assert units.with_below(connection, unit_of(peopled, CIVIL)) == {unit_of(peopled, CIVIL)}


def test_a_ring_of_units_ends(peopled: Office) -> None:
    with peopled.database.write() as connection:
        connection.execute(unit.update().where(unit.c.name == "澜东区").values(parent="澜东区民政局社区办"))
        assert len(units.with_below(connection, unit_of(peopled, EAST))) == 3
