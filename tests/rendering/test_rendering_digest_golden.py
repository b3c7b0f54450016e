"""The words of a digest of each scope and pace in every form, kept as files: see `test_rendering_golden`."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from tests.rendering.sample_digests import DIGESTS
from tests.rendering.test_rendering_golden import check
from tracker.rendering.digest import render_digest
from tracker.rendering.forms import Form

GOLDEN = Path(__file__).parent.parent / "golden" / "digests"
FORMS: list[Form] = list(get_args(Form))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", DIGESTS)
def test_a_digest_reads_as_its_golden_file(name: str, form: Form) -> None:
    check(GOLDEN / f"{name}.{form}.txt", render_digest(DIGESTS[name], form).text)


@pytest.mark.parametrize("name", DIGESTS)
def test_its_mail_reads_as_its_golden_file(name: str) -> None:
    check(GOLDEN / f"{name}.mail.html", render_digest(DIGESTS[name], "mail").html)


def test_no_golden_digest_is_left_over() -> None:
    names = {
        f"{name}.{rest}" for name in DIGESTS for rest in (*(f"{form}.txt" for form in FORMS), "mail.html")
    }
    assert {path.name for path in GOLDEN.iterdir()} == names
