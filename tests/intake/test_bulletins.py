"""Whole bulletins: the shipped example, and the real seed where it lies beside the repository."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from tracker.domain.classes import OTHER, ProblemClass, classify
from tracker.domain.units import unit_key
from tracker.intake import read_document
from tracker.intake.model import Quantity, Reading
from tracker.intake.readers.sheets import read_rows

ROOT = Path(__file__).parents[2]
SEED = ROOT.parent / "shared" / "seeds" / "bulletin-2021-q2.txt"
EXAMPLES = ROOT / "templates" / "examples"
CLASSES = [
    ProblemClass(code, raw["name"], raw.get("domain"), tuple(raw["patterns"]), raw["deadline"], raw["source"])
    for code, raw in tomllib.loads((ROOT / "config" / "classes.toml").read_text("utf-8")).items()
]


def classes_of(reading: Reading) -> Counter[str]:
    return Counter(classify(finding.text, finding.domain, CLASSES) for finding in reading.findings)


@pytest.fixture(scope="module")
def seed() -> Reading:
    if not SEED.exists():
        pytest.skip("the seed bulletin is not beside this checkout (../shared)")
    return read_document(SEED.read_bytes(), SEED.name)


@pytest.fixture(scope="module")
def example() -> Reading:
    return read_document((EXAMPLES / "bulletin.txt").read_bytes(), "bulletin.txt")


def test_the_seed_gives_every_item_and_leaves_nothing_over(seed: Reading) -> None:
    assert Counter(finding.source.annex for finding in seed.findings) == {"附件4": 368, "附件5": 86}
    assert Counter(finding.group_hint for finding in seed.findings) == {"市直": 368, "各区": 86}
    assert Counter(f.domain for f in seed.findings) == {"一网通办": 72, "互联网+监管": 148, "政务公开": 234}
    assert (seed.unassigned, seed.unread) == ((), ())
    assert len({finding.unit_as_written for finding in seed.findings}) == 51


def test_the_seed_is_titled_and_dated(seed: Reading) -> None:
    assert (seed.title, seed.issued_on) == ("全市政务服务第二季度考核情况通报", date(2021, 7, 23))


def test_no_text_of_the_seed_keeps_markup_or_list_numbers(seed: Reading) -> None:
    for finding in seed.findings:
        assert not {"<", ">", "\n", "\t"} & set(finding.text), finding
        assert not finding.text[:3].rstrip().endswith("."), finding


def test_quantities_of_the_seed_add_up(seed: Reading) -> None:
    """Read by hand: unrated cases 15+5+1+372+982+779, unmarked licences 42 + 155, late acceptances 1+4+1."""
    sums: Counter[str] = Counter()
    for finding in seed.findings:
        if finding.quantity is not None:
            sums[classify(finding.text, finding.domain, CLASSES)] += finding.quantity.value
    assert sums == {
        "unevaluated_cases": 2154,
        "exempt_unmarked": 197,
        "guide_inaccurate": 63,
        "overdue_acceptance": 6,
        "overdue_completion": 1,
        "late_return": 5,
        "license_not_archived": 1,
        "visit_count_mismatch": 7,
        "checklist_defect": 4,
    }


def test_every_item_of_the_seed_falls_into_the_class_a_careful_reader_gives_it(seed: Reading) -> None:
    assert classes_of(seed) == {
        "missing_column": 141, "empty_column": 9, "stale_column": 5, "wrong_column": 2,
        "content_not_published": 32, "message_history": 32, "platform_missing": 6, "dormant_account": 7,
        "guide_inaccurate": 16, "exempt_unmarked": 12, "visit_count_mismatch": 6, "overdue_acceptance": 3,
        "overdue_completion": 1, "unevaluated_cases": 6, "late_return": 1, "license_not_archived": 1,
        "depth": 2, "no_app_topics": 12, "no_publicity": 12,
        "underreported_supervision": 24, "low_coverage": 7, "late_upload": 24, "low_activity": 31,
        "low_registration": 4, "no_joint_supervision": 19, "no_innovation": 31, "checklist_defect": 7,
        "random_inspection_low": 1,
    }  # fmt: skip


def test_the_domain_is_not_needed_to_class_the_seed(seed: Reading) -> None:
    for finding in seed.findings:
        assert classify(finding.text, None, CLASSES) == classify(finding.text, finding.domain, CLASSES)


@pytest.mark.slow
def test_a_seed_cut_anywhere_loses_no_complete_row_before_the_cut(seed: Reading) -> None:
    content = SEED.read_bytes()
    whole = {(finding.source.line, finding.text) for finding in seed.findings}
    for cut in range(len(content) - 20_000, len(content), 997):
        partial = read_document(content[:cut], SEED.name)
        complete = content[:cut].count(b"\n")
        found = {(finding.source.line, finding.text) for finding in partial.findings}
        assert found <= whole
        assert {place for place in whole if place[0] <= complete} <= found


def test_the_example_bulletin_is_read_whole(example: Reading) -> None:
    assert (example.title, example.issued_on) == (
        "云澜市2026年第三季度政务服务检查情况通报",
        date(2026, 10, 16),
    )
    assert Counter(f.source.annex for f in example.findings) == {"附件2": 51, "附件3": 19}
    assert (example.unassigned, example.unread) == ((), ())
    assert Quantity(1036, "件") in {finding.quantity for finding in example.findings}


def test_the_example_bulletin_shows_every_class_but_other(example: Reading) -> None:
    assert set(classes_of(example)) == {kind.code for kind in CLASSES} - {OTHER}


def test_every_unit_of_the_example_has_a_contact(example: Reading) -> None:
    short_forms = tomllib.loads((ROOT / "config" / "short_forms.toml").read_text("utf-8"))
    header, *rows = read_rows((EXAMPLES / "contacts.csv").read_bytes(), "contacts.csv")
    assert header == ["单位", "姓名", "角色", "手机", "企业微信账号", "群机器人", "邮箱"]
    reached = {unit_key(row[0], short_forms) for row in rows if row[2] == "联络员"}
    assert {unit_key(finding.unit_as_written, short_forms) for finding in example.findings} == reached
    assert {row[2] for row in rows} == {"联络员", "负责人", "领导小组", "审批局"}
