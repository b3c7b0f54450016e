"""`rectify hand-out` as a person and a script call it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Rectify
from tests.services.scenes import HEADER

NOW = "2021-07-26T10:00"
WHO = ("市教育局 李联（联络员）", "市民政局 孙联（联络员）")


@pytest.fixture(autouse=True)
def _contacts(taken_in: object, rectify: Rectify, tmp_path: Path) -> None:
    lines = (HEADER, "市教育局,李联,联络员,13800000001,,,", "市民政局,孙联,联络员,13800000002,,,")
    (tmp_path / "handout.csv").write_text("\n".join(lines), "utf-8")
    assert rectify("contacts", "import", tmp_path / "handout.csv").status == 0


def test_a_script_is_told_whom_the_list_reached_and_whom_not(rectify: Rectify) -> None:
    expected = {"told": list(WHO), "without_contact": ["澜东区"], "numbers": 9}
    assert rectify("hand-out", "--by", "王核验", "--dry-run", now=NOW).json == expected
    assert rectify("hand-out", 1, "--by", "王核验", now=NOW).json == expected
    assert rectify("hand-out", "--by", "王核验", now=NOW).json == {**expected, "told": []}
    kinds = [each["kind"] for each in rectify("inbox", "--all", now=NOW).json["messages"]]
    assert kinds == ["handout"] * 3


def test_a_person_reads_it_as_a_sentence(rectify: Rectify) -> None:
    said = rectify("hand-out", "--by", "王核验", now=NOW, as_json=False)
    assert "《全市政务服务季度考核情况通报》9 项，已通知 2 人" in said.out
    assert "没有登记联络员的单位：澜东区" in said.out


def test_a_list_that_is_not_there_is_an_error(rectify: Rectify) -> None:
    said = rectify("hand-out", 7, "--by", "王核验", now=NOW)
    assert (said.status, said.json["error"]["code"]) == (1, "not_found")
