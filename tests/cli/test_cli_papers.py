"""`rectify papers`: issued, printed, voided, and the template that an office takes into Word."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.cli.conftest import Rectify

LATE = "2021-08-09T10:00"
CONTACTS = "单位,姓名,角色,手机,企业微信账号,群机器人,邮箱\n市行政审批局,钱管,审批局,13800000004,,,\n"


@pytest.fixture
def town(rectify: Rectify, bulletin: Path, tmp_path: Path) -> None:
    contacts = tmp_path / "联系人.csv"
    contacts.write_text(CONTACTS, "utf-8")
    assert rectify("import", bulletin).status == 0
    assert rectify("contacts", "import", contacts).status == 0


@pytest.mark.usefixtures("town")
def test_a_paper_is_issued_printed_and_voided(rectify: Rectify, tmp_path: Path) -> None:
    said = rectify("papers", "issue", "催办通知书", 6, "--by", "钱管", now=LATE)
    [paper] = said.json["papers"]
    document = paper["document"]
    assert (paper["kind"], paper["numbers"]) == ("催办通知书", [6])
    assert document["serial"] == "催办通知书〔2021〕1号"
    printed = rectify("papers", "print", paper["id"]).json
    content = (tmp_path / printed["file"]).read_bytes()
    assert printed["file"] == "催办通知书〔2021〕1号.docx"
    assert printed["sha256"] == document["sha256"] == hashlib.sha256(content).hexdigest()
    rectify("papers", "print", paper["id"], "--out", "again.docx", now="2021-09-01T10:00")
    assert (tmp_path / "again.docx").read_bytes() == content
    voided = rectify("papers", "void", paper["id"], "--by", "钱管", "--reason", "列错", now=LATE).json
    assert voided["papers"][0]["document"]["void_reason"] == "列错"
    assert "作废：列错" in rectify("papers", "list", as_json=False).out


@pytest.mark.usefixtures("town")
def test_of_a_unit_all_that_fits_is_listed(rectify: Rectify) -> None:
    said = rectify("papers", "issue", "提醒函", "--unit", "市教育局", "--by", "钱管", now="2021-07-27T10:00")
    assert said.json["papers"][0]["numbers"] == [1, 2, 5]
    for words in (("提醒函",), ("提醒函", 1, "--unit", "市教育局"), ("督办函", 1)):
        assert rectify("papers", "issue", *words, "--by", "钱管").status == 2


@pytest.mark.usefixtures("town")
def test_what_cannot_be_issued_or_printed_says_why(rectify: Rectify) -> None:
    refused = rectify("papers", "issue", "销号单", 6, "--by", "钱管", now=LATE)
    assert (refused.status, refused.json["error"]["code"]) == (1, "not_allowed")
    assert "尚未销号" in refused.json["error"]["message"]
    assert rectify("papers", "print", 7).json["error"]["code"] == "not_found"


@pytest.mark.usefixtures("town")
def test_an_office_takes_a_template_changes_it_and_doctor_looks_at_it(
    rectify: Rectify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "settings/documents"
    folder.mkdir(parents=True)
    monkeypatch.setenv("TRACKER_CONFIG_DIR", str(tmp_path / "settings"))
    assert rectify("papers", "template", "催办通知书", "--out", folder / "urging.docx").status == 0

    def finding() -> dict[str, object]:
        return next(each for each in rectify("doctor").json["checks"] if each["name"] == "papers")

    assert finding()["ok"]
    (folder / "urging.docx").rename(folder / "urgent.docx")
    assert "urgent.docx：不认识的模板" in str(finding()["detail"])
