"""Names from outside, as they may be stored and shown."""

from __future__ import annotations

import pytest

from tracker.domain.text import file_name, printable


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("通报.txt", "通报.txt"),
        ("../../etc/通报.txt", "通报.txt"),
        ("C:\\文件\\通报.docx", "通报.docx"),
        ("a\nb\u202e.txt", "ab.txt"),
        (".", "未命名文件"),
        ("/", "未命名文件"),
        ("通报.txt".encode("gb18030").decode("utf-8", "surrogateescape"), "通报.txt"),
    ],
)
def test_a_file_name_is_its_last_part_without_what_cannot_be_printed(given: str, kept: str) -> None:
    assert file_name(given) == kept


def test_a_title_loses_only_what_is_invisible() -> None:
    assert printable(" 云澜市\0通报\u200b（第7期） ") == "云澜市通报（第7期）"
