"""A probe that sees what its test says, for services that only care what a look tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tracker.probes import Observation, Target, Verdict


def nothing(_target: Target) -> None:
    """What happens meanwhile, by default."""


@dataclass
class ScriptedProbe:
    """`sees[number]`: what every look at this item sees; `meanwhile` happens while a look is under way."""

    sees: dict[int, Verdict] = field(default_factory=dict)
    meanwhile: Callable[[Target], object] = nothing
    targets: list[Target] = field(default_factory=list)
    name = "website_column"
    classes = frozenset({"missing_column", "stale_column", "empty_column"})

    def look(self, target: Target) -> Observation:
        self.targets.append(target)
        self.meanwhile(target)
        verdict = self.sees.get(target.number, Verdict.UNSURE)
        words = {
            Verdict.FIXED: "网页上已有栏目：统计信息",
            Verdict.NOT_FIXED: "网页上没有找到栏目：统计信息",
            Verdict.UNSURE: "网页未能打开：网站响应超时",
        }
        seen: dict[str, object] = {"summary": words[verdict], "url": target.url}
        if verdict is not Verdict.UNSURE:
            seen |= {"final_url": f"{target.url}tj/", "status": 200, "sha256": "ab" * 32, "pages": 3}
            seen["found"] = [{"name": "统计信息", "text": "统计信息", "documents": 2, "newest": "2021-07-20"}]
        else:
            seen["blind"] = [{"url": target.url, "reason": "timeout"}]
        return Observation(verdict, seen)
