"""Whatever a name says, in every kind of message and every form it stays a word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rendering.sample_messages import ABOUT_ITEMS, ALARM, DIGEST, TRIAL, WARNING
from tracker.domain.escalation import MessageKind
from tracker.rendering.alarms import render_alarm, render_test
from tracker.rendering.digest import render_digest
from tracker.rendering.forms import MAX_FACT, Form, Rendered
from tracker.rendering.messages import LateUnit, ReminderMessage, render
from tracker.rendering.warnings import render_warning

LINK = "https://rectify.example.invalid/m/7"
NASTY = (
    "<@all>",
    "@所有人",
    '<font color="info">已销号</font>',
    "[登录](http://evil.invalid)",
    "https://evil.invalid/?a=1&b",
    "www.evil.invalid",
    "a@evil.cn",
    "**甲**",
    "`码`",
    "\n## 标题\r\n> 引用",
    "\u2028\u2029\x0b\x85",
    "\u202e\u2066\u200b\x00\x1b[2J\ud800",
    "【云澜银行】",
    '"><script>alert(1)</script><img src=x onerror=y>',
    "&lt;b&gt;",
    "{{ message.serial }}{}{0}%s",
    "\\1\\g<0>",
    "|---|\n- 一\n1. 二",
)
hostile = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=6)), max_size=6).map(
    lambda parts: "".join(("甲", *parts))
)
WITHOUT_LINK = {MessageKind.TEST, MessageKind.WARNING}
TAGS = {"html", "head", "meta", "title", "body", "table", "tr", "td", "p", "h2", "strong", "span", "a"}
ATTRIBUTES = {"lang", "charset", "name", "content", "role", "width", "cellpadding", "cellspacing", "border"}
ATTRIBUTES |= {"style", "align", "href"}


def _about_items(sample: ReminderMessage, name: str, form: Form) -> Rendered:
    lines = tuple(
        replace(line, domain=name, class_name=name, unit=line.unit and name) for line in sample.lines
    )
    paper = sample.paper and name
    message = replace(sample, recipient_name=name, unit=name, lines=lines, paper=paper, link=LINK)
    return render(message, form)


def _digest(name: str, form: Form) -> Rendered:
    groups = tuple(replace(group, name=name) for group in DIGEST.groups)
    view = replace(DIGEST, total=groups[0], groups=groups, unfinished=((name, 3),), link=LINK)
    return render_digest(replace(view, latest=(LateUnit(name, 1, 2),)), form)


def _alarm(name: str, form: Form) -> Rendered:
    faults = tuple(
        replace(fault, channel=name, hint=name, recipients=(name,), why=name) for fault in ALARM.faults
    )
    return render_alarm(replace(ALARM, faults=faults, link=LINK), form)


def _warning(name: str, form: Form) -> Rendered:
    lines = tuple(replace(line, name=name, limit=name) for line in WARNING.lines)
    return render_warning(replace(WARNING, unit=name, recipient_name=name, lines=lines), form)


def _trial(name: str, form: Form) -> Rendered:
    return render_test(replace(TRIAL, sent_by=name, channel=name), form)


MAKERS: dict[MessageKind, Callable[[str, Form], Rendered]] = {
    **{
        sample.kind: lambda name, form, sample=sample: _about_items(sample, name, form)
        for sample in ABOUT_ITEMS
    },
    MessageKind.DIGEST: _digest,
    MessageKind.ALARM: _alarm,
    MessageKind.WARNING: _warning,
    MessageKind.TEST: _trial,
}


class Seen(HTMLParser):
    """What a mail program meets in a document: tags, attributes, addresses, words."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.links: list[str | None] = []
        self.words = ""
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data


def harmless(words: str) -> bool:
    """Whether words without a link hold neither an address, a mention nor a mark that nobody sees."""
    hidden = {c for c in words if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} - {"\n"}
    return not (hidden or re.search(r"://|<@|【|】", words) or re.search(r"[A-Za-z0-9]\.[A-Za-z]{2}", words))


@pytest.mark.slow
@pytest.mark.parametrize("form", get_args(Form))
@pytest.mark.parametrize("kind", MessageKind)
@given(name=hostile)
def test_no_name_adds_a_line_a_link_or_a_mention(kind: MessageKind, form: Form, name: str) -> None:
    made, usual = MAKERS[kind](name, form), MAKERS[kind]("甲", form)
    linked = 0 if kind in WITHOUT_LINK else 1
    assert made.text.count(LINK) == linked
    assert harmless(made.text.replace(LINK, ""))
    assert len(made.text.splitlines()) == len(usual.text.splitlines())
    for line in (made.title, made.summary, made.subject, *made.facts.values()):
        assert harmless(line)
        assert "\n" not in line
        assert line
    assert all(len(value) <= MAX_FACT for value in made.facts.values())


@pytest.mark.parametrize("kind", MessageKind)
@given(name=hostile)
def test_no_name_is_markdown(kind: MessageKind, name: str) -> None:
    text, usual = MAKERS[kind](name, "markdown").text, MAKERS[kind]("甲", "markdown").text
    for marks in (r"<[^>]*>", r"[<>`*\[\]\\]", r"^#+ ", r"\]\([^)]*\)"):
        assert re.findall(marks, text, re.M) == re.findall(marks, usual, re.M)


@pytest.mark.parametrize("kind", MessageKind)
@given(name=hostile)
def test_no_name_is_html(kind: MessageKind, name: str) -> None:
    made, usual = Seen(MAKERS[kind](name, "mail").html), Seen(MAKERS[kind]("甲", "mail").html)
    assert made.tags == usual.tags
    assert set(made.tags) <= TAGS
    assert made.attributes <= ATTRIBUTES
    assert made.links == ([] if kind in WITHOUT_LINK else [LINK])
    assert harmless(made.words)
