"""One bulletin in every form it travels in gives the same findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.converters import to_docx, to_html, to_pdf, to_xlsx
from tests.support import BULLETIN
from tracker.intake import read_document

FORMS: dict[str, Callable[[str], bytes]] = {
    "typed.docx": to_docx,
    "automatic.docx": lambda text: to_docx(text, automatic=True),
    "sheet.xlsx": to_xlsx,
    "page.html": to_html,
    "lists.html": lambda text: to_html(text, lists=True),
    "ruled.pdf": to_pdf,
    "unruled.pdf": lambda text: to_pdf(text, ruled=False),
}


def findings_of(content: bytes, name: str) -> Counter[tuple[object, ...]]:
    reading = read_document(content, name)
    assert (reading.unassigned, reading.unread) == ((), ())
    return Counter(
        # A blank at which a PDF wraps a line cannot be told from the wrapping.
        (f.unit_as_written.replace(" ", ""), f.group_hint, f.domain, f.text, f.quantity, f.source.annex)
        for f in reading.findings
    )


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.slow
def test_every_form_of_the_invented_bulletin_gives_the_same_findings(name: str) -> None:
    expected = findings_of(BULLETIN.encode(), "通报.txt")
    assert findings_of(FORMS[name](BULLETIN), name) == expected
    assert expected.total() == 9


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.slow
def test_every_form_of_the_real_lists_gives_their_454_items(shared: Path, name: str) -> None:
    text = (shared / "seeds" / "bulletin-2021-q2.txt").read_text("utf-8")
    head = "全市政务服务第二季度考核情况通报\n\n2021年7月23日\n\n"
    lists = head + text[text.index("附件 4\n") : text.index("送：")]
    expected = findings_of(lists.encode(), "通报.txt")
    assert expected.total() == 454
    assert findings_of(FORMS[name](lists), name) == expected
