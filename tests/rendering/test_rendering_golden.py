"""The words of every kind of message in every form, kept as files that a person can read and object to.

`RECTIFY_UPDATE_GOLDEN=1 pytest tests/rendering/test_rendering_golden.py` writes them anew; such a run
fails on purpose, so that new words are looked at before they pass.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import get_args

import pytest

from tests.rendering.sample_messages import SAMPLES
from tracker.domain.escalation import MessageKind
from tracker.rendering.forms import Form

GOLDEN = Path(__file__).parent.parent / "golden" / "messages"
FORMS: list[Form] = list(get_args(Form))


def check(path: Path, text: str) -> None:
    if os.environ.get("RECTIFY_UPDATE_GOLDEN"):
        path.write_text(text + "\n", encoding="utf-8")
        pytest.fail(f"{path.name} was written anew: read it, then run without RECTIFY_UPDATE_GOLDEN")
    assert text + "\n" == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", MessageKind)
def test_a_message_reads_as_its_golden_file(kind: MessageKind, form: Form) -> None:
    check(GOLDEN / f"{kind}.{form}.txt", SAMPLES[kind](form).text)


@pytest.mark.parametrize("kind", MessageKind)
def test_its_html_reads_as_its_golden_file(kind: MessageKind) -> None:
    check(GOLDEN / f"{kind}.mail.html", SAMPLES[kind]("mail").html)


@pytest.mark.parametrize("kind", MessageKind)
def test_its_title_summary_and_facts_read_as_its_golden_file(kind: MessageKind) -> None:
    made = SAMPLES[kind]("plain")
    parts = {
        "subject": made.subject,
        "title": made.title,
        "summary": made.summary,
        "facts": dict(sorted(made.facts.items())),
    }
    check(GOLDEN / f"{kind}.parts.json", json.dumps(parts, ensure_ascii=False, indent=1))


def test_no_golden_file_is_left_over() -> None:
    names = {f"{kind}.{form}.txt" for kind in MessageKind for form in FORMS}
    names |= {f"{kind}.{rest}" for kind in MessageKind for rest in ("mail.html", "parts.json")}
    assert {path.name for path in GOLDEN.iterdir()} == names
