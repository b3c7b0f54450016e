"""Accounts of the pages: one refusal for every wrong sign-in, sessions that end, and no secret stored."""

from __future__ import annotations

import pytest

from tests.conftest import Begin
from tests.services.scenes import counts, rows
from tests.support import Clock, at
from tracker.domain.errors import RectifyError
from tracker.services.accounts import (
    SESSION_HOURS,
    SignInError,
    list_accounts,
    new_password,
    save_account,
    session_of,
    sign_in,
    sign_out,
)
from tracker.services.office import Office

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
    [("zhang", "wrong-password"), ("zhang", ""), ("nobody", PASSWORD), ("", ""), ("ZHANG", PASSWORD)],
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
