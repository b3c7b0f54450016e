from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tracker.domain.escalation import MessageKind
from tracker.domain.ladders import Audience
from tracker.rendering.messages import MessageLine, ReminderMessage, Template, render_message

TODAY = date(2026, 11, 20)
KINDS = [kind for kind in MessageKind if kind is not MessageKind.DIGEST]
TEMPLATES: list[Template] = ["markdown", "sms"]


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
    assert numbers(render_message(replace(MESSAGE, lines=lines), "markdown")) == [7, 1, 2, 3, 4, 5]


def test_friday_is_over_on_saturday_though_no_working_day_has_passed() -> None:
    text = render_message(
        replace(MESSAGE, lines=(line(1, TODAY, 0),), today=TODAY + timedelta(days=1)), "markdown"
    )
    assert "逾期不足1个工作日" in text
    assert "今日到期" not in text


def test_a_saturday_deadline_is_not_called_today_on_friday() -> None:
    text = render_message(replace(MESSAGE, lines=(line(1, TODAY + timedelta(days=1), 0),)), "markdown")
    assert "今日" not in text
    assert "请于11月21日周六前完成" in text


def test_an_hour_that_has_passed_today_is_overdue() -> None:
    assert "逾期1项" in render_message(replace(MESSAGE, lines=(line(1, TODAY, -1),)), "sms")


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_provisional_date_is_marked_and_a_settled_one_is_not(template: Template) -> None:
    settled = replace(MESSAGE, lines=(line(1, date(2027, 1, 6), 30),))
    provisional = replace(MESSAGE, lines=(line(1, date(2027, 1, 6), 30, provisional=True),))
    assert "暂定" not in render_message(settled, template)
    assert "2027年1月6日" in render_message(settled, template)
    assert "（暂定" in render_message(provisional, template)


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("kind", KINDS)
def test_hostile_names_stay_words_in_every_kind(kind: MessageKind, template: Template) -> None:
    evil = "<@all>\n# **甲** [点](http://evil.invalid)【银行】"
    hostile = replace(LATE, domain=evil, class_name=evil, unit=evil)
    clean = replace(LATE, unit="乙")
    message = replace(MESSAGE, kind=kind, recipient_name=evil, unit=evil, serial=evil, lines=(hostile,))
    text = render_message(message, template)
    usual = render_message(
        replace(MESSAGE, kind=kind, recipient_name="乙", unit="乙", lines=(clean,)), template
    )
    assert "<@" not in text
    assert template == "sms" or "](" not in text
    assert "http://" not in text
    assert "【" not in text
    assert len(text.splitlines()) == len(usual.splitlines())


@pytest.mark.parametrize("kind", KINDS)
def test_markdown_uses_nothing_that_wecom_markdown_v1_does_not_show(kind: MessageKind) -> None:
    text = render_message(replace(MESSAGE, kind=kind, link="https://rectify.example.invalid/m/1"), "markdown")
    assert not re.search(r"^\s*([-*+]|\d+\.)\s|```|!\[|^---|^\|", text, re.MULTILINE)
    assert all(re.match(r"#{1,6} \S", found) for found in text.splitlines() if found.startswith("#"))
    assert set(re.findall(r"<[^>]*>", text)) <= {'<font color="warning">', "</font>"}
    assert "[查看并办理](https://rectify.example.invalid/m/1)" in text


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_serial_is_visible_and_no_link_is_made_up(kind: MessageKind, template: Template) -> None:
    text = render_message(replace(MESSAGE, kind=kind), template)
    assert "R-20261120-0001" in text
    assert "http" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_usual_sms_fits_into_one_part(kind: MessageKind) -> None:
    lines = (LATE, line(2, TODAY + timedelta(days=5), 3))
    assert (
        len(render_message(replace(MESSAGE, kind=kind, unit="云澜市文化和旅游局", lines=lines), "sms")) <= 70
    )


def test_a_long_list_keeps_every_item_on_its_own_line() -> None:
    lines = tuple(line(number, date(2026, 12, 1), 7) for number in range(1, 501))
    text = render_message(replace(MESSAGE, lines=lines), "markdown")
    assert numbers(text) == list(range(1, 501))
    assert sum(found.startswith("> **") for found in text.splitlines()) == 500


def test_an_escalation_names_each_late_unit_the_latest_first() -> None:
    lines = (
        replace(LATE, unit="云澜市甲局"),
        line(2, date(2026, 11, 10), -8, unit="澜西区"),
        line(3, date(2026, 11, 17), -3, unit="澜西区"),
    )
    message = replace(MESSAGE, kind=MessageKind.ESCALATION, unit="", lines=lines, role=Audience.LEADING_GROUP)
    text = render_message(message, "markdown")
    assert "> **澜西区** 2项，最长逾期8个工作日\n> **云澜市甲局** 1项，最长逾期2个工作日" in text
    assert "澜西区等2个单位逾期3项，最长逾期8个工作日" in render_message(message, "sms")


def test_a_salutation_names_the_person_only_if_told_to() -> None:
    assert "\n联络员：\n" in render_message(MESSAGE, "markdown")
    assert "\n王某（联络员）：\n" in render_message(replace(MESSAGE, recipient_name="王某"), "markdown")
    assert "王某" not in render_message(replace(MESSAGE, recipient_name="王某"), "sms")


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (MessageKind.REMINDER, ()),
        (MessageKind.OVERDUE, (line(1, TODAY, 0),)),
        (MessageKind.ESCALATION, (line(1, TODAY, 0),)),
        (MessageKind.DIGEST, (LATE,)),
    ],
)
def test_a_kind_that_its_lines_do_not_bear_out_is_refused(
    kind: MessageKind, lines: tuple[MessageLine, ...]
) -> None:
    with pytest.raises(ValueError, match=f"no {kind} message"):
        render_message(replace(MESSAGE, kind=kind, lines=lines), "sms")
