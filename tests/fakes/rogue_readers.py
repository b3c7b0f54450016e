"""Readers as a hostile file would have them; only ever called in quarantine."""

from __future__ import annotations

import os

from tracker.intake.document import Document


def takes_all_memory(content: bytes, filename: str) -> Document:
    return Document((), open_ended=bool(bytearray(64 * 1024**3)))


def ends_the_process(content: bytes, filename: str) -> Document:
    os.abort()
