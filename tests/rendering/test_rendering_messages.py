from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

import pytest

from tests.rendering.sample_messages import ABOUT_ITEMS
from tracker.domain.escalation import MessageKind
from tracker.domain.ladders import Audience
from tracker.rendering.forms import COMMON_FACTS, MAX_FACT, Form
from tracker.rendering.messages import MessageLine, ReminderMessage, render

TODAY = date(2026, 11, 20)
KINDS = [message.kind for message in ABOUT_ITEMS]
FORMS: list[Form] = ["markdown", "sms"]


def line(
    number: int, due_on: date | None, days: int, provisional: bool = False, unit: str = ""
) -> MessageLine:
    return MessageLine(number, "政务公开", "缺少专栏", due_on, days, provisional, unit)


LATE = line(1, date(2026, 11, 18), -2)
MESSAGE = ReminderMessage(
    MessageKind.REMINDER,
    "",
    "云澜市甲局",
    (LATE,),
    "R-20261120-0001",
    None,
    TODAY,
    Audience.CONTACT,
    paper="督办函第3号",
)


def words(message: ReminderMessage, form: Form) -> str:
    return render(message, form).text


def lines_for(kind: MessageKind) -> tuple[MessageLine, ...]:
    """One line that bears out a message of the kind."""
    moved = date(2026, 11, 16) if kind is MessageKind.GRANTED else None
    return (replace(LATE, moved_from=moved, closed=kind is MessageKind.STRUCK_OFF),)


def numbers(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"\*\*(\d+)号\*\*", text)]


def test_the_most_overdue_item_stands_first_then_today_then_upcoming_then_standing() -> None:
    lines = (
        line(5, None, 0),
        line(4, date(2026, 12, 1), 7),
        line(3, date(2026, 11, 23), 1),
        line(2, TODAY, 0),
        LATE,
        line(7, date(2026, 11, 2), -14),
    )
    assert numbers(words(replace(MESSAGE, lines=lines), "markdown")) == [7, 1, 2, 3, 4, 5]


def test_friday_is_over_on_saturday_though_no_working_day_has_passed() -> None:
    text = words(replace(MESSAGE, lines=(line(1, TODAY, 0),), today=TODAY + timedelta(days=1)), "markdown")
    assert "逾期不足1个工作日" in text
    assert "今日到期" not in text


def test_a_saturday_deadline_is_not_called_today_on_friday() -> None:
    text = words(replace(MESSAGE, lines=(line(1, TODAY + timedelta(days=1), 0),)), "markdown")
    assert "今日" not in text
    assert "请于11月21日周六前完成" in text


def test_an_hour_that_has_passed_today_is_overdue() -> None:
    assert "逾期1项" in words(replace(MESSAGE, lines=(line(1, TODAY, -1),)), "sms")


@pytest.mark.parametrize("form", FORMS)
def test_a_provisional_date_is_marked_and_a_settled_one_is_not(form: Form) -> None:
    settled = replace(MESSAGE, lines=(line(1, date(2027, 1, 6), 30),))
    provisional = replace(MESSAGE, lines=(line(1, date(2027, 1, 6), 30, provisional=True),))
    assert "暂定" not in words(settled, form)
    assert "2027年1月6日" in words(settled, form)
    assert "（暂定" in words(provisional, form)


@pytest.mark.parametrize("kind", KINDS)
def test_markdown_uses_nothing_that_wecom_markdown_v1_does_not_show(kind: MessageKind) -> None:
    text = words(
        replace(MESSAGE, kind=kind, lines=lines_for(kind), link="https://rectify.example.invalid/m/1"),
        "markdown",
    )
    assert not re.search(r"^\s*([-*+]|\d+\.)\s|```|!\[|^---|^\|", text, re.MULTILINE)
    assert all(re.match(r"#{1,6} \S", found) for found in text.splitlines() if found.startswith("#"))
    assert set(re.findall(r"<[^>]*>", text)) <= {'<font color="warning">', "</font>"}
    assert "](https://rectify.example.invalid/m/1)" in text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_serial_is_visible_and_no_link_is_made_up(kind: MessageKind, form: Form) -> None:
    text = words(replace(MESSAGE, kind=kind, lines=lines_for(kind)), form)
    assert "R-20261120-0001" in text
    assert "http" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_usual_sms_fits_into_one_part(kind: MessageKind) -> None:
    lines = (*lines_for(kind), line(2, TODAY + timedelta(days=5), 3))
    assert len(words(replace(MESSAGE, kind=kind, unit="云澜市文化和旅游局", lines=lines), "sms")) <= 70


def test_a_long_list_keeps_every_item_on_its_own_line() -> None:
    lines = tuple(line(number, date(2026, 12, 1), 7) for number in range(1, 501))
    text = words(replace(MESSAGE, lines=lines), "markdown")
    assert numbers(text) == list(range(1, 501))
    assert sum(found.startswith("> **") for found in text.splitlines()) == 500


def test_an_escalation_names_each_late_unit_the_latest_first() -> None:
    lines = (
        replace(LATE, unit="云澜市甲局"),
        line(2, date(2026, 11, 10), -8, unit="澜西区"),
        line(3, date(2026, 11, 17), -3, unit="澜西区"),
    )
    message = replace(MESSAGE, kind=MessageKind.ESCALATION, unit="", lines=lines, role=Audience.LEADING_GROUP)
    text = words(message, "markdown")
    assert "> **澜西区** 2项，最长逾期8个工作日\n> **云澜市甲局** 1项，最长逾期2个工作日" in text
    assert "澜西区等2个单位逾期3项，最长逾期8个工作日" in words(message, "sms")


def test_a_salutation_names_the_person_only_if_told_to() -> None:
    assert "\n联络员：\n" in words(MESSAGE, "markdown")
    assert "\n王某（联络员）：\n" in words(replace(MESSAGE, recipient_name="王某"), "markdown")
    assert "王某" not in words(replace(MESSAGE, recipient_name="王某"), "sms")


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (MessageKind.REMINDER, ()),
        (MessageKind.OVERDUE, (line(1, TODAY, 0),)),
        (MessageKind.ESCALATION, (line(1, TODAY, 0),)),
        (MessageKind.STRUCK_OFF, (LATE,)),
        (MessageKind.DIGEST, (LATE,)),
        (MessageKind.ALARM, (LATE,)),
        (MessageKind.TEST, (LATE,)),
    ],
)
def test_a_kind_that_its_lines_do_not_bear_out_is_refused(
    kind: MessageKind, lines: tuple[MessageLine, ...]
) -> None:
    with pytest.raises(ValueError, match=f"no {kind} message"):
        words(replace(MESSAGE, kind=kind, lines=lines), "sms")


def test_a_strike_off_says_what_is_closed_and_what_is_left() -> None:
    closed = tuple(replace(LATE, number=number, closed=True) for number in (7, 5))
    message = replace(MESSAGE, kind=MessageKind.STRUCK_OFF, lines=closed)
    assert numbers(words(message, "markdown")) == [5, 7]
    assert "已无未办结事项" in words(message, "markdown")
    assert "2项（5、7号）已销号，感谢支持。已无未办结事项。" in words(message, "sms")
    left = replace(message, lines=(*closed, LATE, line(2, date(2026, 11, 25), 3)))
    assert numbers(words(left, "markdown")) == [5, 7]
    assert "尚有未办结事项：逾期1项、即将到期1项，最早时限11月18日，请按期完成。" in words(left, "markdown")
    facts = render(left, "plain").facts
    assert (facts["count"], facts["overdue"], facts["date"]) == ("2", "1", "11月18日")


def test_a_long_list_of_struck_off_numbers_ends_in_an_sms() -> None:
    closed = tuple(replace(LATE, number=number, closed=True) for number in range(1, 21))
    text = words(replace(MESSAGE, kind=MessageKind.STRUCK_OFF, lines=closed), "sms")
    assert "20项（1、2、3、4、5、6、7、8等号）已销号" in text


def test_a_grant_names_both_deadlines() -> None:
    one = replace(line(3, date(2026, 11, 25), 3), moved_from=date(2026, 11, 20))
    message = replace(MESSAGE, kind=MessageKind.GRANTED, lines=(one,))
    assert "请于11月25日周三前完成，剩余3个工作日，原时限11月20日周五" in words(message, "plain")
    assert "1项时限由11月20日延至11月25日" in words(message, "sms")
    two = replace(message, lines=(one, replace(one, number=4, due_on=date(2026, 11, 24))))
    assert "2项时限已延长，最早时限11月24日" in words(two, "sms")


def test_a_handout_counts_by_domain_and_cuts_a_long_title_short() -> None:
    lines = (LATE, replace(LATE, number=2), replace(LATE, number=3, domain=""))
    message = replace(MESSAGE, kind=MessageKind.HANDOUT, lines=lines, paper="通报" * 200)
    text = words(message, "markdown")
    assert "> 政务公开 **2** 项\n> 其他 **1** 项\n" in text
    assert "通报" * 49 + "通…》" in text
    assert "通报" * 19 + "通…》" in words(message, "sms")


@pytest.mark.parametrize("kind", KINDS)
def test_facts_fill_every_place_of_a_gateways_template(kind: MessageKind) -> None:
    message = replace(MESSAGE, kind=kind, unit="很长的单位名称" * 20, lines=lines_for(kind))
    facts = render(message, "sms").facts
    assert set(facts) == set(COMMON_FACTS)
    assert all(0 < len(value) <= MAX_FACT for value in facts.values())


def test_the_facts_of_several_units_name_one_and_count_them() -> None:
    lines = (replace(LATE, unit="云澜市" + "甲" * 40), line(2, date(2026, 11, 10), -8, unit="澜西区"))
    message = replace(MESSAGE, kind=MessageKind.ESCALATION, unit="云澜市审批局", lines=lines)
    assert render(message, "sms").facts["unit"] == "澜西区等2个单位"
    latest = replace(message, lines=(replace(lines[0], due_on=date(2026, 11, 3)), lines[1]))
    assert render(latest, "sms").facts["unit"] == "云澜市" + "甲" * 26 + "…等2个单位"


def test_days_are_those_of_the_latest_else_of_the_longest_wait_else_those_left() -> None:
    soon = line(2, date(2026, 11, 25), 3)
    waiting = replace(soon, due_on=None, days=-4, submitted_on=date(2026, 11, 16))
    found = [
        render(replace(MESSAGE, lines=lines), "sms").facts["days"]
        for lines in ((LATE, soon), (waiting,), (soon,))
    ]
    assert found == ["2", "4", "3"]
    assert render(replace(MESSAGE, lines=(line(1, None, 0),)), "sms").facts["date"] == "无"


def test_html_comes_with_mail_alone() -> None:
    assert [bool(render(MESSAGE, form).html) for form in get_args(Form)] == [False, False, False, True]
    assert render(MESSAGE, "mail").text == render(MESSAGE, "plain").text
