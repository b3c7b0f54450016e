"""The draft of the next bulletin on the page of bulletins."""

from __future__ import annotations

import io

from docx import Document


def test_the_draft_of_a_quarter_is_downloaded_from_the_page_of_bulletins(town, staff):
    town.take_in()
    page = staff.get("/bulletins").text
    assert "下一期通报" in page
    quarter = page.split('name="quarter"')[1].split('<option value="')[2].split('"')[0]  # the running one
    answer = staff.get(f"/next-bulletin.docx?quarter={quarter}")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    text = [each.text for each in Document(io.BytesIO(answer.content)).paragraphs]
    assert "一、整改情况" in text
    assert "附件1" in text


def test_a_quarter_that_is_none_or_to_come_is_told_on_a_page(town, staff):
    assert staff.get("/next-bulletin.docx").status_code == 200  # of the quarter that ended last
    for query in ("?quarter=2021", "?quarter=<b>", "?quarter=2098Q1"):
        answer = staff.get(f"/next-bulletin.docx{query}")
        assert (query, 400 <= answer.status_code < 500) == (query, True)
        assert answer.headers["content-type"].startswith("text/html")
        assert "<b>”" not in answer.text
