"""Signs in a page of a list that a script is yet to fill."""

from __future__ import annotations

import pytest

from tracker.probes.fetch import Page
from tracker.probes.sights import Sight


@pytest.mark.parametrize(
    ("body", "has"),
    [
        ("<li>{{ item.title }}</li>", True),
        ("{{ {{ item.title }}", True),
        ("<li v-for='item in items'></li>", True),
        ("<p>{{ 未写完</p>", False),
        ("<style>a{b{}}</style>", False),
        pytest.param("{{" + "字" * 200 + "}}", True, id="long"),
        # A search without a bound costs the square of the page.
        pytest.param("{{" + "字" * 201 + "}}", False, id="too long"),
    ],
)
def test_a_placeholder_is_short_and_closed(body: str, has: bool) -> None:
    page = Page("http://www.yunlan.invalid/", 200, "text/html", body, "")
    assert Sight.of(page).has_placeholders is has
