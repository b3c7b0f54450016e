"""Accounts of the pages: one refusal for every wrong sign-in, sessions that end, and no secret stored."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from tests.conftest import Begin, BuildOffice
from tests.services.scenes import at_once, counts, rows
from tests.support import Clock, at
from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.people import Role
from tracker.services import users
from tracker.services.accounts import (
    IDLE_HOURS,
    SESSION_HOURS,
    SignInError,
    account_named,
    list_accounts,
    new_password,
    save_account,
    session_of,
    sign_in,
    sign_out,
)
from tracker.services.lockout import LockedOutError
from tracker.services.office import Office
from tracker.store import accounts
from tracker.store.sessions import Whence

PASSWORD = "invented-password-1"


def with_account(office: Office) -> None:
    save_account(office, "zhang", PASSWORD, now=at("2021-07-23 17:00"))


@pytest.fixture(autouse=True)
def _account(begin: Begin) -> None:
    begin(with_account)


def test_the_right_password_opens_a_session(office: Office, clock: Clock) -> None:
    opened = sign_in(office, " zhang ", PASSWORD, now=clock())
    assert opened.session.login == "zhang"
    assert session_of(office, opened.token, now=clock()) == opened.session
    assert list(list_accounts(office)) == ["zhang"]


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("zhang", "wrong-password"),
        ("zhang", ""),
        ("nobody", PASSWORD),
        ("", ""),
        ("ZHANG", PASSWORD),
        ("zh\0ng", PASSWORD),
    ],
)
def test_wrong_account_and_wrong_password_are_refused_alike(
    office: Office, clock: Clock, login: str, password: str
) -> None:
    with pytest.raises(SignInError) as caught:
        sign_in(office, login, password, now=clock())
    assert (caught.value.message, caught.value.details) == ("账号或密码不对", {})
    assert counts(office)["session"] == 0


def test_a_session_ends_by_itself_and_is_cleared_away(office: Office, clock: Clock) -> None:
    opened = sign_in(office, "zhang", PASSWORD, now=clock())
    for _ in range(SESSION_HOURS - 1):
        clock.advance(hours=1)
        assert session_of(office, opened.token, now=clock()) is not None
    clock.advance(hours=1)
    assert session_of(office, opened.token, now=clock()) is None
    sign_in(office, "zhang", PASSWORD, now=clock())
    assert counts(office)["session"] == 1


def test_signing_out_ends_this_session_only(office: Office, clock: Clock) -> None:
    phone = sign_in(office, "zhang", PASSWORD, now=clock())
    desk = sign_in(office, "zhang", PASSWORD, now=clock())
    sign_out(office, phone.token)
    assert session_of(office, phone.token, now=clock()) is None
    assert session_of(office, desk.token, now=clock()) is not None


def test_a_new_password_ends_every_session_of_that_account(office: Office, clock: Clock) -> None:
    save_account(office, "li", PASSWORD, now=clock())
    mine = sign_in(office, "zhang", PASSWORD, now=clock())
    other = sign_in(office, "li", PASSWORD, now=clock())
    save_account(office, "zhang", "invented-password-2", now=clock())
    assert session_of(office, mine.token, now=clock()) is None
    assert session_of(office, other.token, now=clock()) is not None
    with pytest.raises(SignInError):
        sign_in(office, "zhang", PASSWORD, now=clock())
    assert sign_in(office, "zhang", "invented-password-2", now=clock()).session.login == "zhang"


def test_neither_password_nor_token_is_stored(office: Office, clock: Clock) -> None:
    save_account(office, "li", PASSWORD, now=clock())
    opened = sign_in(office, "zhang", PASSWORD, now=clock())
    everything = rows(office)
    assert PASSWORD not in repr(everything)
    assert opened.token not in repr(everything)
    first, second = (row[2] for row in everything["account"])
    assert first != second  # salted: the same password looks different


@pytest.mark.parametrize(
    ("login", "password", "words"), [(" ", PASSWORD, "账号"), ("li", "12-34-5-7", "至少 10 位")]
)
def test_an_empty_name_and_a_short_password_are_refused(
    office: Office, clock: Clock, login: str, password: str, words: str
) -> None:
    with pytest.raises(RectifyError, match=words):
        save_account(office, login, password, now=clock())
    assert list(list_accounts(office)) == ["zhang"]


def test_a_made_up_password_is_good_enough_and_new_each_time(office: Office, clock: Clock) -> None:
    made = {new_password() for _ in range(20)}
    assert len(made) == 20
    password = made.pop()
    save_account(office, "li", password, now=clock())
    assert sign_in(office, "li", password, now=clock()).session.login == "li"


def hash_of(office: Office, login: str) -> str:
    with office.database.read() as connection:
        return account_named(connection, login).password


def test_a_hash_of_before_is_good_and_replaced_at_the_next_sign_in(office: Office, clock: Clock) -> None:
    key = hashlib.scrypt(PASSWORD.encode(), salt=b"s" * 16, n=2**15, r=8, p=1, maxmem=2**26 + 2**20, dklen=32)
    with office.database.write() as connection:
        account = account_named(connection, "zhang")
        old = f"scrypt${2**15}$8$1${(b's' * 16).hex()}${key.hex()}"
        accounts.change(connection, account.id, password=old)
    with pytest.raises(SignInError):
        sign_in(office, "zhang", "wrong-password", now=clock())
    assert hash_of(office, "zhang") == old
    assert sign_in(office, "zhang", PASSWORD, now=clock()).session is not None
    assert hash_of(office, "zhang").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert sign_in(office, "zhang", PASSWORD, now=clock()).session is not None


@pytest.mark.parametrize(
    "password",
    [
        "Password2026",
        "admin@123456",
        "1234567890",
        "woaini1314520",
        "qwertyuiop123",
        "13800000000",
        "aaaaaaaaaaaa",
        "zhang20262026",
        "zhenggaitong1",
    ],
)
def test_what_is_guessed_first_is_refused_without_being_quoted(
    office: Office, clock: Clock, password: str
) -> None:
    with pytest.raises(RectifyError, match="太常见") as caught:
        save_account(office, "zhang", password, now=clock())
    assert password not in caught.value.message


def guess(office: Office, clock: Clock, times: int, login: str = "zhang", address: str = "") -> list[str]:
    """The code of each refusal."""
    refused = []
    for _ in range(times):
        with pytest.raises(RectifyError) as caught:
            sign_in(office, login, "wrong-password", now=clock(), whence=Whence(address))
        refused.append(caught.value.code)
    return refused


@pytest.mark.parametrize("login", ["zhang", "nobody"])
def test_guessing_shuts_the_account_for_a_while_whether_or_not_it_exists(
    office: Office, build_office: BuildOffice, clock: Clock, login: str
) -> None:
    assert guess(office, clock, 6, login) == ["sign_in"] * 5 + ["locked_out"]
    another_process = build_office()
    with pytest.raises(LockedOutError, match="17:01:00 之后再试"):
        sign_in(another_process, login, PASSWORD, now=clock())
    clock.advance(minutes=1)
    assert guess(office, clock, 2, login) == ["sign_in", "locked_out"]
    clock.advance(minutes=1)
    assert guess(office, clock, 1, login) == ["locked_out"]
    clock.advance(minutes=1)
    if login == "zhang":
        assert sign_in(office, login, PASSWORD, now=clock()).session is not None
        assert guess(office, clock, 6, login) == ["sign_in"] * 5 + ["locked_out"]


def test_guesses_at_the_same_moment_do_not_slip_through(office: Office, clock: Clock) -> None:
    def attempt() -> str:
        return guess(office, clock, 1)[0]

    assert sorted(map(str, at_once(*[attempt] * 8))) == ["locked_out"] * 3 + ["sign_in"] * 5


@pytest.mark.slow
def test_guessing_many_accounts_shuts_the_address(office: Office, clock: Clock) -> None:
    for number in range(10):
        guess(office, clock, 5, f"account-{number}", "192.0.2.7")
    with pytest.raises(LockedOutError):
        sign_in(office, "zhang", PASSWORD, now=clock(), whence=Whence("192.0.2.7"))
    assert sign_in(office, "zhang", PASSWORD, now=clock(), whence=Whence("192.0.2.8")).session


@pytest.mark.slow
def test_those_whose_address_is_not_known_are_not_counted_as_one(office: Office, clock: Clock) -> None:
    for number in range(11):
        guess(office, clock, 5, f"account-{number}")
    assert sign_in(office, "zhang", PASSWORD, now=clock()).session is not None


@pytest.mark.slow
def test_the_right_password_does_not_forgive_what_others_did_from_the_same_address(
    office: Office, clock: Clock
) -> None:
    for number in range(9):
        guess(office, clock, 5, f"account-{number}", "192.0.2.7")
        sign_in(office, "zhang", PASSWORD, now=clock(), whence=Whence("192.0.2.7"))
    guess(office, clock, 5, "account-9", "192.0.2.7")
    with pytest.raises(LockedOutError):
        sign_in(office, "zhang", PASSWORD, now=clock(), whence=Whence("192.0.2.7"))


def test_others_guesses_do_not_keep_out_whoever_is_signed_in(office: Office, clock: Clock) -> None:
    mine = sign_in(office, "zhang", PASSWORD, now=clock())
    guess(office, clock, 6)
    assert session_of(office, mine.token, now=clock()) is not None
    again = sign_in(office, "zhang", PASSWORD, now=clock(), old_token=mine.token)
    assert again.session is not None
    assert session_of(office, mine.token, now=clock()) is None


def test_nothing_typed_is_stored_by_counting(office: Office, clock: Clock) -> None:
    guess(office, clock, 1, "my-password-in-the-wrong-field")
    assert "wrong-field" not in repr(rows(office))


def test_an_administrator_unlocks(office: Office, clock: Clock) -> None:
    guess(office, clock, 6)
    [locked] = users.list_users(office, now=clock())
    assert locked.locked_until == clock() + timedelta(minutes=1)
    assert users.unlock(office, "zhang")
    assert sign_in(office, "zhang", PASSWORD, now=clock()).session is not None
    assert not users.unlock(office, "zhang")


def test_a_disabled_account_is_out_and_comes_back_when_enabled(office: Office, clock: Clock) -> None:
    mine = sign_in(office, "zhang", PASSWORD, now=clock())
    users.disable(office, "zhang", now=clock())
    assert session_of(office, mine.token, now=clock()) is None
    with pytest.raises(SignInError, match="账号或密码不对"):
        sign_in(office, "zhang", PASSWORD, now=clock())
    users.enable(office, "zhang")
    assert sign_in(office, "zhang", PASSWORD, now=clock()).session is not None


def test_an_idle_session_ends_and_one_at_which_somebody_is_does_not(office: Office, clock: Clock) -> None:
    mine = sign_in(office, "zhang", PASSWORD, now=clock())
    clock.advance(hours=IDLE_HOURS, minutes=-1)
    assert session_of(office, mine.token, now=clock()) is not None
    clock.advance(hours=IDLE_HOURS, minutes=-1)
    assert session_of(office, mine.token, now=clock()) is not None
    clock.advance(hours=IDLE_HOURS)
    assert session_of(office, mine.token, now=clock()) is None


def test_another_role_ends_the_sessions(office: Office, clock: Clock) -> None:
    mine = sign_in(office, "zhang", PASSWORD, now=clock())
    users.set_role(office, "zhang", Role.LEADER)
    assert session_of(office, mine.token, now=clock()) is None


def test_one_session_or_all_are_ended_by_hand(office: Office, clock: Clock) -> None:
    tokens = [
        sign_in(office, "zhang", PASSWORD, now=clock(), whence=Whence("192.0.2.1", agent)).token
        for agent in ("电脑", "手机", "平板")
    ]
    by_agent = {each.agent: each.id for each in users.sessions_of(office, "zhang", now=clock())}
    assert set(by_agent) == {"电脑", "手机", "平板"}
    assert users.sign_out(office, "zhang", by_agent["手机"]) == 1
    alive = [session_of(office, token, now=clock()) is not None for token in tokens]
    assert alive == [True, False, True]
    with pytest.raises(NotFoundError):
        users.sign_out(office, "zhang", by_agent["手机"])
    assert users.sign_out(office, "zhang") == 2


def test_a_session_of_somebody_else_is_not_ended_under_ones_own_name(office: Office, clock: Clock) -> None:
    save_account(office, "li", PASSWORD, now=clock())
    theirs = sign_in(office, "li", PASSWORD, now=clock())
    [row] = users.sessions_of(office, "li", now=clock())
    with pytest.raises(NotFoundError):
        users.sign_out(office, "zhang", row.id)
    assert session_of(office, theirs.token, now=clock()) is not None


def test_a_session_that_outlived_its_accounts_end_opens_nothing(office: Office, clock: Clock) -> None:
    mine = sign_in(office, "zhang", PASSWORD, now=clock())
    with office.database.write() as connection:
        accounts.change(connection, account_named(connection, "zhang").id, disabled_at=clock())
    assert session_of(office, mine.token, now=clock()) is None
