"""What every page works with: the office, its clock, and the templates of `templates/pages/`.

Must never mark a text from a document or a person as safe: autoescape is what keeps it data.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tracker import __version__
from tracker.clock import Clock
from tracker.domain.items import Item
from tracker.domain.lifecycle import is_overdue
from tracker.rendering.markdown import to_html
from tracker.rendering.words import due
from tracker.resources import shipped
from tracker.services.boards import Boards
from tracker.services.office import Office
from tracker.web import words
from tracker.web.security import Throttle


class Desk:
    """One installation as its pages see it; shared by all requests, holds nothing of any of them."""

    def __init__(self, office: Office, clock: Clock) -> None:
        self.office = office
        self.now: Callable[[], datetime] = clock
        self.throttle = Throttle()
        self.boards = Boards(office)
        self.secure_cookies = (office.public_url or "").startswith("https://")
        self._templates = self._environment()

    def today(self) -> date:
        return self.office.rules.calendar.today(self.now())

    def render(self, request: Request, template: str, status: int = 200, **context: object) -> HTMLResponse:
        """A page from `templates/pages/`; who is signed in and where we are is known to all of them."""
        session = getattr(request.state, "session", None)
        known = {"session": session, "path": request.url.path, "today": self.today()}
        return HTMLResponse(self._templates.get_template(template).render(known | context), status)

    def _environment(self) -> Environment:
        made = Environment(
            loader=FileSystemLoader(shipped("templates") / "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
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
            "verdict": lambda verdict: words.VERDICTS.get(verdict, verdict),
        }
        made.tests["overdue"] = self._overdue
        made.globals |= {"version": __version__}
        return made

    def _moment(self, value: datetime) -> str:
        return f"{self.office.rules.calendar.local(value):%Y-%m-%d %H:%M}"

    def _overdue(self, item: Item) -> bool:
        return is_overdue(item.standing, self.now(), self.office.rules.calendar)


def current_desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


CurrentDesk = Annotated[Desk, Depends(current_desk)]
