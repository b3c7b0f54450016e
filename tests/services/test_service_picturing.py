"""Pictures of the pages that decide checks: only where wanted, only at a change, never at the look's cost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import pytest

from tests.fakes.scripted_probe import ScriptedProbe
from tests.support import Clock, at, take_in
from tracker.bootstrap import build_office as build_from
from tracker.domain.checks import Verdict
from tracker.domain.errors import ConfigError, NotFoundError
from tracker.domain.lifecycle import Event
from tracker.probes import FetchError, FetchReason, Observation
from tracker.services import check_queue, inspect
from tracker.services.advance import perform, watch
from tracker.services.observe import observe, target_of
from tracker.services.office import Office
from tracker.services.picturing import pictured
from tracker.settings import Settings

SITE = "https://sw.yunlan.example.cn/"
JPEG = b"\xff\xd8\xff the page"


@dataclass
class Camera:
    """Notes what it is to picture; `fails` as a browser without an answer does."""

    fails: bool = False
    asked: list[str] = field(default_factory=list)

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        if self.fails:
            raise FetchError(FetchReason.NOT_RENDERED)
        return JPEG


@pytest.fixture
def clock() -> Clock:
    return Clock(at("2021-07-26 10:00"))


@pytest.fixture
def camera() -> Camera:
    return Camera()


@pytest.fixture
def probe() -> ScriptedProbe:
    return ScriptedProbe()


@pytest.fixture
def watched(office: Office, camera: Camera, probe: ScriptedProbe, clock: Clock) -> Office:
    office = replace(office, probes=(probe,), capture=camera)
    take_in(office, at("2021-07-23 17:00"))
    watch(office, [4], url=SITE, by="王芳", now=clock())
    return office


def look(office: Office, probe: ScriptedProbe, clock: Clock, verdict: Verdict, moment: str) -> None:
    probe.sees[4] = verdict
    clock.set(moment)
    observe(office, clock)


def pictures(office: Office) -> list[object]:
    return [check.evidence.get("screenshot") for check in inspect.open_file(office, 4).checks]


def test_a_verdict_is_pictured_by_the_page_that_decided(
    watched: Office, probe: ScriptedProbe, camera: Camera, clock: Clock
) -> None:
    look(watched, probe, clock, Verdict.FIXED, "2021-07-27 10:00")
    assert camera.asked == [f"{SITE}tj/"]
    digest = sha256(JPEG).hexdigest()
    assert pictures(watched) == [
        {"sha256": digest, "bytes": len(JPEG), "taken_at": "2021-07-27T10:00:00+08:00"}
    ]
    assert check_queue.picture(watched, 4, digest) == JPEG
    [view], _ = check_queue.looks_of(watched, 4, size=9)
    assert view.picture == digest


def test_nothing_is_pictured_where_nobody_wants_it_or_nothing_was_seen(
    watched: Office, probe: ScriptedProbe, camera: Camera, clock: Clock
) -> None:
    look(watched, probe, clock, Verdict.UNSURE, "2021-07-27 10:00")
    look(replace(watched, capture=None), probe, clock, Verdict.FIXED, "2021-07-28 10:00")
    assert camera.asked == []
    assert pictures(watched) == [None, None]


def test_a_page_that_left_it_open_is_not_pictured(watched: Office, camera: Camera, clock: Clock) -> None:
    [item] = inspect.pick_items(watched, [4])
    saw = Observation(Verdict.UNSURE, {"final_url": SITE})
    assert pictured(watched, target_of(watched, item, clock()), saw, clock()) == (None, {})
    assert camera.asked == []


def test_the_same_verdict_again_is_not_pictured_again_until_it_changes(
    watched: Office, probe: ScriptedProbe, camera: Camera, clock: Clock
) -> None:
    seen = (Verdict.FIXED, Verdict.FIXED, Verdict.NOT_FIXED, Verdict.FIXED)
    for day, verdict in enumerate(seen, start=27):
        look(watched, probe, clock, verdict, f"2021-07-{day} 10:00")
    assert [picture is not None for picture in pictures(watched)] == [True, False, True, True]
    views, _ = check_queue.looks_of(watched, 4, size=9)
    assert [(view.times, bool(view.picture)) for view in views] == [(1, True), (1, True), (2, True)]


def test_what_is_handed_in_is_pictured_anew(
    watched: Office, probe: ScriptedProbe, camera: Camera, clock: Clock
) -> None:
    look(watched, probe, clock, Verdict.FIXED, "2021-07-27 10:00")
    perform(watched, Event.SUBMIT, [4], by="李联", now=at("2021-07-27 11:00"), reason="已整改")
    look(watched, probe, clock, Verdict.FIXED, "2021-07-28 10:00")
    assert len(camera.asked) == 2


def test_a_picture_that_fails_keeps_no_look_from_being_kept_and_is_told(
    watched: Office, probe: ScriptedProbe, camera: Camera, clock: Clock
) -> None:
    camera.fails = True
    look(watched, probe, clock, Verdict.FIXED, "2021-07-27 10:00")
    [view], _ = check_queue.looks_of(watched, 4, size=9)
    assert (view.verdict, view.picture) == (Verdict.FIXED, "")
    assert view.facts[-1] == "没有留下网页截图：浏览器未能显示该网页"
    camera.fails = False
    look(watched, probe, clock, Verdict.FIXED, "2021-07-28 10:00")
    assert pictures(watched)[-1] is not None


def test_a_picture_belongs_to_its_item_and_to_whoever_may_see_that(
    watched: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    look(watched, probe, clock, Verdict.FIXED, "2021-07-27 10:00")
    digest = sha256(JPEG).hexdigest()
    for number, wanted in ((5, digest), (4, "0" * 64)):
        with pytest.raises(NotFoundError, match="没有这张网页截图"):
            check_queue.picture(watched, number, wanted)
    [item] = inspect.pick_items(watched, [4])
    theirs = replace(watched, database=watched.database.within(frozenset({item.unit_id})))
    others = replace(watched, database=watched.database.within(frozenset({item.unit_id + 1})))
    assert check_queue.picture(theirs, 4, digest) == JPEG
    with pytest.raises(NotFoundError):
        check_queue.picture(others, 4, digest)


@pytest.mark.parametrize("browser", [None, Path("/usr/bin/chromium")], ids=["without a browser", "with one"])
def test_the_setting_is_off_by_default_and_asks_for_a_browser(tmp_path: Path, browser: Path | None) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    quiet = build_from(Settings(database_url=url, probe_browser=browser))
    quiet.database.close()
    assert quiet.capture is None
    wanting = Settings(database_url=url, probe_browser=browser, probe_screenshots=True)
    if browser is None:
        with pytest.raises(ConfigError, match="TRACKER_PROBE_BROWSER"):
            build_from(wanting)
    else:
        office = build_from(wanting)
        office.database.close()
        assert office.capture is not None
