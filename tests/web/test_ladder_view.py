"""A ladder drawn as a line says every day on which something changes."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from tests.support import shipped_rules
from tracker.domain.ladders import Audience
from tracker.web.ladder_view import rung_views

DEFAULT = shipped_rules().ladder


def test_the_shipped_ladder_is_told_day_by_day() -> None:
    shown = {rung.offset: rung for rung in rung_views(DEFAULT)}
    assert list(shown) == list(islice(DEFAULT.offsets(), len(shown)))
    assert shown[-7].joining == (Audience.CONTACT,)
    assert shown[1].joining == (Audience.HEAD,)
    assert shown[5].joining == (Audience.LEADING_GROUP,)
    assert [offset for offset, rung in shown.items() if rung.is_new_stage] == [-7, -3, 1, 10, 20]


def test_it_goes_on_to_whoever_is_told_last() -> None:
    late = replace(DEFAULT, escalate=((Audience.BUREAU, 60),))
    shown = rung_views(late)
    assert shown[-1].offset == 60
    assert shown[-1].joining == (Audience.BUREAU,)
