"""What every page works with: the office, its clock, and the templates of `templates/pages/`.

Must never mark a text from a document or a person as safe: autoescape is what keeps it data.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined

from tracker import __version__
from tracker.clock import Clock
from tracker.domain.items import Item
from tracker.domain.lifecycle import is_overdue
from tracker.domain.people import Reach
from tracker.rendering.markdown import to_html
from tracker.rendering.words import due
from tracker.resources import shipped
from tracker.services.boards import Boards
from tracker.services.office import Office
from tracker.services.reading_room import ReadingRoom
from tracker.services.report import FreshRates, count_details, count_rates
from tracker.web import words
from tracker.web.access import Seat, may_open, seat_of
from tracker.web.menu import menu


class Desk:
    """One installation as its pages see it; shared by all requests, holds nothing of any one of them."""

    def __init__(self, office: Office, clock: Clock, compiled: BytecodeCache | None = None) -> None:
        """`compiled` keeps the compiled templates for other desks of this process."""
        self.office = office
        self.now: Callable[[], datetime] = clock
        self.room = ReadingRoom(office)
        self.rates = FreshRates(count_rates)
        self.detailed_rates = FreshRates(count_details)
        self.boards = Boards(office)
        self.secure_cookies = (office.public_url or "").startswith("https://")
        self._templates = self._environment(compiled)

    def within(self, reach: Reach) -> Desk:
        """The same, whose office shows the items of these units only: what each request works with."""
        bound = copy(self)
        bound.office = replace(self.office, database=self.office.database.within(reach))
        return bound

    def today(self) -> date:
        return self.office.rules.calendar.today(self.now())

    def render(self, request: Request, template: str, status: int = 200, **context: object) -> HTMLResponse:
        """A page from `templates/pages/`; who is signed in and where we are is known to all of them."""
        session = getattr(request.state, "session", None)
        seat = seat_of(session) if session else None

        def opens(path: str, method: str = "GET") -> bool:
            return seat is not None and may_open(seat, path, method)

        known = {
            "session": session,
            "path": request.url.path,
            "today": self.today(),
            "may_open": opens,
            "menu": [] if seat is Seat.HOLDER else menu(request.url.path, opens),
        }
        return HTMLResponse(self._templates.get_template(template).render(known | context), status)

    def _environment(self, compiled: BytecodeCache | None) -> Environment:
        made = Environment(
            loader=FileSystemLoader(shipped("templates") / "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=compiled,
        )
        made.filters |= {
            "moment": self._moment,
            "class_name": self.office.rules.class_name,
            "due": lambda item: due(item, self.office.rules.calendar),
            "quantity": words.quantity,
            "place": words.place,
            "event": words.event,
            "changes": words.changes,
            "message_html": to_html,
            "channel": lambda name: words.CHANNELS.get(name, name),
            "delivery": lambda state: words.DELIVERY.get(state, state),
        }
        made.tests["overdue"] = self._overdue
        made.globals |= {"version": __version__}
        return made

    def _moment(self, value: datetime) -> str:
        return f"{self.office.rules.calendar.local(value):%Y-%m-%d %H:%M}"

    def _overdue(self, item: Item, moment: datetime | None = None) -> bool:
        return is_overdue(item.standing, moment or self.now(), self.office.rules.calendar)


def current_desk(request: Request) -> Desk:
    """Bound by the guard to what whoever asks may see; without a guard in front there is none."""
    desk: Desk = request.state.desk
    return desk


def unbound_desk(request: Request) -> Desk:
    """The installation itself: for the guard, and for errors that come before it."""
    desk: Desk = request.app.state.desk
    return desk


CurrentDesk = Annotated[Desk, Depends(current_desk)]
