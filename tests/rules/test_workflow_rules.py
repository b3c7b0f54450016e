"""What an office may lay down about the workflow, and how a mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.domain.checks import CheckRules
from tracker.domain.classes import Proof
from tracker.domain.errors import ConfigError
from tracker.domain.steps import Limits
from tracker.rules import load_rules

ROOT = Path(__file__).resolve().parents[2]
OTHER = '[other]\nname = "其他"\ndeadline = { working_days = 5 }\nsource = "本单位"\n'


def overlaid(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder


def shipped(name: str) -> str:
    return (ROOT / "config" / name).read_text("utf-8")


def test_shipped_limits_are_those_that_an_older_file_without_them_means(tmp_path: Path) -> None:
    whole = shipped("app.toml")
    head, _, rest = whole.partition("[workflow]")
    without = head + rest[rest.index("\n[") :]
    assert load_rules(None).limits == Limits(return_working_days=3, max_extensions=2, undo_minutes=10)
    assert load_rules(overlaid(tmp_path, "app.toml", without)).limits == load_rules(None).limits


def test_shipped_rules_of_checks_are_those_that_an_older_file_without_them_means(tmp_path: Path) -> None:
    whole = shipped("app.toml")
    head, _, rest = whole.partition("[probes]")
    older = f"{head}[probes]\nevery_hours = 24\n{rest[rest.index(chr(10) + '[') :]}"
    assert load_rules(None).checks == CheckRules(valid_days=7, blind_looks=3, return_looks=3, return_hours=24)
    assert load_rules(overlaid(tmp_path, "app.toml", older)).checks == load_rules(None).checks
    assert not any(each.auto_verify for each in load_rules(None).classes), "a person decides"


def test_an_office_sets_its_own_limits(tmp_path: Path) -> None:
    text = shipped("app.toml").replace("max_extensions = 2", "max_extensions = 0")
    assert load_rules(overlaid(tmp_path, "app.toml", text)).limits.max_extensions == 0


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "app.toml",
            shipped("app.toml").replace("undo_minutes = 10", "undo_minutes = 600"),
            "app.toml：workflow.undo_minutes：不得大于 60",
        ),
        (
            "app.toml",
            shipped("app.toml").replace("every_hours = 24", "every_hours = 200"),
            "app.toml：probes：valid_days 不得短于 every_hours",
        ),
        (
            "classes.toml",
            OTHER + 'evidence = "video"\n',
            "classes.toml：other.evidence：不认识的佐证“video”，可用：link、file、note、any",
        ),
    ],
)
def test_a_mistake_names_file_key_and_what_may_stand_there(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_rules(overlaid(tmp_path, name, text))
    assert [told in error for error in caught.value.details["errors"]] == [True]


def test_a_class_says_what_evidence_it_wants_and_shipped_ones_want_none(tmp_path: Path) -> None:
    assert {each.evidence for each in load_rules(None).classes} == {None}
    # The shipped ladders name shipped classes.
    text = shipped("classes.toml").replace("[other]\n", '[other]\nevidence = "file"\n')
    [other] = [
        each for each in load_rules(overlaid(tmp_path, "classes.toml", text)).classes if each.code == "other"
    ]
    assert other.evidence is Proof.FILE


def test_an_office_says_whom_units_may_ask(tmp_path: Path) -> None:
    assert load_rules(None).ask == ""
    text = shipped("app.toml").replace('ask = ""', 'ask = "督查科 0700-1234567"')
    assert load_rules(overlaid(tmp_path, "app.toml", text)).ask == "督查科 0700-1234567"
