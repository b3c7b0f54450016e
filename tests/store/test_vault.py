"""Secrets at rest: sealed with the first key, opened with any, found again, and nothing lies open."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from tests.store.conftest import OpenDatabase
from tests.store.test_outbox import NOW, new
from tracker.domain.errors import ConfigError, StoreError
from tracker.store import Database, contacts, endpoints, outbox, units
from tracker.store.resealing import TABLES, reseal
from tracker.store.schema import endpoint, message, metadata
from tracker.store.vault import MARK, Vault, new_key

PHONE, KEY = "13800000042", "invented-robot-key-0007"


def fill(database: Database) -> None:
    with database.write() as connection:
        unit = units.add_unit(
            connection,
            name="市教育局",
            key="市教育局",
            level="department",
            parent=None,
            site=None,
            confirmed=True,
            at=NOW,
        )
        contacts.upsert(
            connection, unit_id=unit, role="联络员", name="张三", phone=PHONE, robot=KEY, email=None
        )
        body = f'{{"mobile":"{PHONE}"}}'.encode()
        outbox.enqueue(connection, [new("a", address=PHONE, channel="sms", payload=body)], NOW)


def whole(database: Database) -> str:
    """Every value of every table, as it lies there."""
    with database.read() as connection:
        rows = [
            row
            for table in metadata.tables
            for row in connection.execute(text(f'SELECT * FROM "{table}"')).all()
        ]
    return "".join(
        value.decode("latin1") if isinstance(value, bytes) else str(value) for row in rows for value in row
    )


def read_back(database: Database) -> tuple[str | None, str | None, str, bytes]:
    with database.read() as connection:
        [contact] = contacts.find(connection)
        [address] = connection.execute(select(endpoint.c.address)).scalars()
        [payload] = connection.execute(select(message.c.payload)).scalars()
    return contact.phone, contact.robot, address, payload


def rotate(database: Database) -> int:
    count = 0
    for table in TABLES:
        last: int | None = 0
        while last is not None:
            with database.write() as connection:
                batch = reseal(connection, table, last)
            last, count = batch.last, count + batch.resealed
    return count


def test_with_a_key_no_number_and_no_key_lies_open(open_database: OpenDatabase, database_url: str) -> None:
    database = open_database(database_url, vault=Vault([new_key()]))
    fill(database)
    stored = whole(database)
    assert PHONE not in stored
    assert KEY not in stored
    assert read_back(database) == (PHONE, KEY, PHONE, f'{{"mobile":"{PHONE}"}}'.encode())


def test_an_address_is_found_again_although_it_is_sealed(
    open_database: OpenDatabase, database_url: str
) -> None:
    database = open_database(database_url, vault=Vault([new_key()]))
    fill(database)
    with database.write() as connection:
        outbox.enqueue(connection, [new("b", address=PHONE, channel="sms")], NOW)
        assert len(endpoints.listing(connection)) == 1


def test_a_key_is_changed_without_a_day_on_which_nothing_opens(
    open_database: OpenDatabase, database_url: str
) -> None:
    old, fresh = new_key(), new_key()
    fill(open_database(database_url, vault=Vault([old])))
    both = open_database(database_url, vault=Vault([fresh, old]))
    before = read_back(both)
    with both.write() as connection:  # while both are known, nobody is registered twice
        outbox.enqueue(connection, [new("b", address=PHONE, channel="sms")], NOW)
    assert rotate(both) == 3  # contact, endpoint and the first message; the second was sealed anew already
    assert rotate(both) == 0
    alone = open_database(database_url, vault=Vault([fresh]))
    with alone.write() as connection:
        outbox.enqueue(connection, [new("c", address=PHONE, channel="sms")], NOW)
        assert len(endpoints.listing(connection)) == 1
    with alone.read() as connection:
        [contact] = contacts.find(connection)
    assert (contact.phone, contact.robot) == before[:2]
    with (
        pytest.raises(StoreError, match="TRACKER_SECRET_KEY"),
        open_database(database_url).read() as connection,
    ):
        contacts.find(connection)


def test_what_lay_open_is_sealed_by_the_first_rotation(
    open_database: OpenDatabase, database_url: str
) -> None:
    fill(open_database(database_url))
    sealed = open_database(database_url, vault=Vault([new_key()]))
    assert PHONE in whole(sealed)
    assert read_back(sealed)[0] == PHONE  # what lies open is read with a key too
    assert rotate(sealed) == 3
    assert PHONE not in whole(sealed)
    assert KEY not in whole(sealed)


def test_another_key_opens_nothing_and_says_what_is_missing() -> None:
    sealed = Vault([new_key()]).seal(b"secret")
    assert sealed.startswith(MARK)
    for stranger in (Vault([new_key()]), Vault()):
        with pytest.raises(StoreError, match="TRACKER_SECRET_KEY"):
            stranger.open(sealed)


def test_a_broken_key_is_refused_and_not_quoted() -> None:
    with pytest.raises(ConfigError) as caught:
        Vault(["much-too-short-a-key"])
    assert "much-too-short" not in caught.value.message


def test_a_stamp_is_known_by_every_key_and_by_no_other() -> None:
    old, fresh = new_key(), new_key()
    stamp = Vault([old]).stamp(b"link 7")[:16]
    assert Vault([fresh, old]).is_stamped(b"link 7", stamp)
    assert not Vault([fresh]).is_stamped(b"link 7", stamp)
    assert not Vault([old]).is_stamped(b"link 8", stamp)
    with pytest.raises(ConfigError):
        Vault().stamp(b"link 7")
