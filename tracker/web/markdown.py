"""Shows a message the way its recipient's phone does: headings, quotes, bold, colours, link texts.

The text is escaped first and only then dressed, so that nothing in it can become markup of its own.
A link stays text: the pages show where a message leads, they do not lead there.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_COLOUR = re.compile(r"&lt;font color=&#34;(warning|info|comment)&#34;&gt;(.*?)&lt;/font&gt;")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_HEADING = re.compile(r"#{1,6} +")


def to_html(text: str) -> Markup:
    """WeCom markdown, or plain text, as HTML of our own making."""
    return Markup("\n").join(_block(line) for line in text.splitlines() if line.strip())


def _block(line: str) -> Markup:
    if heading := _HEADING.match(line):
        return Markup("<h4>{}</h4>").format(_inline(line[heading.end() :]))
    if line.startswith("> "):
        return Markup("<blockquote>{}</blockquote>").format(_inline(line[2:]))
    return Markup("<p>{}</p>").format(_inline(line))


def _inline(text: str) -> Markup:
    safe = str(escape(text))
    safe = _BOLD.sub(r"<strong>\1</strong>", safe)
    safe = _COLOUR.sub(r'<span class="ink-\1">\2</span>', safe)
    safe = _LINK.sub(r'<span class="link-text">\1（\2）</span>', safe)
    return Markup(safe)  # noqa: S704 - built from escaped text and the three tags above
