"""The second factor: a code is good once and for a moment, a recovery code once, nothing is stored open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from tests.services.scenes import rows
from tests.support import Clock
from tracker.domain.errors import ConfigError, RectifyError
from tracker.services import accounts, second_factor, users
from tracker.services.accounts import SignInError, session_of, sign_in
from tracker.services.lockout import LockedOutError
from tracker.services.office import Office
from tracker.store import Database
from tracker.store.sessions import NOWHERE
from tracker.store.vault import Vault, new_key

PASSWORD = "invented-password-1"


@pytest.fixture
def office(office: Office, database_url: str) -> Iterator[Office]:
    """With a key, which seals the secrets."""
    database = Database(database_url, vault=Vault([new_key()]))
    yield replace(office, database=database)
    database.close()


def turned_on(office: Office, clock: Clock) -> tuple[pyotp.TOTP, tuple[str, ...], str]:
    """What makes the codes, the recovery codes, and the session's token."""
    accounts.save_account(office, "zhang", PASSWORD, now=clock())
    begun = sign_in(office, "zhang", PASSWORD, now=clock())
    second_factor.begin(office, "zhang")
    offer = second_factor.offered(office, "zhang")
    assert offer is not None
    totp = pyotp.TOTP(offer.secret)
    done = second_factor.turn_on(office, "zhang", totp.at(clock()), begun.token, now=clock())
    clock.advance(minutes=2)
    return totp, done.codes, done.token


def pending(office: Office, clock: Clock) -> str:
    """The token of a sign-in that waits for its code."""
    begun = sign_in(office, "zhang", PASSWORD, now=clock())
    assert begun.session is None
    return begun.token


def enter(office: Office, clock: Clock, token: str, code: str) -> accounts.SignIn:
    return second_factor.enter(office, token, code, now=clock(), whence=NOWHERE)


def test_the_password_alone_opens_nothing_any_more(office: Office, clock: Clock) -> None:
    totp, _, _ = turned_on(office, clock)
    token = pending(office, clock)
    assert session_of(office, token, now=clock()) is None
    opened = enter(office, clock, token, totp.at(clock()))
    assert opened.token != token
    assert session_of(office, opened.token, now=clock()) is not None
    with pytest.raises(SignInError, match="重新登录"):
        enter(office, clock, token, totp.at(clock()))


def test_the_vectors_of_rfc_6238_hold(office: Office, clock: Clock) -> None:
    totp, _, _ = turned_on(office, clock)
    vectors = pyotp.TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", digits=8)
    assert [vectors.at(at) for at in (59, 1111111109, 20000000000)] == ["94287082", "07081804", "65353130"]
    assert len(totp.at(clock())) == 6


def test_a_code_is_good_once_even_for_another_sign_in(office: Office, clock: Clock) -> None:
    totp, _, _ = turned_on(office, clock)
    code = totp.at(clock())
    enter(office, clock, pending(office, clock), code)
    with pytest.raises(SignInError):
        enter(office, clock, pending(office, clock), code)


@pytest.mark.parametrize(("seconds", "good"), [(-90, False), (-30, True), (30, True), (90, False)])
def test_clocks_may_differ_by_half_a_minute(office: Office, clock: Clock, seconds: int, good: bool) -> None:
    totp, _, _ = turned_on(office, clock)
    code, token = totp.at(clock() + timedelta(seconds=seconds)), pending(office, clock)
    if good:
        assert enter(office, clock, token, f" {code[:3]} {code[3:]} ").session is not None
    else:
        with pytest.raises(SignInError):
            enter(office, clock, token, code)


def test_an_earlier_code_is_not_good_after_a_later_one(office: Office, clock: Clock) -> None:
    totp, _, _ = turned_on(office, clock)
    enter(office, clock, pending(office, clock), totp.at(clock()))
    with pytest.raises(SignInError):
        enter(office, clock, pending(office, clock), totp.at(clock() - timedelta(seconds=30)))


def test_guessing_codes_shuts_the_account_however_often_the_password_is_right(
    office: Office, clock: Clock
) -> None:
    totp, _, _ = turned_on(office, clock)
    for _ in range(5):
        with pytest.raises(SignInError):
            enter(office, clock, pending(office, clock), "000000")
    with pytest.raises(LockedOutError):
        sign_in(office, "zhang", PASSWORD, now=clock())
    assert users.unlock(office, "zhang")
    assert enter(office, clock, pending(office, clock), totp.at(clock())).session is not None


def test_the_wait_for_a_code_ends(office: Office, clock: Clock) -> None:
    totp, _, _ = turned_on(office, clock)
    token = pending(office, clock)
    clock.advance(minutes=5)
    with pytest.raises(SignInError, match="已过期"):
        enter(office, clock, token, totp.at(clock()))


def test_a_recovery_code_stands_in_once(office: Office, clock: Clock) -> None:
    _, codes, _ = turned_on(office, clock)
    assert len(set(codes)) == 10
    assert enter(office, clock, pending(office, clock), f" {codes[0].upper()} ").session is not None
    assert second_factor.codes_left(office, "zhang") == 9
    with pytest.raises(SignInError):
        enter(office, clock, pending(office, clock), codes[0])


def test_turning_it_on_ends_the_other_sessions_and_renews_this_one(office: Office, clock: Clock) -> None:
    accounts.save_account(office, "zhang", PASSWORD, now=clock())
    mine, other = (sign_in(office, "zhang", PASSWORD, now=clock()).token for _ in range(2))
    second_factor.begin(office, "zhang")
    offer = second_factor.offered(office, "zhang")
    assert offer is not None
    with pytest.raises(RectifyError, match="动态口令不对"):
        second_factor.turn_on(office, "zhang", "000000", mine, now=clock())
    assert session_of(office, other, now=clock()) is not None
    done = second_factor.turn_on(office, "zhang", pyotp.TOTP(offer.secret).at(clock()), mine, now=clock())
    alive = [session_of(office, token, now=clock()) is not None for token in (mine, other, done.token)]
    assert alive == [False, False, True]
    assert second_factor.offered(office, "zhang") is None


def test_turning_it_off_takes_a_code_of_it(office: Office, clock: Clock) -> None:
    _, codes, token = turned_on(office, clock)
    with pytest.raises(RectifyError, match="不对"):
        second_factor.turn_off(office, "zhang", "000000", token, now=clock())
    fresh = second_factor.turn_off(office, "zhang", codes[1], token, now=clock())
    assert session_of(office, fresh, now=clock()) is not None
    assert sign_in(office, "zhang", PASSWORD, now=clock()).session is not None


def test_an_administrator_takes_a_lost_one_away(office: Office, clock: Clock) -> None:
    _, _, token = turned_on(office, clock)
    users.reset_totp(office, "zhang")
    assert session_of(office, token, now=clock()) is None
    assert sign_in(office, "zhang", PASSWORD, now=clock()).session is not None
    assert second_factor.codes_left(office, "zhang") == 0


def test_neither_secret_nor_recovery_code_lies_open(office: Office, clock: Clock) -> None:
    totp, codes, _ = turned_on(office, clock)
    with office.database.read() as connection:
        [stored] = connection.exec_driver_sql("SELECT totp_secret FROM account").scalars()
    assert stored.startswith("v1:")
    everything = repr(rows(office)["recovery_code"]) + stored
    assert not any(
        code in everything or code.replace("-", "") in everything for code in (*codes, totp.secret)
    )


def test_without_a_key_it_cannot_be_turned_on_and_says_what_is_missing(
    office: Office, database_url: str, clock: Clock
) -> None:
    bare = replace(office, database=Database(database_url))
    accounts.save_account(bare, "zhang", PASSWORD, now=clock())
    with pytest.raises(ConfigError, match="TRACKER_SECRET_KEY"):
        second_factor.begin(bare, "zhang")
    bare.database.close()
