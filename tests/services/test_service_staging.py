"""A staged document: previewed, corrected step by step, then read in, or forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.conftest import BuildOffice
from tests.services.scenes import counts, rows
from tests.support import BULLETIN, at, take_in
from tracker.domain.errors import IntakeError, NotFoundError, RectifyError, UnknownUnitError
from tracker.intake.model import Reading
from tracker.services import inspect, staging
from tracker.services.corrections import (
    Adopt,
    Alias,
    CorrectionError,
    Drop,
    SetClass,
    SetUnit,
    Split,
)
from tracker.services.office import Office
from tracker.services.register import Source
from tracker.services.staging import ShownOtherwiseError
from tracker.store import uploads

NOW = at("2021-07-23 17:00")
DOCUMENT = Source(BULLETIN.replace("2\t市民政局", "2\t").encode(), "通报.txt")


def stage(office: Office, source: Source = DOCUMENT) -> int:
    return staging.stage(office, source, by="经办", now=NOW)


def test_a_staged_document_changes_nothing_but_waits_also_over_a_restart(build_office: BuildOffice) -> None:
    office = build_office()
    before = rows(office)
    upload_id = stage(office)
    after = rows(office)
    assert len(after.pop("upload")) == len(before.pop("upload")) + 1
    assert after == before
    again = staging.staged(build_office(), upload_id)
    assert again.preview.counts["new"] == 7
    assert (again.upload.filename, again.upload.created_by) == ("通报.txt", "经办")


def test_what_is_put_right_shows_in_the_preview_and_is_what_is_read_in(office: Office) -> None:
    upload_id = stage(office)
    staging.correct(office, upload_id, Drop("f1", "已整改"))
    staging.correct(office, upload_id, Split("f0", ("有未评办件5件", "有未评办件10件")))
    staging.correct(office, upload_id, SetClass("f0.2", "other"))
    shown = staging.correct(office, upload_id, Adopt("u0", "市民政局", "有1个办件超时未受理"))
    assert shown.preview.counts == staging.staged(office, upload_id).preview.counts
    assert (shown.preview.counts["new"], shown.preview.counts["unassigned"]) == (8, 1)
    done = staging.commit_upload(office, upload_id, by="复核", now=NOW)
    assert done.counts == shown.preview.counts
    assert counts(office)["item"] == 8
    items = [inspect.open_file(office, number).item for number in range(1, 9)]
    assert [item.text for item in items[:2]] == ["有未评办件5件", "有未评办件10件"]
    assert items[1].problem_class == "other"
    assert (items[7].unit, items[7].quantity) == ("市民政局", 1)
    [ledger] = inspect.list_bulletins(office)
    assert ledger.imported_by == "复核"
    assert len(ledger.corrections["corrections"]) == 4
    assert staging.list_uploads(office) == []


def test_a_correction_can_be_replaced_and_taken_back(office: Office) -> None:
    upload_id = stage(office)
    staging.correct(office, upload_id, SetUnit("f0", "市审计局"))
    moved = staging.correct(office, upload_id, SetUnit("f0", "市统计局"))
    assert moved.preview.drafts[0].item.unit == "市统计局"
    back = staging.retract(office, upload_id, "unit", "f0")
    assert back.preview.drafts[0].item.unit == "市教育局"
    assert back.corrections.entries == ()


def test_a_correction_that_cannot_be_made_leaves_what_stood_before(office: Office) -> None:
    upload_id = stage(office)
    staging.correct(office, upload_id, Drop("f1", "已整改"))
    for wrong in (SetClass("f0", "no_such_class"), Drop("f99", "误读"), SetUnit("f0", "")):
        with pytest.raises(CorrectionError):
            staging.correct(office, upload_id, wrong)
    assert staging.staged(office, upload_id).corrections.entries == (Drop("f1", "已整改"),)


def test_a_written_name_that_is_a_known_unit_is_remembered_for_the_next_document(office: Office) -> None:
    staging.commit_upload(office, stage(office), by="经办", now=NOW)
    inspect.confirm_units(office, ["市教育局"])
    text = BULLETIN.replace("市教育局", "市教委").replace("982", "983")
    upload_id = stage(office, Source(text.encode(), "更正.txt"))
    assert "市教委" in staging.staged(office, upload_id).preview.new_units
    shown = staging.correct(office, upload_id, Alias("市教委", "市教育局")).preview
    assert "市教委" not in shown.new_units
    assert [draft.outcome.value for draft in shown.drafts[:5]] == ["unchanged"] * 5
    staging.commit_upload(office, upload_id, by="经办", now=NOW)
    later = stage(office, Source((text + "\n").encode(), "另存.txt"))
    assert {draft.item.unit for draft in staging.staged(office, later).preview.drafts[:5]} == {"市教育局"}


def test_an_alias_of_a_unit_that_nobody_knows_is_refused(office: Office) -> None:
    with pytest.raises(CorrectionError, match="市无此局"):
        staging.correct(office, stage(office), Alias("市教育局", "市无此局"))


def test_corrections_made_against_another_reading_are_refused(office: Office) -> None:
    upload_id = stage(office)
    with office.database.write() as connection:
        [upload] = uploads.all_uploads(connection)
        uploads.save(connection, replace(upload, corrections={"reading": "0" * 64, "corrections": []}))
    with pytest.raises(CorrectionError, match="重新上传"):
        staging.commit_upload(office, upload_id, by="经办", now=NOW)
    assert counts(office)["item"] == 0


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (replace(DOCUMENT, content=b""), IntakeError),
        (replace(DOCUMENT, strict_units=True), UnknownUnitError),
    ],
)
def test_what_cannot_be_read_in_is_not_kept(
    office: Office, source: Source, error: type[RectifyError]
) -> None:
    with pytest.raises(error):
        stage(office, source)
    assert staging.list_uploads(office) == []


def test_what_a_colleague_amends_while_the_document_is_read_is_taken_in(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id, read = stage(office), staging.read_again

    def read_slowly(office: Office, source: Source) -> Reading:
        monkeypatch.setattr(staging, "read_again", read)
        staging.amend(office, upload_id, title="更正后的标题", issued_on=date(2021, 7, 30))
        return read(office, source)

    monkeypatch.setattr(staging, "read_again", read_slowly)
    staging.commit_upload(office, upload_id, by="经办", now=NOW)
    [ledger] = inspect.list_bulletins(office)
    assert (ledger.title, ledger.issued_on) == ("更正后的标题", date(2021, 7, 30))
    assert inspect.open_file(office, 1).item.issued_on == date(2021, 7, 30)


def correct_it(office: Office, upload_id: int) -> None:
    staging.correct(office, upload_id, SetUnit("f0", "市审计局"))


def amend_its_title(office: Office, upload_id: int) -> None:
    staging.amend(office, upload_id, title="另一个标题", issued_on=None)


def amend_its_day(office: Office, upload_id: int) -> None:
    staging.amend(office, upload_id, title=None, issued_on=date(2021, 7, 30))


def import_another(office: Office, _upload_id: int) -> None:
    take_in(office, NOW, name="另一份.txt")


@pytest.mark.parametrize("meanwhile", [correct_it, amend_its_title, amend_its_day, import_another])
def test_only_what_was_shown_is_read_in(office: Office, meanwhile: Callable[[Office, int], None]) -> None:
    upload_id = stage(office)
    shown = staging.staged(office, upload_id).preview.fingerprint
    meanwhile(office, upload_id)
    before = rows(office)
    with pytest.raises(ShownOtherwiseError, match="最新的预览"):
        staging.commit_upload(office, upload_id, by="经办", now=NOW, shown=shown)
    assert rows(office) == before
    shown = staging.staged(office, upload_id).preview.fingerprint
    staging.commit_upload(office, upload_id, by="经办", now=NOW, shown=shown)
    assert staging.list_uploads(office) == []


def test_a_discarded_or_committed_upload_is_gone(office: Office) -> None:
    upload_id = stage(office)
    staging.discard(office, upload_id)
    committed = stage(office)
    staging.commit_upload(office, committed, by="经办", now=NOW)
    for gone in (upload_id, committed):
        with pytest.raises(NotFoundError, match="重新上传"):
            staging.staged(office, gone)
        with pytest.raises(NotFoundError):
            staging.discard(office, gone)


def test_forgotten_uploads_are_cleared_away_after_thirty_days(office: Office) -> None:
    old = stage(office)
    new = staging.stage(office, DOCUMENT, by="经办", now=NOW + timedelta(days=31))
    assert [each.id for each in staging.list_uploads(office)] == [new]
    assert new != old


def test_title_day_and_strictness_are_kept_as_the_reader_gave_them(office: Office, tmp_path: Path) -> None:
    source = replace(DOCUMENT, issued_on=NOW.date() + timedelta(days=1), title="二季度通报")
    shown = staging.staged(office, stage(office, source)).preview
    assert (shown.reading.title, shown.reading.issued_on) == ("二季度通报", NOW.date() + timedelta(days=1))
