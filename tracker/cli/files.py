"""Files named on the command line. Must never read one that is too large to be what it should be."""

from __future__ import annotations

from pathlib import Path

from tracker.domain.errors import IntakeError
from tracker.domain.text import file_name
from tracker.intake.readers import MAXIMUM_BYTES


def read_file(file: Path) -> bytes:
    """Its bytes; raises IntakeError for more than a document holds, OSError as the system says it."""
    if file.stat().st_size > MAXIMUM_BYTES:
        megabytes = MAXIMUM_BYTES // 1024 // 1024
        raise IntakeError(f"{file_name(file.name)}：文件超过 {megabytes} MB，请确认是否选错文件")
    return file.read_bytes()
