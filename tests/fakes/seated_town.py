"""A town with somebody in every seat, items of two departments and a district, and a file beside one."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from tests.fakes.pages_office import BULLETIN, PASSWORD, Town
from tests.services.scenes import know
from tracker.domain.lifecycle import Event
from tracker.domain.people import Role
from tracker.services import accounts, staging, users
from tracker.services.advance import perform
from tracker.services.evidence import Evidence
from tracker.services.register import Source
from tracker.store.schema import contact
from tracker.store.sessions import Owner
from tracker.web.access import Seat

WATER, SPORT, EAST = 1, 4, 6  # an item of 市水务局, 市体育局, 澜东区
SPORT_WORDS = ("及时率仅为60%", "全民健身")
WATER_WORDS = ("办件12件", "节约用水专栏", "用水统计")
_ROLES = {
    Seat.CONTACT: Role.CONTACT,
    Seat.HEAD: Role.HEAD,
    Seat.DISTRICT: Role.STAFF,
    Seat.STAFF: Role.STAFF,
    Seat.LEADER: Role.LEADER,
    Seat.ADMIN: Role.ADMIN,
}


def seated(town: Town) -> None:
    """`town.session_tokens` holds a session for each seat, by its name."""
    town.take_in()
    know(town.office, "市水务局,王水,联络员,13800000001,,,", "市体育局,李体,联络员,13800000002,,,")
    proof = Evidence.file("体育局截图.png", b"\x89PNG\r\n\x1a\n of another unit")
    perform(town.office, Event.SUBMIT, [SPORT], by="李体", now=town.now, evidence=[proof])
    staging.stage(
        town.office, Source(BULLETIN.replace("11月", "12月").encode(), "又.txt"), by="a", now=town.now
    )
    take_seats(town, unit="市水务局", holder="王水", district="澜东区")


def take_seats(town: Town, *, unit: str, holder: str, district: str) -> None:
    """Somebody in every seat: the contact and the head are of `unit`, `holder` is a registered contact."""
    for seat, role in _ROLES.items():
        bound = {Seat.CONTACT: unit, Seat.HEAD: unit, Seat.DISTRICT: district}.get(seat)
        accounts.save_account(town.office, seat, PASSWORD, now=town.now, role=role)
        users.set_role(town.office, seat, role, unit=bound)
        town.session_tokens[seat] = accounts.sign_in(town.office, seat, PASSWORD, now=town.now).token
    with town.office.database.write() as connection:
        contact_id = connection.scalars(select(contact.c.id).where(contact.c.name == holder)).one()
        begun = accounts.begin(
            connection, Owner(contact_id=contact_id), town.now + timedelta(days=1), now=town.now
        )
    town.session_tokens[Seat.HOLDER] = begun.token
