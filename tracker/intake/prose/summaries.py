"""A general sentence and the details behind it: the same problems, counted once.

Must never drop a problem that the details do not repeat.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from difflib import SequenceMatcher

from tracker.intake.model import Finding
from tracker.intake.prose.sentences import Problem

_NEAR = 12  # lines: details follow their summary soon
_VERDICT = re.compile(
    r"(?:\d+[个家])?(?:均|都)?(?:为)?(?:不合格|不达标|(?:有|存在)(?:突出|一些|一定|较多)?问题|.{0,10}等问题)的?"
)
_REPROACH = re.compile(r"(?:进行|予以|给予|提出)(?:全市|全县|点名)?(?:通报|批评|问责)[^，,]{0,4}$")
_SHARED = 3  # characters in a row that both must have


def without_summaries(found: Sequence[tuple[Problem, Finding]]) -> tuple[list[Finding], list[Finding]]:
    """The findings to keep, and those that merely announced others (shapes.md, rule 14).

    A sentence announces when all its units, two or more, come again soon after, each with words of its own
    that say the same thing in more detail.
    """
    sentences: dict[tuple[int, str], list[Finding]] = defaultdict(list)
    for problem, finding in found:
        sentences[(finding.source.line, problem.text)].append(finding)
    counted = sorted((finding for _, finding in found if finding.quantity is not None), key=_line)
    dropped: set[int] = set()
    named = Counter(finding.responsible for _, finding in found)
    for (line, text), group in sentences.items():
        if _VERDICT.fullmatch(text) or _REPROACH.search(text):
            dropped |= {id(finding) for finding in group if named[finding.responsible] > 1}
        units = {finding.unit_as_written for finding in group}
        near = counted[bisect_left(counted, line, key=_line) : bisect_right(counted, line + _NEAR, key=_line)]
        details = [finding for finding in near if finding.text != text]
        if len(units) > 1 and units <= {one.unit_as_written for one in details} and _is_about(text, details):
            dropped |= {id(finding) for finding in group}
    kept = [finding for _, finding in found if id(finding) not in dropped]
    return kept, [finding for _, finding in found if id(finding) in dropped]


def without_repetitions(
    found: Sequence[tuple[Problem, Finding]],
) -> tuple[list[tuple[Problem, Finding]], list[Finding]]:
    """What is told the first time, and what a later sentence tells again of the same unit or account."""
    seen: dict[tuple[str, str | None, str], int] = {}
    once: list[tuple[Problem, Finding]] = []
    again: list[Finding] = []
    for problem, finding in found:
        platform = finding.account.platform if finding.account else None
        key = (finding.responsible, platform, re.sub(r"[\W_]+", "", finding.text))
        if seen.setdefault(key, finding.source.line) != finding.source.line:
            again.append(finding)
        else:
            once.append((problem, finding))
    return once, again


def _line(finding: Finding) -> int:
    return finding.source.line


def _is_about(summary: str, details: Sequence[Finding]) -> bool:
    def shared(text: str) -> int:
        match = SequenceMatcher(None, summary, text, autojunk=False).find_longest_match()
        return match.size

    return any(shared(finding.text) >= _SHARED - 1 for finding in details)
