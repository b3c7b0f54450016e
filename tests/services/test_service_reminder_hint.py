"""A reminder says what the newest look saw: fixed, not reported since; and only to who can report it."""

from __future__ import annotations

import pytest

from tests.conftest import BuildOffice
from tests.fakes.exports import as_csv, case
from tests.fakes.scripted_probe import ScriptedProbe
from tests.services.scenes import know, messages
from tests.support import Clock, at, take_in
from tracker.domain.checks import Verdict
from tracker.domain.lifecycle import Event
from tracker.services import feed_cases
from tracker.services.advance import perform, watch
from tracker.services.evidence import Evidence
from tracker.services.nudge import nudge
from tracker.services.observe import observe
from tracker.services.office import Office
from tracker.services.remind import remind

SITE = "https://mz.yunlan.example.cn/"
HINT = "系统核查已见整改，请及时报送"
FIXED, NOT_FIXED, UNSURE = Verdict.FIXED, Verdict.NOT_FIXED, Verdict.UNSURE
CONTACT, HEAD = "市民政局 孙联（联络员）", "市民政局 吴负（负责人）"


@pytest.fixture
def probe() -> ScriptedProbe:
    return ScriptedProbe()


@pytest.fixture
def office(build_office: BuildOffice, probe: ScriptedProbe) -> Office:
    """市民政局 has 6, whose deadline is over, and 7, a missing column due on 6 August, which is looked at."""
    office = build_office(probes=(probe,))
    take_in(office, at("2021-07-23 17:00"))
    know(office, "市民政局,孙联,联络员,13800000002,,,", "市民政局,吴负,负责人,13800000003,,,")
    watch(office, [7], url=SITE, by="王芳", now=at("2021-07-23 17:00"))
    return office


def look(office: Office, probe: ScriptedProbe, clock: Clock, *verdicts: tuple[str, Verdict]) -> None:
    for moment, verdict in verdicts:
        clock.set(moment)
        probe.sees[7] = verdict
        assert [each.number for each in observe(office, clock)] == [7]


def reminded(office: Office, moment: str) -> dict[str, str]:
    """Recipient → the text of what this morning brings."""
    before = {each.id for each in messages(office)}
    remind(office, now=at(moment))
    return {each.recipient: each.text for each in messages(office) if each.id not in before}


def test_what_the_newest_look_saw_fixed_is_said_beside_its_item_to_the_contact_alone(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    look(office, probe, clock, ("2021-07-27 22:00", FIXED))
    said = reminded(office, "2021-07-28 09:00")
    assert [line for line in said[CONTACT].splitlines() if HINT in line] == [
        line for line in said[CONTACT].splitlines() if "7号" in line
    ]
    assert said[CONTACT].count(HINT) == 1
    assert HINT not in said[HEAD]


@pytest.mark.parametrize(
    "verdicts",
    [
        (),
        (("2021-07-27 22:00", NOT_FIXED),),
        (("2021-07-26 09:00", FIXED), ("2021-07-27 22:00", NOT_FIXED)),
        (("2021-07-26 09:00", FIXED), ("2021-07-27 22:00", UNSURE)),
    ],
)
def test_any_other_newest_look_says_nothing(
    office: Office, probe: ScriptedProbe, clock: Clock, verdicts: tuple[tuple[str, Verdict], ...]
) -> None:
    look(office, probe, clock, *verdicts)
    assert HINT not in reminded(office, "2021-07-28 09:00")[CONTACT]


def test_a_look_from_before_the_last_return_says_nothing(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    look(office, probe, clock, ("2021-07-26 09:00", FIXED))
    link = [Evidence.link(SITE)]
    perform(office, Event.SUBMIT, [7], by="孙联", now=at("2021-07-26 11:00"), evidence=link)
    perform(office, Event.RETURN, [7], by="王芳", reason="内容为空", now=at("2021-07-26 15:00"))
    assert HINT not in reminded(office, "2021-07-28 09:00")[CONTACT]
    look(office, probe, clock, ("2021-08-04 22:00", FIXED))
    assert HINT in reminded(office, "2021-08-05 09:00")[CONTACT]


def test_what_an_export_shows_done_is_said_too(office: Office) -> None:
    know(office, "澜东区,周联,联络员,13800000004,,,")
    rated = [case(f"L{n:04}", "澜东区") for n in range(982)]
    now = at("2021-07-26 10:00")
    fed = feed_cases.take_in(office, as_csv(rated), "办件.csv", by="李强", now=now)
    assert [item.number for item in fed.outcome.cleared] == [8]
    assert HINT in reminded(office, "2021-07-27 09:00")["澜东区 周联（联络员）"]


def test_urging_by_hand_says_so_as_well(office: Office, probe: ScriptedProbe, clock: Clock) -> None:
    look(office, probe, clock, ("2021-07-26 09:00", FIXED))
    nudge(office, [7], by="王芳", now=at("2021-07-26 10:00"))
    [urged] = [each for each in messages(office) if each.kind == "nudge"]
    assert HINT in urged.text
