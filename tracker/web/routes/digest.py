"""The digest: its figures, its words as they are sent, its chart and ledger, and who was told.

Rates are everybody's; what speaks of single items, and the ledger, is shown of one's own units only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from tracker.domain import digests as paces
from tracker.domain.digests import Pace, Period
from tracker.domain.rates import RateRow
from tracker.rendering.digest import CITY, GroupView
from tracker.services import digest_scopes, summarise
from tracker.services.digest_files import XLSX, draw_chart, file_stem, is_of_today, ledger_of
from tracker.services.digest_scopes import WHOLE_CITY, DigestScope
from tracker.services.digest_status import round_of
from tracker.services.summarise import Digest
from tracker.store.rates import By
from tracker.web.context import CurrentDesk, Desk
from tracker.web.filters import Filters
from tracker.web.guard import OutOfReachError
from tracker.web.tables import as_they_stood, narrowed, row_view

router = APIRouter(prefix="/digest")
_EARLIER = 12
_RECIPIENTS = 200


@dataclass(frozen=True)
class Asked:
    """Which digest an address asks for."""

    period: Period
    scope: DigestScope

    def link(self, path: str = "", period: Period | None = None, scope: DigestScope | None = None) -> str:
        """The address of the same digest, of another period or of another scope."""
        query = {"period": (period or self.period).name, "of": (scope or self.scope).name}
        return f"/digest{path}?{urlencode(query)}"


def asked(
    desk: CurrentDesk, period: str = "", week: str = "", pace: Pace = Pace.WEEKLY, of: str = ""
) -> Asked:
    """`period` as `2021-W30`, `2021-07` or `2021Q3`; without one, the current of that pace. `of`: a district,
    a unit or 全市; without one, the widest that the session sees.
    """
    name = period or week
    chosen = paces.parse(name) if name else paces.current(pace, desk.today())
    if of:
        scope = WHOLE_CITY if of == CITY else digest_scopes.of_name(desk.office, of)
    else:
        scope = next(iter(_own(desk)), WHOLE_CITY)
    if not scope.is_city and not scope.is_within(desk.office.database.reach):
        raise OutOfReachError("只能查看本单位、本区的周报，以及全市的整改率")
    return Asked(chosen, scope)


CurrentAsked = Annotated[Asked, Depends(asked)]


@router.get("")
def digest(request: Request, desk: CurrentDesk, asked: CurrentAsked) -> Response:
    made, current = _compile(desk, asked), paces.current(paces.pace_of(asked.period), desk.today())
    reach = desk.office.database.reach
    return desk.render(
        request,
        "digest/digest.html",
        digest=made,
        asked=asked,
        lists=_lists(desk, made),
        paces=[(paces.current(pace, desk.today()), pace) for pace in Pace],
        previous=asked.period.previous(),
        following=paces.following(asked.period) if asked.period != current else None,
        scopes=[WHOLE_CITY, *_own(desk)],
        of_today=is_of_today(desk.office, made.view, asked.scope, now=desk.now()),
        sees_items=asked.scope.is_within(reach),
        round=round_of(desk.office, asked.period, made.view, most=_EARLIER),
        most=_RECIPIENTS,
    )


@router.get("/chart.png")
def chart(desk: CurrentDesk, asked: CurrentAsked) -> Response:
    return Response(draw_chart(_compile(desk, asked).view), media_type="image/png")


@router.get("/text.md")
def text(desk: CurrentDesk, asked: CurrentAsked) -> Response:
    """The words as a file."""
    made = _compile(desk, asked)
    content = (made.text + "\n").encode()
    return _file(content, f"{file_stem(made.view)}.md", "digest.md", "text/markdown; charset=utf-8")


def _lists(desk: Desk, made: Digest) -> list[Mapping[str, str | None]]:
    """For each group, and at last for the whole: what leads from its numbers to the items as they stood.

    The whole of a district leads nowhere: no list is narrowed to a district with the units below it. Nor do
    these units' numbers for its head, who reads of them here but opens no item of theirs.
    """
    view, by = made.view, made.scope.by
    whole, reach = as_they_stood(desk.office, view.as_of), desk.office.database.reach
    opens_all = by is not By.UNIT or reach is None or (made.scope.units or set()) <= reach
    if by is By.DOMAIN:
        whole = narrowed(desk.office, whole, By.UNIT, made.scope.name)
    links: list[Mapping[str, str | None]] = []
    for each in view.groups:
        found = _links(each, narrowed(desk.office, whole, by, each.name))
        links.append(found if opens_all or each.name == view.scope else dict.fromkeys(found))
    of_whole = _links(view.total, whole)
    return [*links, dict.fromkeys(of_whole) if by is By.UNIT else of_whole]


def _links(group: GroupView, filters: Filters) -> Mapping[str, str]:
    return row_view(RateRow(group.name, group.rate, group.on_time, group.overdue, group.open), filters).links


@router.get("/ledger.xlsx")
def ledger(desk: CurrentDesk, asked: CurrentAsked) -> Response:
    """The workbook that went out; where none did, what it would be now."""
    if not asked.scope.is_within(desk.office.database.reach):
        raise OutOfReachError("只能下载本单位、本区的台账")
    made = _compile(desk, asked)
    workbook = ledger_of(desk.office, made.view, asked.scope, now=desk.now())
    return _file(workbook.content, workbook.name, "ledger.xlsx", XLSX)


def _compile(desk: Desk, asked: Asked) -> Digest:
    made = summarise.compile_digest(desk.office, now=desk.now(), period=asked.period, scope=asked.scope)
    return made if asked.scope.is_within(desk.office.database.reach) else summarise.without_items(made)


def _own(desk: Desk) -> list[DigestScope]:
    """What whoever sees a part of the city sees of it."""
    reach = desk.office.database.reach
    if reach is None:
        return []
    with desk.office.database.read() as connection:
        return digest_scopes.own_scopes(connection, reach)


def _file(content: bytes, name: str, plain: str, media_type: str) -> Response:
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})
