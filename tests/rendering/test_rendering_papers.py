"""Templates of papers: sound, official, filled with nothing but text, and wrong ones named."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as Opened
from docx.oxml.ns import qn
from docx.shared import Length
from lxml import etree

from tests.conftest import ROOT
from tracker.domain.errors import ConfigError
from tracker.domain.issuing import PaperKind
from tracker.rendering.official import Look, Paper
from tracker.rendering.paper_blanks import blank
from tracker.rendering.paper_fields import FIELDS, LIST, specimen
from tracker.rendering.paper_templates import fill, template_faults, template_path

KINDS = list(PaperKind)
NO_OWN = None
GOLDEN = ROOT / "tests/golden/papers"


def filled(kind: PaperKind, **words: str) -> Opened:
    return Document(io.BytesIO(fill(template_path(NO_OWN, kind), kind, {**specimen(kind), **words})))


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {
            name: etree.tostring(etree.fromstring(package.read(name)), method="c14n")
            for name in package.namelist()
            if name.endswith((".xml", ".rels"))
        }


def told(document: Opened) -> str:
    """Every paragraph and table in order, cells parted by bars."""
    lines = []
    for element in document.element.body.iterchildren():
        if element.tag == qn("w:p"):
            lines.append("".join(each.text or "" for each in element.iter(qn("w:t"))))
        elif element.tag == qn("w:tbl"):
            for row in element.iter(qn("w:tr")):
                cells = (
                    "/".join(
                        "".join(each.text or "" for each in paragraph.iter(qn("w:t")))
                        for paragraph in cell.iter(qn("w:p"))
                    )
                    for cell in row.iter(qn("w:tc"))
                )
                lines.append(" | ".join(cells))
    return "\n".join(line for line in lines if line) + "\n"


def own(folder: Path, kind: PaperKind, *paragraphs: str) -> Path:
    paper = Paper("本单位的模板")
    for words in paragraphs:
        paper.add(words, Look.BODY)
    with (folder / f"{kind.stem}.docx").open("wb") as out:
        paper.save(out)
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_a_shipped_template_is_what_the_official_layout_makes(kind: PaperKind) -> None:
    """`python -m tracker.rendering.paper_blanks` writes them anew."""
    assert parts(template_path(NO_OWN, kind).read_bytes()) == parts(blank(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_filled_template_says_this(kind: PaperKind) -> None:
    """`RECTIFY_UPDATE_GOLDEN=1` writes it anew, and fails that run."""
    text, golden = told(filled(kind)), GOLDEN / f"{kind.stem}.txt"
    if os.environ.get("RECTIFY_UPDATE_GOLDEN"):
        golden.write_text(text, "utf-8")
        pytest.fail(f"{golden.name} was written anew: read it, then run without RECTIFY_UPDATE_GOLDEN")
    assert text == golden.read_text("utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_every_shipped_template_bears_number_unit_issuer_and_date(kind: PaperKind) -> None:
    text = told(
        filled(kind, 文号="甲〔2026〕1号", 责任单位="市乙局", 落款单位="市丙局", 成文日期="2026年11月20日")
    )
    assert all(words in text for words in ("甲〔2026〕1号", "市乙局", "市丙局", "2026年11月20日"))
    assert "{" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_words_give_the_same_bytes(kind: PaperKind) -> None:
    path = template_path(NO_OWN, kind)
    assert fill(path, kind, specimen(kind)) == fill(path, kind, specimen(kind))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if FIELDS[kind].line])
def test_a_list_repeats_its_headings_and_never_parts_a_row(kind: PaperKind) -> None:
    [table] = filled(kind).tables
    rows = [row._tr.trPr for row in table.rows]
    assert [row.find(qn("w:tblHeader")) is not None for row in rows] == [True, False, False]
    assert all(row.find(qn("w:cantSplit")) is not None for row in rows)


def test_a_letter_has_the_pages_of_the_standard() -> None:
    """GB/T 9704-2012, 5.2, 7.5: 22 lines of 28 characters; numbers right on odd pages, left on even ones."""
    document = filled(PaperKind.LETTER)
    upright, lying = document.sections
    [body] = [each for each in document.paragraphs if each.text.startswith("截至")]
    lines = (
        upright.page_height - upright.top_margin - upright.bottom_margin
    ) / body.paragraph_format.line_spacing
    width = upright.page_width - upright.left_margin - upright.right_margin
    [spacing] = body.runs[0]._r.rPr.findall(qn("w:spacing"))
    sign = body.runs[0].font.size.pt + int(spacing.get(qn("w:val"))) / 20
    assert (int(lines), int(Length(width).pt / sign)) == (22, 28)
    assert upright.footer.paragraphs[0].alignment != upright.even_page_footer.paragraphs[0].alignment
    assert document.settings.odd_and_even_pages_header_footer
    assert lying.page_width > lying.page_height
    assert "PAGE" in lying.footer._element.xml


def test_hostile_words_stay_words() -> None:
    hostile = "</w:t>{{ 7*7 }}{% raw %}{_{<b>&amp;\x00\x1b\u202e}}\n第二行"
    words = dict(specimen(PaperKind.LETTER))
    [line, _] = words[LIST]  # type: ignore[misc]
    words |= {LIST: [{**line, "整改事项": hostile}], "责任单位": hostile}  # type: ignore[dict-item]
    document = Document(io.BytesIO(fill(template_path(NO_OWN, PaperKind.LETTER), PaperKind.LETTER, words)))
    shown = "</w:t>{{ 7*7 }}{% raw %}{_{<b>&amp;}} 第二行"
    assert document.tables[0].rows[1].cells[2].text == shown
    assert f"{shown}：" in [each.text for each in document.paragraphs]


def test_an_offices_own_template_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    folder = own(
        tmp_path, PaperKind.REMINDER, "{{ 责任单位 }}同志们：", "{%p for 事项 in 清单 %}", "{{ 事项.编号 }}"
    )
    assert template_faults(folder) != []  # the loop is not closed
    own(
        tmp_path,
        PaperKind.REMINDER,
        "{{ 责任单位 }}同志们：",
        "{%p for 事项 in 清单 %}",
        "{{ 事项.编号 }}",
        "{%p endfor %}",
    )
    assert template_faults(folder) == []
    path = template_path(folder, PaperKind.REMINDER)
    text = told(Document(io.BytesIO(fill(path, PaperKind.REMINDER, specimen(PaperKind.REMINDER)))))
    assert text == "责任单位同志们：\n编号\n编号\n"
    assert template_path(folder, PaperKind.URGING) == template_path(NO_OWN, PaperKind.URGING)


def test_what_a_template_says_itself_is_text_too(tmp_path: Path) -> None:
    path = template_path(own(tmp_path, PaperKind.LETTER, '{{ "<甲>" }}'), PaperKind.LETTER)
    assert told(Document(io.BytesIO(fill(path, PaperKind.LETTER, specimen(PaperKind.LETTER))))) == "<甲>\n"


def test_a_name_that_word_has_cut_into_runs_is_one_name(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph()
    for piece in ("{", "{ 文", "号", " }}"):
        document.paragraphs[0].add_run(piece)
    document.save(tmp_path / "letter.docx")
    assert template_faults(tmp_path) == []
    path = template_path(tmp_path, PaperKind.LETTER)
    assert told(Document(io.BytesIO(fill(path, PaperKind.LETTER, specimen(PaperKind.LETTER))))) == "文号\n"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("{{ 单位 }}", "没有“单位”这一项"),
        ("{% for 事项 in 清单 %}{{ 事项.电话 }}{% endfor %}", "没有“电话”这一项"),
        ("{{ 文号.__class__ }}", "没有“__class__”这一项"),
        ("{{ range(3) }}", "没有“range”这一项"),
        ("{{ 文号", "模板有误"),
        ("{{ 文号 | 大写 }}", "模板有误"),
        ('{{ 文号["__class__"].mro() }}', "没有“mro”这一项"),
        ("{% for 事项 in 文号 %}{{ 事项.编号 }}{% endfor %}", "模板有误"),
    ],
)
def test_a_template_that_names_what_nobody_knows_is_refused_by_file_and_name(
    tmp_path: Path, words: str, named: str
) -> None:
    folder = own(tmp_path, PaperKind.LETTER, words)
    [fault] = template_faults(folder)
    assert fault.startswith(f"{folder / 'letter.docx'}：")
    assert named in fault


def test_a_file_that_is_no_template_is_named(tmp_path: Path) -> None:
    (tmp_path / "leter.docx").write_bytes(b"")
    (tmp_path / "urging.docx").write_bytes(b"not a package")
    (tmp_path / "~$urging.docx").write_bytes(b"open in Word")
    strange, broken = template_faults(tmp_path)
    assert "leter.docx：不认识的模板，可用：" in strange
    assert "urging.docx：不是可用的 Word 文档" in broken
    with pytest.raises(ConfigError, match="无法读取"):
        fill(tmp_path / "gone.docx", PaperKind.LETTER, specimen(PaperKind.LETTER))
