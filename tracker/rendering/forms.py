"""One message in every form that a channel may want: from its two templates, the list and the sentence.

`templates/messages/<kind>/markdown.j2` is the message with all its lines, `summary.j2` says the same in one
sentence. Everything else follows from these two. Must never know what a message is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tracker.domain.escalation import MessageKind
from tracker.rendering.environment import environment, plain
from tracker.rendering.markdown import MAIL, to_html, to_plain

Form = Literal["markdown", "plain", "sms", "mail"]
NONE = "无"
COMMON_FACTS = ("kind", "unit", "count", "overdue", "days", "date", "serial")
"""The names that every message has, so that one approved template may do for all kinds."""
MAX_FACT = 35
"""Characters that a gateway's template takes in one of its places."""


@dataclass(frozen=True)
class Rendered:
    """A message in words.

    text: in the form that was asked for, with serial and link. title, summary: one line each, without marks,
    for cards; subject: the same for mail. html: a whole document, for mail only, else "". facts: short values
    by name for gateways that fill approved templates, `COMMON_FACTS` and more; none is empty, since those
    refuse an empty one.
    """

    text: str
    subject: str
    html: str
    facts: Mapping[str, str]
    title: str
    summary: str


def rendered(
    kind: MessageKind,
    form: Form,
    context: Mapping[str, object],
    *,
    topic: str,
    facts: Mapping[str, object],
    serial: str,
    link: str | None,
) -> Rendered:
    """The message that the templates of `kind` make of `context`.

    topic: what the subject says after the title, or "".
    """
    made = environment()
    markdown = made.get_template(f"{kind}/markdown.j2").render(context).strip()
    summary = made.get_template(f"{kind}/summary.j2").render(context).strip()
    heading, _, body = markdown.partition("\n")
    title = to_plain(heading)
    if form == "sms":
        sms = made.get_template("_shared/sms.j2")
        text = sms.render(title=title, summary=summary, serial=serial, link=link).strip()
    else:
        text = markdown if form == "markdown" else to_plain(markdown)
    html = ""
    if form == "mail":
        html = made.get_template("_shared/mail.html.j2").render(title=title, body=to_html(body, MAIL))
    return Rendered(
        text=text,
        subject=f"{title}：{plain(topic)}" if topic else title,
        html=html,
        facts=_facts(dict(facts) | {"kind": title, "serial": serial}),
        title=title,
        summary=summary,
    )


def _facts(values: Mapping[str, object]) -> dict[str, str]:
    known = {name: _shortened(plain(value), MAX_FACT) or NONE for name, value in values.items()}
    return dict.fromkeys(COMMON_FACTS, NONE) | known


def _shortened(text: str, length: int) -> str:
    """The text, or its beginning and `…`: `length` characters at most."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def of_several(names: Sequence[str], noun: str = "个单位") -> str:
    """`市甲局`, or `市甲局等3个单位`, as a fact; a long name gives way to the count."""
    rest = f"等{len(names)}{noun}" if len(names) > 1 else ""
    return _shortened(names[0], MAX_FACT - len(rest)) + rest if names else ""
