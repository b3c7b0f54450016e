"""Every page that there is, with an address in the busy town and somebody who may open it.

Taken from the table of routes: a new page is looked at, measured and photographed without being named here;
one whose address has a parameter needs an example, or its tests do not even start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.fakes.busy_town import link_of, own
from tests.fakes.pages_office import Town
from tracker.web.access import TABLE, UNITS, Door, Seat

# What answers with a file, with JSON or with another address.
NO_PAGES = {
    "/admin/audit/export",
    "/admin/backup/{name}",
    "/admin/contacts/template.csv",
    "/bulletins/{bulletin_id}/original",
    "/digest/chart.png",
    "/digest/ledger.xlsx",
    "/digest/text.md",
    "/healthz",
    "/items.xlsx",
    "/items/{number}/checks/pictures/{digest}",
    "/items/{number}/evidence/{evidence_id}",
    "/items/{number}/evidence/{evidence_id}/picture",
    "/leader/trend.png",
    "/ledger.xlsx",
    "/my/{number}/evidence/{evidence_id}",
    "/next-bulletin.docx",
    "/papers/{number}/docx",
    "/papers/{number}/pdf",
    "/sign-in/oidc",
    "/sign-in/wecom",
    "/uploads/{upload_id}/progress",
    "/wecom/callback",
}
_EXAMPLES = {
    "/admin/contacts/{number}": "/admin/contacts/1",
    "/admin/templates": "/admin/templates?number={returned}&kind=overdue",
    "/bulletins/{bulletin_id}": "/bulletins/1",
    "/feeds/{feed_id}": "/feeds/1",
    "/items/{number}": "/items/{submitted}",
    "/items/{number}/checks": "/items/{checked}/checks",
    "/items/{number}/source": "/items/{submitted}/source",
    "/my/{number}": "/my/{returned}",
    "/rates/snapshots/{number}": "/rates/snapshots/1",
    "/spot-checks/{draw_id}": "/spot-checks/1",
    "/t/{token}": "{link}",
    "/uploads/{upload_id}": "/uploads/1",
}
_STATUS = {"/sign-in/oidc/back": 404, "/sign-in/wecom/back": 404}


@dataclass(frozen=True)
class Shown:
    """A page: `path` may name what only the town knows; `seat` None: nobody is signed in."""

    name: str
    path: str
    seat: Seat | None
    status: int = 200

    @property
    def on_phone(self) -> bool:
        """Whether it is made for the phone first."""
        return self.path.startswith(("/my", "{link}"))


def _shown(route: str) -> Shown:
    who = TABLE["GET", route]
    seat = None
    if not isinstance(who, Door):
        seat = Seat.HOLDER if who == UNITS else next(each for each in (Seat.STAFF, Seat.ADMIN) if each in who)
    words = [part.strip("{}") for part in route.split("/") if part]
    return Shown("-".join(words) or "overview", _EXAMPLES.get(route, route), seat, _STATUS.get(route, 200))


PAGES = (
    *(_shown(route) for method, route in sorted(TABLE) if method == "GET" and route not in NO_PAGES),
    Shown("leader-wall", "/leader?wall=1", Seat.LEADER),
    Shown("rates-unit", "/rates?by=unit", Seat.STAFF),
    Shown("messages-all", "/messages?tab=all", Seat.STAFF),
    Shown("items-none", "/items?q=没有这样的事项", Seat.STAFF),
    Shown("items-past", "/items?as_of=2026-11-10T09:00", Seat.STAFF),
    Shown("items-district", "/items", Seat.DISTRICT),
    Shown("items-unit", "/items/{returned}", Seat.CONTACT),
    Shown("my-account", "/my", Seat.CONTACT),
    Shown("not-found", "/items/99999", Seat.STAFF, 404),
    Shown("not-for-you", "/units", Seat.CONTACT, 403),
    Shown("not-for-a-link", "/items", Seat.HOLDER, 403),
)


def places(town: Town) -> Mapping[str, object]:
    """What stands in the paths for what only this busy town knows."""
    returned, _, submitted, checked = own(town)
    return {"returned": returned, "submitted": submitted, "checked": checked, "link": link_of(town)}
