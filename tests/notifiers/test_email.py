"""E-mail against a server that says no at every step, hangs, or goes away after the last byte."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from time import monotonic

import pytest

from notifiers.base import Attachment, Letter
from notifiers.email import EmailSmtp
from tests.fakes.certificates import self_signed
from tests.fakes.loopback import loopback_only
from tests.fakes.provider import NOW
from tests.fakes.smtp import PASSWORD, USER, FakeSmtp
from tracker.domain.errors import ConfigError, DeliveryError, Outcome, Scope

SENDER, READER = "rectify@yunlan.example.cn", "zhang.san@landong.example.cn"
LETTER = Letter(
    "澜东区有1项到期\n.以点开头的一行",
    serial="ZG-20260105-7",
    key="ab" * 32,
    subject="整改提醒：1项到期",
    html="<p>澜东区有<b>1</b>项到期</p>",
    attachments=(Attachment("台账.xlsx", b"PK\x03\x04", "application/vnd.ms-excel"),),
)


@pytest.fixture
def tls(tmp_path: Path) -> tuple[Path, Path]:
    return self_signed(tmp_path)


@pytest.fixture
def relay() -> Iterator[FakeSmtp]:
    with FakeSmtp() as server:
        yield server


def channel(server: FakeSmtp, ca_file: Path | None = None) -> EmailSmtp:
    secured = server.context is not None
    return EmailSmtp(
        "127.0.0.1",
        sender=SENDER,
        port=server.port,
        security="tls" if server.implicit else "starttls" if secured else "none",
        user=USER if server.login else "",
        password=PASSWORD if server.login else "",
        timeout=0.3,
        ca_file=str(ca_file) if ca_file else None,
        clock=lambda: NOW,
    )


def refused(mail: EmailSmtp, address: str = READER) -> DeliveryError:
    (payload,) = mail.compose(LETTER)
    with pytest.raises(DeliveryError) as caught:
        mail.send(address, payload)
    shown = f"{''.join(traceback.format_exception(caught.value))}{caught.value.details}"
    assert PASSWORD not in shown
    assert READER not in shown
    assert caught.value.__context__ is None
    return caught.value


def read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


# --- accepted


def test_a_mail_arrives_with_text_html_and_files(relay: FakeSmtp) -> None:
    mail = channel(relay)
    (payload,) = mail.compose(LETTER)
    assert mail.send(READER, payload) == f"<ZG202601057.{'ab' * 16}@yunlan.example.cn>"
    (taken,) = relay.mails
    assert (taken.sender, taken.recipient) == (SENDER, READER)
    message = read(taken.content)
    assert (message["From"], message["To"]) == (SENDER, READER)
    assert message["Subject"] == "整改提醒：1项到期"
    assert message["Date"] == "Thu, 09 Oct 2025 08:53:20 -0000"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == ["澜东区有1项到期", ".以点开头的一行"]
    assert html.get_content().strip() == "<p>澜东区有<b>1</b>项到期</p>"
    (file,) = message.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("台账.xlsx", b"PK\x03\x04")


@pytest.mark.parametrize("implicit", [True, False])
def test_a_mail_goes_out_encrypted_and_logged_in(tls: tuple[Path, Path], implicit: bool) -> None:
    with FakeSmtp(tls=tls, implicit=implicit, login=True) as server:
        mail = channel(server, tls[0])
        mail.send(READER, mail.compose(LETTER)[0])
    (talk,) = server.conversations
    assert (talk.encrypted, talk.logged_in, len(server.mails)) == (True, True, 1)
    assert talk.said[0] == "ehlo yunlan.example.cn", "the machine's own name is nobody's business"


def test_composing_freezes_neither_a_date_nor_a_random_boundary_nor_the_reader(relay: FakeSmtp) -> None:
    first, again = channel(relay).compose(LETTER), channel(relay).compose(LETTER)
    assert first == again
    assert not {"date", "to"} & {name.lower() for name in read(first[0]).keys()}  # noqa: SIM118


def test_a_line_that_begins_with_a_dot_stays_whole(relay: FakeSmtp) -> None:
    mail = channel(relay)
    headers, _, _ = mail.compose(Letter("x"))[0].partition(b"\r\n\r\n")
    plain = headers.replace(b"base64", b"7bit") + b"\r\n\r\n.\r\n..one\r\nend\r\n"
    mail.send(READER, plain)
    assert relay.mails[0].content.endswith(b"\r\n\r\n.\r\n..one\r\nend\r\n")


@pytest.mark.parametrize(
    "subject", ["a\r\nBcc: x@evil.example.cn", "a\nBcc: x", "a\u2028Bcc: x", "\x00\ud800"]
)
def test_no_subject_becomes_a_header(relay: FakeSmtp, subject: str) -> None:
    mail = channel(relay)
    attachment = Attachment(f"{subject}.txt", b"x", "text/plain")
    letter = replace(LETTER, subject=subject, serial=subject, attachments=(attachment,))
    mail.send(READER, mail.compose(letter)[0])
    message = read(relay.mails[0].content)
    assert set(message.keys()) == {
        "To", "Date", "Message-ID", "From", "Subject", "Auto-Submitted", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]


def test_without_a_subject_the_text_begins_it(relay: FakeSmtp) -> None:
    (payload,) = channel(relay).compose(Letter("澜西区有2项逾期\n请处理"))
    assert read(payload)["Subject"] == "澜西区有2项逾期 请处理"


# --- refused, broken, uncertain

REPLIES = [
    ("greeting", 421, Outcome.TEMPORARY, Scope.MESSAGE),
    ("greeting", 554, Outcome.PERMANENT, Scope.CHANNEL),
    ("mail", 451, Outcome.TEMPORARY, Scope.MESSAGE),
    ("mail", 530, Outcome.PERMANENT, Scope.CHANNEL),
    ("mail", 553, Outcome.PERMANENT, Scope.CHANNEL),
    ("rcpt", 450, Outcome.TEMPORARY, Scope.MESSAGE),
    # Without an enhanced code (below) nobody can tell a mailbox that is gone from a relay that is denied.
    ("rcpt", 550, Outcome.PERMANENT, Scope.MESSAGE),
    ("rcpt", 551, Outcome.PERMANENT, Scope.MESSAGE),
    ("rcpt", 553, Outcome.PERMANENT, Scope.MESSAGE),
    ("rcpt", 552, Outcome.PERMANENT, Scope.MESSAGE),
    ("rcpt", 299, Outcome.TEMPORARY, Scope.MESSAGE),
    ("data", 452, Outcome.TEMPORARY, Scope.MESSAGE),
    ("data", 554, Outcome.PERMANENT, Scope.MESSAGE),
    (".", 452, Outcome.TEMPORARY, Scope.MESSAGE),
    (".", 554, Outcome.PERMANENT, Scope.MESSAGE),
    (".", 354, Outcome.UNKNOWN, Scope.MESSAGE),
]


@pytest.mark.parametrize(("verb", "code", "outcome", "scope"), REPLIES)
def test_a_reply_is_an_outcome(relay: FakeSmtp, verb: str, code: int, outcome: Outcome, scope: Scope) -> None:
    relay.replies[verb] = f"{code} {READER} is not to our taste"
    error = refused(channel(relay))
    assert (error.outcome, error.scope, error.details["smtp_code"]) == (outcome, scope, code)


@pytest.mark.parametrize(
    ("words", "scope"),
    [
        *((f"550 {code} gone", Scope.ADDRESS) for code in ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10")),
        ("550-5.1.1 no such\r\n550 5.1.1 user", Scope.ADDRESS),
        ("550 5.2.1", Scope.ADDRESS),
        ("554 5.7.1 relay access denied", Scope.CHANNEL),
        ("550 5.7.26 unauthenticated", Scope.CHANNEL),
        ("550 5.2.2 mailbox full", Scope.MESSAGE),
        ("550 5.4.4 no route to that domain", Scope.MESSAGE),
        ("550 5.1.100 something new", Scope.MESSAGE),
        ("550 not 5.1.1", Scope.MESSAGE),
        ("550 5.1.1x", Scope.MESSAGE),
    ],
)
def test_a_mailbox_is_given_up_only_on_a_code_that_speaks_of_the_mailbox(
    relay: FakeSmtp, words: str, scope: Scope
) -> None:
    relay.replies["rcpt"] = words
    error = refused(channel(relay))
    assert (error.outcome, error.scope) == (Outcome.PERMANENT, scope)


@pytest.mark.parametrize("verb", ["greeting", "ehlo", "rcpt", "."])
def test_a_server_that_drips_its_reply_is_left_in_time(relay: FakeSmtp, verb: str) -> None:
    """Each byte comes in time, so that no read ever times out."""
    relay.endings[verb] = "drip"
    mail = EmailSmtp("127.0.0.1", sender=SENDER, port=relay.port, security="none", timeout=1.0, longest=0.4)
    started = monotonic()
    assert refused(mail).outcome is (Outcome.UNKNOWN if verb == "." else Outcome.TEMPORARY)
    assert monotonic() - started < 1.0


@pytest.mark.parametrize("ending", ["drop", "hang"])
@pytest.mark.parametrize("verb", ["greeting", "ehlo", "mail", "rcpt", "data", "."])
def test_what_breaks_before_the_last_byte_is_temporary_and_after_it_unknown(
    relay: FakeSmtp, verb: str, ending: str
) -> None:
    relay.endings[verb] = "hang" if ending == "hang" else "drop"
    assert refused(channel(relay)).outcome is (Outcome.UNKNOWN if verb == "." else Outcome.TEMPORARY)
    assert bool(relay.mails) == (verb == "."), "it was taken although nobody said so"


@pytest.mark.parametrize("line", ["nonsense", "250" + "x" * 9000])
def test_an_answer_to_the_last_byte_that_makes_no_sense_is_unknown(relay: FakeSmtp, line: str) -> None:
    relay.replies["."] = line
    assert refused(channel(relay)).outcome is Outcome.UNKNOWN


def test_a_wrong_password_concerns_the_whole_channel(tls: tuple[Path, Path]) -> None:
    with FakeSmtp(tls=tls, login=True) as server:
        mail = EmailSmtp(
            "127.0.0.1",
            sender=SENDER,
            port=server.port,
            security="starttls",
            user=USER,
            password="another-invented-password",
            ca_file=str(tls[0]),
        )
        error = refused(mail)
    assert (error.outcome, error.scope) == (Outcome.PERMANENT, Scope.CHANNEL)
    assert "another-invented-password" not in f"{error!r}{error.details}{error.message}"


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tls: tuple[Path, Path]) -> None:
    for implicit in (True, False):
        with FakeSmtp(tls=tls, implicit=implicit) as server:
            error = refused(channel(server))
        assert error.outcome is Outcome.TEMPORARY
        assert "TLS" in error.message
        assert server.mails == []


def test_a_server_without_encryption_gets_nothing_when_encryption_was_asked_for(relay: FakeSmtp) -> None:
    mail = EmailSmtp("127.0.0.1", sender=SENDER, port=relay.port, security="starttls")
    error = refused(mail)
    assert (error.outcome, error.scope) == (Outcome.PERMANENT, Scope.CHANNEL)
    assert relay.mails == []


def test_a_server_that_is_not_there_is_a_temporary_failure() -> None:
    with FakeSmtp() as gone:
        mail = channel(gone)
    assert refused(mail).outcome is Outcome.TEMPORARY


@pytest.mark.parametrize(
    "address", ["", "zhang", "a@b", "a b@c.cn", "a@c.cn\r\nDATA", "a@c.cn,b@c.cn", "<a@c.cn>", "张@c.cn"]
)
def test_an_address_that_is_none_is_refused_without_a_connection(relay: FakeSmtp, address: str) -> None:
    error = refused(channel(relay), address)
    assert (error.outcome, error.scope) == (Outcome.PERMANENT, Scope.ADDRESS)
    assert relay.conversations == []


# --- settings and secrets


def test_a_password_is_never_sent_in_clear() -> None:
    with pytest.raises(ConfigError, match="SMTP_SECURITY"):
        EmailSmtp("mail.example.cn", sender=SENDER, security="none", user=USER, password=PASSWORD)


@pytest.mark.parametrize("sender", ["", "整改通 <a@c.cn>", "a@c.cn\nBcc: b@c.cn"])
def test_a_sender_must_be_a_bare_address(sender: str) -> None:
    with pytest.raises(ConfigError, match="SMTP_FROM"):
        EmailSmtp("mail.example.cn", sender=sender)


def test_nothing_of_a_mail_is_logged_or_shown(
    tls: tuple[Path, Path], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with loopback_only(), FakeSmtp(tls=tls, login=True) as server:
        mail = channel(server, tls[0])
        mail.send(READER, mail.compose(LETTER)[0])
    output = capfd.readouterr()
    seen = f"{caplog.text}{output.out}{output.err}{mail!r}"
    assert PASSWORD not in seen
    assert READER not in seen
    assert mail.hint(READER) == "z***@landong.example.cn"
