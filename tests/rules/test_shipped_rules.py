"""The files of `config/` as they ship: they load, and promise what contract and product say."""

from __future__ import annotations

from datetime import date, time

import pytest

from tests.support import at
from tracker.domain.deadlines import DeadlineKind, DeadlineRule, deadline_from
from tracker.domain.digests import Pace
from tracker.domain.ladders import Audience
from tracker.resources import shipped
from tracker.rules import load_rules
from tracker.rules.files import FILES

RULES = load_rules(None)

# Every class of the contract with its deadline, by domain.
PROMISED = {
    "政务公开": {
        "missing_column": "10个工作日",
        "empty_column": "5个工作日",
        "stale_column": "5个工作日",
        "wrong_column": "5个工作日",
        "content_not_published": "10个工作日",
        "message_history": "15个工作日",
        "platform_missing": "30个工作日",
        "dormant_account": "5个工作日",
    },
    "一网通办": {
        "guide_inaccurate": "5个工作日",
        "exempt_unmarked": "5个工作日",
        "visit_count_mismatch": "10个工作日",
        "overdue_acceptance": "1个工作日",
        "overdue_completion": "1个工作日",
        "unevaluated_cases": "5个工作日",
        "late_return": "48小时",
        "license_not_archived": "24小时",
        "depth": "30个工作日",
        "no_app_topics": "30个工作日",
        "no_publicity": "15个工作日",
    },
    "互联网+监管": {
        "underreported_supervision": "每月23日",
        "low_coverage": "每月23日",
        "late_upload": "每月23日",
        "low_activity": "每月23日",
        "low_registration": "15个工作日",
        "no_joint_supervision": "30个工作日",
        "no_innovation": "30个工作日",
        "checklist_defect": "5个工作日",
        "random_inspection_low": "30个工作日",
    },
    None: {"other": "15个工作日"},
}


def test_every_class_of_the_contract_ships_with_its_domain_and_deadline() -> None:
    found: dict[str | None, dict[str, str]] = {}
    for each in RULES.classes:
        found.setdefault(each.domain, {})[each.code] = RULES.deadlines[each.code].in_words()
    assert found == PROMISED


def test_every_class_is_named_in_chinese_and_says_where_its_deadline_comes_from() -> None:
    assert all(not each.name.isascii() and each.source for each in RULES.classes)
    assert len({each.name for each in RULES.classes}) == len(RULES.classes)


def test_a_class_that_the_office_has_removed_is_shown_by_its_code() -> None:
    assert RULES.class_name("late_return") == "办件信息未按时回传"
    assert RULES.class_name("long_gone") == "long_gone"


def test_the_folder_holds_exactly_the_files_that_are_read() -> None:
    assert sorted(path.name for path in shipped("config").glob("*.toml")) == sorted(FILES)


def test_the_shipped_ladder_is_the_products() -> None:
    ladder = RULES.ladder
    assert (ladder.before, ladder.on_the_day, ladder.daily_after, ladder.then_every) == (
        (7, 3, 1),
        True,
        5,
        5,
    )
    assert ladder.send_at == time(9)
    assert ladder.escalate == ((Audience.HEAD, 1), (Audience.LEADING_GROUP, 5))


def test_the_digest_and_working_hours_are_the_products() -> None:
    assert RULES.digest_at == time(9)
    leaders = (Audience.BUREAU, Audience.LEADING_GROUP)
    assert RULES.digest_roles == {
        Pace.WEEKLY: (*leaders, Audience.HEAD),
        Pace.MONTHLY: leaders,
        Pace.QUARTERLY: leaders,
    }
    assert RULES.quiet.opens < RULES.ladder.send_at < RULES.quiet.closes
    assert RULES.check_every_hours == 24


def test_no_shipped_rule_names_a_unit() -> None:
    assert RULES.units == ()


@pytest.mark.parametrize(
    ("code", "due_at"),
    [
        ("late_return", "2021-07-25 23:59"),
        ("license_not_archived", "2021-07-24 23:59"),
        ("overdue_acceptance", "2021-07-26 23:59"),
        ("missing_column", "2021-08-06 23:59"),
        ("underreported_supervision", "2021-08-23 23:59"),
    ],
)
def test_the_shipped_deadlines_of_an_issue_on_friday_23_july_2021(code: str, due_at: str) -> None:
    answer = deadline_from(RULES.deadlines[code], date(2021, 7, 23), RULES.calendar)
    assert answer.due_at is not None
    assert answer.due_at.replace(second=0) == at(due_at)


def test_the_zone_is_the_installations() -> None:
    assert load_rules(None, "Asia/Urumqi").calendar.zone.key == "Asia/Urumqi"
    assert RULES.deadlines["other"] == DeadlineRule(DeadlineKind.WORKING_DAYS, 15)
