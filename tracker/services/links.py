"""The one-tap link: a message to a unit's contact opens that unit's items on one phone, without a password.

The token is the link's id and a signature over id, contact and expiry (`stamps`). Must never log, store
or list a token.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from tracker.domain.errors import NotFoundError, RectifyError
from tracker.domain.people import CONTACT_ROLES, OF_UNIT
from tracker.services import accounts
from tracker.services.accounts import SignIn
from tracker.services.office import Office
from tracker.services.stamps import stamped_token, token_parts
from tracker.services.unit_names import UnitBook
from tracker.store import Connection, links
from tracker.store.contacts import Contact
from tracker.store.links import LinkRow, StoredLink
from tracker.store.sessions import NOWHERE, Owner, Whence

SESSION_DAYS = 7
_KEPT_DAYS = 30  # so long an expired link is still told from a forged one
_NOBODY = LinkRow(0, 0, datetime.fromisoformat("1970-01-01T00:00+00:00"))


def issue(connection: Connection, office: Office, contact: Contact, now: datetime) -> str | None:
    """The address of a new link, for a message that only this contact reads.

    None where there can be none: no address of the pages, no key, or not a unit's own contact or head.
    """
    is_of_unit = CONTACT_ROLES[contact.role] in OF_UNIT
    if office.public_url is None or not office.database.vault or not is_of_unit:
        return None
    expires_at = now + timedelta(days=office.rules.delivery.link_days)
    row = LinkRow(links.add(connection, contact.id, now, expires_at), contact.id, expires_at)
    token = stamped_token(office.database.vault, row.id, _stamped(row))
    return f"{office.public_url.rstrip('/')}/t/{token}"


def examine(office: Office, token: str) -> StoredLink | None:
    """The link that this token was made for; None for any other token.

    Whether its id exists makes no difference in what is done: one row is asked for, one stamp compared.
    """
    parts = token_parts(token)
    if parts is None:
        return None
    link_id, stamp = parts
    with office.database.read() as connection:
        row = links.row(connection, link_id)
        if not office.database.vault.is_stamped(_stamped(row or _NOBODY), stamp) or row is None:
            return None
        return links.by_id(connection, link_id)


def enter(
    office: Office,
    link: StoredLink,
    *,
    now: datetime,
    whence: Whence = NOWHERE,
    old_token: str | None = None,
) -> SignIn | None:
    """Open a session by a link that was examined; None when it is no longer good for one.

    `old_token` is of the session that this browser had before: it ends.
    """
    expires_at = now + timedelta(days=SESSION_DAYS)
    with office.database.write() as connection:
        if not links.use(connection, link.id, now):
            return None
        owner = Owner(link_id=link.id)
        begun = accounts.begin(connection, owner, expires_at, now=now, whence=whence, old_token=old_token)
        links.drop_expired(connection, now - timedelta(days=_KEPT_DAYS))
        return begun


def list_links(office: Office, *, unit: str | None = None, limit: int = 100) -> list[StoredLink]:
    """Newest first, of one unit if it is named; raises NotFoundError for a unit nobody knows."""
    with office.database.read() as connection:
        return links.latest(connection, unit=_unit_name(connection, office, unit), limit=limit)


def revoke(
    office: Office,
    link_ids: Sequence[int] = (),
    *,
    unit: str | None = None,
    name: str | None = None,
    by: str,
    now: datetime,
) -> list[int]:
    """End links by id, or all of a unit's contacts, or of one of them; return the ids of those that ended.

    Whoever came in by them is signed out. Raises RectifyError when nothing is chosen, NotFoundError for a
    unit nobody knows and for an id that names no link that could be ended: then none is.
    """
    if not link_ids and unit is None:
        raise RectifyError("请写明要停用的链接编号，或用 --unit 写明单位")
    if not by.strip():
        raise RectifyError("须写明办理人（--by）")
    with office.database.write() as connection:
        registered = _unit_name(connection, office, unit)
        found = links.ids(connection, among_ids=link_ids or None, unit=registered, name=name)
        missing = sorted(set(link_ids) - set(found))
        if missing:
            words = "、".join(map(str, missing))
            raise NotFoundError(f"没有编号为 {words} 的链接，或已停用", details={"links": missing})
        links.revoke(connection, found, by=by.strip(), at=now)
        return found


def _unit_name(connection: Connection, office: Office, given: str | None) -> str | None:
    return None if given is None else UnitBook(connection, office.rules).find(given)


def _stamped(row: LinkRow) -> bytes:
    """What the stamp covers; the first word keeps it apart from whatever else is ever stamped."""
    return f"link {row.id} {row.contact_id} {int(row.expires_at.timestamp())}".encode()
