"""`app.toml` as it is written: hours, digest, checks, workflow, delivery. Must never guess a value."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tracker.domain.checks import CheckRules
from tracker.domain.delivery import DeliveryRules, OnUnknown
from tracker.domain.digests import Pace
from tracker.domain.issuing import PaperKind, PaperRules
from tracker.domain.revisits import RevisitRules
from tracker.domain.watching import WatchRules
from tracker.rules.classes import Weeks
from tracker.rules.units import HomeTable


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Quiet(_Strict):
    opens: time
    closes: time
    jitter_minutes: int = Field(default=0, ge=0, le=60)

    @model_validator(mode="after")
    def _ordered(self) -> _Quiet:
        if self.opens >= self.closes:
            raise ValueError("opens 须早于 closes")
        return self


class _Digest(_Strict):
    send_at: time
    roles: list[str]
    monthly_roles: list[str] = []
    quarterly_roles: list[str] = []

    @property
    def by_pace(self) -> dict[Pace, tuple[str, list[str]]]:
        """Under which key of the file the roles of each pace stand, and which they are."""
        return {
            Pace.WEEKLY: ("digest.roles", self.roles),
            Pace.MONTHLY: ("digest.monthly_roles", self.monthly_roles),
            Pace.QUARTERLY: ("digest.quarterly_roles", self.quarterly_roles),
        }


class _Rates(_Strict):
    rank_least: int = Field(default=3, ge=1, le=1000)


class _Probes(_Strict):
    every_hours: int = Field(ge=1, le=24 * 30)
    valid_days: int = Field(default=7, ge=1, le=90)
    blind_looks: int = Field(default=3, ge=1, le=100)
    return_looks: int = Field(default=3, ge=1, le=100)
    return_hours: int = Field(default=24, ge=24, le=24 * 30)

    @model_validator(mode="after")
    def _seen_again_in_time(self) -> _Probes:
        if self.valid_days * 24 < self.every_hours:
            raise ValueError("valid_days 不得短于 every_hours，否则核查结论在下一次核查之前就已失效")
        return self

    @property
    def rules(self) -> CheckRules:
        return CheckRules(self.valid_days, self.blind_looks, self.return_looks, self.return_hours)


class _Workflow(_Strict):
    return_working_days: int = Field(default=3, ge=1, le=60)
    max_extensions: int = Field(default=2, ge=0, le=20)
    undo_minutes: int = Field(default=10, ge=0, le=60)
    nudge_hours: int = Field(default=24, ge=1, le=24 * 30)
    ask: str = Field(default="", max_length=200)


class _Delivery(_Strict):
    senders: int = Field(default=16, ge=1, le=64)
    fail_over_minutes: int = Field(default=30, ge=1, le=24 * 60)
    unknown: Literal["ask", "accept", "resend"] = "ask"
    unknown_minutes: int = Field(default=60, ge=1, le=24 * 60)
    sms_per_number_per_day: int = Field(default=5, ge=1, le=50)
    sms_segments_per_month: int = Field(default=0, ge=0)
    link_days: int = Field(default=7, ge=1, le=60)

    @property
    def rules(self) -> DeliveryRules:
        return DeliveryRules(
            senders=self.senders,
            fail_over_after=timedelta(minutes=self.fail_over_minutes),
            unknown=OnUnknown(self.unknown),
            unknown_after=timedelta(minutes=self.unknown_minutes),
            sms_per_day=self.sms_per_number_per_day,
            sms_per_month=self.sms_segments_per_month or None,
            link_days=self.link_days,
        )


class _Revisit(_Strict):
    weeks: Weeks = [4, 12]
    again_hours: int = Field(default=24, ge=24, le=24 * 14)
    tries: int = Field(default=3, ge=2, le=30)

    @property
    def rules(self) -> RevisitRules:
        return RevisitRules(tuple(self.weeks), self.again_hours, self.tries)


class _Watch(_Strict):
    send_at: time = time(9)
    stale_days: int = Field(default=7, ge=1, le=90)

    @property
    def rules(self) -> WatchRules:
        return WatchRules(self.send_at, self.stale_days)


class _Papers(_Strict):
    issuer: str = Field(default="", max_length=100)
    reply_working_days: int = Field(default=5, ge=1, le=60)
    codes: dict[str, str] = {}

    @model_validator(mode="after")
    def _known(self) -> _Papers:
        for kind, code in self.codes.items():
            if kind not in set(PaperKind):
                raise ValueError(f"codes：不认识的文书“{kind}”，可用：{'、'.join(PaperKind)}")
            if not code.strip() or len(code) > 30:
                raise ValueError(f"codes：{kind}的代字须为 1 至 30 个字")
        return self

    @property
    def rules(self) -> PaperRules:
        codes = {PaperKind(kind): code.strip() for kind, code in self.codes.items()}
        return PaperRules(self.issuer.strip(), self.reply_working_days, codes)


class AppTable(_Strict):
    quiet: _Quiet
    digest: _Digest
    rates: _Rates = _Rates()
    probes: _Probes
    workflow: _Workflow = _Workflow()
    delivery: _Delivery = _Delivery()
    revisit: _Revisit = _Revisit()
    watch: _Watch = _Watch()
    home: HomeTable = HomeTable()
    papers: _Papers = _Papers()
