"""The files of `config/`, the office's folder laid over the shipped one file by file.

Must never merge two files: an office that overrides `classes.toml` owns the whole of it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tracker.domain.errors import ConfigError
from tracker.resources import shipped

FILES = (
    "app.toml",
    "calendar.toml",
    "classes.toml",
    "columns.toml",
    "feeds.toml",
    "ladders.toml",
    "short_forms.toml",
    "units.toml",
)

Model = TypeVar("Model", bound=BaseModel)

_WORDS = {
    "missing": "缺少该项",
    "extra_forbidden": "不认识该项",
    "int_type": "应为整数",
    "float_type": "应为数字",
    "bool_type": "应为 true 或 false",
    "string_type": "应为文字",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
    "dict_type": "应为表",
    "model_type": "应为表",
    "date_type": "应为日期，如 2026-10-01",
    "time_type": "应为时刻，如 09:00:00",
    "literal_error": "只能是 {expected}",
    "greater_than_equal": "不得小于 {ge}",
    "less_than_equal": "不得大于 {le}",
    "string_too_short": "至少 {min_length} 个字",
    "string_pattern_mismatch": "格式不符，须匹配 {pattern}",
}


class ConfigFolder:
    """Reads files and collects their errors, so that an office sees all of them in one go."""

    def __init__(self, overlay: Path | None) -> None:
        if overlay is not None and not overlay.is_dir():
            raise ConfigError(f"设置目录不存在：{overlay}（TRACKER_CONFIG_DIR）")
        self._overlay = overlay
        self.errors: list[str] = []

    def path(self, name: str) -> Path:
        if self._overlay is not None and (self._overlay / name).is_file():
            return self._overlay / name
        return shipped("config") / name

    def strangers(self) -> Iterator[str]:
        """TOML files of the overlay that nobody reads: nearly always a mistyped name."""
        if self._overlay is not None:
            yield from (path.name for path in sorted(self._overlay.glob("*.toml")) if path.name not in FILES)

    def read(self, name: str) -> dict[str, object]:
        """Parse one file; on a syntax error note it and return an empty table."""
        path = self.path(name)
        try:
            return tomllib.loads(path.read_text("utf-8-sig"))
        except tomllib.TOMLDecodeError as error:
            self.errors.append(f"{path}：TOML 语法错误，{error}")
        except UnicodeDecodeError:
            self.errors.append(f"{path}：不是 UTF-8 编码，请用 UTF-8 另存")
        except RecursionError:
            self.errors.append(f"{path}：括号嵌套过深")
        except OSError as error:
            self.errors.append(f"{path}：无法读取，{error.strerror}")
        return {}

    def model(self, name: str, shape: type[Model], raw: dict[str, object] | None = None) -> Model | None:
        """Read one file into `shape`; on errors note each with file and key and return None."""
        before = len(self.errors)
        content = self.read(name) if raw is None else raw
        if len(self.errors) > before:
            return None
        try:
            return shape.model_validate(content, strict=True)
        except ValidationError as error:
            for problem in error.errors():
                key = ".".join(str(part) for part in problem["loc"])
                self.errors.append(f"{self.path(name)}：{key}：{_in_chinese(problem)}")
            return None


def _in_chinese(problem: ErrorDetails) -> str:
    """Pydantic's kinds in our words; what our own validators raise is Chinese already."""
    words = _WORDS.get(problem["type"])
    if words is None:
        return problem["msg"].removeprefix("Value error, ")
    return words.format(**problem.get("ctx", {}))
