"""Which handed-in files may be shown as pictures: by what they begin with, never by their name."""

from __future__ import annotations

_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
POLICY = "default-src 'none'; sandbox"  # a picture loads nothing and runs nothing


def picture_type(content: bytes) -> str | None:
    """The media type of a picture that browsers draw without running anything; None for all else, SVG too."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _KINDS if content.startswith(start)), None)


def may_be_picture(name: str) -> bool:
    """Whether a page offers to show the file; its content decides when it is asked for."""
    return name.lower().endswith(SUFFIXES)
