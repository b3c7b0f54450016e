"""Corrections of a preview: what each does, that their order means nothing, and their JSON."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import BULLETIN
from tracker.intake import read_document
from tracker.intake.model import Leftover, Quantity
from tracker.services.corrected import Corrected, apply, reading_mark
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

READING = read_document(BULLETIN.replace("2\t市民政局", "2\t").encode(), "通报.txt")
DUE_ON = date(2021, 9, 30)


def put_right(*corrections: Correction) -> Corrected:
    return apply(READING, Corrections(None, corrections))


def test_without_corrections_all_is_as_it_was_read() -> None:
    corrected = put_right()
    assert [each.finding for each in corrected.findings] == list(READING.findings)
    assert [each.key for each in corrected.findings] == [f"f{n}" for n in range(7)]
    assert [each.key for each in corrected.unassigned] == ["u0", "u1"]
    assert all(each.read is each.finding for each in corrected.findings)


@pytest.mark.parametrize(
    ("correction", "changed"),
    [
        (SetUnit("f0", "市审计局"), {"owner": "市审计局"}),
        (SetQuantity("f0", 51, "件"), {"quantity": Quantity(51, "件")}),
        (SetQuantity("f0", None, None), {"quantity": None}),
        (SetText("f0", "有未评办件3件"), {"text": "有未评办件3件", "quantity": Quantity(3, "件")}),
    ],
)
def test_a_correction_changes_its_finding_and_no_other(
    correction: Correction, changed: dict[str, object]
) -> None:
    first, *others = put_right(correction).findings
    assert {name: getattr(first.finding, name) for name in changed} == changed
    assert first.read == READING.findings[0]
    assert [each.finding for each in others] == list(READING.findings[1:])


def test_class_deadline_and_item_are_noted_for_the_judgement() -> None:
    first = put_right(SetClass("f0", "other"), SetDeadline("f0", DUE_ON), SameAs("f0", 7)).findings[0]
    assert (first.problem_class, first.due_on, first.same_as) == ("other", DUE_ON, 7)


def test_a_number_given_by_hand_outweighs_the_one_in_the_new_words() -> None:
    [first, *_] = put_right(SetQuantity("f0", 8, "件"), SetText("f0", "有未评办件3件")).findings
    assert first.finding.quantity == Quantity(8, "件")


def test_a_dropped_finding_is_kept_with_its_reason() -> None:
    corrected = put_right(Drop("f1", "已整改"))
    assert [each.key for each in corrected.findings] == ["f0", "f2", "f3", "f4", "f5", "f6"]
    assert [(each.key, each.reason) for each in corrected.dropped] == [("f1", "已整改")]


def test_the_parts_of_a_split_finding_inherit_what_was_said_of_the_whole() -> None:
    split = Split("f0", ("有未评办件5件", "有未评办件10件"))
    one, two, *_ = put_right(split, SetUnit("f0", "市审计局"), SetClass("f0.2", "other")).findings
    assert (one.key, one.finding.owner, one.finding.quantity) == ("f0.1", "市审计局", Quantity(5, "件"))
    assert (two.key, two.finding.owner, two.finding.quantity) == ("f0.2", "市审计局", Quantity(10, "件"))
    assert (one.problem_class, two.problem_class) == (None, "other")
    assert one.read == two.read == READING.findings[0]


def test_an_adopted_leftover_leaves_its_tray_and_can_be_corrected_like_a_finding() -> None:
    corrected = put_right(SetClass("u0", "other"), Adopt("u0", "市民政局", "有2个办件超时未受理"))
    last = corrected.findings[-1]
    assert (last.key, last.finding.responsible, last.problem_class) == ("u0", "市民政局", "other")
    assert last.finding.quantity == Quantity(2, "个")
    assert last.finding.source.line == READING.unassigned[0].line
    assert [each.key for each in corrected.unassigned] == ["u1"]


def test_an_alias_holds_for_every_finding_of_the_name_and_is_no_correction_of_the_reading() -> None:
    corrected = put_right(Alias("市教育局", "市教育和体育局"))
    renamed = [each for each in corrected.findings if each.finding.responsible == "市教育和体育局"]
    assert len(renamed) == 5
    assert all(each.read == each.finding for each in renamed)


@pytest.mark.parametrize(
    ("corrections", "words"),
    [
        ([SetUnit("f7", "市审计局")], "没有 f7"),
        ([SetUnit("u0", "市审计局")], "没有 u0"),
        ([Adopt("u2", "市审计局", "缺专栏")], "没有 u2"),
        ([SetClass("f0.1", "other")], "没有 f0.1"),
        ([Split("f0", ("甲", "乙")), SetClass("f0.3", "other")], "没有 f0.3"),
        ([Split("f0", ("甲", "乙")), Split("f0.1", ("丙", "丁"))], "不能再拆分"),
        ([Split("f0", ("甲", "乙")), SameAs("f0", 1)], "已拆分"),
        ([Alias("市无此局", "市教育局")], "没有单位“市无此局”"),
    ],
)
def test_what_is_not_there_cannot_be_corrected(corrections: list[Correction], words: str) -> None:
    with pytest.raises(CorrectionError, match=words):
        put_right(*corrections)


def test_corrections_of_another_reading_are_refused() -> None:
    mark = reading_mark(READING)
    assert apply(READING, Corrections(mark, (Drop("f1", "已整改"),))).dropped
    other = read_document(BULLETIN.encode(), "通报.txt")
    assert reading_mark(other) != mark
    with pytest.raises(CorrectionError, match="重新上传"):
        apply(other, Corrections(mark))


KEYS = st.sampled_from([f"f{n}" for n in range(len(READING.findings))])
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1, max_size=20)
CORRECTION: st.SearchStrategy[Correction] = st.one_of(
    st.builds(SetUnit, KEYS, WORDS),
    st.builds(SetClass, KEYS, WORDS),
    st.builds(SetDeadline, KEYS, st.dates()),
    st.builds(SetText, KEYS, WORDS),
    st.builds(Drop, KEYS, WORDS),
    st.builds(Split, KEYS, st.lists(WORDS, min_size=2, max_size=4).map(tuple)),
    st.builds(Adopt, st.sampled_from(["u0", "u1"]), WORDS, WORDS),
    st.builds(
        lambda key, n: SetQuantity(key, n, None if n is None else "件"), KEYS, st.none() | st.integers(0, 99)
    ),
)
SETS = st.lists(CORRECTION, max_size=15, unique_by=lambda each: (each.kind, each.key))


@given(SETS, st.randoms(use_true_random=False))
def test_the_order_of_corrections_means_nothing(
    corrections: list[Correction], shuffler: random.Random
) -> None:
    shuffled = list(corrections)
    shuffler.shuffle(shuffled)
    assert put_right(*shuffled) == put_right(*corrections)


@given(SETS)
def test_no_finding_and_no_leftover_gets_lost(corrections: list[Correction]) -> None:
    corrected = put_right(*corrections)
    dropped = {each.key for each in corrections if isinstance(each, Drop)}
    more = sum(
        len(each.texts) - 1 for each in corrections if isinstance(each, Split) and each.key not in dropped
    )
    adopted = sum(isinstance(each, Adopt) for each in corrections)
    assert len(corrected.findings) + len(corrected.dropped) == len(READING.findings) + more + adopted
    assert len(corrected.unassigned) + adopted == len(READING.unassigned)


@given(SETS)
def test_corrections_survive_their_json(corrections: list[Correction]) -> None:
    written = Corrections("mark", tuple(corrections))
    assert Corrections.parse(json.loads(json.dumps(written.as_json())), "更正.json") == written


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ([], "reading 与 corrections"),
        ({"correction": []}, "reading 与 corrections"),
        ({"reading": 1}, "reading 须是文字"),
        ({"corrections": [{"kind": "unit", "key": "f1"}]}, "unit：缺少"),
        ({"corrections": [{"kind": "unit", "key": "f1", "unit": "市局", "name": 1}]}, "name：不认识"),
        ({"corrections": [{"kind": "merge", "key": "f1"}]}, "不认识这种更正"),
        ({"corrections": [{"key": "f1"}]}, "缺少 kind"),
        ({"corrections": [{"kind": "same_as", "key": "f1", "number": "7"}]}, "取值不合规定"),
        ({"corrections": [{"kind": "split", "key": "f1", "texts": ["一"]}]}, "取值不合规定"),
        ({"corrections": [{"kind": "drop", "key": "1", "reason": "误读"}]}, "取值不合规定"),
        ({"corrections": [{"kind": "drop", "key": "f1", "reason": "误读"}] * 2}, "写了两次"),
    ],
)
def test_json_that_is_not_a_file_of_corrections_is_refused(raw: object, words: str) -> None:
    with pytest.raises(CorrectionError, match=words) as refused:
        Corrections.parse(raw, "更正.json")
    assert refused.value.message.startswith("更正.json：")


def test_a_later_correction_of_the_same_kind_takes_the_place_of_the_earlier() -> None:
    corrections = (
        Corrections().with_(SetUnit("f1", "市局")).with_(Drop("f1", "误读")).with_(SetUnit("f1", "市委"))
    )
    assert corrections.entries == (Drop("f1", "误读"), SetUnit("f1", "市委"))
    assert corrections.without("drop", "f1").entries == (SetUnit("f1", "市委"),)


def test_taking_a_split_back_takes_back_what_was_said_of_its_parts() -> None:
    corrections = Corrections().with_(Split("f1", ("甲", "乙"))).with_(SetClass("f1.2", "other"))
    assert corrections.with_(SetClass("f1", "other")).without("split", "f1").entries == (
        SetClass("f1", "other"),
    )


def test_a_correction_made_in_the_program_is_checked_like_one_in_a_file() -> None:
    with pytest.raises(CorrectionError, match="unit"):
        Corrections().with_(SetUnit("f1", "  "))


def test_context_can_be_adopted_too() -> None:
    reading = replace(READING, context=(Leftover("市统计局网站打不开", 3, "正文"),))
    corrected = apply(reading, Corrections(None, (Adopt("c0", "市统计局", "网站打不开"),)))
    assert corrected.context == ()
    assert corrected.findings[-1].finding.source.line == 3
