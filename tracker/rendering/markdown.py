"""The messages' markdown in other dress: HTML for the office's pages and for mail, and plain text.

Only what WeCom's markdown v1 shows is known here: headings, quotes, bold, three colours, links. HTML is
escaped first and only then dressed, so that nothing in a text can become markup of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

_HEADING = re.compile(r"#{1,6} +")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_LINK = re.compile(r"\[([^\]]+)\]\((https?://[^)\s]+)\)")
_FONT = re.compile(r'<font color="(?:warning|info|comment)">(.*?)</font>')
_ESCAPED_FONT = re.compile(r"&lt;font color=&#34;(warning|info|comment)&#34;&gt;(.*?)&lt;/font&gt;")


@dataclass(frozen=True)
class Dress:
    """What the marks become, as HTML of our own; `{}` is the place of their words.

    colours: by WeCom's name. link: with `{words}` and `{address}`.
    """

    heading: str
    quote: str
    paragraph: str
    colours: Mapping[str, str]
    link: str


PAGE = Dress(
    heading="<h4>{}</h4>",
    quote="<blockquote>{}</blockquote>",
    paragraph="<p>{}</p>",
    colours={name: f'<span class="ink-{name}">{{}}</span>' for name in ("warning", "info", "comment")},
    # A link stays text: the pages show where a message leads, they do not lead there.
    link='<span class="link-text">{words}（{address}）</span>',
)
# Old mail programs know no style sheets, and some drop the margins of `blockquote`.
MAIL = Dress(
    heading='<h2 style="margin:22px 0 8px;font-size:16px;line-height:1.5;color:#1f4e79;">{}</h2>',
    quote='<p style="margin:0 0 8px;padding:2px 0 2px 12px;border-left:3px solid #c9d6e2;">{}</p>',
    paragraph='<p style="margin:0 0 12px;">{}</p>',
    colours={
        "warning": '<span style="color:#a9231b;font-weight:bold;">{}</span>',
        "info": '<span style="color:#1c6b43;">{}</span>',
        "comment": '<span style="color:#566472;">{}</span>',
    },
    link='<a href="{address}" style="display:inline-block;padding:9px 24px;background:#1f4e79;color:#ffffff;'
    'text-decoration:none;">{words}</a>',
)


def to_html(text: str, dress: Dress = PAGE) -> Markup:
    """WeCom markdown, or plain text, as HTML of our own making."""
    return Markup("\n").join(_block(line, dress) for line in text.splitlines() if line.strip())


def _block(line: str, dress: Dress) -> Markup:
    if heading := _HEADING.match(line):
        mark, words = dress.heading, line[heading.end() :]
    elif line.startswith("> "):
        mark, words = dress.quote, line[2:]
    else:
        mark, words = dress.paragraph, line
    return Markup(mark).format(_inline(words, dress))  # noqa: S704 - a mark of ours around escaped words


def _inline(text: str, dress: Dress) -> Markup:
    safe = str(escape(text))
    safe = _BOLD.sub(r"<strong>\1</strong>", safe)
    safe = _ESCAPED_FONT.sub(lambda found: dress.colours[found[1]].format(found[2]), safe)
    safe = _LINK.sub(lambda found: dress.link.format(words=found[1], address=found[2]), safe)
    return Markup(safe)  # noqa: S704 - built from escaped text and the marks above


def to_plain(text: str) -> str:
    """WeCom markdown as text without marks: a line of a list begins with `· `, a link shows its address."""
    return "\n".join(_plain_line(line) for line in text.splitlines())


def _plain_line(line: str) -> str:
    line = _HEADING.sub("", line, count=1) if _HEADING.match(line) else line
    line = f"· {line[2:]}" if line.startswith("> ") else line
    return _LINK.sub(r"\1：\2", _FONT.sub(r"\1", _BOLD.sub(r"\1", line)))
