"""What the real group robot accepts, message type by message type, and what people would then see.

Must never be laxer than Tencent's documents (99110, 90313) unless a switch of `Rules` says so.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tests.fakes.wecom_cards import card_summary
from tests.fakes.wecom_rules import Refusal, Rules, need

TEXT_BYTES, OBSERVED_TEXT_BYTES, MARKDOWN_BYTES = 2048, 5120, 4096
IMAGE_BYTES = 2 * 1024 * 1024
_USER = re.compile(r"<@([^<>\s]+)>")
_FONT_COLOUR = re.compile(r"<font[^<>]*color=[\"']?([\w#-]+)")
_V1_UNRENDERED = re.compile(r"^\s*\|.*\||!\[[^\]]*\]\(|^```", re.MULTILINE)
_COLOURS = {"info", "comment", "warning"}


class Note(StrEnum):
    """What was taken but will not look or work as its sender may think."""

    MENTIONS_IGNORED = "此类消息的提醒名单被忽略"
    NOT_RENDERED_MENTION = "markdown_v2 不支持 <@账号>"
    NOBODY_PINGED = "提醒的人不在群里，没有提醒到任何人"
    NOT_RENDERED = "markdown 不支持表格、图片和代码块"
    FONT_IN_V2 = "markdown_v2 不支持字体颜色"
    UNKNOWN_COLOUR = "字体颜色只支持 info、comment、warning"
    TITLE_CUT = "图文标题被截断"
    DESCRIPTION_CUT = "图文描述被截断"


@dataclass(frozen=True)
class Reading:
    """An accepted message: what it shows, whom it pages, what will be odd about it."""

    kind: str
    content: str
    notes: tuple[Note, ...] = ()
    user_ids: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


@dataclass(frozen=True)
class Context:
    """What judging needs to know of the robot: its group (None: whoever is paged is in it) and its media."""

    rules: Rules
    members: frozenset[str] | None = None
    file_name: Callable[[str], str | None] = field(default=lambda _media_id: None)


def read_message(body: object, context: Context) -> Reading:
    """Judge one parsed body. Raises Refusal."""
    if not isinstance(body, dict) or body.get("msgtype") not in _READERS:
        raise Refusal(40008, "invalid message type")
    kind = body["msgtype"]
    content = body.get(kind)
    if not isinstance(content, dict):
        raise Refusal(40058, f"missing field {kind}")
    return _READERS[kind](kind, content, context)


def _string(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise Refusal(40058, f"invalid field {name}")
    return value


def _limited(kind: str, content: Mapping[str, object], limit: int) -> str:
    text = _string(content.get("content", ""), f"{kind}.content")
    if (size := len(text.encode())) > limit:
        raise Refusal(40058, f"{kind}.content exceed max length {limit}. invalid length {size}")
    return text


def _names(content: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = content.get(name, [])
    if not isinstance(value, list):
        raise Refusal(40058, f"invalid field {name}")
    return tuple(_string(one, name) for one in value)


def _text(kind: str, content: Mapping[str, object], context: Context) -> Reading:
    text = _limited(kind, content, TEXT_BYTES if context.rules.strict else OBSERVED_TEXT_BYTES)
    user_ids = (*_names(content, "mentioned_list"), *_USER.findall(text))
    phones = _names(content, "mentioned_mobile_list")
    if not text and not (context.rules.mention_only and (user_ids or phones)):
        raise Refusal(44004, "empty content")
    return Reading(kind, text, _nobody(context, user_ids, phones), user_ids, phones)


def _nobody(context: Context, user_ids: tuple[str, ...], phones: tuple[str, ...] = ()) -> tuple[Note, ...]:
    """The real server says nothing about people who are not in the group; the fake notes it."""
    paged = {*user_ids, *phones}
    missed = paged and context.members is not None and not paged & {*context.members, "@all"}
    return (Note.NOBODY_PINGED,) if missed else ()


def _markdown(kind: str, content: Mapping[str, object], context: Context) -> Reading:
    text = _limited(kind, content, MARKDOWN_BYTES)
    if not text:
        raise Refusal(44004, "empty content")
    notes = [Note.MENTIONS_IGNORED] if {"mentioned_list", "mentioned_mobile_list"} & content.keys() else []
    colours = set(_FONT_COLOUR.findall(text))
    if kind == "markdown_v2":
        notes += [Note.FONT_IN_V2] if colours else []
        notes += [Note.NOT_RENDERED_MENTION] if _USER.search(text) else []
        return Reading(kind, text, tuple(notes))
    notes += [Note.UNKNOWN_COLOUR] if colours - _COLOURS else []
    notes += [Note.NOT_RENDERED] if _V1_UNRENDERED.search(text) else []
    user_ids = tuple(_USER.findall(text))
    return Reading(kind, text, (*notes, *_nobody(context, user_ids)), user_ids)


def _image(kind: str, content: Mapping[str, object], context: Context) -> Reading:
    encoded = _string(content.get("base64"), "image.base64")
    try:
        raw = base64.b64decode(encoded, validate=True)  # refuses white space and a data: prefix
    except binascii.Error:
        raise Refusal(301019, "media md5 not match") from None
    if len(raw) > IMAGE_BYTES:
        raise Refusal(40009, "invalid image size")
    if not raw.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        raise Refusal(40058, "invalid field image.base64")
    if hashlib.md5(raw).hexdigest() != content.get("md5"):
        raise Refusal(301019, "media md5 not match")
    return Reading(kind, f"[{len(raw)} bytes]")


def _news(kind: str, content: Mapping[str, object], context: Context) -> Reading:
    articles = content.get("articles")
    if not isinstance(articles, list) or not articles:
        raise Refusal(40058, "missing field articles")
    if len(articles) > 8:
        raise Refusal(45008, "article count out of limit")
    notes, titles = set(), []
    for article in articles:
        title = need(article, "title", 40058)
        url = need(article, "url", 40058)
        if context.rules.check_url_scheme and not url.startswith(("http://", "https://")):
            raise Refusal(45034, "url without scheme")
        notes |= {Note.TITLE_CUT} if len(title.encode()) > 128 else set()
        notes |= {Note.DESCRIPTION_CUT} if len(str(article.get("description", "")).encode()) > 512 else set()
        titles.append(title.encode()[:128].decode(errors="ignore"))
    return Reading(kind, "\n".join(titles), tuple(sorted(notes)))


def _media(kind: str, content: Mapping[str, object], context: Context) -> Reading:
    media_id = _string(content.get("media_id"), f"{kind}.media_id")
    name = context.file_name(media_id)
    if name is None:
        raise Refusal(40007, "invalid media_id")
    return Reading(kind, name)


def _card(kind: str, content: Mapping[str, object], context: Context) -> Reading:
    return Reading(kind, card_summary(content))


_READERS: Mapping[str, Callable[[str, Mapping[str, object], Context], Reading]] = {
    "text": _text,
    "markdown": _markdown,
    "markdown_v2": _markdown,
    "image": _image,
    "news": _news,
    "file": _media,
    "voice": _media,
    "template_card": _card,
}
