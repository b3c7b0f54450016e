"""E-mail through the office's own mail server (SMTP): text, HTML beside it, files with it.

Must never let a text become a header, fall back to an unencrypted connection, tell a recipient who else was
written to, or take a message for refused once its last byte has left.
"""

from __future__ import annotations

import hashlib
import re
import smtplib
import ssl
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP
from email.utils import formatdate
from functools import partial
from pathlib import Path
from typing import Literal

from notifiers.base import Letter, Wording, sendable
from notifiers.masking import mask_mail
from notifiers.patience import LONGEST_TALK, patience, watch
from notifiers.smtp_errors import Step, broken, refused, unusable
from tracker.domain.errors import ConfigError, DeliveryError, Outcome, Scope

Security = Literal["tls", "starttls", "none"]
_ADDRESS = re.compile(r"[A-Za-z0-9_.+'-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{1,63}")
_PLAIN = re.compile(r"[A-Za-z0-9]")
_LONGEST_SUBJECT = 100  # characters
_LINE_START = re.compile(rb"^\.", re.MULTILINE)


class EmailSmtp:
    """One mail to one address. A connection of its own for each: mail servers hang up on idle ones."""

    channel = "email"
    wording = Wording.MAIL
    personal = True
    per_minute: int | None = None
    # The same Message-ID lets people and archives see a repeat; few servers drop it.
    repeatable: timedelta | None = None

    def __init__(
        self,
        host: str,
        *,
        sender: str,
        port: int | None = None,
        security: Security = "tls",
        user: str = "",
        password: str = "",
        timeout: float = 15.0,
        longest: float = LONGEST_TALK,
        ca_file: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`security`: TLS from the first byte (port 465), STARTTLS (587) or none, for a relay inside the
        office's network (25). `sender`: a bare address. `timeout`, `longest` (of the whole conversation) and
        `clock`: seconds. Raises ConfigError.
        """
        if not _ADDRESS.fullmatch(sender):
            raise ConfigError("发件人地址无效：TRACKER_SMTP_FROM 应为 name@example.cn 的形式")
        if ca_file is not None and not Path(ca_file).is_file():
            raise ConfigError(f"邮件服务器的 CA 证书文件不存在：{ca_file}")
        if user and security == "none":
            raise ConfigError("TRACKER_SMTP_SECURITY 为 none 时不能登录：密码会以明文传送")
        self._host, self._security = host, security
        self._port = port or {"tls": 465, "starttls": 587, "none": 25}[security]
        self._sender, self._user, self._password = sender, user, password
        self._timeout, self._longest = timeout, longest
        self._ca_file, self._clock = ca_file, clock

    def compose(self, letter: Letter) -> Sequence[bytes]:
        """One whole message but for `Date` and `To`, which belong to the sending of it."""
        text = sendable(letter.text)
        message = EmailMessage(policy=SMTP)
        # From the letter's own key: a mail that had to be repeated is recognised by it.
        identity = letter.key or hashlib.sha256(text.encode()).hexdigest()
        serial = "".join(_PLAIN.findall(letter.serial))
        message["Message-ID"] = f"<{'.'.join(filter(None, (serial, identity[:32])))}@{self._domain}>"
        message["From"] = self._sender
        message["Subject"] = _one_line(letter.subject or text)[:_LONGEST_SUBJECT] or "整改通"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
        message.set_content(text, cte="base64")
        if letter.html:
            message.add_alternative(sendable(letter.html), subtype="html", cte="base64")
        for one in letter.attachments:
            kind, _, subtype = one.media_type.partition("/")
            message.add_attachment(one.content, maintype=kind, subtype=subtype, filename=_one_line(one.name))
        for place, part in enumerate(message.walk()):
            if part.is_multipart():  # else the library would draw lots for it
                part.set_boundary(f"={identity[:32]}.{place}")
        return [message.as_bytes()]

    def send(self, address: str, payload: bytes) -> str:
        """Send once to `address`; returns the Message-ID."""
        details: dict[str, object] = {"mail": self.hint(address)}
        if not _ADDRESS.fullmatch(address):
            raise DeliveryError(
                "邮箱地址格式不正确，请更新联系人表",
                outcome=Outcome.PERMANENT,
                scope=Scope.ADDRESS,
                details=details,
            )
        header = f"To: {address}\r\nDate: {formatdate(self._clock(), localtime=False)}\r\n"
        with patience(self._longest):
            failure = self._deliver(address, header.encode() + payload)
        if failure is not None:
            failure.details.update(details)
            # Raised out here and not while handling: an exception's context would keep what the server wrote.
            raise failure
        return str(BytesHeaderParser(policy=SMTP).parsebytes(payload)["Message-ID"])

    def hint(self, address: str) -> str:
        """`z***@example.cn`."""
        return mask_mail(address)

    @property
    def _domain(self) -> str:
        return self._sender.partition("@")[2]

    def _deliver(self, address: str, message: bytes) -> DeliveryError | None:
        """Speak SMTP; None when the server has taken the message."""
        ended = False
        client: smtplib.SMTP | None = None
        try:
            client = self._connect()
            self._enter(client)
            for step, say in (
                (Step.SENDER, partial(client.mail, self._sender)),
                (Step.RECIPIENT, partial(client.rcpt, address)),
                (Step.DATA, partial(client.docmd, "DATA")),
            ):
                if failure := refused(step, *say()):
                    return failure
            client.send(_LINE_START.sub(b"..", message.rstrip(b"\r\n")) + b"\r\n")
            ended = True  # from the final dot on, silence says nothing about the message
            client.send(b".\r\n")
            return refused(Step.MESSAGE, *client.getreply())
        except smtplib.SMTPServerDisconnected as error:
            return broken(error, ended=ended)
        except smtplib.SMTPResponseException as error:
            return broken(error, ended=True) if ended else refused(Step.SESSION, error.smtp_code)
        except smtplib.SMTPException:  # no STARTTLS, no login, or none that both sides know
            return unusable()
        except (OSError, UnicodeError) as error:  # UnicodeError: a host name that cannot exist
            return broken(error, ended=ended)
        finally:
            if client is not None:
                client.close()

    def _connect(self) -> smtplib.SMTP:
        name = self._domain  # else the library would look this machine's name up, and tell it
        if self._security == "tls":
            return _TlsClient(self._host, self._port, name, timeout=self._timeout, context=self._trusting())
        return _Client(self._host, self._port, name, timeout=self._timeout)

    def _enter(self, client: smtplib.SMTP) -> None:
        """Encrypt and log in as far as the settings say; the library refuses to do less."""
        if self._security == "starttls":
            client.starttls(context=self._trusting())
        client.ehlo_or_helo_if_needed()
        if self._user:
            client.login(self._user, self._password)

    def _trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._ca_file)


class _Client(smtplib.SMTP):
    """Every wait for the server goes through here, the greeting's too: the only place where it can drip."""

    def getreply(self) -> tuple[int, bytes]:
        """The next reply; raises TimeoutError when the conversation took too long."""
        watch(self.sock)
        return super().getreply()


class _TlsClient(_Client, smtplib.SMTP_SSL):
    """The same over TLS."""


def _one_line(text: str) -> str:
    """The text without line ends and other characters that do not print: nothing that could begin a new
    header.
    """
    return "".join(character for character in " ".join(text.split()) if character.isprintable())
