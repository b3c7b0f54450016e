"""A digest in words for each of its recipients: text, picture and workbook, as far as a channel carries them.

Must never tell anybody of a period twice, nor a group twice behind which two of them are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from notifiers.base import Attachment, Letter
from tracker.domain import digests as paces
from tracker.rendering.digest import DigestView, render_digest
from tracker.services.digest_files import attachments
from tracker.services.digest_scopes import of_serial
from tracker.services.digest_snapshot import published_view
from tracker.services.office import SANDBOX, Office
from tracker.services.recipients import recipient_of
from tracker.services.routing import Routes, Way
from tracker.services.wording import FORMS, compose, mentions, segments
from tracker.services.wording import digest as fingerprint
from tracker.store import Connection, digests, mailbox, outbox
from tracker.store.contacts import Contact
from tracker.store.outbox import NewMessage

KIND = "digest"


@dataclass(frozen=True)
class Edition:
    """What all recipients of one scope get: the figures, to be worded for each channel, and the files."""

    view: DigestView
    files: tuple[Attachment, ...]


def reissued(connection: Connection, office: Office, serial: str) -> Edition | None:
    """What was published under that serial, to be worded for somebody else: the same figures and files.

    None if nothing was.
    """
    named = of_serial(serial)
    view = named and published_view(connection, office, *named)
    if named is None or view is None:
        return None
    period, scope = named
    return Edition(view, attachments(office, view, digests.ledger(connection, period.name, scope.key)))


def enqueue(
    connection: Connection, office: Office, edition: Edition, people: Sequence[Contact], now: datetime
) -> tuple[str, ...]:
    """Put one letter for each of these people into the outbox; for nobody, one into the sandbox.

    Returns the names of those who had not been told of this period before.
    """
    routes, view = Routes(connection, office), edition.view
    recipients: Sequence[Contact | None] = people or [None]
    messages = [each for who in recipients for each in _word(office, routes, edition, who, now)]
    owners: dict[tuple[str, str], str] = {}
    for each in messages:  # two people behind one group robot: the group reads it once
        owners.setdefault((each.channel, each.address), each.recipient)
    messages = [each for each in messages if owners[each.channel, each.address] == each.recipient]
    # By the letter: what went by mail must not follow in part by a robot that cuts it otherwise.
    known = told(connection, office, view)
    messages = [each for each in messages if each.recipient not in known]
    identifiers = outbox.enqueue(connection, messages, now)
    return tuple(dict.fromkeys(each.recipient for each in messages if each.dedup in identifiers))


def told(connection: Connection, office: Office, view: DigestView) -> set[str]:
    """The names of those who were told of this period, of whatever scope, whenever that was frozen."""
    opened = paces.opens_at(paces.parse(view.period), office.rules.calendar)
    return mailbox.told(connection, KIND, reason(view), opened)


def reason(view: DigestView) -> str:
    """Why a message of this period is sent, whoever gets it: `2021年第30周周报`."""
    return f"{view.period_name}{view.words.title}"


def _word(
    office: Office, routes: Routes, edition: Edition, contact: Contact | None, now: datetime
) -> list[NewMessage]:
    view = edition.view
    if contact is None:  # nobody named yet: the sandbox shows staff what would have gone out
        title = view.words.title
        way, label = Way(office.channels[SANDBOX], title), f"{title}（未登记接收人）"
    else:
        recipient = recipient_of(contact)
        way, label = routes.of(recipient)[0], recipient.label
    notifier = way.notifier
    said = render_digest(view, FORMS[notifier.wording])
    key = (KIND, view.period, label)  # whatever the channel and the scope: nobody is told twice
    letter = Letter(
        said.text,
        mentions(contact),
        serial=view.serial,
        key=fingerprint(*key),
        kind=KIND,
        subject=said.subject,
        html=said.html,
        attachments=edition.files,
        facts=said.facts,
    )
    payloads, failure = compose(notifier, letter)
    return [
        NewMessage(
            dedup=fingerprint(*key, str(part)),
            letter=letter.key,
            serial=view.serial,
            kind=KIND,
            recipient=label,
            channel=notifier.channel,
            address=way.address,
            hint=notifier.hint(way.address),
            text=said.text,
            payload=payload,
            reason=reason(view),
            send_after=office.rules.quiet.release(now, office.rules.calendar),
            segments=segments(notifier, said.text),
            failure=failure,
        )
        for part, payload in enumerate(payloads, start=1)
    ]
