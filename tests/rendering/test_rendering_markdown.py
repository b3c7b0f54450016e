"""The one converter of the messages' markdown: for the pages, for mail, and without marks."""

from __future__ import annotations

import pytest

from tracker.rendering.markdown import MAIL, to_html, to_plain

TEXT = (
    '## 标题\n\n> **3号** <font color="warning">逾期</font>\n普通 <b> & 文字\n'
    "[查看](https://rectify.example.invalid/m/1?a=1&b=2)"
)


def test_a_page_shows_where_a_link_leads_and_does_not_lead_there() -> None:
    assert to_html(TEXT).splitlines() == [
        "<h4>标题</h4>",
        '<blockquote><strong>3号</strong> <span class="ink-warning">逾期</span></blockquote>',
        "<p>普通 &lt;b&gt; &amp; 文字</p>",
        '<p><span class="link-text">查看（https://rectify.example.invalid/m/1?a=1&amp;b=2）</span></p>',
    ]


def test_a_mail_leads_there_and_carries_its_own_looks() -> None:
    shown = to_html(TEXT, MAIL)
    assert '<a href="https://rectify.example.invalid/m/1?a=1&amp;b=2" style=' in shown
    assert ">查看</a>" in shown
    assert "class=" not in shown


@pytest.mark.parametrize("address", ["javascript:alert(1)", "/m/1", 'https://a"onclick=x'])
def test_only_the_web_is_linked_and_no_address_leaves_its_attribute(address: str) -> None:
    shown = to_html(f"[去]({address})", MAIL)
    assert '"onclick' not in shown
    assert ("<a href=" in shown) == address.startswith("https://")


def test_plain_text_keeps_the_words_and_the_address() -> None:
    assert to_plain(TEXT).splitlines() == [
        "标题",
        "",
        "· 3号 逾期",
        "普通 <b> & 文字",
        "查看：https://rectify.example.invalid/m/1?a=1&b=2",
    ]
