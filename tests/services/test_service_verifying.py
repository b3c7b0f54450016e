"""From looks to steps: by one click, by the system where a class says so, never without a look since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest

from tests.conftest import BuildOffice
from tests.fakes.scripted_probe import ScriptedProbe
from tests.services.scenes import at_once, know, messages, rows
from tests.support import Clock, at, take_in
from tracker.domain.checks import Advice, Verdict
from tracker.domain.classes import Proof
from tracker.domain.errors import NotFoundError, TransitionError
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event, State
from tracker.services import audit, check_queue, inspect, verifying
from tracker.services.advance import perform, watch
from tracker.services.check_queue import Advised
from tracker.services.evidence import Evidence
from tracker.services.observe import observe
from tracker.services.office import Office
from tracker.services.step_back import undo_step

SITE = "https://jy.yunlan.example.cn/"
FIXED, NOT_FIXED, UNSURE = Verdict.FIXED, Verdict.NOT_FIXED, Verdict.UNSURE
SEEN_FIXED = (
    "2021-07-26 10:01 自动核查：网页上已有栏目：统计信息"
    f"（网址 {SITE}tj/，状态码 200，内容摘要 abababababab）"
)


@pytest.fixture
def clock() -> Clock:
    return Clock(at("2021-07-26 10:00"))


@pytest.fixture
def probe() -> ScriptedProbe:
    return ScriptedProbe()


@pytest.fixture
def office(build_office: BuildOffice, probe: ScriptedProbe) -> Office:
    office = build_office(probes=(probe,))
    take_in(office, at("2021-07-23 17:00"))
    return office


def automatic(office: Office, **more: object) -> Office:
    """The same with `auto_verify` for missing columns."""
    classes = tuple(
        replace(each, auto_verify=True, **more) if each.code == "missing_column" else each
        for each in office.rules.classes
    )
    return replace(office, rules=replace(office.rules, classes=classes))


def hand_in(office: Office, clock: Clock, number: int = 4, by: str = "李联") -> None:
    link = [Evidence.link(SITE)]
    perform(office, Event.SUBMIT, [number], by=by, now=clock(), evidence=link)
    clock.advance(minutes=1)


def queue(office: Office, clock: Clock) -> dict[Advice, list[int]]:
    """The numbers in each group that has any; the counts agree."""
    found = {
        advice: [each.item.number for each in check_queue.advised(office, advice, now=clock(), size=50)[0]]
        for advice in Advice
    }
    counted = check_queue.count_advised(office, now=clock())
    assert counted == {advice: len(numbers) for advice, numbers in found.items()}
    return {advice: numbers for advice, numbers in found.items() if numbers}


def only(office: Office, advice: Advice, clock: Clock) -> Advised:
    [found] = check_queue.advised(office, advice, now=clock(), size=50)[0]
    return found


def item(office: Office, number: int = 4) -> Item:
    return inspect.open_file(office, number).item


def look(office: Office, probe: ScriptedProbe, clock: Clock, *verdicts: Verdict) -> None:
    """One look a day, at whatever is due."""
    for verdict in verdicts:
        probe.sees[4] = verdict
        assert len(observe(office, clock)) == 1
        clock.advance(days=1)


def test_what_looks_fixed_and_was_handed_in_is_struck_off_by_one_click(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    hand_in(office, clock)
    probe.sees[4] = FIXED
    observe(office, clock)
    assert queue(office, clock) == {Advice.FIXED_REPORTED: [4]}
    told = only(office, Advice.FIXED_REPORTED, clock).told
    assert told is not None
    assert (told.address, told.status, told.digest) == (f"{SITE}tj/", 200, "ab" * 32)
    assert told.facts == ("统计信息：所见文字“统计信息”，2 条内容，最新 2021-07-20",)
    [struck] = verifying.strike_off(office, [4], by="王核验", now=clock())
    assert struck.standing.state is State.STRUCK_OFF
    file = inspect.open_file(office, 4)
    last = file.history[-1]
    assert (last.actor, last.event, last.reason) == ("王核验", "strike_off", SEEN_FIXED)
    assert [each.value for each in file.evidence if each.history_id == last.id] == [f"{SITE}tj/"]
    assert [each.kind for each in messages(office)] == ["struck_off"]
    assert queue(office, clock) == {}
    assert audit.verify(office).faults == ()


def test_who_handed_in_does_not_strike_off_by_one_click_either(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    hand_in(office, clock, by="王核验")
    probe.sees[4] = FIXED
    observe(office, clock)
    before = rows(office)
    with pytest.raises(TransitionError, match="不能是同一人"):
        verifying.strike_off(office, [4], by="王核验", now=clock())
    assert rows(office) == before


def test_of_several_either_all_are_struck_off_or_none(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    hand_in(office, clock, 4)
    hand_in(office, clock, 7)
    probe.sees |= {4: FIXED, 7: FIXED}
    observe(office, clock)
    perform(office, Event.RETURN, [7], by="王核验", reason="栏目名称不对", now=clock())
    before = rows(office)
    with pytest.raises(TransitionError, match="第 7 号事项（市民政局）：办理情况或核查结论已变"):
        verifying.strike_off(office, [4, 7], by="王核验", now=clock())
    with pytest.raises(NotFoundError):
        verifying.strike_off(office, [4, 99], by="王核验", now=clock())
    assert rows(office) == before


def test_what_is_not_fixed_is_sent_back_with_what_was_seen(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    hand_in(office, clock)
    probe.sees[4] = NOT_FIXED
    observe(office, clock)
    assert queue(office, clock) == {Advice.NOT_FIXED_REPORTED: [4]}
    ready = only(office, Advice.NOT_FIXED_REPORTED, clock).reason
    assert "报送后仍未见整改。2021-07-26 10:01 自动核查：网页上没有找到栏目：统计信息" in ready
    verifying.send_back(office, {4: " "}, by="王核验", now=clock())
    file = inspect.open_file(office, 4)
    assert (file.item.standing.state, file.history[-1].reason) == (State.SIGNED, ready)
    assert [each.kind for each in messages(office)] == ["returned"]
    assert queue(office, clock) == {}, "what was seen before it was sent back is over"


def test_staff_may_put_the_reason_in_their_own_words(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    hand_in(office, clock)
    look(office, probe, clock, NOT_FIXED)
    verifying.send_back(office, {4: "栏目尚未建立"}, by="王核验", now=clock())
    assert inspect.open_file(office, 4).history[-1].reason == "栏目尚未建立"


def test_a_fix_that_nobody_reported_is_shown_and_cannot_be_struck_off(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    watch(office, [4], url=SITE, by="王核验", now=clock())
    look(office, probe, clock, FIXED, UNSURE)
    assert queue(office, clock) == {Advice.FIXED_UNREPORTED: [4]}
    shown = only(office, Advice.FIXED_UNREPORTED, clock)
    assert shown.blind == 1
    assert shown.last is not None
    assert shown.last.blind == (f"未能看到 {SITE}：网站响应超时",)
    assert check_queue.unreported_by_unit(office, now=clock()) == [("市教育局", 1)]
    with pytest.raises(TransitionError):
        verifying.strike_off(office, [4], by="王核验", now=clock())
    look(office, probe, clock, NOT_FIXED)
    assert queue(office, clock) == {}


def test_what_can_never_be_seen_is_said_after_some_looks(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    watch(office, [4], url=SITE, by="王核验", now=clock())
    look(office, probe, clock, UNSURE, UNSURE)
    assert queue(office, clock) == {}
    look(office, probe, clock, UNSURE)
    assert queue(office, clock) == {Advice.CANNOT_LOOK: [4]}
    assert only(office, Advice.CANNOT_LOOK, clock).told is None
    watch(office, [4], url=f"{SITE}zwgk/", by="王核验", now=clock())
    assert queue(office, clock) == {}, "another page has not been looked at yet"


def test_a_look_that_began_before_the_submission_is_not_held_against_it(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    def submit(_target: object) -> None:
        clock.advance(minutes=2)
        perform(office, Event.SUBMIT, [4], by="李联", now=clock())
        clock.advance(minutes=1)

    watch(office, [4], url=SITE, by="王核验", now=clock())
    probe.sees[4], probe.meanwhile = NOT_FIXED, submit
    began = clock()
    [seen, again] = _until_quiet(office, probe, clock)
    assert seen.checked_at == began
    assert again.checked_at > item(office).standing.submitted_at
    assert queue(office, clock) == {Advice.NOT_FIXED_REPORTED: [4]}
    assert probe.targets[-1].read_since == item(office).standing.submitted_at


def _until_quiet(office: Office, probe: ScriptedProbe, clock: Clock) -> list:
    """The first look meets what happens meanwhile, the next one nothing."""
    first = probe.meanwhile

    def once(target: object) -> None:
        probe.meanwhile = lambda _target: None
        first(target)

    probe.meanwhile = once
    return observe(office, clock)


def test_somebody_asks_for_another_look(office: Office, probe: ScriptedProbe, clock: Clock) -> None:
    hand_in(office, clock)
    look(office, probe, clock, NOT_FIXED)
    clock.advance(hours=-20)
    assert observe(office, clock) == []
    verifying.ask_again(office, [4], by="王核验", now=clock())
    assert only(office, Advice.NOT_FIXED_REPORTED, clock).is_asked
    asked_at = clock()
    clock.advance(minutes=1)
    look(office, probe, clock, FIXED)
    assert probe.targets[-1].read_since == asked_at
    assert not only(office, Advice.FIXED_REPORTED, clock).is_asked


def test_nobody_asks_for_a_look_that_is_not_theirs_or_cannot_be(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    know(office, "市教育局,李联,联络员,13800000001,,,")
    hand_in(office, clock)
    with pytest.raises(TransitionError, match="要求再查须由工作人员"):
        verifying.ask_again(office, [4], by="李联", now=clock())
    with pytest.raises(TransitionError, match="没有可以核查的网址"):
        verifying.ask_again(office, [1], by="王核验", now=clock())
    look(office, probe, clock, FIXED)
    verifying.strike_off(office, [4], by="王核验", now=clock())
    with pytest.raises(TransitionError, match="“已销号”，不再核查"):
        verifying.ask_again(office, [4], by="王核验", now=clock())


def test_a_class_of_its_own_accord_strikes_off_what_was_handed_in(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    hand_in(office, clock)
    look(automatic(office), probe, clock, FIXED)
    file = inspect.open_file(office, 4)
    told = [(row.event, row.actor, row.reason) for row in file.history[1:]]
    assert told == [("submit", "李联", None), ("strike_off", "系统", SEEN_FIXED)]
    assert file.item.standing.finished_at == file.history[1].at
    assert [each.kind for each in messages(office)] == ["struck_off"]
    assert audit.verify(office).faults == ()


@pytest.mark.parametrize("verdicts", [(FIXED,) * 4, (NOT_FIXED,) * 4], ids=["fixed", "not_fixed"])
def test_the_system_moves_nothing_that_nobody_handed_in(
    office: Office, probe: ScriptedProbe, clock: Clock, verdicts: tuple[Verdict, ...]
) -> None:
    watch(office, [4], url=SITE, by="王核验", now=clock())
    look(automatic(office), probe, clock, *verdicts)
    assert item(office).standing.state is State.OPEN


def test_without_auto_verify_the_system_only_advises(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    hand_in(office, clock)
    look(office, probe, clock, FIXED, NOT_FIXED, NOT_FIXED, NOT_FIXED)
    assert item(office).standing.state is State.SUBMITTED


def test_a_failed_look_never_moves_anything(office: Office, probe: ScriptedProbe, clock: Clock) -> None:
    hand_in(office, clock)
    look(automatic(office), probe, clock, *[UNSURE] * 5)
    assert item(office).standing.state is State.SUBMITTED
    assert queue(office, clock) == {Advice.CANNOT_LOOK: [4]}


def test_the_system_returns_only_what_it_saw_unfixed_again_and_again(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    """Handed in on the very last day: whoever is sent back gets three working days at least."""
    clock.set("2021-07-30 10:00")
    hand_in(office, clock)
    look(automatic(office), probe, clock, NOT_FIXED, UNSURE, NOT_FIXED)
    assert item(office).standing.state is State.SUBMITTED
    clock.set("2021-08-06 10:00")
    look(automatic(office), probe, clock, NOT_FIXED)
    file = inspect.open_file(office, 4)
    last = file.history[-1]
    assert (last.event, last.actor, file.item.standing.state) == ("return", "系统", State.SIGNED)
    assert "连续 3 次核查均如此" in (last.reason or "")
    assert str(file.item.standing.due_on) == "2021-08-11"
    assert [each.kind for each in messages(office)] == ["returned"]
    look(automatic(office), probe, clock, NOT_FIXED)
    assert len(inspect.open_file(office, 4).history) == len(file.history)


def test_what_the_workflow_refuses_is_left_to_people(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    hand_in(office, clock)
    look(automatic(office, evidence=Proof.FILE), probe, clock, FIXED)
    assert item(office).standing.state is State.SUBMITTED
    assert queue(office, clock) == {Advice.FIXED_REPORTED: [4]}


def test_the_system_never_verifies_what_it_handed_in_itself(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    hand_in(office, clock, by="系统")
    look(automatic(office), probe, clock, FIXED)
    assert item(office).standing.state is State.SUBMITTED


@pytest.mark.parametrize(
    ("step", "state"),
    [
        (
            lambda office, now: perform(office, Event.RETURN, [4], by="王核验", reason="不对", now=now),
            "signed",
        ),
        (lambda office, now: perform(office, Event.STRIKE_OFF, [4], by="王核验", now=now), "struck_off"),
        (lambda office, now: undo_step(office, [4], by="李联", now=now), "open"),
        (
            lambda office, now: perform(office, Event.WITHDRAW, [4], by="王核验", reason="误列", now=now),
            "withdrawn",
        ),
    ],
    ids=["return", "strike_off", "undo", "withdraw"],
)
def test_a_step_that_a_person_takes_meanwhile_wins(
    office: Office,
    probe: ScriptedProbe,
    clock: Clock,
    step: Callable[[Office, datetime], object],
    state: str,
) -> None:
    hand_in(office, clock)
    probe.meanwhile = lambda _target: step(office, clock.advance(seconds=30))
    look(automatic(office), probe, clock, FIXED)
    assert item(office).standing.state == state
    assert "系统" not in {row.actor for row in inspect.open_file(office, 4).history}


def test_two_schedulers_strike_off_once(
    build_office: BuildOffice, office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    for number in (4, 7, 9):
        hand_in(office, clock, number)
        probe.sees[number] = FIXED
    one, other = automatic(office), automatic(build_office(probes=(probe,)))
    results = at_once(partial(observe, one, clock), partial(observe, other, clock))
    assert not [result for result in results if isinstance(result, Exception)]
    for number in (4, 7, 9):
        events = [row.event for row in inspect.open_file(office, number).history]
        assert events == ["import", "submit", "strike_off"]
    assert audit.verify(office).faults == ()


def test_a_reopened_item_is_looked_at_again_and_former_looks_are_over(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    hand_in(office, clock)
    look(office, probe, clock, FIXED)
    verifying.strike_off(office, [4], by="王核验", now=clock())
    perform(office, Event.REOPEN, [4], by="王核验", reason="又不见了", now=clock())
    assert queue(office, clock) == {}
    clock.advance(days=1)
    look(office, probe, clock, FIXED)
    assert queue(office, clock) == {Advice.FIXED_UNREPORTED: [4]}


def test_looks_that_saw_the_same_are_told_once_and_long_histories_in_pages(
    office: Office, probe: ScriptedProbe, clock: Clock
) -> None:
    watch(office, [4], url=SITE, by="王核验", now=clock())
    look(office, probe, clock, NOT_FIXED, NOT_FIXED, NOT_FIXED, UNSURE, FIXED, FIXED)
    views, rest = check_queue.looks_of(office, 4, size=50)
    assert [(each.verdict, each.times) for each in views] == [(FIXED, 2), (UNSURE, 1), (NOT_FIXED, 3)]
    assert views[-1].since < views[-1].at
    assert rest is None
    views, rest = check_queue.looks_of(office, 4, size=4)
    assert [each.times for each in views] == [2, 1, 1]
    views, rest = check_queue.looks_of(office, 4, size=4, before=rest)
    assert ([each.times for each in views], rest) == ([2], None)
