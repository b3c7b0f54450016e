"""The wheel, built by way of the sdist, works alone in an empty directory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

pytestmark = pytest.mark.wheel


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content in a folder of its own, ahead of the checkout on the path."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "dist"), str(ROOT))
    [wheel] = (folder / "dist").glob("*.whl")
    place = folder / "site"
    _run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(place), str(wheel))
    return place


def _run(*command: str, cwd: Path | None = None, path: Path | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_walks_the_road_in_an_empty_directory(installed: Path, tmp_path: Path) -> None:
    code = "import tracker; print(tracker.__file__)"
    where = _run(sys.executable, "-P", "-c", code, cwd=tmp_path, path=installed)
    assert Path(where.strip()).is_relative_to(installed)

    def rectify(*arguments: str) -> str:
        return _run(sys.executable, "-P", "-m", "tracker", *arguments, cwd=tmp_path, path=installed)

    example = installed / "tracker/_bundled/templates/examples/bulletin.txt"
    rectify("import", str(example))
    assert "市直" in rectify("rates")
    assert "已放入发件箱" in rectify("--now", "2026-10-23T09:00+08:00", "remind")
    rectify("--now", "2026-10-26T09:00+08:00", "digest", "--out", "周报")
    assert sorted(path.suffix for path in (tmp_path / "周报").iterdir()) == [".md", ".png", ".xlsx"]
    assert (tmp_path / "rectify.db").is_file()


def test_the_wheel_carries_pages_and_catalogue(installed: Path) -> None:
    wanted = (
        "tracker/cli/locale/zh_CN/LC_MESSAGES/rectify.mo",
        "tracker/_bundled/templates/pages/_layout.html",
        "tracker/_bundled/migrations/versions/0001_initial.py",
        "tracker/_bundled/config/classes.toml",
        "tracker/py.typed",
        "notifiers/__init__.py",
    )
    assert [each for each in wanted if not (installed / each).is_file()] == []
