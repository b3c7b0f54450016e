"""`rectify bulletin` as a person and as a script call it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Rectify

LATER = "2021-10-09T09:00"


@pytest.mark.usefixtures("taken_in")
def test_the_draft_is_written_and_its_figures_are_told(rectify: Rectify, tmp_path: Path) -> None:
    target = tmp_path / "稿子.docx"
    told = rectify(
        "bulletin", "--quarter", "2021Q3", "--out", target, "--title", "三季度情况通报", now=LATER
    ).json
    assert (told["quarter"], told["title"], told["issued_on"]) == ("2021Q3", "三季度情况通报", "2021-10-09")
    assert told["as_of"] == "2021-09-30T23:59:59+08:00"
    assert told["files"] == [str(target)]
    assert told["counts"] == {"listed": len(told["numbers"]), "recurring": 0, "deferred": 0}
    assert told["rates"]["issued"]["total"]["rectified"]["percent"] == "0%"
    assert told["rates"]["carried"]["total"]["rectified"]["percent"] == "—"
    assert told["unfinished"].startswith("未完成整改单位：市教育局5条、")
    assert {claim["holds"] for claim in told["claims"]} == {True}
    read = rectify("import", target, "--dry-run", now=LATER).json
    assert {name: count for name, count in read["counts"].items() if count} == {
        "unchanged": len(told["numbers"])
    }


@pytest.mark.usefixtures("taken_in")
def test_people_are_told_where_the_draft_is(rectify: Rectify, tmp_path: Path) -> None:
    said = rectify("bulletin", "--quarter", "2021Q3", "--as-of", "2021-08-01T09:00", now=LATER, as_json=False)
    assert said.status == 0
    assert "本季度交办：整改率0%" in said.out
    assert "没有不符" in said.err
    assert (tmp_path / "2021年第三季度通报（草稿）.docx").read_bytes().startswith(b"PK")


@pytest.mark.usefixtures("taken_in")
@pytest.mark.parametrize("options", [("2021", ""), ("2021Q4", ""), ("2021Q3", "2021-06-01T09:00")])
def test_what_cannot_be_drafted_is_refused_and_leaves_no_file(
    rectify: Rectify, tmp_path: Path, options: tuple[str, str]
) -> None:
    quarter, as_of = options
    target = tmp_path / "稿子.docx"
    more = ("--as-of", as_of) if as_of else ()
    said = rectify("bulletin", "--quarter", quarter, "--out", target, *more, now="2021-09-01T09:00")
    assert said.status == 1
    assert said.json["error"]["message"]
    assert not target.exists()
