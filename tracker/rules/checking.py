"""Whether a file of `config/` would be taken: judged with all the others as they are, before it is put there.

Must never change a file of the office: what is judged lies in a folder that is gone afterwards.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tracker.domain.errors import ConfigError
from tracker.rules.files import FILES
from tracker.rules.loader import load_rules


def check_file(files: Mapping[str, Path], name: str, content: bytes, zone: str) -> list[str]:
    """All faults of `content` as the file `name` beside the other `files`, in Chinese; [] when it is good.

    Raises ConfigError for a name that no file of `config/` bears.
    """
    if name not in FILES:
        raise ConfigError(f"没有名为 {name} 的设置文件，可用：{'、'.join(FILES)}")
    with TemporaryDirectory(prefix="rectify-check-") as room:
        folder = Path(room)
        for each, path in files.items():
            shutil.copyfile(path, folder / each)
        (folder / name).write_bytes(content)
        try:
            load_rules(folder, zone)
        except ConfigError as error:
            found = error.details.get("errors", [error.message])
            assert isinstance(found, list)
            return [str(fault).replace(f"{folder}/", "") for fault in found]
    return []
