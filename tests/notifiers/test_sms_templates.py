"""Approved templates: which is taken, and what their variables may say."""

from __future__ import annotations

import pytest

from notifiers.base import Letter
from notifiers.sms import Templates
from tracker.domain.errors import ConfigError, DeliveryError, Outcome, Scope

FACTS = {"count": "3", "unit": "青桥开发区政务服务中心", "date": "1月5日", "page": "https://a.cn"}


def fill(text: str, longest: int | None = None) -> str:
    _, values = Templates({"default": "T"}, {"v": text}, longest).fill(Letter("x", serial="S-1", facts=FACTS))
    return values["v"]


def test_each_kind_takes_its_own_template_and_others_the_default() -> None:
    templates = Templates({"overdue": "T1", "default": "T2"}, {})
    assert templates.fill(Letter("x", kind="overdue")) == ("T1", {})
    assert templates.fill(Letter("x", kind="reminder")) == ("T2", {})


def test_a_kind_without_a_template_is_refused_and_named() -> None:
    with pytest.raises(DeliveryError, match="reminder") as caught:
        Templates({"overdue": "T1"}, {}).fill(Letter("x", kind="reminder"))
    assert (caught.value.outcome, caught.value.scope) == (Outcome.PERMANENT, Scope.MESSAGE)


def test_variables_are_filled_in_their_order() -> None:
    templates = Templates({"default": "T"}, {"b": "{count}项", "a": "{date}前（{serial}）"})
    _, values = templates.fill(Letter("x", serial="S-1", facts=FACTS))
    assert list(values.items()) == [("b", "3项"), ("a", "1月5日前（S-1）")]


def test_a_name_that_is_too_long_loses_its_end_visibly() -> None:
    assert fill("{unit}", 6) == "青桥开发区…"
    assert fill("{unit}", 11) == FACTS["unit"]


@pytest.mark.parametrize("text", ["{count}项，共涉及若干单位", "{date}之前办结"])
def test_a_number_or_a_date_is_never_cut(text: str) -> None:
    with pytest.raises(DeliveryError, match="超过 6 个字"):
        fill(text, 6)


@pytest.mark.parametrize("text", ["{page}", "www.a.cn", "HTTP://a.cn"])
def test_a_web_address_is_refused(text: str) -> None:
    with pytest.raises(DeliveryError, match="网址"):
        fill(text)


def test_a_fact_that_this_message_lacks_is_named() -> None:
    with pytest.raises(DeliveryError, match=r"\{overdue\}"):
        fill("{overdue}")


def test_no_template_at_all_is_a_wrong_setting() -> None:
    for codes in ({}, {"default": ""}):
        with pytest.raises(ConfigError, match="TRACKER_SMS_TEMPLATES"):
            Templates(codes, {})
