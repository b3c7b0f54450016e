"""No page carries a script, a style or a handler of its own: the policy that forbids them may stay strict."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.fakes.pages_office import Town
from tests.fakes.seated_town import seated
from tests.web.conftest import Visitor
from tests.web.test_web_access import OWN, address, seat_taken
from tracker.web.access import TABLE, Door, Seat

PAGES = sorted(path for method, path in TABLE if method == "GET")


class Inline(HTMLParser):
    """Collects what `script-src 'self'; style-src 'self'` would not let run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        is_data = tag == "script" and named.get("type") in {"application/json", "application/ld+json"}
        if tag == "style" or (tag == "script" and not named.get("src") and not is_data):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith("on") or "javascript:" in (value or "").lower():
                self.found.append(f"<{tag} {name}>")
            if name in {"src", "href", "action", "formaction"} and re.match(r"(https?:)?//", value or ""):
                self.found.append(f"<{tag} {name}> leads to another host")


def inline(page: str) -> list[str]:
    parser = Inline()
    parser.feed(page)
    return parser.found


def test_the_parser_sees_what_it_looks_for() -> None:
    page = (
        '<p style="x" onclick="y"><script>z</script><style></style><a href="javascript:1">'
        '<script src="https://cdn.example.com/a.js"></script><script type="application/json">{}</script>'
        '<script src="/static/a.js"></script>'
    )
    assert len(inline(page)) == 6


@pytest.mark.slow
@pytest.mark.parametrize("seat", [Seat.ADMIN, Seat.HOLDER, Seat.CONTACT])
def test_no_page_has_anything_inline(town: Town, seat: Seat) -> None:
    town.begin(seated)
    visitor = seat_taken(town, seat)
    seen = 0
    for path in PAGES:
        who = TABLE["GET", path]
        if isinstance(who, Door) or seat not in who:
            continue
        answer = visitor.get(address(path, OWN.get(seat, 1)))
        if "text/html" in answer.headers.get("content-type", ""):
            assert (path, inline(answer.text)) == (path, [])
            seen += 1
    assert seen >= 2


def test_no_public_page_has_anything_inline(town: Town, visitor: Visitor) -> None:
    for path in PAGES:
        if TABLE["GET", path] is Door.PUBLIC:
            assert (path, inline(visitor.get(address(path)).text)) == (path, [])


def test_the_policy_lets_nothing_run_that_is_not_ours(visitor: Visitor) -> None:
    headers = visitor.get("/sign-in").headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "object-src": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers
