"""Who may use which address: the one table, and nobody who does not stand in it.

A route that is missing here keeps the pages from starting. The table says who may come in; whose items they
then see is the reach that the guard binds to the request (`tracker/store/reach.py`), and which step they may
take with one, the workflow (`tracker/services/judging.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from tracker.domain.people import OF_UNIT, Role
from tracker.store.accounts import Session


class Seat(StrEnum):
    """As what somebody is signed in. The values of accounts are those of their roles."""

    HOLDER = "holder"  # a unit's contact who came by a link or by WeCom
    CONTACT = "contact"
    HEAD = "head"
    DISTRICT = "district"  # staff or leader whose account is bound to a unit and those below it
    STAFF = "staff"
    LEADER = "leader"
    ADMIN = "admin"


class Door(StrEnum):
    """An address that asks nobody who they are."""

    PUBLIC = "public"  # a form there bears the token of its own cookie
    SIGNED_BY_FAR_SIDE = "signed"  # neither session nor form token: the route itself proves each call


Who = frozenset[Seat] | Door

HOLDERS = frozenset({Seat.HOLDER})
UNITS = HOLDERS | {Seat.CONTACT, Seat.HEAD}
ADMINS = frozenset({Seat.ADMIN})
CITY = frozenset({Seat.STAFF, Seat.LEADER, Seat.ADMIN})
BUREAUS = CITY | {Seat.DISTRICT}
ACCOUNTS = BUREAUS | {Seat.CONTACT, Seat.HEAD}
EVERYBODY = ACCOUNTS | HOLDERS

TABLE: dict[tuple[str, str], Who] = {
    # signing in and out, one's own account
    ("GET", "/sign-in"): Door.PUBLIC,
    ("POST", "/sign-in"): Door.PUBLIC,
    ("GET", "/sign-in/code"): Door.PUBLIC,
    ("POST", "/sign-in/code"): Door.PUBLIC,
    ("GET", "/sign-in/wecom"): Door.PUBLIC,
    ("GET", "/sign-in/wecom/back"): Door.PUBLIC,
    ("GET", "/sign-in/oidc"): Door.PUBLIC,
    ("GET", "/sign-in/oidc/back"): Door.PUBLIC,
    ("GET", "/t/{token}"): Door.PUBLIC,
    ("POST", "/t/{token}"): Door.PUBLIC,
    ("GET", "/healthz"): Door.PUBLIC,
    ("POST", "/sign-out"): EVERYBODY,
    ("GET", "/account"): ACCOUNTS,
    ("POST", "/account/password"): ACCOUNTS,
    ("POST", "/account/sessions"): ACCOUNTS,
    ("GET", "/account/totp"): ACCOUNTS,
    ("POST", "/account/totp"): ACCOUNTS,
    ("POST", "/account/totp/confirm"): ACCOUNTS,
    ("POST", "/account/totp/off"): ACCOUNTS,
    # a unit's own people, on the phone
    ("GET", "/my"): UNITS,
    ("GET", "/my/finished"): UNITS,
    ("POST", "/my/sign"): UNITS,
    ("GET", "/my/{number}"): UNITS,
    ("POST", "/my/{number}"): UNITS,
    ("POST", "/my/{number}/undo"): UNITS,
    ("GET", "/my/{number}/evidence/{evidence_id}"): UNITS,
    # items, narrowed to the reach
    ("GET", "/items"): ACCOUNTS,
    ("POST", "/items"): ACCOUNTS,
    ("GET", "/items/{number}"): ACCOUNTS,
    ("POST", "/items/{number}"): ACCOUNTS,
    ("POST", "/items/{number}/undo-step"): ACCOUNTS,
    ("GET", "/items/{number}/evidence/{evidence_id}"): ACCOUNTS,
    ("GET", "/ledger.xlsx"): ACCOUNTS,
    ("GET", "/ledger"): ACCOUNTS,
    ("POST", "/ledger/preview"): ACCOUNTS,
    ("POST", "/ledger"): ACCOUNTS,
    ("POST", "/items/{number}/nudge"): BUREAUS,
    ("GET", "/items.xlsx"): ACCOUNTS,
    ("GET", "/items/{number}/source"): CITY,  # its neighbours in the bulletin may be other units'
    ("GET", "/items/{number}/evidence/{evidence_id}/picture"): ACCOUNTS,
    ("POST", "/items/undo-step"): ACCOUNTS,
    ("POST", "/views"): ACCOUNTS,
    ("POST", "/views/{view_id}/delete"): ACCOUNTS,
    ("POST", "/views/{view_id}/restore"): ACCOUNTS,
    ("GET", "/items/{number}/checks"): ACCOUNTS,
    ("GET", "/items/{number}/checks/pictures/{digest}"): ACCOUNTS,
    ("POST", "/items/{number}/checks/again"): BUREAUS,
    ("POST", "/items/{number}/checks/watch"): BUREAUS,
    ("POST", "/nudges"): BUREAUS,
    ("GET", "/papers"): BUREAUS,
    ("POST", "/papers/{number}/approve"): BUREAUS,
    ("POST", "/papers/{number}/reject"): BUREAUS,
    ("POST", "/papers/issue"): CITY,  # under the bureau's head
    ("GET", "/papers/{number}/docx"): BUREAUS,
    ("GET", "/papers/{number}/pdf"): BUREAUS,
    ("POST", "/papers/{number}/void"): CITY,
    # figures that are published: every unit's
    ("GET", "/rates"): ACCOUNTS,
    ("GET", "/rates/snapshots"): ACCOUNTS,
    ("GET", "/rates/snapshots/{number}"): ACCOUNTS,
    ("POST", "/rates/snapshots"): CITY,
    ("GET", "/leader"): BUREAUS,
    ("GET", "/leader/trend.png"): BUREAUS,
    ("GET", "/digest"): ACCOUNTS,
    ("GET", "/digest/chart.png"): ACCOUNTS,
    ("GET", "/digest/text.md"): ACCOUNTS,
    ("GET", "/digest/ledger.xlsx"): ACCOUNTS,  # of a scope within the reach
    # nothing of the office's is shown, nothing is kept
    ("GET", "/claims"): BUREAUS,
    ("POST", "/claims"): BUREAUS,
    # the whole city's
    ("GET", "/"): CITY,
    ("GET", "/bulletins"): CITY,
    ("GET", "/next-bulletin.docx"): CITY,
    ("GET", "/bulletins/{bulletin_id}"): CITY,
    ("GET", "/bulletins/{bulletin_id}/original"): CITY,
    ("POST", "/bulletins/{bulletin_id}/hand-out"): CITY,
    ("POST", "/bulletins/{bulletin_id}/undo"): CITY,
    ("GET", "/uploads"): CITY,
    ("POST", "/uploads"): CITY,
    ("GET", "/uploads/{upload_id}"): CITY,
    ("GET", "/uploads/{upload_id}/progress"): CITY,
    ("POST", "/uploads/{upload_id}"): CITY,
    ("POST", "/uploads/{upload_id}/commit"): CITY,
    ("POST", "/uploads/{upload_id}/discard"): CITY,
    ("POST", "/uploads/{upload_id}/corrections"): CITY,
    ("POST", "/uploads/{upload_id}/corrections/retract"): CITY,
    ("GET", "/feeds"): CITY,
    ("POST", "/feeds/cases"): CITY,
    ("POST", "/feeds/accounts"): CITY,
    ("GET", "/feeds/{feed_id}"): CITY,
    ("POST", "/feeds/{feed_id}/confirm"): CITY,
    ("GET", "/checks"): CITY,
    ("POST", "/checks/strike-off"): CITY,
    ("POST", "/checks/return"): CITY,
    ("POST", "/checks/again"): CITY,
    ("POST", "/checks/nudge"): CITY,
    ("GET", "/watch"): CITY,
    ("POST", "/watch/columns"): CITY,
    ("POST", "/watch/remove"): CITY,
    ("POST", "/watch/{kind}/{subject_id}/open"): CITY,
    ("GET", "/revisits"): CITY,
    ("POST", "/revisits/{revisit_id}/confirm"): CITY,
    ("POST", "/revisits/{revisit_id}/dismiss"): CITY,
    ("GET", "/spot-checks"): CITY,
    ("POST", "/spot-checks"): CITY,
    ("GET", "/spot-checks/{draw_id}"): CITY,
    ("POST", "/spot-checks/{draw_id}/{number}"): CITY,
    ("GET", "/units"): CITY,
    ("POST", "/units/confirm"): CITY,
    ("POST", "/units/aliases"): CITY,
    ("GET", "/messages"): CITY,
    ("GET", "/inbox"): CITY,
    ("POST", "/messages/decide"): CITY,
    ("POST", "/messages/{number}/decide"): CITY,
    ("GET", "/channels"): CITY,
    ("POST", "/channels/test"): CITY,
    ("POST", "/channels/{channel}/resume"): CITY,
    ("POST", "/channels/endpoints/{number}/disable"): CITY,
    ("POST", "/channels/endpoints/{number}/enable"): CITY,
    # administration; what is harmless to read is for everybody who acts for the city
    ("GET", "/admin"): CITY,
    ("GET", "/admin/ladders"): CITY,
    ("GET", "/admin/calendar"): CITY,
    ("POST", "/admin/ladders/check"): ADMINS,
    ("GET", "/admin/templates"): ADMINS,
    ("GET", "/admin/people"): ADMINS,
    ("POST", "/admin/people"): ADMINS,
    ("POST", "/admin/people/password"): ADMINS,
    ("POST", "/admin/people/role"): ADMINS,
    ("POST", "/admin/people/disable"): ADMINS,
    ("POST", "/admin/people/enable"): ADMINS,
    ("POST", "/admin/people/unlock"): ADMINS,
    ("POST", "/admin/people/second-factor"): ADMINS,
    ("POST", "/admin/people/sign-out"): ADMINS,
    ("GET", "/admin/contacts"): ADMINS,
    ("POST", "/admin/contacts"): ADMINS,
    ("GET", "/admin/contacts/template.csv"): ADMINS,
    ("POST", "/admin/contacts/import/preview"): ADMINS,
    ("POST", "/admin/contacts/import"): ADMINS,
    ("GET", "/admin/contacts/{number}"): ADMINS,
    ("POST", "/admin/contacts/{number}"): ADMINS,
    ("POST", "/admin/contacts/{number}/remove"): ADMINS,
    ("GET", "/admin/jobs"): ADMINS,
    ("POST", "/admin/jobs/{name}/run"): ADMINS,
    ("GET", "/admin/audit"): ADMINS,
    ("POST", "/admin/audit/verify"): ADMINS,
    ("GET", "/admin/audit/export"): ADMINS,
    ("GET", "/admin/backup"): ADMINS,
    ("POST", "/admin/backup"): ADMINS,
    ("GET", "/admin/backup/{name}"): ADMINS,
    # called by other machines
    ("GET", "/wecom/callback"): Door.SIGNED_BY_FAR_SIDE,
    ("POST", "/wecom/callback"): Door.SIGNED_BY_FAR_SIDE,
}

# Where somebody goes who asks for `/` and may not see it.
HOMES = {Seat.HOLDER: "/my", Seat.CONTACT: "/my", Seat.HEAD: "/my", Seat.DISTRICT: "/items"}


def seat_of(session: Session) -> Seat:
    """As what this session is signed in."""
    if session.holder is not None:
        return Seat.HOLDER
    assert session.role is not None  # every account has one
    if session.unit_id is not None and session.role not in OF_UNIT | {Role.ADMIN}:
        return Seat.DISTRICT
    return Seat(session.role.value)


def require_entries(routes: Iterable[tuple[str, str]]) -> None:
    """Raise LookupError for routes, (method, path as it is written), that the table does not know."""
    if missing := sorted(set(routes) - TABLE.keys()):
        raise LookupError(f"not in the table of tracker/web/access.py: {missing}")


def may_open(seat: Seat, path: str, method: str = "GET") -> bool:
    """Whether a link to this page would lead anywhere, or its form: pages leave out what is closed."""
    for asked, pattern, who in _ROUTES:
        if asked == method and pattern.fullmatch(path):
            return who is Door.PUBLIC or (isinstance(who, frozenset) and seat in who)
    return False


def _pattern(route: str) -> re.Pattern[str]:
    parts = (("[^/]+" if part.startswith("{") else re.escape(part)) for part in route.split("/"))
    return re.compile("/".join(parts))


_ROUTES = [(method, _pattern(route), who) for (method, route), who in TABLE.items()]
