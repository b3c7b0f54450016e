"""What each finding of a document will be: a tracked item with its news, or a new one as it will look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tracker.domain.items import Item
from tracker.intake.model import Finding
from tracker.services.bulk import Numbers
from tracker.services.corrected import CorrectedFinding
from tracker.services.matching import ItemOutcome
from tracker.services.unit_names import KnownUnit


class Draft(NamedTuple):
    """One finding, judged: `item` is the tracked one, or how a new one will look (number 0).

    `identity` is what the item is known by, `read_identity` what the finding is before its corrections;
    `met` is the tracked item it was judged by, None if there is none.
    """

    outcome: ItemOutcome
    item: Item
    corrected: CorrectedFinding
    unit: KnownUnit
    identity: str
    read_identity: str
    met: Item | None = None

    @property
    def key(self) -> str:
        return self.corrected.key

    @property
    def finding(self) -> Finding:
        return self.corrected.finding

    @property
    def is_new(self) -> bool:
        """Whether the import makes an item of it."""
        return self.outcome is ItemOutcome.NEW or self.outcome is ItemOutcome.REAPPEARED

    def with_item(self, item: Item) -> Draft:
        """The same judgement of the item as it has become."""
        return self._replace(item=item)


@dataclass
class Tally:
    """What is asked of all drafts together, summed up while they are made.

    `spoken_of` are the units that the document names, by the name as written; `needed` those of new items,
    by key; `met` the items that some finding met; `shown` how many drafts each unit's name stands over.
    """

    outcomes: Counter[ItemOutcome] = field(default_factory=Counter)
    spoken_of: dict[str, KnownUnit] = field(default_factory=dict)
    needed: dict[str, KnownUnit] = field(default_factory=dict)
    classes: set[str] = field(default_factory=set)
    shown: Counter[str] = field(default_factory=Counter)
    met: Numbers = field(default_factory=Numbers)

    def counting(self, drafts: Iterable[Draft]) -> Iterator[Draft]:
        for draft in drafts:
            item, unit = draft.item, draft.unit
            self.outcomes[draft.outcome] += 1
            self.shown[item.unit] += 1
            if draft.is_new:
                self.needed[unit.key] = unit
                self.classes.add(item.problem_class)
            else:
                self.met.add(item.number)
            # A person may have moved the item to another unit than the document names.
            if draft.is_new or unit.id == item.unit_id:
                self.spoken_of[draft.finding.responsible] = unit
            yield draft
