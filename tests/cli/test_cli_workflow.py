"""The steps that go beyond the contract's verbs, as a person types them."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Rectify

MONDAY = "2021-07-26T10:00"


pytestmark = pytest.mark.usefixtures("taken_in")


def test_what_is_left_an_objection_and_the_extensions_stand_in_the_items_json(rectify: Rectify) -> None:
    [item] = rectify("progress", 1, "--left", 3, "--by", "王丽", now=MONDAY).json["items"]
    assert (item["quantity"]["value"], item["remaining"], item["objection_by"]) == (15, 3, None)
    [item] = rectify("object", 4, "--by", "王丽", "--reason", "由市统计局负责", now=MONDAY).json["items"]
    assert (item["state"], item["objection_by"], item["extensions"]) == ("open", "王丽", 0)
    [item] = rectify("dismiss", 4, "--by", "李强", "--reason", "职责在本单位", now=MONDAY).json["items"]
    assert item["objection_by"] is None
    rectify("object", 4, "--by", "王丽", "--reason", "再次提出", now=MONDAY)
    [item] = rectify("uphold", 4, "--by", "李强", "--reason", "情况属实", now=MONDAY).json["items"]
    assert item["state"] == "withdrawn"


def test_a_step_is_taken_back_by_who_took_it(rectify: Rectify) -> None:
    rectify("sign", 1, 2, "--by", "王丽", now=MONDAY)
    refused = rectify("undo-step", 1, 2, "--by", "李强", now=MONDAY)
    assert refused.status == 1
    error = refused.json["error"]
    assert (error["code"], error["details"]["refusal"]) == ("not_allowed", "not_yours")
    assert [each["number"] for each in error["details"]["refused"]] == [1, 2]
    done = rectify("undo-step", 1, 2, "--by", "王丽", now="2021-07-26T10:05").json["items"]
    assert [item["state"] for item in done] == ["open", "open"]


@pytest.mark.parametrize("left", [-1, 16, 10**30])
def test_more_cannot_be_left_than_there_was(rectify: Rectify, left: int) -> None:
    said = rectify("progress", 1, f"--left={left}", "--by", "王丽", now=MONDAY, as_json=False)
    assert (said.status, said.out) == (1, "")
    assert "第 1 号事项（市教育局）：剩余数量须为 0 至 15" in said.err
