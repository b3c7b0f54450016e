"""回头看: when struck-off items are looked at again, that it takes two looks, and who decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import pytest

from tests.conftest import BuildOffice
from tests.fakes.exports import as_csv, case
from tests.services.scenes import NEXT_BULLETIN, at_once, know, messages, strike_off
from tests.support import Clock, at, take_in
from tracker.domain.errors import ForbiddenError, NotFoundError, TransitionError
from tracker.domain.lifecycle import Event, Standing, State
from tracker.domain.revisits import RevisitState
from tracker.probes import Observation, Target, Verdict
from tracker.services import audit, feed_cases, inspect
from tracker.services.advance import perform, watch
from tracker.services.office import Office
from tracker.services.revisiting import LookedBack, confirm, dismiss, list_revisits, look_back
from tracker.services.step_back import undo_step
from tracker.store import revisits
from tracker.store.items import ItemFilter
from tracker.store.revisits import StoredRevisit

STRUCK_OFF = at("2021-07-26 10:00")
PAGE = "https://jy.example.cn/tjxx/"
FIXED, NOT_FIXED, UNSURE = Verdict.FIXED, Verdict.NOT_FIXED, Verdict.UNSURE


@dataclass
class Eyes:
    """A probe that sees what the test says, one verdict a look, the last one for ever."""

    verdicts: list[Verdict] = field(default_factory=lambda: [FIXED])
    looked: list[Target] = field(default_factory=list)
    name = "website_column"
    classes = frozenset({"missing_column", "stale_column"})

    def look(self, target: Target) -> Observation:
        self.looked.append(target)
        verdict = self.verdicts.pop(0) if len(self.verdicts) > 1 else self.verdicts[0]
        return Observation(verdict, {"summary": f"所见：{verdict}"})


@pytest.fixture
def eyes() -> Eyes:
    return Eyes()


@pytest.fixture
def open_office(build_office: BuildOffice, eyes: Eyes) -> BuildOffice:
    return partial(build_office, probes=(eyes,))


@pytest.fixture
def office(open_office: BuildOffice) -> Office:
    """Item 4 (市教育局, missing_column) has a page and was struck off on the 26th."""
    office = open_office()
    take_in(office, at("2021-07-23 17:00"))
    know(office, "市教育局,李联,联络员,,,,")
    watch(office, [4], url=PAGE, by="核验员", now=at("2021-07-26 09:00"))
    strike_off(office, [4], STRUCK_OFF)
    return office


@pytest.fixture
def clock() -> Clock:
    return Clock(STRUCK_OFF)


def stored(office: Office) -> list[StoredRevisit]:
    with office.database.read() as connection:
        return revisits.in_states(connection, set(RevisitState), 100)


def run(office: Office, clock: Clock, *moments: str) -> list[LookedBack]:
    """Let the job run at these moments; what it looked at."""
    seen: list[LookedBack] = []
    for moment in moments:
        clock.set(moment)
        seen += look_back(office, clock)
    return seen


FIRST, SECOND, THIRD = "2021-08-23 10:00", "2021-08-24 10:00", "2021-08-25 10:00"


def propose(office: Office, eyes: Eyes, clock: Clock) -> StoredRevisit:
    eyes.verdicts = [NOT_FIXED]
    run(office, clock, FIRST, SECOND)
    [waiting] = list_revisits(office).to_decide
    return waiting.revisit


def test_four_and_twelve_weeks_after_the_strike_off_it_is_looked_at_again(
    office: Office, eyes: Eyes, clock: Clock
) -> None:
    assert [each.weeks for each in stored(office)] == [4, 12]
    assert run(office, clock, "2021-08-23 09:59") == []
    [looked] = run(office, clock, FIRST)
    assert (looked.revisit.state, looked.item.number) == (RevisitState.FIXED, 4)
    assert [target.url for target in eyes.looked] == [PAGE]
    assert run(office, clock, SECOND, "2021-10-18 09:59") == []
    assert len(run(office, clock, "2021-10-18 10:00", "2021-12-31 10:00")) == 1
    checks = inspect.open_file(office, 4).checks
    assert [check.verdict for check in checks] == ["fixed", "fixed"]
    assert inspect.open_file(office, 4).item.standing.state is State.STRUCK_OFF


def test_one_bad_day_of_a_site_opens_nothing(office: Office, eyes: Eyes, clock: Clock) -> None:
    eyes.verdicts = [NOT_FIXED, FIXED]
    [looked] = run(office, clock, FIRST, "2021-08-24 09:59")
    assert looked.revisit.state is RevisitState.AGAIN
    assert len(list_revisits(office).again) == 1
    [looked] = run(office, clock, SECOND)
    assert looked.revisit.state is RevisitState.FIXED
    assert list_revisits(office).to_decide == []


def test_seen_at_two_looks_a_day_apart_it_waits_for_a_person(
    office: Office, eyes: Eyes, clock: Clock
) -> None:
    waiting = propose(office, eyes, clock)
    assert (waiting.state, waiting.tries, waiting.finding) == (RevisitState.PROPOSED, 2, "所见：not_fixed")
    assert run(office, clock, THIRD) == []
    assert len(inspect.list_items(office, ItemFilter(), now=clock())) == 9


def test_confirmed_it_is_a_new_item_linked_to_the_old_one_and_the_unit_is_told(
    office: Office, eyes: Eyes, clock: Clock
) -> None:
    waiting = propose(office, eyes, clock)
    clock.set("2021-08-24 15:00")
    new = confirm(office, waiting.id, by="王芳", now=clock())
    old = inspect.open_file(office, 4)
    assert (new.recurs, new.number > 9, new.text) == (4, True, old.item.text)
    assert new.standing.state is State.OPEN
    assert new.issued_on == clock().date()
    assert new.standing.due_on is not None
    assert new.standing.due_on > clock().date()
    assert old.item.standing.state is State.STRUCK_OFF
    assert (old.history[-1].event, old.history[-1].actor) == ("recur", "王芳")
    assert old.history[-1].detail == {"recurred_as": new.number}
    made = inspect.open_file(office, new.number)
    assert [row.event for row in made.history] == ["import"]
    assert made.item.page_url == PAGE
    said = [each for each in messages(office) if each.kind == "recurred"]
    assert [(each.recipient, each.reason) for each in said] == [("市教育局 李联（联络员）", "回头看发现反弹")]
    assert f"{new.number}号" in said[0].text
    [settled] = list_revisits(office).settled
    assert (settled.revisit.state, settled.revisit.new_number) == (RevisitState.REOPENED, new.number)
    assert audit.verify(office).faults == ()


def test_what_was_decided_is_not_decided_again_and_the_later_look_finds_it_at_work(
    office: Office, eyes: Eyes, clock: Clock
) -> None:
    waiting = propose(office, eyes, clock)
    confirm(office, waiting.id, by="王芳", now=clock())
    with pytest.raises(TransitionError, match="已立为反弹"):
        confirm(office, waiting.id, by="王芳", now=clock())
    looks = len(eyes.looked)
    assert run(office, clock, "2021-10-18 10:00") == []
    assert len(eyes.looked) == looks
    assert stored(office)[-1].state is RevisitState.VOID


def test_dismissed_it_stays_closed_with_the_reason(office: Office, eyes: Eyes, clock: Clock) -> None:
    waiting = propose(office, eyes, clock)
    with pytest.raises(TransitionError, match="须写明"):
        dismiss(office, waiting.id, by="王芳", reason=" ", now=clock())
    dismiss(office, waiting.id, by="王芳", reason="网站改版，栏目仍在", now=clock())
    [settled] = list_revisits(office).settled
    assert (settled.revisit.state, settled.revisit.reason) == (RevisitState.DISMISSED, "网站改版，栏目仍在")
    assert len(inspect.list_items(office, ItemFilter(), now=clock())) == 9
    with pytest.raises(NotFoundError):
        confirm(office, 99, by="王芳", now=clock())


def test_only_the_bureau_decides(office: Office, eyes: Eyes, clock: Clock) -> None:
    waiting = propose(office, eyes, clock)
    with pytest.raises(ForbiddenError):
        confirm(office, waiting.id, by="李联", now=clock())
    with pytest.raises(ForbiddenError):
        dismiss(office, waiting.id, by="李联", reason="没有", now=clock())


def test_looks_that_cannot_tell_open_nothing_and_end_with_a_person(
    office: Office, eyes: Eyes, clock: Clock
) -> None:
    eyes.verdicts = [NOT_FIXED, UNSURE]
    run(office, clock, FIRST, SECOND, THIRD, "2021-08-26 10:00")
    [waiting] = list_revisits(office).to_decide
    assert (waiting.revisit.state, waiting.revisit.tries) == (RevisitState.UNSURE, 3)
    assert confirm(office, waiting.revisit.id, by="王芳", now=clock()).recurs == 4


def with_rule(office: Office, **changes: object) -> Office:
    classes = tuple(
        replace(each, **changes) if each.code == "missing_column" else each for each in office.rules.classes
    )
    return replace(office, rules=replace(office.rules, classes=classes))


def test_a_class_that_verifies_by_itself_reopens_by_itself(office: Office, eyes: Eyes, clock: Clock) -> None:
    office = with_rule(office, auto_verify=True)
    eyes.verdicts = [NOT_FIXED]
    [_, looked] = run(office, clock, FIRST, SECOND)
    assert looked.revisit.state is RevisitState.REOPENED
    assert looked.revisit.decided_by == "系统"
    [new] = inspect.pick_items(office, [looked.revisit.new_number or 0])
    assert new.recurs == 4


@pytest.mark.parametrize(("weeks", "planned"), [((2,), [2]), ((), []), ((0,), []), (None, [4, 12])])
def test_each_class_has_its_own_weeks(
    open_office: BuildOffice, weeks: Sequence[int] | None, planned: list[int]
) -> None:
    office = with_rule(open_office(), revisit_weeks=weeks)
    take_in(office, at("2021-07-23 17:00"))
    watch(office, [4], url=PAGE, by="核验员", now=STRUCK_OFF)
    strike_off(office, [4], STRUCK_OFF)
    assert [each.weeks for each in stored(office)] == planned


def test_what_no_probe_can_see_is_not_scheduled(office: Office) -> None:
    strike_off(office, [1, 7], STRUCK_OFF)  # cases; a column without a page
    assert {each.item_number for each in stored(office)} == {4}


def test_a_strike_off_that_was_taken_back_is_not_looked_at(office: Office, eyes: Eyes, clock: Clock) -> None:
    undo_step(office, [4], by="审批局核验员", now=at("2021-07-26 10:05"))
    assert run(office, clock, FIRST) == []
    assert eyes.looked == []
    assert stored(office)[0].state is RevisitState.VOID


def test_struck_off_once_more_it_is_looked_at_from_then_on(office: Office, eyes: Eyes, clock: Clock) -> None:
    perform(office, Event.REOPEN, [4], by="王芳", now=at("2021-07-27 10:00"), reason="误销")
    strike_off(office, [4], at("2021-08-02 10:00"))
    assert run(office, clock, FIRST) == []
    assert len(run(office, clock, "2021-08-30 10:00")) == 1
    assert len(eyes.looked) == 1


def test_a_problem_that_a_bulletin_brought_back_first_is_not_made_twice(
    office: Office, eyes: Eyes, clock: Clock
) -> None:
    waiting = propose(office, eyes, clock)
    take_in(office, at("2021-10-22 17:00"), NEXT_BULLETIN, "三季度.txt")
    with pytest.raises(TransitionError, match="的问题已立为第"):
        confirm(office, waiting.id, by="王芳", now=at("2021-10-23 10:00"))


def test_two_schedulers_look_once(office: Office, open_office: BuildOffice, eyes: Eyes, clock: Clock) -> None:
    other = open_office()
    clock.set(FIRST)
    done = at_once(partial(look_back, office, clock), partial(look_back, other, clock))
    assert not [each for each in done if isinstance(each, Exception)]
    assert len(eyes.looked) == 1


def test_nothing_is_scheduled_for_what_was_struck_off_before(office: Office) -> None:
    """The migration makes no revisit: an office with thousands of closed items is not flooded."""
    assert {each.struck_off_at for each in stored(office)} == {STRUCK_OFF}


def test_cases_that_are_back_come_back_with_their_export(office: Office, clock: Clock) -> None:
    """No probe looks at cases: the next export that shows them opens the item again, linked."""
    strike_off(office, [8], STRUCK_OFF)
    content = as_csv([case(f"L{n}", "澜东区", rating="") for n in range(3)])
    fed = feed_cases.take_in(office, content, "八月.csv", by="李强", now=at("2021-08-24 10:00"))
    assert [each.recurs for each in fed.outcome.opened] == [8]


def standings(office: Office) -> list[tuple[int, Standing]]:
    return [(each.number, each.standing) for each in inspect.list_items(office, ItemFilter(), now=STRUCK_OFF)]


def test_a_look_that_falls_in_a_night_of_downtime_is_made_up_for_once(
    office: Office, eyes: Eyes, clock: Clock
) -> None:
    before = standings(office)
    run(office, clock, "2022-01-10 08:00")
    assert len(eyes.looked) == 2  # four weeks and twelve weeks: each has its own line
    assert standings(office) == before  # what was seen last stands on the item too; nothing else does
    assert clock() - STRUCK_OFF > timedelta(weeks=12)
