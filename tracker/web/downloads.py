"""Files that are made for one answer: written beside the database, sent in pieces, then removed.

Must never hold a file in memory, nor leave one behind.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(name: str, shown: str, write: Callable[[Path], object]) -> Response:
    """What `write` makes, under a name in ASCII and the one that people see."""
    folder = TemporaryDirectory(prefix="rectify-")
    target = Path(folder.name) / name
    try:
        write(target)
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        target,
        media_type=_XLSX,
        headers={"Content-Disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(shown)}"},
        background=BackgroundTask(folder.cleanup),
    )
