"""Where the files that ship with the product are: words, rules, migrations.

The only place that knows that a checkout keeps them at its top and a wheel under `tracker/_bundled`.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """Return the folder `name` (`config`, `templates`, `migrations`) of this installation.

    Raises FileNotFoundError if the installation is incomplete.
    """
    for place in (_PACKAGE.parent / name, _PACKAGE / "_bundled" / name):
        # A checkout is told from an unrelated folder of that name by the file beside it.
        if place.is_dir() and (
            place.parent == _PACKAGE / "_bundled" or (place.parent / "pyproject.toml").is_file()
        ):
            return place
    raise FileNotFoundError(f"安装不完整：缺少随程序发布的目录 {name}/")
