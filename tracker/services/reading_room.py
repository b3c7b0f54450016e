"""Long documents are read, judged and imported behind the page; whoever looks sees how far it has come.

What is long lies in the database before it is read: closing the page, or a restart, only means that whoever
looks next waits again. One process's work is not seen by another: it would do its own. Must never import what
nobody agreed to, nor show a preview that imports or names have overtaken.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from threading import Lock, Thread
from time import monotonic

from tracker.domain.errors import RectifyError
from tracker.intake.claims import Claim
from tracker.services import staging
from tracker.services.bulk import collector_paused
from tracker.services.office import Office
from tracker.services.staging import StagedPreview
from tracker.services.verify import recompute
from tracker.store import uploads
from tracker.store.uploads import StoredUpload

LONG_BYTES = 128 * 1024  # a spreadsheet of this size is read in about two seconds
_KEPT = 4
_UNEXPECTED = "程序遇到意外错误，未能完成。请重试；若再次出现，请告知管理员。"
Progress = Callable[[int, int], None]

log = logging.getLogger(__name__)


class Phase(StrEnum):
    """What is being done with a document; the values are for people."""

    QUEUED = "等候前一份文件"
    READING = "正在识别"
    JUDGING = "正在与在办事项比对"
    CHECKING = "正在复算文中的数"
    IMPORTING = "正在入库"


@dataclass(frozen=True)
class UnderWay:
    """`done` of `total` steps of this phase, 0 of 0 where nobody can tell; `began` by the monotonic clock."""

    phase: Phase
    done: int = 0
    total: int = 0
    began: float = 0.0

    @property
    def seconds(self) -> int:
        return int(monotonic() - self.began)


@dataclass(frozen=True)
class Ready:
    """The preview, with what its own numbers come to."""

    staged: StagedPreview
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Imported:
    """The document is taken in; `already`: it had been before."""

    bulletin_id: int | None
    already: bool


@dataclass(frozen=True)
class Failed:
    """Why it came to nothing, in Chinese."""

    error: RectifyError


State = UnderWay | Ready | Imported | Failed
_Key = tuple[object, ...]


class ReadingRoom:
    """One for each process. Short documents are read while the page waits, as they always were."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._states: OrderedDict[int, tuple[_Key, State]] = OrderedDict()
        self._lock, self._turn = Lock(), Lock()

    def look(self, upload_id: int) -> State:
        """How the document stands; a long one that nobody has looked at yet begins to be read.

        Raises NotFoundError for an upload that is gone, and for a short one what `register.preview` does.
        """
        with self._lock:
            _, state = self._states.get(upload_id, ((), None))
        if isinstance(state, Imported | UnderWay):  # an import that is just done has no row any more
            return state
        found = self._find(upload_id)
        if found is None:
            raise staging.gone(upload_id)
        upload, size, key = found
        if size <= LONG_BYTES:
            staged = staging.staged(self._office, upload_id)
            return Ready(staged, recompute(self._office.rules, staged.preview.reading).claims)
        with self._lock:
            seen, state = self._states.get(upload_id, ((), None))
            if isinstance(state, UnderWay) or (state is not None and seen == key):
                return state
            state = UnderWay(Phase.QUEUED, began=monotonic())
            self._put(upload_id, key, state)
        self._begin(upload_id, key, lambda tell: self._read(upload.id, tell))
        return state

    def keep(self, staged: StagedPreview) -> None:
        """A preview that was judged anew for a correction, so that the next look finds it; if it is long."""
        upload_id = staged.upload.id
        found = self._find(upload_id)
        with self._lock:
            _, before = self._states.get(upload_id, ((), None))
            if found is not None and isinstance(before, Ready):
                self._put(upload_id, found[2], Ready(staged, before.claims))

    def commit(self, upload_id: int, *, by: str, now: datetime, shown: str) -> State:
        """Import what was shown; a long document goes on behind the page. Raises what `commit_upload` does,
        for a long one when it is looked at.
        """

        def imported(progress: Progress | None) -> Imported:
            done = staging.commit_upload(
                self._office, upload_id, by=by, now=now, shown=shown, progress=progress
            )
            return Imported(done.bulletin_id, done.already)

        found = self._find(upload_id)
        if found is None or found[1] <= LONG_BYTES:
            return imported(None)
        with self._lock:
            _, state = self._states.get(upload_id, ((), None))
            if isinstance(state, UnderWay):
                return state
            state = UnderWay(Phase.IMPORTING, began=monotonic())
            self._put(upload_id, found[2], state)
        self._begin(upload_id, found[2], lambda tell: imported(tell(Phase.IMPORTING)))
        return state

    def forget(self, upload_id: int) -> None:
        """Begin again with the next look: after a failure that was told."""
        with self._lock:
            if not isinstance(self._states.get(upload_id, ((), None))[1], UnderWay):
                self._states.pop(upload_id, None)

    def _read(self, upload_id: int, tell: Callable[[Phase], Progress]) -> Ready:
        staged = staging.read_staged(
            self._office, upload_id, reading=tell(Phase.READING), judging=tell(Phase.JUDGING)
        )
        tell(Phase.CHECKING)(0, 0)
        return Ready(staged, recompute(self._office.rules, staged.preview.reading).claims)

    def _begin(
        self, upload_id: int, key: _Key, work: Callable[[Callable[[Phase], Progress]], Ready | Imported]
    ) -> None:
        began = monotonic()

        def tell(phase: Phase) -> Progress:
            def say(done: int, total: int) -> None:
                with self._lock:
                    self._put(upload_id, key, UnderWay(phase, done, total, began))

            return say

        def run() -> None:
            state: State
            try:
                with self._turn, collector_paused():  # one at a time: two would only take twice as long
                    state = work(tell)
            except RectifyError as error:
                state = Failed(error)
            except Exception:
                log.exception("upload %s", upload_id)
                state = Failed(RectifyError(_UNEXPECTED))
            found = self._find(upload_id)
            with self._lock:
                # Under the key of now: reading it has marked the upload.
                self._put(upload_id, found[2] if found else key, state)

        Thread(target=run, name=f"upload-{upload_id}", daemon=True).start()

    def _put(self, upload_id: int, key: _Key, state: State) -> None:
        self._states[upload_id] = key, state
        self._states.move_to_end(upload_id)
        idle = [each for each, (_, kept) in self._states.items() if not isinstance(kept, UnderWay)]
        for each in idle[:-_KEPT]:
            del self._states[each]

    def _find(self, upload_id: int) -> tuple[StoredUpload, int, _Key] | None:
        """The row, its size, and what its preview hangs on."""
        with self._office.database.read() as connection:
            found = uploads.look(connection, upload_id)
            if found is None:
                return None
            upload, size = found
            said = (str(upload.corrections), upload.title, upload.issued_on)
            return upload, size, (*said, *uploads.surroundings(connection))
