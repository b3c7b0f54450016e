"""What a person puts right in a preview before anything is written, and its JSON.

A correction names a finding by its place in the reading: `f12`; a leftover by `u3` (unassigned), `r3`
(unread) or `c3` (context); a part of a split finding by `f12.1`. Must never look at
what it corrects: that is `corrected`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from tracker.domain.errors import RectifyError

T = TypeVar("T")
Key = Annotated[str, StringConstraints(pattern=r"^([furc]\d{1,9})(\.\d{1,3})?$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=5000)]


class CorrectionError(RectifyError):
    """A correction that cannot be made: of nothing that was read, of another reading, or without sense."""

    code = "bad_correction"


class _Strict:
    """Unknown keys are refused, blanks at the ends do not count."""

    __slots__ = ()
    __pydantic_config__ = ConfigDict(extra="forbid", str_strip_whitespace=True)


@dataclass(frozen=True, slots=True)
class SetUnit(_Strict):
    """Whose problem it is."""

    key: Key
    unit: Name
    kind: Literal["unit"] = "unit"


@dataclass(frozen=True, slots=True)
class SetClass(_Strict):
    """What kind of problem it is: a code of `config/classes.toml`."""

    key: Key
    code: Name
    kind: Literal["class"] = "class"


@dataclass(frozen=True, slots=True)
class SetDeadline(_Strict):
    """The last day for it, whatever the class's rule says."""

    key: Key
    due_on: date
    kind: Literal["deadline"] = "deadline"


@dataclass(frozen=True, slots=True)
class SetQuantity(_Strict):
    """How many the text counts; None: it counts nothing."""

    key: Key
    value: Annotated[int, Field(strict=True, ge=0, lt=2**31)] | None
    measure: Annotated[str, StringConstraints(max_length=20)] | None
    kind: Literal["quantity"] = "quantity"


@dataclass(frozen=True, slots=True)
class SetText(_Strict):
    """The problem in other words than were read."""

    key: Key
    text: Words
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Drop(_Strict):
    """It is no problem."""

    key: Key
    reason: Words
    kind: Literal["drop"] = "drop"


@dataclass(frozen=True, slots=True)
class Split(_Strict):
    """It is several problems; unit, class and deadline of the whole hold for its parts."""

    key: Key
    texts: Annotated[tuple[Words, ...], Field(min_length=2, max_length=100)]
    kind: Literal["split"] = "split"


@dataclass(frozen=True, slots=True)
class Adopt(_Strict):
    """A leftover is a problem after all; `key` becomes the finding's."""

    key: Key
    unit: Name
    text: Words
    kind: Literal["adopt"] = "adopt"


@dataclass(frozen=True, slots=True)
class SameAs(_Strict):
    """It is the tracked item of this number, in other words."""

    key: Key
    number: Annotated[int, Field(strict=True, gt=0, lt=2**31)]
    kind: Literal["same_as"] = "same_as"


@dataclass(frozen=True, slots=True)
class Alias(_Strict):
    """The name written as `key` is the known unit `unit`: here, and in every later document."""

    key: Name
    unit: Name
    kind: Literal["alias"] = "alias"


Correction = SetUnit | SetClass | SetDeadline | SetQuantity | SetText | Drop | Split | Adopt | SameAs | Alias


@dataclass(frozen=True, slots=True)
class Corrections:
    """All corrections of one document, at most one of a kind for a key; their order means nothing.

    `mark` says which reading they speak of (`corrected.reading_mark`); None: any.
    """

    mark: str | None = None
    entries: tuple[Correction, ...] = ()

    def with_(self, correction: Correction) -> Corrections:
        """With this one in place of an earlier one; raises CorrectionError for a value out of bounds."""
        checked = _checked(_CORRECTION, asdict(correction), "更正")
        others = [each for each in self.entries if (each.kind, each.key) != (checked.kind, checked.key)]
        return replace(self, entries=(*others, checked))

    def without(self, kind: str, key: str) -> Corrections:
        """Without this one; who takes a split back takes back what was said of its parts."""

        def stays(each: Correction) -> bool:
            is_part = kind in {"split", "adopt"} and each.key.startswith(f"{key}.")
            of_adopted = kind == "adopt" and each.key == key
            return (each.kind, each.key) != (kind, key) and not is_part and not of_adopted

        return replace(self, entries=tuple(filter(stays, self.entries)))

    def as_json(self) -> dict[str, object]:
        """As it is kept in the database and in a file; read back by `parse`."""
        entries: list[object] = _CORRECTIONS.dump_python(self.entries, mode="json")
        return {"reading": self.mark, "corrections": entries}

    @classmethod
    def parse(cls, raw: object, where: str) -> Corrections:
        """Read `{"reading": …, "corrections": […]}`; `where` names the file for the error.

        Raises CorrectionError for anything unknown, missing, out of bounds, or said twice.
        """
        if not isinstance(raw, Mapping) or not set(raw) <= {"reading", "corrections"}:
            raise CorrectionError(f"{where}：须是只含 reading 与 corrections 两项的 JSON 对象")
        mark = raw.get("reading")
        if mark is not None and not isinstance(mark, str):
            raise CorrectionError(f"{where}：reading 须是文字或 null")
        entries = _checked(_CORRECTIONS, raw.get("corrections", []), where)
        twice = [pair for pair, n in Counter((each.kind, each.key) for each in entries).items() if n > 1]
        if twice:
            raise CorrectionError(f"{where}：同一更正写了两次：{'、'.join(' '.join(pair) for pair in twice)}")
        return cls(mark, entries)


_CORRECTION: TypeAdapter[Correction] = TypeAdapter(Annotated[Correction, Field(discriminator="kind")])
_CORRECTIONS: TypeAdapter[tuple[Correction, ...]] = TypeAdapter(
    tuple[Annotated[Correction, Field(discriminator="kind")], ...]
)
_FAULTS = {
    "missing": "缺少",
    "extra_forbidden": "不认识",
    "unexpected_keyword_argument": "不认识",
    "union_tag_invalid": "不认识这种更正",
    "union_tag_not_found": "缺少 kind",
}


def _checked(adapter: TypeAdapter[T], raw: object, where: str) -> T:
    try:
        return adapter.validate_python(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "corrections"
        fault = _FAULTS.get(first["type"], "取值不合规定")
        raise CorrectionError(f"{where}：{place}：{fault}", details={"faults": error.error_count()}) from None
