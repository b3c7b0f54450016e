"""One-tap links: made by the key alone, good once, for one contact, for a while."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from tests.services.scenes import at_once, rows
from tests.support import Clock, default_settings, shipped_rules, take_in
from tracker.bootstrap import build_channels
from tracker.domain.errors import NotFoundError, RectifyError
from tracker.services import accounts, links
from tracker.services.accounts import SignIn
from tracker.services.office import Office
from tracker.store import Database, contacts, units
from tracker.store.contacts import Contact
from tracker.store.links import LinkState, StoredLink
from tracker.store.vault import Vault, new_key

PUBLIC_URL = "https://zhenggai.yunlan.example/"
KEY, OLDER_KEY = new_key(), new_key()
EDUCATION, CIVIL = "市教育局", "市民政局"


@pytest.fixture
def office(database_url: str, clock: Clock) -> Iterator[Office]:
    """An office with a key and an address, and the bulletin of seven items."""
    made = _office(database_url, KEY)
    take_in(made, clock())
    yield made
    made.database.close()


def _office(url: str, *keys: str) -> Office:
    database = Database(url, vault=Vault(keys))
    return Office(database, shipped_rules(), build_channels(default_settings()), (), PUBLIC_URL)


def known(
    office: Office, unit: str = EDUCATION, name: str = "李联", role: str = "联络员", **reached: str | None
) -> Contact:
    """A person of the contacts file, as it is stored."""
    reached = {"phone": "13800000001", "wecom_userid": None, "robot": None, "email": None} | reached
    with office.database.write() as connection:
        [unit_id] = [each.id for each in units.all_units(connection) if each.name == unit]
        contacts.upsert(connection, unit_id=unit_id, role=role, name=name, **reached)
        found = contacts.find(connection, unit_ids=[unit_id], roles=[role])
    return next(each for each in found if each.name == name)


def issued(office: Office, contact: Contact, now: datetime) -> str:
    """The token of a fresh link."""
    with office.database.write() as connection:
        address = links.issue(connection, office, contact, now)
    assert address is not None
    return address.removeprefix(f"{PUBLIC_URL}t/")


def examined(office: Office, token: str) -> StoredLink:
    link = links.examine(office, token)
    assert link is not None
    return link


def entered(office: Office, token: str, now: datetime) -> SignIn:
    opened = links.enter(office, examined(office, token), now=now)
    assert opened is not None
    return opened


def is_in(office: Office, opened: SignIn, now: datetime) -> bool:
    return accounts.session_of(office, opened.token, now=now) is not None


def test_a_link_fits_a_short_message_and_ends_with_no_mark_that_a_phone_cuts_off(
    office: Office, clock: Clock
) -> None:
    contact = known(office)
    for _ in range(50):
        token = issued(office, contact, clock())
        assert re.fullmatch(r"[A-Za-z0-9_-]{26}[A-Za-z0-9]", token)
        assert examined(office, token).contact_id == contact.id


def test_no_link_without_an_address_a_key_or_a_unit_of_ones_own(office: Office, clock: Clock) -> None:
    contact = known(office)
    others = [known(office, name=f"某{role}", role=role) for role in ("领导小组", "审批局")]
    keyless = replace(office, database=Database(office.database.url.render_as_string(hide_password=False)))
    with office.database.write() as connection:
        assert links.issue(connection, replace(office, public_url=None), contact, clock()) is None
        assert links.issue(connection, keyless, contact, clock()) is None
        assert [links.issue(connection, office, each, clock()) for each in others] == [None, None]
        assert links.issue(connection, office, known_head(contact), clock()) is not None
    keyless.database.close()


def known_head(contact: Contact) -> Contact:
    return replace(contact, role="负责人")


def test_nothing_that_was_not_signed_with_the_key_is_a_link(office: Office, clock: Clock) -> None:
    token = issued(office, known(office), clock())
    other = issued(office, known(office, name="周联"), clock())
    flipped = ["A" if sign != "A" else "B" for sign in token]
    forged = [token[:place] + flipped[place] + token[place + 1 :] for place in range(len(token))]
    forged += [token[:length] for length in range(len(token))]
    forged += [token[:-1] + chr(ord(token[-1]) + 1)]  # the same bytes, written otherwise
    forged += [token[:6] + other[6:], token + "A", f"{token}=", token[:-1] + "é", token[:-1] + "\n", "_" * 27]
    assert [each for each in forged if links.examine(office, each) is not None] == []
    assert links.examine(office, token) is not None


def test_another_key_makes_no_link_and_a_key_that_is_changed_keeps_the_old_ones(
    office: Office, database_url: str, clock: Clock
) -> None:
    token = issued(office, known(office), clock())
    strange, turned = _office(database_url, OLDER_KEY), _office(database_url, OLDER_KEY, KEY)
    assert links.examine(strange, token) is None
    assert examined(turned, token).unit == EDUCATION
    assert links.examine(office, issued(turned, known(turned), clock())) is None
    for each in (strange, turned):
        each.database.close()


def test_a_link_says_whose_it_is_and_looking_uses_nothing_up(office: Office, clock: Clock) -> None:
    token = issued(office, known(office), clock())
    before = rows(office)
    for _ in range(3):
        link = examined(office, token)
    assert (link.unit, link.name, link.state(clock())) == (EDUCATION, "李联", LinkState.READY)
    assert rows(office) == before


def test_a_link_lets_one_browser_in_and_no_second(office: Office, clock: Clock) -> None:
    token = issued(office, known(office), clock())
    opened = entered(office, token, clock())
    holder = opened.session.holder
    assert holder is not None
    assert (holder.name, holder.unit) == ("李联", EDUCATION)
    assert accounts.session_of(office, opened.token, now=clock()) == opened.session
    assert examined(office, token).state(clock()) is LinkState.OPENED
    assert links.enter(office, examined(office, token), now=clock()) is None
    assert is_in(office, opened, clock())


def test_of_two_phones_at_the_same_moment_one_gets_in(office: Office, clock: Clock) -> None:
    link = examined(office, issued(office, known(office), clock()))
    answers = at_once(*[lambda: links.enter(office, link, now=clock())] * 4)
    assert sorted(isinstance(answer, SignIn) for answer in answers) == [False, False, False, True]
    assert [answer for answer in answers if answer is not None and not isinstance(answer, SignIn)] == []


def test_a_link_is_good_for_its_days_and_the_session_for_its_own(office: Office, clock: Clock) -> None:
    token, later = (issued(office, known(office), clock()) for _ in range(2))
    clock.advance(days=7, seconds=-1)
    opened = entered(office, token, clock())
    clock.advance(seconds=1)
    assert examined(office, later).state(clock()) is LinkState.EXPIRED
    assert links.enter(office, examined(office, later), now=clock()) is None
    clock.advance(days=links.SESSION_DAYS, seconds=-2)
    assert is_in(office, opened, clock())
    clock.advance(seconds=1)
    assert not is_in(office, opened, clock())


def test_a_new_session_ends_the_one_this_browser_had(office: Office, clock: Clock) -> None:
    contact = known(office)
    first = entered(office, issued(office, contact, clock()), clock())
    link = examined(office, issued(office, contact, clock()))
    second = links.enter(office, link, now=clock(), old_token=first.token)
    assert second is not None
    assert first.token != second.token
    assert not is_in(office, first, clock())
    assert is_in(office, second, clock())


def test_what_is_stored_makes_neither_a_link_nor_a_session(office: Office, clock: Clock) -> None:
    token = issued(office, known(office), clock())
    opened = entered(office, token, clock())
    stored = repr(rows(office))
    assert token not in stored
    assert token[6:] not in stored
    assert opened.token not in stored


def test_revoking_ends_the_link_and_whoever_came_in_by_it(office: Office, clock: Clock) -> None:
    used, unused, other = (issued(office, known(office), clock()) for _ in range(3))
    opened, stays = entered(office, used, clock()), entered(office, other, clock())
    numbers = [examined(office, token).id for token in (used, unused)]
    assert links.revoke(office, numbers, by="王海", now=clock()) == sorted(numbers)
    assert not is_in(office, opened, clock())
    assert is_in(office, stays, clock())
    assert links.enter(office, examined(office, unused), now=clock()) is None
    told = [(each.state(clock()), each.revoked_by) for each in links.list_links(office)]
    assert told == [(LinkState.OPENED, None), *[(LinkState.REVOKED, "王海")] * 2]


def test_revoking_is_all_or_nothing_and_says_what_it_needs(office: Office, clock: Clock) -> None:
    link = examined(office, issued(office, known(office), clock()))
    with pytest.raises(NotFoundError, match="没有编号为 999 的链接"):
        links.revoke(office, [link.id, 999], by="王海", now=clock())
    with pytest.raises(RectifyError, match="--unit"):
        links.revoke(office, by="王海", now=clock())
    with pytest.raises(RectifyError, match="--by"):
        links.revoke(office, [link.id], by=" ", now=clock())
    with pytest.raises(NotFoundError, match="责任单位"):
        links.revoke(office, unit="市外星局", by="王海", now=clock())
    assert [each.revoked_at for each in links.list_links(office)] == [None]


def test_a_units_links_are_revoked_together_or_those_of_one_person(office: Office, clock: Clock) -> None:
    people = [known(office), known(office, name="周联"), known(office, CIVIL, "吴联")]
    numbers = [examined(office, issued(office, each, clock())).id for each in people]
    assert [each.name for each in links.list_links(office, unit=EDUCATION)] == ["周联", "李联"]
    assert len(links.list_links(office, limit=1)) == 1
    assert links.revoke(office, unit=EDUCATION, name="周联", by="王海", now=clock()) == [numbers[1]]
    assert links.revoke(office, unit=EDUCATION, by="王海", now=clock()) == [numbers[0]]
    assert examined(office, issued(office, people[2], clock())).state(clock()) is LinkState.READY


def test_who_is_taken_off_the_list_is_out_at_once(office: Office, clock: Clock) -> None:
    contact = known(office)
    token = issued(office, contact, clock())
    opened = entered(office, token, clock())
    with office.database.write() as connection:
        contacts.remove(connection, [contact.id])
    assert not is_in(office, opened, clock())
    assert links.examine(office, token) is None


@pytest.mark.parametrize(
    ("reached", "stays"),
    [
        ({}, True),
        ({"wecom_userid": "lilian"}, True),  # one address more: the old one is still theirs
        ({"robot": "invented-robot-key-0001"}, True),
        ({"phone": "13800000009"}, False),
        ({"phone": None, "wecom_userid": "lilian"}, False),
    ],
)
def test_a_link_ends_with_the_address_it_may_have_gone_to(
    office: Office, clock: Clock, reached: dict[str, str | None], stays: bool
) -> None:
    token = issued(office, known(office), clock())
    opened = entered(office, token, clock())
    known(office, **reached)
    assert (links.examine(office, token) is not None) is stays
    assert is_in(office, opened, clock()) is stays


def test_two_units_that_are_one_keep_the_links_of_whoever_stays(office: Office, clock: Clock) -> None:
    stays, goes = known(office, CIVIL), known(office, EDUCATION)
    moves = known(office, EDUCATION, "周联")
    tokens = [issued(office, each, clock()) for each in (stays, goes, moves)]
    opened = [entered(office, token, clock()) for token in tokens]
    with office.database.write() as connection:
        source, target = (
            next(each for each in units.all_units(connection) if each.name == name)
            for name in (EDUCATION, CIVIL)
        )
        units.hand_over(connection, source, target)
    assert [is_in(office, each, clock()) for each in opened] == [True, False, True]
    assert examined(office, tokens[2]).unit == CIVIL


def test_links_that_are_long_over_are_swept_out(office: Office, clock: Clock) -> None:
    contact = known(office)
    old = issued(office, contact, clock())
    clock.advance(days=7 + 29)
    entered(office, issued(office, contact, clock()), clock())
    assert examined(office, old).state(clock()) is LinkState.EXPIRED
    clock.advance(days=2)
    entered(office, issued(office, contact, clock()), clock())
    assert links.examine(office, old) is None
    assert len(links.list_links(office)) == 2
