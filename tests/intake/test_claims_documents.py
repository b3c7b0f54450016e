"""Whole documents, where they lie beside the repository: what a careful reader recomputed by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tracker.cli import run
from tracker.intake.claims import Claim, Kind
from tracker.resources import shipped
from tracker.rules import load_rules
from tracker.services.verify import verify

# Worked out by hand, line by line: every other statement of the bulletin that can be checked is true.
CONTRADICTIONS = {
    (23, "30个单位", "16个单位"),
    (23, "62个", "63个"),
    (33, "208个", "197个"),
    (73, "51.8%", "51.61%"),
    (89, "34.5%", "36.16%"),
    (101, "28", "27"),
    (131, "54分", "50分"),
    (144, "14项", "15项"),
    (184, "69.8", "70.8"),
    (278, "2个单位", "1个单位"),
}

# What does not go together, but may have a reason that the bulletin leaves out: shown, not judged.
DOUBTS = {
    (17, "总得分96.37分", "79.99分"),
    (17, "总平均分94.64分", "78.54分"),
    (65, "梁子湖区、市生态环境局", "市生态环境局、鄂城区、华容区、梁子湖区"),
    (109, "市发改委", "未完成1条"),
    (109, "临空经济区", "不含临空经济区"),
    (109, "鄂城区", "未完成0"),
    (157, "市医保局6个", "1个"),
}


def claims_of(file: Path) -> tuple[Claim, ...]:
    return verify(load_rules(None), file.read_bytes(), file.name).claims


@pytest.fixture(scope="module")
def seed(shared: Path) -> tuple[Claim, ...]:
    return claims_of(shared / "seeds" / "bulletin-2021-q2.txt")


def test_the_contradictions_of_the_real_bulletin_are_found_and_nothing_true_is_called_false(
    seed: tuple[Claim, ...],
) -> None:
    wrong = [claim for claim in seed if claim.holds is False]
    units = [claim for claim in wrong if claim.kind is Kind.LIST_UNITS]
    assert {
        (claim.line, claim.stated, claim.computed) for claim in wrong if claim not in units
    } == CONTRADICTIONS
    assert [(claim.line, claim.note) for claim in units] == [(75, "清单中另有：市应急管理局")]


def test_what_does_not_go_together_in_the_real_bulletin_is_shown_without_a_verdict(
    seed: tuple[Claim, ...],
) -> None:
    unjudged = {(claim.line, claim.stated, claim.computed) for claim in seed if claim.holds is None}
    assert unjudged >= DOUBTS
    (marked,) = (claim for claim in seed if (claim.line, claim.stated) == (33, "92.43%"))
    assert marked.holds is None
    assert "6755÷(6755+208)为97.01%" in marked.note


@pytest.mark.parametrize(
    ("line", "stated"),
    [
        (101, "84.1%"),
        (101, "94%"),
        (101, "7"),
        (77, "45.8%"),
        (91, "22.8%"),
        (39, "6件"),
        (41, "40项"),
        (33, "高于平均分0.24分"),
        (49, "低于平均分0.07分"),
        (27, "得分23.69分"),
        (51, "华容区982个"),
        (51, "鄂城区372个"),
        (51, "华容区、梁子湖区、鄂城区、市人社局、市卫健委、市住房公积金中心"),
        (39, "市住建局、市人社局、华容区经发局"),
        (105, "4"),
    ],
)
def test_true_statements_of_the_real_bulletin_hold(seed: tuple[Claim, ...], line: int, stated: str) -> None:
    assert {claim.holds for claim in seed if (claim.line, claim.stated) == (line, stated)} == {True}


def test_rows_of_the_real_score_tables_add_up_as_a_careful_reader_found(seed: tuple[Claim, ...]) -> None:
    rows = [claim for claim in seed if claim.kind is Kind.TABLE_SUM]
    held = [
        sum(claim.holds is True and start < claim.line < end and "项" not in claim.stated for claim in rows)
        for start, end in ((131, 160), (165, 186), (192, 200))
    ]
    assert held == [0, 7, 4]


def test_each_recomputed_rate_of_the_samples_gets_the_careful_readers_verdict(shared: Path) -> None:
    verdicts = {
        "half-up ok": (True, ""),
        "truncated": (True, "截断取值，未四舍五入"),
        "INCONSISTENT": (False, None),
    }
    missing = []
    compared = 0
    for truth in sorted((shared / "samples").glob("*_truth.json")):
        claims = claims_of(truth.with_name(truth.name.replace("_truth.json", ".txt")))
        for rate in json.loads(truth.read_text("utf-8"))["rates"]:
            if "check" not in rate:
                continue
            compared += 1
            holds, note = verdicts[rate["check"]]
            inputs = {"numerator": str(rate["num"]), "denominator": str(rate["den"])}
            if not any(
                claim.stated == rate["stated"]
                and claim.inputs == inputs
                and claim.holds is holds
                and note in (claim.note, None)
                for claim in claims
            ):
                missing.append((truth.name, rate["claim"]))
    assert compared > 20
    assert missing == []


def test_no_true_statement_of_a_sample_is_called_false(shared: Path) -> None:
    wrong = [
        (file.name[:2], claim.stated)
        for file in sorted((shared / "samples").glob("[0-9]*.txt"))
        for claim in claims_of(file)
        if claim.holds is False
    ]
    assert wrong == [("12", "99.96%")]


def test_the_shipped_example_does_not_contradict_itself() -> None:
    example = shipped("templates") / "examples" / "bulletin.txt"
    verdicts = [claim.holds for claim in claims_of(example)]
    assert True in verdicts
    assert False not in verdicts


def test_the_command_prints_every_claim_and_leaves_no_database_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = tmp_path / "稿子.txt"
    draft.write_text("情况通报\n\n共发现问题80条，已整改67条，整改率为85%。", "utf-8")
    assert run(["--json", "claims", str(draft)]) == 0
    (claim,) = json.loads(capsys.readouterr().out)["claims"]
    assert set(claim) == {"quote", "kind", "stated", "computed", "holds", "inputs", "note", "line"}
    assert (claim["kind"], claim["stated"], claim["computed"], claim["holds"]) == (
        "rate",
        "85%",
        "83.75%",
        False,
    )
    assert [file.name for file in tmp_path.iterdir()] == ["稿子.txt"]


def test_the_table_for_people_leaves_out_what_holds_unless_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = tmp_path / "稿子.txt"
    draft.write_text("情况通报\n\n共发现问题80条，已整改60条，整改率为75%。", "utf-8")
    assert run(["claims", str(draft)]) == 0
    assert "相符 1 处" in (brief := capsys.readouterr()).err
    assert "75%" not in brief.out
    assert run(["claims", "--all", str(draft)]) == 0
    assert "75%" in capsys.readouterr().out
