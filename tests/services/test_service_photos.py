"""Photos are kept upright, without what a telephone writes beside the picture; other files as they came."""

from __future__ import annotations

import zlib
from io import BytesIO

import pytest
from PIL import Image

from tests.fakes.pictures import picture, where_it_was_taken
from tracker.domain.errors import RectifyError
from tracker.services import photos
from tracker.services.evidence import Evidence
from tracker.services.photos import plain_photo


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_place_owner_and_device_go_and_the_picture_stays_upright(kind: str) -> None:
    kept = plain_photo("现场.jpg", picture(kind, exif=where_it_was_taken()))
    with Image.open(BytesIO(kept)) as opened:
        assert not dict(opened.getexif())
        assert not opened.info.get("exif")
        assert (opened.format, opened.size) == (kind, (40, 60))
        top, bottom = (opened.convert("RGB").getpixel((20, y)) for y in (10, 50))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[0] > 200, bottom[2] > 200) == (True, True)
    assert b"invented-phone" not in kept
    assert "李联".encode() not in kept


def test_what_a_programme_hides_in_a_picture_goes_too() -> None:
    kept = plain_photo("现场.jpg", picture(comment="家住 13800000001".encode()))
    assert b"13800000001" not in kept


def test_a_picture_larger_than_a_screen_shows_is_made_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "_LONGEST", 30)
    with Image.open(BytesIO(plain_photo("大图.jpg", picture()))) as opened:
        assert max(opened.size) <= 30


@pytest.mark.parametrize(
    "content",
    [b"\xff\xd8\xff not a picture", picture()[:400], picture("PNG")[:60], b"RIFF\x00\x00\x00\x00WEBPbroken"],
    ids=["no picture", "cut short", "cut png", "no webp"],
)
def test_a_picture_that_nobody_could_open_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(RectifyError, match=r"照片“现场\.jpg”打不开"):
        plain_photo("现场.jpg", content)


def test_a_picture_that_unpacks_beyond_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "_PIXELS", 1000)
    with pytest.raises(RectifyError, match="尺寸过大"):
        plain_photo("大图.png", picture("PNG"))


def _said_to_be(width: int, height: int) -> bytes:
    """A PNG whose first lines claim that size; what follows is not looked at."""
    made = picture("PNG")
    head = b"IHDR" + width.to_bytes(4) + height.to_bytes(4) + made[24:29]
    return made[:12] + head + zlib.crc32(head).to_bytes(4) + made[33:]


@pytest.mark.parametrize("size", [(6400, 6400), (13300, 13300), (30000, 30000)])
def test_what_would_fill_the_memory_is_refused_by_name_before_it_is_unpacked(size: tuple[int, int]) -> None:
    with pytest.raises(RectifyError, match=r"照片“平\.png”尺寸过大"):
        plain_photo("平.png", _said_to_be(*size))


def test_a_jpeg_may_be_larger_since_it_is_unpacked_smaller_but_not_a_progressive_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(photos, "_PIXELS", 1000)
    assert plain_photo("大图.jpg", picture())
    with pytest.raises(RectifyError, match="尺寸过大"):
        plain_photo("大图.jpg", picture(progressive=True))
    monkeypatch.setattr(photos, "_PIXELS_SCALED", 1000)
    with pytest.raises(RectifyError, match="尺寸过大"):
        plain_photo("大图.jpg", picture())


@pytest.mark.parametrize("size", [(960, 480), (960, 24), (24, 960)])
def test_a_long_narrow_jpeg_is_unpacked_smaller_too(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    unpacked = list[int]()
    thumbnail = Image.Image.thumbnail

    def watched(opened: Image.Image, size: tuple[float, float]) -> None:
        unpacked.append(max(opened.size))
        thumbnail(opened, size)

    monkeypatch.setattr(photos, "_LONGEST", 60)
    monkeypatch.setattr(Image.Image, "thumbnail", watched)
    assert plain_photo("全景.jpg", picture(size=size))
    assert unpacked == [120]  # an eighth: JPEG has no smaller


def test_photos_are_redrawn_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def redrawn(content: bytes, _name: str) -> bytes:
        assert not photos._one_at_a_time.acquire(blocking=False)
        return content

    monkeypatch.setattr(photos, "_redrawn", redrawn)
    for _ in range(2):  # and the turn is given back
        assert plain_photo("现场.jpg", picture()) == picture()


@pytest.mark.parametrize("content", [b"PK document", b"%PDF-1.7", b"GIF89a", b""])
def test_other_files_are_kept_byte_for_byte(content: bytes) -> None:
    assert plain_photo("说明.pdf", content) is content


@pytest.mark.parametrize(
    "name", ["病毒.exe", "页面.html", "图.svg", "a.js", "x.hta", "说明", "通报.docm", "截图.png.lnk"]
)
def test_what_nobody_should_open_is_no_evidence(name: str) -> None:
    for way in (Evidence.uploaded, Evidence.file):  # over the network, and from the shell
        with pytest.raises(RectifyError, match="不接收"):
            way(name, b"x")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("..\\..\\桌面\\截图.png", "截图.png"),
        ("../../etc/passwd.png", "passwd.png"),
        ("照\u202e片gpj.png", "照片gpj.png"),
        ("截图\r\nSet-Cookie: a.png", "截图Set-Cookie: a.png"),
        ("截图.PNG", "截图.PNG"),
    ],
)
def test_a_file_is_kept_by_the_last_part_of_its_name_as_people_see_it(name: str, kept: str) -> None:
    assert Evidence.uploaded(name, b"x").value == kept
