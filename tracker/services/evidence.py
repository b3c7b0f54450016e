"""Proofs that come with a step: kept beside the item, sealed into its history, counted for a strike-off.

Must never count what came with a submission that was returned, or with a step that was taken back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracker.domain.classes import Proof
from tracker.domain.errors import RectifyError
from tracker.domain.lifecycle import Event
from tracker.domain.step_back import UNDOES
from tracker.domain.text import file_name
from tracker.services.evidence_types import require_takeable
from tracker.services.photos import plain_photo
from tracker.store import Connection, history

MAX_EVIDENCE_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Evidence:
    """A proof that comes with a step: a link, a file (with content) or a note."""

    kind: str
    value: str
    content: bytes | None = None

    @classmethod
    def link(cls, url: str) -> Evidence:
        return cls("link", url)

    @classmethod
    def file(cls, name: str, content: bytes) -> Evidence:
        """Raises RectifyError for an empty or too large file, or one of a kind that is not taken.

        Only the last part of the name is kept, without signs that cannot be seen.
        """
        name = file_name(name)
        if not content:
            raise RectifyError(f"佐证材料“{name}”是空文件")
        if len(content) > MAX_EVIDENCE_BYTES:
            raise RectifyError(f"佐证材料“{name}”超过 20 MB")
        require_takeable(name, content)
        return cls("file", name, content)

    @classmethod
    def uploaded(cls, name: str, content: bytes) -> Evidence:
        """A file that came over the network: of a photo the picture alone is kept.

        Raises RectifyError for what `file` and `plain_photo` refuse.
        """
        proof = cls.file(name, content)
        return replace(proof, content=plain_photo(proof.value, content))

    @property
    def sha256(self) -> str | None:
        return None if self.content is None else hashlib.sha256(self.content).hexdigest()


def sealed(evidence: Sequence[Evidence]) -> list[dict[str, str | None]]:
    """The proofs as the history's detail keeps them, under its seal."""
    return [{"kind": each.kind, "value": each.value, "sha256": each.sha256} for each in evidence]


def keep(connection: Connection, number: int, history_id: int, evidence: Sequence[Evidence]) -> None:
    """Store the proofs beside the item, with the row of history that they came with."""
    for proof in evidence:
        history.add_evidence(
            connection,
            number=number,
            history_id=history_id,
            kind=proof.kind,
            value=proof.value,
            sha256=proof.sha256,
            content=proof.content,
        )


def kinds_since_submission(connection: Connection, number: int) -> frozenset[Proof]:
    """What kinds of evidence came with an item's last submission or after it.

    The written explanation of the submission is a note.
    """
    rows = history.of_item(connection, number)
    undone = {row.detail[UNDOES] for row in rows if UNDOES in row.detail}
    standing = [row for row in rows if row.id not in undone]
    submitted = next((row for row in reversed(standing) if row.event == Event.SUBMIT), None)
    if submitted is None:
        return frozenset()
    kinds = {
        Proof(each.kind)
        for each in history.evidence_of_item(connection, number)
        if each.history_id >= submitted.id and each.history_id not in undone
    }
    return frozenset(kinds | {Proof.NOTE} if submitted.reason else kinds)
