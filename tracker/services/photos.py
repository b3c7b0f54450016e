"""Photos as they are kept: what a telephone writes into them beside the picture (place, owner, device) goes.

Must never change a file that is no photo, nor keep one that nobody can open: the unit is told while it can
still take another.
"""

from __future__ import annotations

import warnings
from io import BytesIO

from PIL import Image, ImageOps

from tracker.domain.errors import RectifyError

_FORMATS = ("JPEG", "PNG", "WEBP")
_LONGEST = 4000  # pixels: more shows nothing that a verifier could see on a screen
_QUALITY = 88
_PIXELS = 200_000_000  # a telephone's largest; a drawn bomb unpacks to more


def plain_photo(name: str, content: bytes) -> bytes:
    """The picture alone, upright; `content` itself where it is no JPEG, PNG or WebP.

    Raises RectifyError for a picture that is broken off or too large to be opened.
    """
    if not _is_picture(content):
        return content
    broken = RectifyError(f"照片“{name}”打不开，可能没有传完整，请重新选择或重新拍摄")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a size that is judged here
            return _redrawn(content, name)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise broken from error


def _redrawn(content: bytes, name: str) -> bytes:
    with Image.open(BytesIO(content), formats=_FORMATS) as opened:
        kind = opened.format or "JPEG"
        if opened.width * opened.height > _PIXELS:
            raise RectifyError(f"照片“{name}”尺寸过大，请缩小后再传")
        opened.draft("RGB", (_LONGEST, _LONGEST))  # a JPEG is unpacked no larger than needed
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((_LONGEST, _LONGEST))
        bare = Image.new(upright.mode, upright.size)
        if upright.palette is not None:
            bare.putpalette(upright.getpalette() or [])
        bare.paste(upright)
        made = BytesIO()
        bare.save(made, kind, quality=_QUALITY)
        return made.getvalue()


def _is_picture(content: bytes) -> bool:
    """By its first bytes: what a file is called says nothing."""
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or is_webp
