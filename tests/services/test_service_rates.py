"""Rates and the weekly digest from real items: exact, at any moment, frozen once published, sent once."""

from __future__ import annotations

import io
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.conftest import Begin, BuildOffice
from tests.services.scenes import at_once, counts, know, messages, rows, strike_off
from tests.support import Clock, at, take_in
from tracker.domain.errors import RectifyError
from tracker.domain.lifecycle import Event
from tracker.domain.periods import Week
from tracker.services.advance import perform
from tracker.services.documents import write_files
from tracker.services.office import Office
from tracker.services.report import rate_table
from tracker.services.summarise import compile_digest, send_digest, send_due_digests
from tracker.store.rates import By

pytestmark = pytest.mark.slow

ISSUED = at("2021-07-23 17:00")
MONDAY = at("2021-07-26 09:00")
NAMES = ("甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸")


def bulletin(departments: int, districts: int) -> str:
    """A bulletin with so many problems: one row each, ten per unit."""
    lines = ["全市政务服务季度考核情况通报", "", "2021年7月23日", ""]
    for annex, head, title, unit, count in (
        (1, "单位名称", "市直部门", "市{}局", departments),
        (2, "区划", "各区", "{}云区", districts),
    ):
        lines += [f"附件{annex}", "", f"{title}考核问题清单", "", f"序号\t{head}\t政务公开问题"]
        lines += [
            f"{n}\t{unit.format(NAMES[n % 10])}\t没有设置第{n}类公开栏目。" for n in range(1, count + 1)
        ]
        lines.append("")
    return "\n".join(lines)


def listed(office: Office) -> None:
    take_in(office, ISSUED, bulletin(176, 117))


def mostly_done(office: Office) -> None:
    """148 of the departments' 176 problems were struck off five days later."""
    listed(office)
    strike_off(office, range(1, 149), at("2021-07-28 10:00"))


@pytest.fixture
def office(office: Office, begin: Begin) -> Office:
    begin(listed)
    return office


@pytest.fixture
def advanced(office: Office, begin: Begin) -> Office:
    """The office when most is done."""
    begin(mostly_done)
    return office


def percents(office: Office, moment: str) -> dict[str, str]:
    table = rate_table(office, By.GROUP, now=at(moment))
    return {row.key: row.rectified.percent for row in (*table.rows, table.total)}


def test_the_rates_are_those_a_bulletin_prints(advanced: Office) -> None:
    strike_off(advanced, range(177, 287), at("2021-07-28 10:00"))
    table = rate_table(advanced, By.GROUP, now=at("2021-07-28 11:00"))
    got = {row.key: (row.rectified.numerator, row.rectified.denominator) for row in table.rows}
    assert got == {"市直": (148, 176), "各区": (110, 117)}
    assert percents(advanced, "2021-07-28 11:00") == {"市直": "84.1%", "各区": "94%", "合计": "88.1%"}
    assert [(row.open, row.overdue) for row in table.rows] == [(28, 0), (7, 0)]


@pytest.mark.parametrize(
    "by", [pytest.param(each, marks=() if each is By.GROUP else pytest.mark.slow) for each in By]
)
def test_however_they_are_cut_the_rows_make_up_the_whole(advanced: Office, by: By) -> None:
    table = rate_table(advanced, by, now=at("2021-09-01 09:00"))
    assert (table.total.rectified.numerator, table.total.rectified.denominator) == (148, 293)
    assert table.total.overdue == table.total.open == 145
    assert (table.total.on_time.numerator, table.total.on_time.denominator) == (148, 293)


def test_what_should_never_have_been_an_item_leaves_the_denominator(advanced: Office) -> None:
    perform(advanced, Event.WITHDRAW, [149, 150], by="核验员", now=at("2021-07-28 10:00"), reason="重复列入")
    row = rate_table(advanced, By.GROUP, now=at("2021-07-28 11:00")).rows[0]
    assert (row.rectified.numerator, row.rectified.denominator, row.open) == (148, 174, 26)


def test_any_past_moment_can_be_counted_again(office: Office) -> None:
    moments = {
        "2021-07-23 16:59": "—",
        "2021-07-23 17:00": "0%",
        "2021-07-28 10:00": "50%",
        "2021-08-10 10:00": "100%",
        "2021-08-11 10:00": "50%",
    }
    seen: dict[str, object] = {}
    strike_off(office, range(1, 89), at("2021-07-28 10:00"))
    seen["2021-07-28 10:00"] = rate_table(office, By.UNIT, now=at("2021-07-28 10:00"))
    strike_off(office, range(89, 177), at("2021-08-10 10:00"))
    seen["2021-08-10 10:00"] = rate_table(office, By.UNIT, now=at("2021-08-10 10:00"))
    perform(
        office, Event.REOPEN, range(1, 89), by="核验员", now=at("2021-08-11 10:00"), reason="核查发现反弹"
    )
    for moment, expected in moments.items():
        past = rate_table(office, By.GROUP, now=at("2021-12-01 09:00"), as_of=at(moment))
        assert next((row.rectified.percent for row in past.rows if row.key == "市直"), "—") == expected
    for moment, then in seen.items():
        assert rate_table(office, By.UNIT, now=at("2021-12-01 09:00"), as_of=at(moment)) == then


def test_on_time_is_judged_by_the_accepted_submission(office: Office) -> None:
    # Due on 6 August: handed in on the last day, verified two weeks later; what is returned then is due on
    # the 25th, and only 2 keeps to that.
    perform(office, Event.SUBMIT, [1, 2, 3], by="李联", now=at("2021-08-06 23:59"))
    perform(office, Event.RETURN, [2, 3], by="核验员", now=at("2021-08-20 10:00"), reason="不符")
    perform(office, Event.SUBMIT, [2], by="李联", now=at("2021-08-25 23:59"))
    perform(office, Event.SUBMIT, [3], by="李联", now=at("2021-08-26 00:00"))
    perform(office, Event.STRIKE_OFF, [1, 2, 3], by="核验员", now=at("2021-08-26 12:00"))
    row = rate_table(office, By.GROUP, now=at("2021-08-26 13:00")).rows[0]
    assert (row.on_time.numerator, row.on_time.denominator) == (2, 176)


def test_a_return_does_not_make_a_late_submission_one_in_time(office: Office) -> None:
    perform(office, Event.SUBMIT, [1], by="李联", now=at("2021-08-07 09:00"))
    perform(office, Event.RETURN, [1], by="核验员", now=at("2021-08-09 10:00"), reason="不符")
    perform(office, Event.SUBMIT, [1], by="李联", now=at("2021-08-09 11:00"))
    perform(office, Event.STRIKE_OFF, [1], by="核验员", now=at("2021-08-09 12:00"))
    assert rate_table(office, By.GROUP, now=at("2021-08-09 13:00")).rows[0].on_time.numerator == 0


def test_the_digest_tells_rates_change_and_the_unfinished_in_a_bulletin_s_words(advanced: Office) -> None:
    first = compile_digest(advanced, now=at("2021-07-28 11:00"))
    assert first.view.period == "2021-W30"
    assert "84.1%" in first.text
    # Rows 149 to 176 of the departments and 1 to 117 of the districts are left.
    assert first.unfinished == (
        "未完成整改单位：乙云区、丙云区、丁云区、戊云区、己云区、庚云区、辛云区各12条、"
        "壬云区、癸云区、甲云区各11条、"
        "市乙局、市丙局、市丁局、市戊局、市己局、市庚局、市癸局、市甲局各3条、市辛局、市壬局各2条。"
    )
    assert first.unfinished in first.text
    later = compile_digest(advanced, now=at("2021-08-04 11:00"))
    assert later.view.total.delta == "较上周持平"
    strike_off(advanced, range(149, 177), at("2021-08-04 12:00"))
    groups = {
        group.name: group.delta for group in compile_digest(advanced, now=at("2021-08-04 13:00")).view.groups
    }
    assert groups == {"市直": "较上周上升15.9个百分点", "各区": "较上周持平"}


def test_a_week_that_is_over_is_told_as_it_ended(advanced: Office) -> None:
    strike_off(advanced, range(149, 177), at("2021-08-02 10:00"))
    told = compile_digest(advanced, now=at("2021-08-30 09:00"), period=Week.parse("2021-W30"))
    assert told.view.as_of == at("2021-08-01 23:59").replace(second=59)
    assert told.view.groups[0].rate.percent == "84.1%"


def test_the_digest_s_files_say_the_same(advanced: Office, tmp_path: Path) -> None:
    digest = compile_digest(advanced, now=at("2021-07-28 11:00"))
    text, chart, ledger = write_files(advanced, digest, tmp_path / "周报", now=at("2021-07-28 11:00"))
    assert text.read_text("utf-8") == digest.text + "\n"
    assert chart.read_bytes().startswith(b"\x89PNG")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(ledger.read_bytes())).get_sheet_by_index(0)
    cells = [cell for row in sheet.to_python() for cell in row]
    assert Counter(cells)["已销号"] == 148
    assert Counter(cells)["没有设置第1类公开栏目。"] == 2
    assert sorted(path.name for path in (tmp_path / "周报").iterdir()) == sorted(
        (text.name, chart.name, ledger.name)
    )


def test_a_published_figure_is_never_computed_again(advanced: Office) -> None:
    published = send_digest(advanced, now=at("2021-07-28 11:00"))
    strike_off(advanced, range(149, 177), at("2021-07-29 10:00"))
    again = compile_digest(advanced, now=at("2021-07-30 11:00"), period=Week.parse("2021-W30"))
    assert (again.text, again.view) == (published.text, published.view)
    assert "84.1%" in again.text


def test_a_week_that_has_not_come_is_never_frozen(office: Office) -> None:
    before = rows(office)
    with pytest.raises(RectifyError, match="2021-W31 尚未到来"):
        send_digest(office, now=at("2021-07-28 11:00"), period=Week.parse("2021-W31"))
    assert rows(office) == before


LEADERS = (
    "市行政审批局,郑组,领导小组,13800000005,,,",
    "市行政审批局,何科,审批局,13800000006,,,",
    "市甲局,李联,联络员,13800000001,,,",
)


def test_the_digest_goes_once_to_leaders_and_bureau_however_often_it_is_asked_for(
    build_office: BuildOffice, office: Office
) -> None:
    know(office, *LEADERS)
    other = build_office()
    assert len(send_digest(office, now=MONDAY).sent_to) == 2
    following = at("2021-08-02 09:00")
    results = at_once(*(partial(send_digest, each, now=following) for each in (office, other) * 3))
    sent = [result.sent_to for result in results if not isinstance(result, Exception)]
    assert sorted(map(len, sent)) == [0, 0, 0, 0, 0, 2]
    assert send_digest(office, now=at("2021-08-06 16:00")).sent_to == ()
    recipients = [message.recipient for message in messages(office)]
    assert recipients == ["市行政审批局 郑组（领导小组）", "市行政审批局 何科（审批局）"] * 2
    assert len({message.text for message in messages(office)}) == counts(office)["digest"] == 2


def sent_days(office: Office, clock: Clock, until: str) -> list[str]:
    """Tick every hour and note when a digest went out."""
    days = []
    while clock() < at(until):
        for made in send_due_digests(office, now=clock()):
            if made.sent_to:
                days.append(f"{clock():%Y-%m-%d %H:%M} {made.view.period}")
        clock.advance(hours=1)
    return days


def test_the_scheduled_digest_keeps_to_monday_nine_o_clock(office: Office, clock: Clock) -> None:
    assert sent_days(office, clock, "2021-08-10 00:00") == [
        "2021-07-26 09:00 2021-W30",
        "2021-08-02 09:00 2021-W31",
        "2021-08-02 09:00 2021-07",
        "2021-08-09 09:00 2021-W32",
    ]


def test_a_monday_off_moves_the_digest_to_the_next_working_day(office: Office, clock: Clock) -> None:
    clock.set("2021-09-13 10:00")  # the scheduler's first run; this Monday's moment has just passed
    assert sent_days(office, clock, "2021-10-12 00:00") == [
        "2021-09-13 10:00 2021-W37",
        "2021-09-13 10:00 2021-08",
        "2021-09-22 09:00 2021-W38",  # 19 to 21 September: Mid-Autumn
        "2021-09-27 09:00 2021-W39",
        "2021-10-08 09:00 2021-W40",  # 1 to 7 October: National Day
        "2021-10-08 09:00 2021-09",
        "2021-10-08 09:00 2021Q3",
        "2021-10-11 09:00 2021-W41",
    ]


def test_after_downtime_only_the_current_digest_is_sent(office: Office, clock: Clock) -> None:
    assert sent_days(office, clock, "2021-07-27 00:00") == ["2021-07-26 09:00 2021-W30"]
    clock.set("2021-08-25 15:00")
    assert sent_days(office, clock, "2021-08-31 00:00") == [
        "2021-08-25 15:00 2021-W34",
        "2021-08-25 15:00 2021-07",
        "2021-08-30 09:00 2021-W35",
    ]


def test_with_nothing_tracked_there_is_no_digest(build_office: BuildOffice) -> None:
    assert send_due_digests(build_office(), now=MONDAY) == []
