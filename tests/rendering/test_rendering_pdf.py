"""PDFs by another program: what comes of one that works, one that fails and one that hangs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.scenes import at_once
from tracker.domain.issuing import PaperKind
from tracker.rendering.paper_fields import specimen
from tracker.rendering.paper_templates import fill, template_path
from tracker.rendering.pdf import PdfError, converter, to_pdf

WORKS = 'for last; do :; done; cp "$last" "${last%.docx}.pdf"'


def program(folder: Path, script: str) -> str:
    file = folder / "soffice"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


def test_what_the_program_makes_is_returned(tmp_path: Path) -> None:
    assert to_pdf(b"%PDF", program=program(tmp_path, WORKS)) == b"%PDF"


def test_the_program_has_a_profile_and_a_home_of_its_own_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_SECRET_KEY", "invented")
    said = tmp_path / "said"
    to_pdf(b"", program=program(tmp_path, f'echo "$@" > {said}; env >> {said}; {WORKS}'))
    text = said.read_text()
    assert "-env:UserInstallation=file://" in text
    assert "rectify-pdf-" in text
    assert "invented" not in text


@pytest.mark.parametrize(
    ("script", "words"), [("exit 1", "没有转出 PDF"), ("exec tail -f /dev/null", "没有转完")]
)
def test_a_program_that_fails_or_hangs_is_told_of(tmp_path: Path, script: str, words: str) -> None:
    with pytest.raises(PdfError, match=words):
        to_pdf(b"", program=program(tmp_path, script), seconds=0.2)


def test_only_a_few_are_made_at_once_and_all_are_made(tmp_path: Path) -> None:
    """Each run leaves a mark while it is at it, and says how many it sees."""
    marks, seen = tmp_path / "marks", tmp_path / "seen"
    marks.mkdir()
    script = f"touch {marks}/$$; ls {marks} | wc -l >> {seen}; {WORKS}; rm {marks}/$$"
    slow = program(tmp_path, script)
    assert at_once(*(lambda: to_pdf(b"%PDF", program=slow) for _ in range(6))) == [b"%PDF"] * 6
    assert max(map(int, seen.read_text().split())) <= 2


def test_without_the_program_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert converter() is None
    with pytest.raises(PdfError, match="在 Word 或 WPS 中另存"):
        to_pdf(b"")


@pytest.mark.slow
@pytest.mark.skipif(converter() is None, reason="没有安装 LibreOffice：转换只能在装有它的机器上看到")
def test_libreoffice_makes_a_pdf_of_a_paper() -> None:
    kind = PaperKind.EXTENSION
    pdf = to_pdf(fill(template_path(None, kind), kind, specimen(kind)))
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type/Page\n") + pdf.count(b"/Type/Page/") == 1
