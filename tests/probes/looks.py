"""How tests of the website probe look at a page or a site."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import partial
from ipaddress import ip_network

from tests.fakes.government_site import TODAY
from tests.support import ZONE
from tracker.domain.columns import Age, ColumnKind, ColumnRules, WalkLimits
from tracker.probes import Policy, Target, WebsiteColumn
from tracker.probes.fetch import fetch

LOCAL = Policy(
    allowed_networks=(ip_network("127.0.0.1/32"),), read_seconds=5, total_seconds=5, max_bytes=200_000
)
RULES = ColumnRules(kinds=(ColumnKind(("动态",), Age(days=14)),), synonyms=(("工作动态", "部门动态"),))
HURRIED = WalkLimits(pause_seconds=0)
PROBLEMS = {
    "missing_column": "没有设置工作动态专栏。",
    "empty_column": "工作动态专栏没有内容。",
    "stale_column": "工作动态栏目长期不更新。",
    "wrong_column": "将局内新闻汇总栏目改成工作动态栏目。",
    "content_not_published": "没有公布证明事项保留目录。",
    "platform_missing": "没有设置乡镇政务公开平台。",
}


def probe(limits: WalkLimits = HURRIED, policy: Policy = LOCAL, rules: ColumnRules = RULES) -> WebsiteColumn:
    return WebsiteColumn(partial(fetch, policy=policy), rules, limits)


def target(
    problem_class: str,
    url: str,
    text: str | None = None,
    *,
    today: date = TODAY,
    issued_on: date = date(2021, 7, 23),
) -> Target:
    now = datetime.combine(today, time(10), ZONE)
    return Target(
        1, problem_class, PROBLEMS[problem_class] if text is None else text, url, now, issued_on, "通报"
    )
