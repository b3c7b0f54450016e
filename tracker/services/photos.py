"""Photos as they are kept: what a telephone writes into them beside the picture (place, owner, device) goes.

Must never change a file that is no photo, nor keep one that nobody can open: the unit is told while it can
still take another.
"""

from __future__ import annotations

import warnings
from io import BytesIO
from threading import Lock

from PIL import Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile

from tracker.domain.errors import RectifyError

_FORMATS = ("JPEG", "PNG", "WEBP")
_LONGEST = 4000  # pixels: more shows nothing that a verifier could see on a screen
_QUALITY = 88
_PIXELS = 40_000_000  # unpacked whole, at four bytes each and more; a drawn bomb of 1 MB has far more
_PIXELS_SCALED = 120_000_000  # a JPEG is unpacked no larger than needed: above what telephones take
_one_at_a_time = Lock()  # several at once would add up to more memory than a small server has


def plain_photo(name: str, content: bytes) -> bytes:
    """The picture alone, upright; `content` itself where it is no JPEG, PNG or WebP.

    Raises RectifyError for a picture that is broken off or too large to be opened.
    """
    if not _is_picture(content):
        return content
    try:
        with _one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a size that is judged here
            return _redrawn(content, name)
    except Image.DecompressionBombError as error:
        raise _too_large(name) from error
    except (OSError, SyntaxError, ValueError) as error:
        message = f"照片“{name}”打不开，可能没有传完整，请重新选择或重新拍摄"
        raise RectifyError(message) from error


def _redrawn(content: bytes, name: str) -> bytes:
    with Image.open(BytesIO(content), formats=_FORMATS) as opened:
        kind = opened.format or "JPEG"
        # A progressive JPEG is kept in memory whole, however small it is then drawn.
        is_scaled = isinstance(opened, JpegImageFile) and not opened.info.get("progressive")
        if opened.width * opened.height > (_PIXELS_SCALED if is_scaled else _PIXELS):
            raise _too_large(name)
        by = _LONGEST / max(opened.size)
        opened.draft("RGB", (max(1, int(opened.width * by)), max(1, int(opened.height * by))))
        # In place, and before it is turned: no second one of full size.
        opened.thumbnail((_LONGEST, _LONGEST))
        upright = ImageOps.exif_transpose(opened)
        bare = Image.new(upright.mode, upright.size)
        if upright.palette is not None:
            bare.putpalette(upright.getpalette() or [])
        bare.paste(upright)
        made = BytesIO()
        bare.save(made, kind, quality=_QUALITY)
        return made.getvalue()


def _too_large(name: str) -> RectifyError:
    return RectifyError(f"照片“{name}”尺寸过大，请缩小后再传")


def _is_picture(content: bytes) -> bool:
    """By its first bytes: what a file is called says nothing."""
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or is_webp
