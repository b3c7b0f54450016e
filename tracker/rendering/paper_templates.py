"""Templates of papers, edited in Word: where they lie, what they may name, and filling them in (docxtpl).

A template is a program that an office wrote, so it runs in Jinja's sandbox and may name only what is
published (`paper_fields`). Must never let a value act as markup: problem texts come from other people.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import SandboxedEnvironment
from lxml.etree import XMLSyntaxError
from markupsafe import Markup, escape

from tracker.domain.errors import ConfigError
from tracker.domain.issuing import PaperKind
from tracker.rendering.environment import one_line
from tracker.rendering.paper_fields import FIELDS, Fields, Words, specimen
from tracker.resources import shipped

_LOOP = ("index", "index0", "first", "last", "length")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_OPEN_IN_WORD = "~$"  # Word keeps such a file beside each one that it has open
_MOST_BYTES = 20 * 2**20


def template_path(own: Path | None, kind: PaperKind) -> Path:
    """The office's own template of this kind (`letter.docx` in the folder `own`), else the shipped one."""
    if own is not None and (own / f"{kind.stem}.docx").is_file():
        return own / f"{kind.stem}.docx"
    return shipped("templates") / "documents" / kind.stem / f"{kind.stem}.docx"


def template_faults(own: Path | None) -> list[str]:
    """All that is wrong with the office's own templates, in Chinese; [] when they can be used."""
    if own is None or not own.is_dir():
        return []
    known = {f"{kind.stem}.docx" for kind in PaperKind}
    found = (path.name for path in sorted(own.glob("*.docx")))
    strange = [name for name in found if name not in known and not name.startswith(_OPEN_IN_WORD)]
    faults = [f"{own / name}：不认识的模板，可用：{'、'.join(sorted(known))}" for name in strange]
    for kind in PaperKind:
        try:
            if (own / f"{kind.stem}.docx").is_file():
                fill(own / f"{kind.stem}.docx", kind, specimen(kind))
        except ConfigError as error:
            faults.append(error.message)
    return faults


def fill(path: Path, kind: PaperKind, words: Words) -> bytes:
    """The template with these words as a docx; the same words give the same bytes.

    Raises ConfigError naming the file, and the placeholder that nobody knows or the line that cannot be read.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ConfigError(f"{path}：模板超过 20 MB")
        template = DocxTemplate(io.BytesIO(path.read_bytes()))
        template.render(_harmless(words), _Sandbox(FIELDS[kind]), autoescape=True)
    except OSError as error:
        raise ConfigError(f"{path}：无法读取，{error.strerror or '不是 Word 文档'}") from None
    except (PackageNotFoundError, zipfile.BadZipFile, XMLSyntaxError, KeyError, ValueError):
        raise ConfigError(f"{path}：不是可用的 Word 文档（.docx）") from None
    except _StrangeNameError as error:
        known = "、".join(error.known)
        raise ConfigError(
            f"{path}：{kind}没有“{error.name}”这一项，可用：{known}", details={"name": error.name}
        ) from None
    except TemplateError as error:
        raise ConfigError(f"{path}：模板有误，{error.message}") from None
    out = io.BytesIO()
    template.save(out)
    return settled(out.getvalue())


def settled(content: bytes) -> bytes:
    """The same package without the moments at which its parts were written."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            new.writestr(info, old.read(name))
    return out.getvalue()


class _StrangeNameError(Exception):
    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name)
        self.name, self.known = name, known


class _Sandbox(SandboxedEnvironment):
    """Each part of a template is looked through before it runs: body, headers, footers, properties."""

    def __init__(self, fields: Fields) -> None:
        super().__init__(undefined=StrictUndefined)
        self._fields = fields
        self.globals.clear()  # no range, no lipsum: nothing but the paper's own words

    def from_string(self, source: Any, *args: Any, **kwargs: Any) -> Template:
        tree = self.parse(source)
        for name in sorted(find_undeclared_variables(tree)):
            if name not in self._fields.paper:
                raise _StrangeNameError(name, self._fields.paper)
        for attribute in tree.find_all(nodes.Getattr):
            if attribute.attr not in (*self._fields.line, *_LOOP):
                raise _StrangeNameError(attribute.attr, self._fields.line)
        return super().from_string(source, *args, **kwargs)


def _harmless(words: Words) -> dict[str, object]:
    return {
        name: _text(value) if isinstance(value, str) else [_line(each) for each in value]
        for name, value in words.items()
    }


def _line(line: object) -> dict[str, Markup]:
    assert isinstance(line, dict)
    return {name: _text(value) for name, value in line.items()}


def _text(value: str) -> Markup:
    """The words on one line, without control marks; braces stand for themselves, also for docxtpl's `{_{`."""
    return escape(one_line(value)).replace("{", Markup("&#123;")).replace("}", Markup("&#125;"))
