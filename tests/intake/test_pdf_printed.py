"""PDF files as office programs and browsers write them; and pages that break, turn or show only a picture."""

from __future__ import annotations

import io
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from fpdf import FPDF

from tests.fakes.converters import to_docx, to_html
from tests.support import BULLETIN
from tracker.intake import read_document
from tracker.intake.readers import open_document

CHROMES = ("chromium", "chromium-browser", "google-chrome")


def cells_of(page: FPDF) -> list[tuple[str, ...]]:
    return [line.cells for line in open_document(bytes(page.output()), "通报.pdf").lines]


def findings_of(content: bytes, name: str) -> list[tuple[object, ...]]:
    reading = read_document(content, name)
    assert (reading.unassigned, reading.unread) == ((), ())
    return [(f.unit_as_written, f.domain, f.text, f.quantity, f.source.annex) for f in reading.findings]


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=120)


@pytest.mark.slow
def test_a_document_that_libreoffice_saves_as_pdf(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("no LibreOffice on this machine")
    (tmp_path / "a.docx").write_bytes(to_docx(BULLETIN))  # its tables have no lines
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    run(office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), f"{tmp_path}/a.docx")
    expected = findings_of(BULLETIN.encode(), "通报.txt")
    assert findings_of((tmp_path / "a.pdf").read_bytes(), "通报.pdf") == expected


@pytest.mark.slow
def test_a_page_that_chrome_prints(tmp_path: Path) -> None:
    chrome = next((found for name in CHROMES if (found := shutil.which(name))), None)
    if chrome is None:
        pytest.skip("no Chrome on this machine")
    (tmp_path / "a.html").write_bytes(to_html(BULLETIN))
    pdf, page = tmp_path / "a.pdf", (tmp_path / "a.html").as_uri()
    run(chrome, "--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={pdf}", page)
    assert findings_of(pdf.read_bytes(), "通报.pdf") == findings_of(BULLETIN.encode(), "通报.txt")


def test_a_row_is_read_though_the_page_ends_before_its_rule(page: FPDF) -> None:
    for texts, top in ((("序号", "单位", "问题"), 250), (("1", "市教育局", "没有设"), 260)):
        page.line(20, top, 110, top)
        for left, text in zip((22, 42, 72), texts, strict=True):
            page.text(left, top + 6, text)
    for x in (20, 40, 70, 110):
        page.line(x, 250, x, 275)
    page.add_page()
    page.text(72, 26, "置甲专栏。")
    for x in (20, 40, 70, 110):
        page.line(x, 20, x, 30)
    page.line(20, 30, 110, 30)
    assert cells_of(page) == [("序号", "单位", "问题"), ("1", "市教育局", "没有设\n置甲专栏。")]


def test_tables_that_touch_keep_their_own_columns(page: FPDF) -> None:
    for top, edges in ((20, (20, 40, 110)), (30, (20, 40, 110)), (40, (20, 60, 110)), (50, (20, 60, 110))):
        for left, right in pairwise(edges):
            page.rect(left, top, right - left, 10)
            page.text(left + 2, top + 6, f"{top}{left}")
    assert cells_of(page) == [("2020", "2040"), ("3020", "3040"), ("4020", "4060"), ("5020", "5060")]


def test_a_page_that_is_turned_reads_as_it_is_seen(page: FPDF) -> None:
    with page.rotation(90, 100, 100):
        page.text(60, 100, "云澜市通报")
    content = bytes(page.output()).replace(b"/Type /Page\n", b"/Type /Page\n/Rotate 90\n")
    assert b"/Rotate 90" in content
    assert [line.text for line in open_document(content, "通报.pdf").lines] == ["云澜市通报"]


def test_letters_written_as_radicals_are_mended(page: FPDF) -> None:
    page.text(20, 20, "⼀⽹通办⻓期没有⽂件")
    assert cells_of(page) == [("一网通办长期没有文件",)]


def test_a_page_that_is_a_picture_is_named(page: FPDF) -> None:
    from PIL import Image

    page.text(20, 20, "云澜市通报")
    page.add_page()
    picture = io.BytesIO()
    Image.new("L", (40, 60), 200).save(picture, "PNG")
    page.image(picture, 10, 10, 180, 260)
    assert cells_of(page) == [("云澜市通报",), ("（第2页是图片，没有文字层，未能读取）",)]
