"""`config/feeds.toml`: how exports of cases and accounts are read, and the limits they are judged by.

Must never leave a text without its words, or let one column name mean two things.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from tracker.domain.cases import CaseLimits, Fault
from tracker.domain.media import AccountLimits, Observed, Registered, Verdict
from tracker.rules.databases import DatabaseRules, DatabaseTable, each_named_once
from tracker.rules.files import ConfigFolder

_Names = Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]
_Days = Annotated[int, Field(ge=1, le=3650)]
Synonyms = Mapping[str, tuple[str, ...]]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Columns(_Strict):
    @model_validator(mode="after")
    def _each_name_means_one_thing(self) -> _Columns:
        owners: dict[str, str] = {}
        for field, names in self.synonyms.items():
            for name in names:
                if owners.setdefault(name, field) != field:
                    raise ValueError(f"列名“{name}”同时写在 {owners[name]} 与 {field} 中")
        return self

    @property
    def synonyms(self) -> dict[str, tuple[str, ...]]:
        """Field → the names its column may bear, most wanted first."""
        return {field: tuple(names) for field, names in self.model_dump().items()}


class _CaseColumns(_Columns):
    unit: _Names
    case_id: _Names
    matter: _Names
    applied: _Names
    accepted: _Names
    finished: _Names
    promised: _Names
    rating: _Names
    returned: _Names


class _Texts(_Strict):
    overdue_acceptance: str
    overdue_completion: str
    unevaluated_cases: str
    late_return: str

    @model_validator(mode="after")
    def _are_filled_in(self) -> _Texts:
        for field, text in self.model_dump().items():
            _check_text(field, text, {"count": 0, "limit": 0}, needed="{count}")
        return self


class _Cases(_Strict):
    accept_working_days: int = Field(ge=1, le=250)
    return_hours: int = Field(ge=1, le=24 * 90)
    promised_unit: Literal["工作日", "天"]
    counts_settled: bool
    shrink_percent: int = Field(ge=1, le=100)
    unrated: list[str]
    texts: _Texts
    columns: _CaseColumns


class _AccountColumns(_Columns):
    unit: _Names
    platform: _Names
    name: _Names
    listed: _Names
    registered: _Names
    observed: _Names
    last_post: _Names
    seen: _Names
    page: _Names = ["公开页面", "公开网址", "主页网址"]


class _Accounts(_Strict):
    dormant_days: _Days
    full_counts: bool
    near_days: int = Field(ge=0, le=365)
    platforms: dict[str, _Days]
    lists: dict[str, _Days]
    text_dormant: str
    text_closed_but_reachable: str
    text_reopened_unfiled: str
    closed: list[str]
    in_use: list[str]
    reachable: list[str]
    gone: list[str]
    columns: _AccountColumns

    @model_validator(mode="after")
    def _says_which_account(self) -> _Accounts:
        for verdict, text in self.texts.items():
            _check_text(f"text_{verdict}", text, {"platform": "", "name": "", "limit": 0}, needed="{name}")
        return self

    @property
    def texts(self) -> dict[Verdict, str]:
        return {
            Verdict.DORMANT: self.text_dormant,
            Verdict.CLOSED_BUT_REACHABLE: self.text_closed_but_reachable,
            Verdict.REOPENED_UNFILED: self.text_reopened_unfiled,
        }


class _Feeds(_Strict):
    cases: _Cases
    accounts: _Accounts
    databases: Annotated[list[DatabaseTable], AfterValidator(each_named_once)] = []


def _check_text(field: str, text: str, known: Mapping[str, object], *, needed: str) -> None:
    try:
        text.format(**known)
    except (KeyError, IndexError, ValueError):
        raise ValueError(f"{field}：花括号中只能写 {'、'.join(known)}") from None
    if needed not in text:
        raise ValueError(f"{field}：须写有 {needed}")


@dataclass(frozen=True)
class CaseRules:
    """`texts` by fault, with {count} and {limit} in them; `columns`: field → names of its column."""

    limits: CaseLimits
    shrink_percent: int
    texts: Mapping[Fault, str]
    columns: Synonyms

    def text(self, fault: Fault, count: int) -> str:
        """The problem as an item words it."""
        hours, days = self.limits.return_hours, self.limits.accept_working_days
        return self.texts[fault].format(count=count, limit=hours if fault is Fault.LATE_RETURN else days)


@dataclass(frozen=True)
class AccountRules:
    """`registered` and `observed` say what a cell means; `texts` have {platform}, {name} and {limit}."""

    limits: AccountLimits
    registered: Mapping[str, Registered]
    observed: Mapping[str, Observed]
    texts: Mapping[Verdict, str]
    columns: Synonyms


@dataclass(frozen=True)
class FeedRules:
    """All of `feeds.toml`."""

    cases: CaseRules
    accounts: AccountRules
    databases: tuple[DatabaseRules, ...] = ()


def read_feeds(folder: ConfigFolder) -> FeedRules | None:
    """The rules; what is wrong with them is added to `folder.errors`, and None returned."""
    table = folder.model("feeds.toml", _Feeds)
    if table is None:
        return None
    databases = tuple(each.rules for each in table.databases)
    return FeedRules(_case_rules(table.cases), _account_rules(table.accounts), databases)


def _case_rules(table: _Cases) -> CaseRules:
    limits = CaseLimits(
        table.accept_working_days,
        table.return_hours,
        table.promised_unit == "工作日",
        frozenset(table.unrated),
        table.counts_settled,
    )
    texts = {Fault(code): text for code, text in table.texts.model_dump().items()}
    return CaseRules(limits, table.shrink_percent, texts, table.columns.synonyms)


def _account_rules(table: _Accounts) -> AccountRules:
    limits = AccountLimits(
        table.dormant_days, table.platforms, table.lists, table.full_counts, table.near_days
    )
    registered = dict.fromkeys(table.in_use, Registered.IN_USE)
    registered |= dict.fromkeys(table.closed, Registered.CLOSED)
    observed = dict.fromkeys(table.reachable, Observed.REACHABLE) | dict.fromkeys(table.gone, Observed.GONE)
    return AccountRules(limits, registered, observed, table.texts, table.columns.synonyms)
