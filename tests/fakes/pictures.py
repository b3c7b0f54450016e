"""Pictures as a telephone takes them: real ones, so that whoever opens them can."""

from __future__ import annotations

from io import BytesIO

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **more: object) -> bytes:
    """Left half red, right half blue; `more` goes to Pillow's writer."""
    made = Image.new("RGB", size, "blue")
    made.paste("red", (0, 0, size[0] // 2, size[1]))
    out = BytesIO()
    made.save(out, kind, **more)
    return out.getvalue()


def where_it_was_taken() -> Image.Exif:
    """Turned by a quarter, with a place, an owner and a device."""
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    exif[Base.Make] = "invented-phone"
    exif[Base.Artist] = "李联"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (30.0, 15.0, 1.0)
    return exif
