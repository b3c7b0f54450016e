"""抽查: reproducible draws, looked at by probes, judged by people."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from sqlalchemy import update

from tests.conftest import BuildOffice
from tests.services.scenes import at_once, know, messages, strike_off
from tests.services.test_service_revisiting import NOT_FIXED, PAGE, Eyes
from tests.support import Clock, at, take_in
from tracker.domain.drawing import population_digest, rank
from tracker.domain.errors import ForbiddenError, NotFoundError, RectifyError, TransitionError
from tracker.domain.revisits import RevisitState
from tracker.services import audit, inspect, spot_checks, spot_results
from tracker.services.advance import watch
from tracker.services.observe import observe
from tracker.services.office import Office
from tracker.services.revisiting import look_back
from tracker.services.spot_checks import Choice, DrawFile
from tracker.store.items import ItemFilter
from tracker.store.schema import spot_check, spot_check_item

NOW = at("2021-08-02 10:00")
ALL = Choice(everything=True)


@pytest.fixture
def eyes() -> Eyes:
    return Eyes()


@pytest.fixture
def office(build_office: BuildOffice, eyes: Eyes) -> Office:
    """Nine items; 4 and 5 (市教育局) were struck off on the 26th, 7 (市民政局) and 8 (澜东区) on the 28th."""
    office = build_office(probes=(eyes,))
    take_in(office, at("2021-07-23 17:00"))
    know(office, "市教育局,李联,联络员,,,,")
    watch(office, [4], url=PAGE, by="核验员", now=at("2021-07-26 09:00"))
    strike_off(office, [4, 5], at("2021-07-26 10:00"))
    strike_off(office, [7, 8], at("2021-07-28 10:00"))
    return office


def draw(office: Office, choice: Choice = Choice(), count: int = 20, **more: object) -> DrawFile:  # noqa: B008
    return spot_checks.draw(office, choice, count=count, by="王芳", now=NOW, **more)


def numbers(found: DrawFile) -> list[int]:
    return [each.drawn.item_number for each in found.items]


def test_struck_off_items_are_drawn_by_seed_and_number_alone(office: Office) -> None:
    found = draw(office, count=3, seed="云澜2021")
    assert numbers(found) == sorted([4, 5, 7, 8], key=lambda number: rank("云澜2021", number))[:3]
    assert (found.draw.size, found.draw.drawn_by, found.draw.seed) == (4, "王芳", "云澜2021")
    text = spot_checks.population_of(office, found.draw.id)
    assert text == "4\t市教育局\n5\t市教育局\n7\t市民政局\n8\t澜东区"
    assert found.draw.digest == population_digest(text)
    assert numbers(draw(office, count=3, seed="云澜2021")) == numbers(found)


def test_without_a_seed_one_is_made_up_and_kept(office: Office) -> None:
    one, other = draw(office), draw(office)
    assert one.draw.seed != other.draw.seed
    assert len(one.draw.seed) == 16
    assert [each.id for each in spot_checks.list_draws(office)] == [2, 1]


@pytest.mark.parametrize(
    ("choice", "population"),
    [
        (Choice(), {4, 5, 7, 8}),
        (Choice(unit="市教育局"), {4, 5}),
        (Choice(domain="一网通办"), {8}),
        (Choice(problem_class="stale_column"), {5}),
        (Choice(struck_off_since=date(2021, 7, 28)), {7, 8}),
        (Choice(unit="市教育局", everything=True), {1, 2, 3, 4, 5}),
    ],
)
def test_the_population_is_narrowed(office: Office, choice: Choice, population: set[int]) -> None:
    assert set(numbers(draw(office, choice))) == population


def test_each_unit_has_one_at_least_if_it_is_so_wanted(office: Office) -> None:
    found = draw(office, count=3, per_unit=True)
    assert {each.item.unit for each in found.items if each.item} == {"市教育局", "市民政局", "澜东区"}
    with pytest.raises(RectifyError, match="涉及 3 个单位，每个单位至少一项，抽取的数目须不少于 3"):
        draw(office, count=2, per_unit=True)


@pytest.mark.parametrize("per_unit", [False, True])
def test_a_draw_can_be_verified_whatever_became_of_the_items(office: Office, per_unit: bool) -> None:
    found = draw(office, count=3, per_unit=per_unit)
    spot_results.record(office, found.draw.id, numbers(found)[0], fit=True, note="", by="王芳", now=NOW)
    strike_off(office, [1, 2], at("2021-08-03 10:00"))
    assert spot_checks.verify(office, found.draw.id).holds


def test_a_draw_that_was_altered_does_not_verify(office: Office) -> None:
    found = draw(office, count=2, seed="种子")
    left = ({4, 5, 7, 8} - set(numbers(found))).pop()
    with office.database.write() as connection:
        connection.execute(
            update(spot_check_item).where(spot_check_item.c.place == 1).values(item_number=left)
        )
    assert not spot_checks.verify(office, found.draw.id).draw_holds
    with office.database.write() as connection:
        connection.execute(update(spot_check).values(digest="0" * 64))
    assert not spot_checks.verify(office, found.draw.id).digest_holds


def test_what_a_probe_can_see_is_looked_at_and_what_it_saw_stands_beside(
    office: Office, eyes: Eyes, clock: Clock
) -> None:
    found = draw(office)
    clock.set("2021-08-02 10:01")
    [looked] = look_back(office, clock)
    assert looked.item.number == 4
    looks = {each.drawn.item_number: each.look for each in spot_checks.show(office, found.draw.id).items}
    assert [number for number, look in looks.items() if look is not None] == [4]
    assert looks[4] is not None
    assert looks[4].state is RevisitState.FIXED


def test_an_item_at_work_is_looked_at_as_such(office: Office, eyes: Eyes, clock: Clock) -> None:
    watch(office, [9], url=PAGE, by="核验员", now=at("2021-08-02 09:00"))
    clock.set("2021-08-02 09:01")
    observe(office, clock)
    draw(office, Choice(unit="澜东区", everything=True))
    clock.set("2021-08-02 10:01")
    assert [seen.number for seen in observe(office, clock)] == [9]


def test_an_unfit_one_is_a_new_item_after_the_old_one(office: Office) -> None:
    found = draw(office)
    done = spot_results.record(office, found.draw.id, 5, fit=False, note="仍停在去年", by="王芳", now=NOW)
    number = done.drawn.new_number
    assert number is not None
    new = inspect.open_file(office, number).item
    assert (new.recurs, new.unit, new.problem_class) == (5, "市教育局", "stale_column")
    assert inspect.open_file(office, 5).history[-1].reason == "仍停在去年"
    assert [each.recipient for each in messages(office) if each.kind == "recurred"] == [
        "市教育局 李联（联络员）"
    ]
    assert (done.drawn.result, done.drawn.decided_by) == ("unfit", "王芳")
    assert audit.verify(office).faults == ()


def test_an_unfit_one_that_is_still_at_work_is_noted_only(office: Office) -> None:
    found = draw(office, ALL)
    done = spot_results.record(office, found.draw.id, 1, fit=False, note="仍有未评", by="王芳", now=NOW)
    assert (done.drawn.result, done.drawn.new_number) == ("unfit", None)
    assert len(inspect.list_items(office, ItemFilter(), now=NOW)) == 9


def test_a_result_is_written_once_by_the_bureau_and_with_a_reason(office: Office) -> None:
    found = draw(office)
    record = partial(spot_results.record, office, found.draw.id, now=NOW)
    with pytest.raises(ForbiddenError):
        record(4, fit=True, note="", by="李联")
    with pytest.raises(TransitionError, match="须写明情况"):
        record(4, fit=False, note=" ", by="王芳")
    with pytest.raises(NotFoundError, match="没有抽到第 1 号"):
        record(1, fit=True, note="", by="王芳")
    assert record(4, fit=True, note="已看", by="王芳").drawn.note == "已看"
    with pytest.raises(TransitionError, match="已由王芳登记结果"):
        record(4, fit=False, note="不符", by="赵明")
    assert spot_checks.show(office, found.draw.id).undecided == 3


def test_two_who_find_it_unfit_at_once_make_one_item(office: Office) -> None:
    found = draw(office)
    judge = partial(spot_results.record, office, found.draw.id, 5, fit=False, note="不符", by="王芳", now=NOW)
    done = at_once(judge, judge)
    assert sum(isinstance(each, TransitionError) for each in done) == 1
    assert len(inspect.list_items(office, ItemFilter(), now=NOW)) == 10


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        ({"count": 0}, RectifyError, "须在 1 至 10000 之间"),
        ({"seed": " 首尾有空格 "}, RectifyError, "种子须为一行文字"),
        ({"seed": "两\n行"}, RectifyError, "种子须为一行文字"),
        ({"choice": Choice(unit="市观鸟局")}, NotFoundError, "市观鸟局"),
        ({"choice": Choice(problem_class="没有")}, NotFoundError, "没有代码为“没有”的问题类别"),
        ({"choice": Choice(domain="天文")}, RectifyError, "没有符合条件的事项"),
    ],
)
def test_what_cannot_be_drawn_is_said(
    office: Office, more: dict[str, object], error: type[RectifyError], words: str
) -> None:
    with pytest.raises(error, match=words):
        draw(office, **more)
    assert spot_checks.list_draws(office) == []


def test_a_draw_that_nobody_made_is_not_found(office: Office) -> None:
    for ask in (spot_checks.show, spot_checks.verify, spot_checks.population_of):
        with pytest.raises(NotFoundError, match="没有序号为 7 的抽查"):
            ask(office, 7)


def test_a_relapse_seen_by_the_probe_is_proposed_as_by_the_calendar(
    office: Office, eyes: Eyes, clock: Clock
) -> None:
    eyes.verdicts = [NOT_FIXED]
    draw(office, Choice(unit="市教育局"))
    for moment in ("2021-08-02 10:01", "2021-08-03 10:01"):
        clock.set(moment)
        look_back(office, clock)
    states = [each.look.state for each in spot_checks.show(office, 1).items if each.look]
    assert states == [RevisitState.PROPOSED]
