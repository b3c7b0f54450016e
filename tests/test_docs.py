"""The documents promise only what the program does, and the two READMEs promise the same."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import click
import pytest

from tests.browser.screenshots import MOST_BYTES
from tests.fakes.shown_pages import PAGES
from tracker.cli.app import app
from tracker.settings import Settings
from tracker.web.menu import ROOMS

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh.md")


def _commands(group: click.Group, prefix: str = "") -> dict[str, click.Command]:
    context = click.Context(group)
    found: dict[str, click.Command] = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        path = f"{prefix}{name}"
        is_group = isinstance(command, click.Group)
        if not is_group or command.invoke_without_command:
            found[path] = command
        if is_group:
            found |= _commands(command, f"{path} ")
    return found


COMMANDS = _commands(app)


@pytest.mark.parametrize("path", COMMANDS)
def test_each_command_is_documented_with_all_its_options(path: str) -> None:
    text = (ROOT / "docs/cli.md").read_text("utf-8")
    section = re.search(rf"^## {re.escape(path)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert section is not None
    options = [option for each in COMMANDS[path].params for option in each.opts if option.startswith("--")]
    assert [option for option in options if option not in section[1] and option != "--help"] == []


def test_documented_commands_exist() -> None:
    text = (ROOT / "docs/cli.md").read_text("utf-8")
    assert set(re.findall(r"^## (.+)$", text, re.M)) == set(COMMANDS)


@pytest.mark.parametrize("readme", READMES)
def test_commands_of_the_readme_exist(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    called = re.findall(r"\brectify ((?:[a-z][a-z-]*)(?: (?:import|upgrade|list|add|confirm)\b)?)", text)
    assert called
    known = {*COMMANDS, *(path.split()[0] for path in COMMANDS)}
    assert [each for each in called if each not in known and each.split()[0] not in known] == []


@pytest.mark.parametrize("readme", READMES)
def test_each_setting_is_in_the_readme(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    wanted = {f"TRACKER_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"TRACKER_[A-Z_]+", text)) == wanted


def test_the_two_readmes_have_the_same_parts() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in READMES)

    def skeleton(text: str) -> list[str]:
        """Headings by depth, code blocks as commands, table rows by their first column of code."""
        marks = re.findall(r"^(#+) |^\| (`[A-Z_]+`)|^(rectify|make) ([a-z-]+)", text, re.M)
        return ["".join(mark) for mark in marks]

    assert skeleton(english) == skeleton(chinese)


@pytest.mark.parametrize("document", [*READMES, "CONTRIBUTING.md", "DECISIONS.md", "CHANGELOG.md"])
def test_links_and_named_paths_exist(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    links = re.findall(r"\]\((?!http)([^)#]+)\)", text)
    folders = "tracker|notifiers|templates|config|migrations|tests|docs|benchmarks"
    paths = re.findall(rf"`((?:{folders})/[\w./-]*)`", text)
    assert [each for each in (*links, *paths) if not (ROOT / each).exists()] == []


def test_each_page_of_the_menu_is_in_the_list_of_pages() -> None:
    text = (ROOT / "docs/pages.md").read_text("utf-8")
    pages = [page for room in ROOMS for page in room.pages]
    assert [page.path for page in pages if f"{page.name} `{page.path}`" not in text] == []


def test_each_page_has_its_screenshot_and_each_screenshot_its_place() -> None:
    text = (ROOT / "docs/pages.md").read_text("utf-8")
    placed = re.findall(r"\]\(images/([\w-]+)\.png\)", text)
    assert sorted(placed) == sorted(shown.name for shown in PAGES)
    files = {file.stem: file.stat().st_size for file in (ROOT / "docs/images").glob("*.png")}
    assert set(files) == set(placed)
    assert max(files.values()) <= MOST_BYTES


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    # Put together here, or this file would name them itself.
    names = ("pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.", "/ho" + "me/", "/wo" + "rk/")
    forbidden = re.compile("|".join(names))
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [ROOT / name for name in tracked.stdout.split("\0") if name]
    assert files
    named = [file for file in files if forbidden.search(file.read_text("utf-8", errors="replace"))]
    assert named == []
