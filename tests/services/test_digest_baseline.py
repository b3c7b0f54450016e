"""With what a digest is compared: whatever was published last, so that nothing falls between two of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import Begin
from tests.services.scenes import know, strike_off
from tests.support import BULLETIN, Clock, at, take_in
from tracker.domain.periods import IssuePeriod
from tracker.rendering.digest import DigestView
from tracker.services.office import Office
from tracker.services.summarise import compile_digest, send_digest, send_due_digests

pytestmark = pytest.mark.slow

BUREAU = "市行政审批局,何科,审批局,13800000006,,,"


def in_january(office: Office) -> None:
    take_in(office, at("2026-02-06 17:00"), BULLETIN.replace("2021年7月23日", "2026年2月6日"))
    know(office, BUREAU)


def in_july(office: Office) -> None:
    take_in(office, at("2021-07-23 17:00"))
    know(office, BUREAU)


@pytest.fixture
def winter(office: Office, begin: Begin) -> Office:
    begin(in_january)
    return office


@pytest.fixture
def summer(office: Office, begin: Begin) -> Office:
    begin(in_july)
    return office


def weekly(office: Office, clock: Clock, until: str) -> list[DigestView]:
    """One scheduler, once a day; items 1 and 2 are struck off in the week before the Spring Festival."""
    views: list[DigestView] = []
    while clock() < at(until):
        if clock() == at("2026-02-11 09:00"):
            strike_off(office, [1, 2], clock())
        views += [made.view for made in send_due_digests(office, now=clock())]
        clock.advance(days=1)
    return [view for view in views if "W" in view.period]


def test_what_happened_about_the_spring_festival_is_told_after_it(winter: Office, clock: Clock) -> None:
    clock.set("2026-02-09 09:00")
    views = weekly(winter, clock, "2026-03-17 00:00")
    assert [view.period for view in views[:3]] == ["2026-W07", "2026-W09", "2026-W10"]
    before, after, last = views[:3]
    assert [line.number for line in after.struck_off] == [1, 2]
    assert [line.number for line in after.overdue] == [6, 5, 8, 3]
    assert (after.total.previous, after.total.delta) == (before.total.rate, "较2月9日上升22.2个百分点")
    assert (after.span, last.span) == ("自2月9日以来", "本周")
    assert last.total.delta == "较上周持平"
    assert sum(view.newly_struck_off for view in views) == 2
    overdue = [line.number for view in views for line in view.overdue]
    assert len(overdue) == len(set(overdue)) == sum(view.newly_overdue for view in views)
    assert len(overdue) == views[-1].total.overdue == 7


def test_a_digest_after_a_missed_monday_names_the_day_it_goes_on_from(summer: Office) -> None:
    send_digest(summer, now=at("2021-07-26 09:00"))
    strike_off(summer, [1, 2], at("2021-07-28 09:00"))
    [made, _] = send_due_digests(summer, now=at("2021-08-09 09:00"))
    assert "，较7月26日上升22.2个百分点；" in made.text
    assert "。自7月26日以来销号 2 项，新增逾期" in made.text
    assert "### 自7月26日以来销号（2项）" in made.text
    assert "上周" not in made.text
    assert "本周" not in made.text


def test_a_month_goes_on_from_the_month_that_was_told_last(summer: Office) -> None:
    july = IssuePeriod.month("2021-07")
    send_digest(summer, now=at("2021-08-02 09:00"), period=july)
    send_digest(summer, now=at("2021-08-02 09:00"))  # a week's is none of a month's
    strike_off(summer, [3], at("2021-08-10 09:00"))
    view = compile_digest(summer, now=at("2021-10-08 09:00"), period=july.next().next()).view
    assert (view.newly_struck_off, view.span) == (1, "自7月31日以来")
    assert compile_digest(summer, now=at("2021-09-01 09:00"), period=july.next()).view.span == "本月"


def test_the_first_digest_of_all_is_compared_with_a_week_before(summer: Office) -> None:
    strike_off(summer, [1], at("2021-07-26 08:00"))
    view = send_digest(summer, now=at("2021-07-26 08:00") + timedelta(hours=1)).view
    assert (view.newly_struck_off, view.span, view.total.delta) == (1, "本周", "—")
