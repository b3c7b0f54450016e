"""Click's own words: the compiled catalogue is the one that was translated, and every word is in it."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import click
from babel.messages.catalog import Catalog

from tracker.cli import chinese

FOLDER = Path(chinese.__file__).parent / "locale/zh_CN/LC_MESSAGES"


def test_the_compiled_catalogue_is_up_to_date() -> None:
    from babel.messages.mofile import read_mo
    from babel.messages.pofile import read_po

    def words(catalogue: Catalog) -> dict[str, object]:
        return {str(tuple(message.id)): tuple(message.string) for message in catalogue if message.id}

    with (FOLDER / "rectify.po").open("rb") as source, (FOLDER / "rectify.mo").open("rb") as compiled:
        assert words(read_po(source)) == words(read_mo(compiled))


def test_no_word_of_click_that_people_can_meet_is_left_in_english() -> None:
    """Click's messages for usage errors and help; those of features we do not use are left out."""
    catalogue = gettext.translation("rectify", FOLDER.parent.parent, ["zh_CN"])
    source = "".join(
        (Path(click.__file__).parent / name).read_text("utf-8") for name in ("exceptions.py", "formatting.py")
    )
    unused = {"unknown error", "Could not open file {filename!r}: {message}", "Missing {param_type}"}
    unused |= {"Missing parameter: {param_name}"}
    words = set(re.findall(r'\b_\(\s*"([^"]+)"', source)) - unused
    assert words
    assert [word for word in words if catalogue.gettext(word) == word] == []
