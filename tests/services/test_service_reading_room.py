"""Long documents behind the page: read once, judged, kept, imported; whoever looks sees where it stands."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.conftest import BuildOffice
from tests.services.scenes import counts
from tests.support import BULLETIN, at, take_in
from tracker.domain.errors import IntakeError, NotFoundError, RectifyError
from tracker.intake.model import Reading
from tracker.services import inspect, reading_room, register, staging
from tracker.services.corrections import Drop
from tracker.services.office import Office
from tracker.services.reading_room import Failed, Imported, Phase, ReadingRoom, Ready, UnderWay
from tracker.services.register import Source
from tracker.services.staging import ShownOtherwiseError

NOW = at("2021-07-23 17:00")
LONG = Source(BULLETIN.encode(), "通报.txt")


@pytest.fixture(autouse=True)
def _everything_is_long(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """And no work of one test goes on into the next."""
    monkeypatch.setattr(reading_room, "LONG_BYTES", 0)
    monkeypatch.setattr(register, "_MEMORY", register._Memory())
    yield
    for thread in _at_work():
        thread.join()


def _at_work() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("upload-")]


def lay_down(office: Office, source: Source = LONG) -> int:
    return staging.lay_down(office, source, by="经办", now=NOW)


def outcome(room: ReadingRoom, upload_id: int) -> reading_room.State:
    """How it stands when nobody works on it any more."""
    room.look(upload_id)
    for thread in _at_work():
        thread.join()
    return room.look(upload_id)


def ready(room: ReadingRoom, upload_id: int) -> Ready:
    state = outcome(room, upload_id)
    assert isinstance(state, Ready), state
    return state


def test_a_long_document_is_read_behind_the_page_and_then_kept(office: Office) -> None:
    room, upload_id = ReadingRoom(office), lay_down(office)
    first = room.look(upload_id)
    assert isinstance(first, UnderWay)
    found = ready(room, upload_id)
    assert found.staged.preview.counts["new"] == 9
    assert room.look(upload_id) is found  # nothing is judged again
    assert counts(office)["item"] == 0


def test_its_preview_is_the_one_that_a_short_document_gets(office: Office) -> None:
    short = staging.staged(office, staging.stage(office, LONG, by="经办", now=NOW))
    long = ready(ReadingRoom(office), lay_down(office)).staged
    assert long.preview.fingerprint == short.preview.fingerprint
    assert (long.upload.reading_mark, long.corrections) == (short.upload.reading_mark, short.corrections)


def test_what_was_laid_down_outlives_a_restart_unread_or_half_read(build_office: BuildOffice) -> None:
    upload_id = lay_down(build_office())
    assert ready(ReadingRoom(build_office()), upload_id).staged.preview.counts["new"] == 9


def test_two_who_look_at_once_start_one_reading(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    read, gate, times = register.read, threading.Event(), list[str]()

    def slow(office: Office, source: Source, progress: Callable[[int, int], None] | None = None) -> Reading:
        times.append(source.filename)
        gate.wait(30)
        return read(office, source, progress)

    monkeypatch.setattr(register, "read", slow)
    room, upload_id = ReadingRoom(office), lay_down(office)
    states = [room.look(upload_id) for _ in range(3)]
    gate.set()
    assert all(isinstance(state, UnderWay) for state in states)
    ready(room, upload_id)
    assert times == ["通报.txt"]


def test_it_says_how_far_it_has_come(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[UnderWay] = []
    room = ReadingRoom(office)
    put = room._put

    def watched(upload_id: int, key: tuple[object, ...], state: reading_room.State) -> None:
        if isinstance(state, UnderWay):
            told.append(state)
        put(upload_id, key, state)

    monkeypatch.setattr(room, "_put", watched)
    upload_id = lay_down(office)
    found = ready(room, upload_id)
    room.commit(upload_id, by="经办", now=NOW, shown=found.staged.preview.fingerprint)
    assert isinstance(outcome(room, upload_id), Imported)
    assert list(dict.fromkeys(state.phase for state in told)) == list(Phase)
    judged = [(state.done, state.total) for state in told if state.phase is Phase.JUDGING]
    assert judged == [(0, 9)]  # a list of more than a thousand is told batch by batch
    read = [state.done for state in told if state.phase is Phase.READING]
    assert read == sorted(read)
    assert all(state.seconds >= 0 for state in told)


def test_a_correction_is_seen_without_judging_once_more(office: Office) -> None:
    room, upload_id = ReadingRoom(office), lay_down(office)
    ready(room, upload_id)
    corrected = staging.correct(office, upload_id, Drop("f0", "误读"))
    room.keep(corrected)
    state = room.look(upload_id)
    assert isinstance(state, Ready)
    assert state.staged is corrected


def test_another_import_or_name_makes_the_preview_anew(office: Office) -> None:
    room, upload_id = ReadingRoom(office), lay_down(office)
    before = ready(room, upload_id)
    take_in(office, NOW, name="另一份.txt", text=BULLETIN + "\n")
    after = ready(room, upload_id)
    assert after is not before
    assert after.staged.preview.counts["unchanged"] == 9


def test_it_is_imported_behind_the_page_and_says_where(office: Office) -> None:
    room, upload_id = ReadingRoom(office), lay_down(office)
    shown = ready(room, upload_id).staged.preview.fingerprint
    assert isinstance(room.commit(upload_id, by="复核", now=NOW, shown=shown), UnderWay)
    done = outcome(room, upload_id)
    assert done == Imported(1, already=False)
    assert counts(office)["item"] == 9
    assert inspect.list_bulletins(office)[0].imported_by == "复核"
    assert staging.list_uploads(office) == []


def test_a_second_press_of_the_button_imports_nothing_twice(office: Office) -> None:
    room, upload_id = ReadingRoom(office), lay_down(office)
    shown = ready(room, upload_id).staged.preview.fingerprint
    for _ in range(3):
        room.commit(upload_id, by="经办", now=NOW, shown=shown)
    assert isinstance(outcome(room, upload_id), Imported)
    assert len(inspect.list_bulletins(office)) == 1


def test_what_was_not_shown_is_not_imported(office: Office) -> None:
    room, upload_id = ReadingRoom(office), lay_down(office)
    ready(room, upload_id)
    room.commit(upload_id, by="经办", now=NOW, shown="0" * 64)
    state = outcome(room, upload_id)
    assert isinstance(state, Failed)
    assert isinstance(state.error, ShownOtherwiseError)
    assert counts(office)["item"] == 0
    room.forget(upload_id)
    ready(room, upload_id)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (replace(LONG, content=b"%PDF-1.7 broken"), "通报.txt"),
        (replace(LONG, content="市教育局没有日期的话".encode()), "没有找到印发日期"),
        (replace(LONG, strict_units=True), "未登记"),
    ],
    ids=["unreadable", "undated", "strict"],
)
def test_what_cannot_be_read_in_says_why_and_stays_until_it_is_discarded(
    office: Office, source: Source, words: str
) -> None:
    room, upload_id = ReadingRoom(office), lay_down(office, source)
    state = outcome(room, upload_id)
    assert isinstance(state, Failed)
    assert words in state.error.message
    assert len(staging.list_uploads(office)) == 1
    staging.discard(office, upload_id)
    room.forget(upload_id)
    with pytest.raises(NotFoundError, match="重新上传"):
        room.look(upload_id)


def test_a_fault_of_the_program_ends_the_work_and_is_told(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> Reading:
        raise ZeroDivisionError

    monkeypatch.setattr(register, "read", broken)
    state = outcome(ReadingRoom(office), lay_down(office))
    assert isinstance(state, Failed)
    assert "意外错误" in state.error.message
    assert "ZeroDivisionError" in caplog.text


def test_a_short_document_is_read_while_the_page_waits(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_room, "LONG_BYTES", 10_000)
    room = ReadingRoom(office)
    upload_id = staging.stage(office, LONG, by="经办", now=NOW)
    state = room.look(upload_id)
    assert isinstance(state, Ready)
    with pytest.raises(ShownOtherwiseError):
        room.commit(upload_id, by="经办", now=NOW, shown="")
    shown = state.staged.preview.fingerprint
    assert isinstance(room.commit(upload_id, by="经办", now=NOW, shown=shown), Imported)
    with pytest.raises(IntakeError):
        staging.stage(office, replace(LONG, content=b""), by="经办", now=NOW)
    assert issubclass(ShownOtherwiseError, RectifyError)
