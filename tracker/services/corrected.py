"""A reading as a person put it right: the same findings, some altered, dropped, split or added.

Must never look anything up: what a unit's name or a number means is judged afterwards.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import NamedTuple

from tracker.intake.model import Finding, Leftover, Quantity, Reading, Source
from tracker.intake.quantities import quantity_of
from tracker.intake.spool import Derived
from tracker.services.corrections import (
    Adopt,
    Alias,
    Correction,
    CorrectionError,
    Corrections,
    Drop,
    SameAs,
    SetClass,
    SetDeadline,
    SetQuantity,
    SetText,
    SetUnit,
    Split,
)

# New words are counted anew, a number given by hand outweighs that: so texts go before quantities.
_ORDER = ("unit", "class", "deadline", "text", "quantity", "same_as")


class CorrectedFinding(NamedTuple):
    """One problem as it will be judged; `before` is the finding before its corrections, if it has any."""

    key: str
    finding: Finding
    before: Finding | None = None
    problem_class: str | None = None
    due_on: date | None = None
    same_as: int | None = None

    @property
    def read(self) -> Finding:
        """The finding as it stands in the document.

        A part of a split finding keeps the whole here; an adopted leftover has its own words.
        """
        return self.before or self.finding


@dataclass(frozen=True, slots=True)
class Dropped:
    """A finding that a person said is no problem."""

    key: str
    finding: Finding
    reason: str


class TrayLine(NamedTuple):
    """A piece of the document that is no finding, with the key under which it can be adopted."""

    key: str
    text: str
    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """What is left of a reading, what was dropped, and the trays without what was adopted from them."""

    findings: Sequence[CorrectedFinding]
    dropped: tuple[Dropped, ...]
    unassigned: Sequence[TrayLine]
    unread: Sequence[TrayLine]
    context: Sequence[TrayLine]


def reading_mark(reading: Reading) -> str:
    """Stands for places and words of all findings and leftovers: another program may read them otherwise."""
    digest = hashlib.sha256()
    for finding in reading.findings:
        place = finding.source
        digest.update(f"f\x1f{place.line}\x1f{place.ordinal}\x1f{finding.responsible}\x1f".encode())
        digest.update(f"{finding.text}\x1e".encode())
    for letter, leftovers in _trays(reading).items():
        for leftover in leftovers:
            digest.update(f"{letter}\x1f{leftover.line}\x1f{leftover.text}\x1e".encode())
    return digest.hexdigest()


def apply(reading: Reading, corrections: Corrections) -> Corrected:
    """The reading with its corrections, in the document's order, adopted leftovers at the end.

    Raises CorrectionError for corrections of another reading, or of what is not there.
    """
    if corrections.mark is not None and corrections.mark != reading_mark(reading):
        raise CorrectionError("文件的识别结果已与更正时不同（程序可能已更新），请重新上传并更正")
    said: dict[str, dict[str, Correction]] = defaultdict(dict)
    aliases: dict[str, str] = {}
    for each in corrections.entries:
        if isinstance(each, Alias):
            aliases[each.key] = each.unit
        else:
            said[each.key][each.kind] = each
    adopted = _adopted(reading, said)
    bases = {key: read for key, read in _bases(reading, adopted) if key in said} if said else {}
    _refuse_strays(bases, said)
    _refuse_strange(reading, adopted, aliases)
    pieces, dropped = _altered(bases, said, aliases)

    def walk() -> Iterator[CorrectedFinding]:
        for key, read in _bases(reading, adopted):
            if key in pieces:
                yield from pieces[key]
            else:
                finding = _named(read, aliases) if aliases else read
                yield CorrectedFinding(key, finding)

    untouched = len(reading.findings) + len(adopted) - len(pieces)
    findings = Derived(untouched + sum(map(len, pieces.values())), walk)
    trays = {letter: _tray(letter, leftovers, adopted) for letter, leftovers in _trays(reading).items()}
    return Corrected(findings, dropped, trays["u"], trays["r"], trays["c"])


def _bases(reading: Reading, adopted: Mapping[str, Finding]) -> Iterator[tuple[str, Finding]]:
    """Every finding there is to correct, with its key, in the document's order."""
    found = ((f"f{place}", finding) for place, finding in enumerate(reading.findings))
    return chain(found, adopted.items())


def _trays(reading: Reading) -> dict[str, Sequence[Leftover]]:
    return {"u": reading.unassigned, "r": reading.unread, "c": reading.context}


def _tray(letter: str, leftovers: Sequence[Leftover], adopted: Mapping[str, Finding]) -> Derived[TrayLine]:
    """What was not adopted, with the keys under which it can be."""
    taken = sum(key.startswith(letter) for key in adopted)

    def walk() -> Iterator[TrayLine]:
        keyed = ((f"{letter}{place}", leftover) for place, leftover in enumerate(leftovers))
        return (TrayLine(key, *leftover) for key, leftover in keyed if key not in adopted)

    return Derived(len(leftovers) - taken, walk)


def _adopted(reading: Reading, said: Mapping[str, Mapping[str, Correction]]) -> dict[str, Finding]:
    asked = {key: adopt for key, kinds in said.items() if isinstance(adopt := kinds.get("adopt"), Adopt)}
    found = {}
    # By place, not by when somebody adopted them: the order of corrections means nothing.
    for letter, tray in _trays(reading).items() if asked else ():
        for place, leftover in enumerate(tray):
            if (adopt := asked.get(key := f"{letter}{place}")) is not None:
                source = Source(reading.filename, None, None, None, leftover.line)
                found[key] = Finding(adopt.unit, None, None, adopt.text, quantity_of(adopt.text), source)
    if missing := [key for key in asked if key not in found]:
        raise CorrectionError(f"没有 {missing[0]} 这一处未列为事项的原文", details={"key": missing[0]})
    return found


def _refuse_strays(bases: Mapping[str, Finding], said: Mapping[str, Mapping[str, Correction]]) -> None:
    for key, kinds in said.items():
        whole, dot, part = key.partition(".")
        split = said.get(whole, {}).get("split")
        parts = len(split.texts) if isinstance(split, Split) else 0
        if whole not in bases or (dot and not 1 <= int(part) <= parts):
            raise CorrectionError(f"没有 {key} 这一条问题", details={"key": key})
        if dot and "split" in kinds:
            raise CorrectionError(f"{key} 是拆分出来的，不能再拆分；请改拆 {whole}", details={"key": key})
        if "split" in kinds and "same_as" in kinds:
            raise CorrectionError(f"{key} 已拆分，不能整条对应一个事项", details={"key": key})


def _refuse_strange(reading: Reading, adopted: Mapping[str, Finding], aliases: Mapping[str, str]) -> None:
    """Raise for an alias of a name that the document does not write."""
    written = {finding.responsible for _, finding in _bases(reading, adopted)} if aliases else set()
    if strange := set(aliases) - written:
        raise CorrectionError(f"文中没有单位“{'、'.join(sorted(strange))}”")


def _altered(
    bases: Mapping[str, Finding], said: Mapping[str, Mapping[str, Correction]], aliases: Mapping[str, str]
) -> tuple[dict[str, list[CorrectedFinding]], tuple[Dropped, ...]]:
    """What becomes of each finding that a person said something about."""
    pieces: dict[str, list[CorrectedFinding]] = {}
    dropped: list[Dropped] = []
    for key, read in bases.items():
        finding = _named(read, aliases)
        pieces[key] = []
        for piece in _pieces(CorrectedFinding(key, finding, finding), said):
            drop = said.get(piece.key, {}).get("drop")
            if isinstance(drop, Drop):
                dropped.append(Dropped(piece.key, piece.finding, drop.reason))
            else:
                pieces[key].append(piece)
    return pieces, tuple(dropped)


def _named(read: Finding, aliases: Mapping[str, str]) -> Finding:
    """An alias is knowledge about the name, so it holds for the finding as read too."""
    unit = aliases.get(read.responsible)
    return read if unit is None else read._replace(owner=unit)


def _pieces(
    whole: CorrectedFinding, said: Mapping[str, Mapping[str, Correction]]
) -> Iterator[CorrectedFinding]:
    whole = _with_all(whole, said[whole.key])
    split = said[whole.key].get("split")
    if not isinstance(split, Split) or "drop" in said[whole.key]:
        yield whole
        return
    for number, text in enumerate(split.texts, start=1):
        part = whole.finding._replace(text=text, quantity=quantity_of(text))
        piece = whole._replace(key=f"{whole.key}.{number}", finding=part)
        yield _with_all(piece, said.get(piece.key, {}))


def _with_all(piece: CorrectedFinding, kinds: Mapping[str, Correction]) -> CorrectedFinding:
    for kind in _ORDER:
        if kind in kinds:
            piece = _with(piece, kinds[kind])
    return piece


def _with(piece: CorrectedFinding, correction: Correction) -> CorrectedFinding:
    finding = piece.finding
    match correction:
        case SetUnit():
            piece = piece._replace(finding=finding._replace(owner=correction.unit))
        case SetClass():
            piece = piece._replace(problem_class=correction.code)
        case SetDeadline():
            piece = piece._replace(due_on=correction.due_on)
        case SetText(text=text):
            piece = piece._replace(finding=finding._replace(text=text, quantity=quantity_of(text)))
        case SetQuantity(value=value, measure=measure):
            counted = None if value is None else Quantity(value, measure or "")
            piece = piece._replace(finding=finding._replace(quantity=counted))
        case SameAs():
            piece = piece._replace(same_as=correction.number)
    return piece
