"""Damaged copies of documents, the same ones in every run: each must give a reading or a clear refusal.

The long run: `python -m tests.fuzz --count 10000 [--samples ../shared/samples]`.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import resource
import sys
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from tests.fakes.converters import to_docx, to_html, to_pdf, to_xlsx
from tests.support import BULLETIN
from tracker.domain.errors import IntakeError
from tracker.intake import read_document
from tracker.intake.pdf_pages import read_pages
from tracker.intake.quarantine import refusing

Mutation = Callable[[bytearray, random.Random], None]
File = Callable[[], bytes]


# The invented bulletin as every kind of file, by file name; each is made once, when it is first asked for.
ORIGINALS: dict[str, File] = {
    "通报.txt": BULLETIN.encode,
    "通报-gbk.txt": lambda: BULLETIN.encode("gb18030"),
    "通报-utf16.txt": lambda: BULLETIN.encode("utf-16"),
    "通报.csv": lambda: BULLETIN.replace("\t", ",").encode(),
    "通报.docx": cache(lambda: to_docx(BULLETIN, automatic=True)),
    "通报.xlsx": cache(lambda: to_xlsx(BULLETIN)),
    "通报.html": cache(lambda: to_html(BULLETIN)),
    "通报.pdf": cache(lambda: to_pdf(BULLETIN)),
}


def mutants(content: bytes, count: int, seed: str) -> Iterator[bytes]:
    """`count` copies with one to eight injuries each, or cut off."""
    chance = random.Random(seed)
    for _ in range(count):
        if content.startswith(b"PK") and chance.random() < 0.7:
            yield _injured_inside(content, chance)
        elif content.isascii() or b"\0" in content or chance.random() < 0.3:
            yield _injured(content, chance)
        elif (text := _as_text(content)) is not None:
            yield _injured_text(text, chance).encode()
        else:
            yield _injured(content, chance)


def _as_text(content: bytes) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _injured_text(text: str, chance: random.Random) -> str:
    """Sound characters in the wrong places: what the encoding does not catch, the shapes must live with."""
    pieces = list(text)
    for _ in range(chance.randint(1, 30)):
        place, length = chance.randrange(len(pieces) or 1), chance.randint(1, 12)
        run = pieces[place : place + length]
        moved = chance.randrange(len(pieces) or 1)
        if chance.random() < 0.5:
            del pieces[place : place + length]
        if chance.random() < 0.7:
            pieces[moved:moved] = run
        else:
            pieces.insert(moved, chance.choice("、，。；：“”（）()|\t\n各等其中分别为1２年月％件家"))
    return "".join(pieces)


def _injured(content: bytes, chance: random.Random) -> bytes:
    copy = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        chance.choice(_MUTATIONS)(copy, chance)
    return bytes(copy)


def _injured_inside(content: bytes, chance: random.Random) -> bytes:
    """A sound package with one damaged member: else its checksums would hide the readers from the damage."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        members = {name: package.read(name) for name in package.namelist()}
    hurt = chance.choice([name for name in members if name.startswith(("word/", "xl/", "_rels"))])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in members.items():
            package.writestr(name, _injured_markup(part, chance) if name == hurt else part)
    return buffer.getvalue()


def _injured_markup(part: bytes, chance: random.Random) -> bytes:
    """Bytes, or whole tags and numbers, which leaves more of it well-formed."""
    if chance.random() < 0.3:
        return _injured(part, chance)
    pieces = re.split(rb"(<[^>]*>|\d+)", part)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(pieces))
        pieces[place] = chance.choice(
            [b"", b"0", b"-1", b"99999999999", chance.choice(pieces), pieces[place] * 3]
        )
    return b"".join(pieces)


def outcome(content: bytes, filename: str) -> str:
    """read or refused; any other exception is the caller's finding.

    A PDF is parsed in this process: a child for each of thousands would be slow, and would hide a hang.
    """
    try:
        if filename.endswith(".pdf") and content.startswith(b"%PDF-"):
            refusing(read_pages, content, filename)
        else:
            read_document(content, filename)
    except IntakeError as refusal:
        return "refused" if filename in refusal.message else "refused without a name"
    return "read"


def _place(copy: bytearray, chance: random.Random) -> int:
    return chance.randrange(len(copy) or 1)


def _flip(copy: bytearray, chance: random.Random) -> None:
    if copy:
        copy[_place(copy, chance)] ^= 1 << chance.randrange(8)


def _delete(copy: bytearray, chance: random.Random) -> None:
    start = _place(copy, chance)
    del copy[start : start + chance.randint(1, 60)]


def _insert(copy: bytearray, chance: random.Random) -> None:
    start = _place(copy, chance)
    copy[start:start] = chance.randbytes(chance.randint(1, 30))


def _repeat(copy: bytearray, chance: random.Random) -> None:
    start = _place(copy, chance)
    copy[start:start] = copy[start : start + chance.randint(1, 200)] * chance.randint(1, 20)


def _swap(copy: bytearray, chance: random.Random) -> None:
    a, b = sorted((_place(copy, chance), _place(copy, chance)))
    size = min(chance.randint(1, 60), b - a)
    copy[a : a + size], copy[b : b + size] = copy[b : b + size], copy[a : a + size]


def _cut(copy: bytearray, chance: random.Random) -> None:
    if chance.random() < 0.2:
        del copy[_place(copy, chance) :]


_MUTATIONS: tuple[Mutation, ...] = (_flip, _delete, _insert, _repeat, _swap, _cut)


def main() -> int:
    """Print what became of each document's copies; 1 if anything crashed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--samples", type=Path, help="a folder whose *.txt are damaged instead")
    parser.add_argument("--only", default="", help="part of a file's name")
    options = parser.parse_args()
    documents = {name: made() for name, made in ORIGINALS.items()}
    if options.samples:
        documents = {path.name: path.read_bytes() for path in sorted(options.samples.glob("*.txt"))}
    crashed = 0
    for name, content in documents.items():
        if options.only not in name:
            continue
        counts: Counter[str] = Counter(read=0, refused=0, crashed=0)
        for copy in mutants(content, options.count, name):
            try:
                counts[outcome(copy, name)] += 1
            except Exception as problem:
                counts["crashed"] += 1
                frame = traceback.extract_tb(problem.__traceback__)[-1]
                sys.stdout.write(
                    f"  {type(problem).__name__}: {problem} ({frame.name}:{frame.lineno})\n"[:300]
                )
        crashed += counts["crashed"]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        sys.stdout.write(f"{name}: {dict(counts)}, peak {peak} MB\n")
        sys.stdout.flush()
    return int(crashed > 0)


if __name__ == "__main__":
    sys.exit(main())
