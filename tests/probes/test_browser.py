"""A real browser for lists that only a script draws: it sees them, and reaches what a fetch may, no more."""

from __future__ import annotations

import os
import shutil
from datetime import date, datetime
from functools import partial
from io import BytesIO

import pytest
from PIL import Image

from tests.fakes.government_site import LAYOUTS, State, build
from tests.fakes.website import Answer, FakeWebsite, endless, html
from tests.probes.looks import LOCAL, RULES, target
from tests.support import ZONE
from tracker.domain.columns import WalkLimits
from tracker.probes import AccountProbe, FetchError, Probe, Verdict, build_capture, build_probes
from tracker.probes.browser import MOST_PICTURE_BYTES, Capture, Render, build_render
from tracker.probes.fetch import fetch

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SCRIPTED = next(layout for layout in LAYOUTS if layout.wrap == "script")
DRAW = """<script>fetch('/rows').then(r => r.json()).then(d => {
  document.getElementById('list').innerHTML = d.rows })</script>"""


@pytest.fixture(scope="module")
def chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome", "microsoft-edge")
    found = os.environ.get("RECTIFY_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.fail("no Chromium: install one, or name it in RECTIFY_CHROMIUM")
    return found


@pytest.fixture
def probe(chromium: str) -> Probe:
    [website] = build_probes(LOCAL, RULES, WalkLimits(pause_seconds=0), chromium)
    return website


def drawn(site: FakeWebsite, rows: str) -> str:
    """The scripted layout, its script a working one that draws these rows."""
    url = build(site, SCRIPTED, State.GOOD)
    menu = "".join(
        f'<li><a href="/zwgk/{key}/">{key}栏目</a></li>' for key in ("jgzn", "ldxx", "zcfg", "bszn", "hdjl")
    )
    site[SCRIPTED.place] = html(f'<ul>{menu}</ul><ul id="list"></ul>{DRAW}')
    site["/rows"] = Answer(
        ('{"rows": "' + rows + '"}').encode(), headers={"Content-Type": "application/json"}
    )
    return url


@pytest.mark.parametrize(
    ("day", "verdict"),
    [("2021-09-08", Verdict.FIXED), ("2019-09-08", Verdict.NOT_FIXED)],
    ids=["fresh", "stale"],
)
def test_a_list_that_a_script_draws_is_judged(
    site: FakeWebsite, probe: Probe, day: str, verdict: Verdict
) -> None:
    url = drawn(site, f"<li><a href='/zwgk/gzdt/7.html'>一份有些内容的文件</a>{day}</li>")
    site["/zwgk/gzdt/7.html"] = html("<p>正文</p>")
    seen = probe.look(target("stale_column", url))
    assert seen.verdict is verdict, seen.evidence


@pytest.mark.parametrize("answer", [Answer(b"", status=500), endless()], ids=["broken", "endless"])
def test_a_script_whose_data_fail_leaves_it_unfixed(site: FakeWebsite, probe: Probe, answer: Answer) -> None:
    url = drawn(site, "")
    site["/rows"] = answer
    assert probe.look(target("stale_column", url)).verdict is Verdict.UNSURE


WRITES = """document.write('<a href="/zwgk/gzdt/">工作动态</a>')"""


@pytest.mark.parametrize(
    ("menu", "verdict"),
    [
        (Answer(WRITES.encode(), headers={"Content-Type": "text/javascript; charset=utf-8"}), Verdict.FIXED),
        (Answer(b"var a = 1", headers={"Content-Type": "application/javascript"}), Verdict.NOT_FIXED),
        (Answer(b"", status=500), Verdict.UNSURE),
    ],
    ids=["with the column", "without", "broken"],
)
def test_a_menu_that_a_script_writes_is_read(
    site: FakeWebsite, probe: Probe, menu: Answer, verdict: Verdict
) -> None:
    url = build(site, LAYOUTS[0], State.GOOD)
    for path in [*site.paths("/"), *site.paths(".html")]:
        text = site.body(path).replace('<li><a href="/zwgk/gzdt/">工作动态</a></li>', "")
        site[path] = Answer(text.replace("</body>", '<script src="/menu.js"></script></body>').encode())
    site["/menu.js"] = menu
    seen = probe.look(target("missing_column", url))
    assert seen.verdict is verdict, seen.evidence


def renderer(chromium: str) -> Render:
    render = build_render(chromium, partial(fetch, policy=LOCAL))
    assert render is not None
    return render


def test_a_script_reaches_no_address_that_a_fetch_may_not(site: FakeWebsite, chromium: str) -> None:
    with FakeWebsite() as other:
        other["/"] = html("secret")
        inside = other.url("/").replace("127.0.0.1", "127.0.0.2")
        tries = f"fetch('{inside}');new WebSocket('ws://127.0.0.1:{other.port}/');"
        tries += f"new Image().src='{other.url('/i')}'"
        site["/"] = html(f"<p>here</p><script>{tries}</script><iframe src='file:///etc/hostname'></iframe>")
        assert "here" in renderer(chromium)(site.url("/")).text
        assert other.requests == []


def test_an_internal_page_is_not_rendered(chromium: str) -> None:
    for url in ("http://10.0.0.1/", "file:///etc/hostname"):
        with pytest.raises(FetchError):
            renderer(chromium)(url)


def captor(chromium: str) -> Capture:
    capture = build_capture(LOCAL, chromium)
    assert capture is not None
    return capture


def test_a_picture_shows_the_page_with_its_styles_and_is_of_a_bounded_size(
    site: FakeWebsite, chromium: str
) -> None:
    site["/"] = html('<link rel=stylesheet href="/a.css"><p>here</p>' + "<p>一行文字</p>" * 5000)
    site["/a.css"] = Answer(b"body{background:rgb(255,0,0)}", headers={"Content-Type": "text/css"})
    content = captor(chromium)(site.url("/"))
    assert len(content) <= MOST_PICTURE_BYTES
    with Image.open(BytesIO(content)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (1280, 2000))
        red, green, blue = picture.convert("RGB").getpixel((1200, 1000))  # type: ignore[misc]
    assert (red > 240, green < 15, blue < 15) == (True, True, True)


def test_taking_a_picture_reaches_no_address_that_a_fetch_may_not(site: FakeWebsite, chromium: str) -> None:
    with FakeWebsite() as other:
        other["/"] = html("secret")
        inside = other.url("/").replace("127.0.0.1", "127.0.0.2")
        tries = f"<script>fetch('{inside}');new WebSocket('ws://127.0.0.1:{other.port}/')</script>"
        tries += f"<link rel=stylesheet href='{inside}a.css'><img src='{other.url('/i')}'>"
        tries += f"<iframe src='{inside}'></iframe><style>@import '{inside}b.css'</style>"
        site["/"] = html(f"<p>here</p>{tries}")
        assert captor(chromium)(site.url("/"))[:3] == b"\xff\xd8\xff"
        assert other.requests == []


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "http://169.254.169.254/", "file:///etc/hostname", "http://127.0.0.2/"]
)
def test_an_internal_page_is_not_pictured(chromium: str, url: str) -> None:
    with pytest.raises(FetchError):
        captor(chromium)(url)


def test_an_account_page_that_a_script_draws_is_read(site: FakeWebsite, probe: Probe) -> None:
    assert isinstance(probe, AccountProbe)
    now = datetime(2021, 9, 10, 10, tzinfo=ZONE)
    day = "document.body.innerHTML='<h1>云澜水务</h1><p>最近更新：2021-09-07</p>'"
    site["/"] = html(f"<script>{day}</script>")
    assert probe.look_at_account("微博", "云澜水务", site.url("/"), now).posted_on == date(2021, 9, 7)
