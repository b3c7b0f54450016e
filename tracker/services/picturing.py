"""A picture of the page that decided a check, where the office wants one: evidence beside the verdict.

Must never decide anything, nor keep a look from being kept: a picture that fails is only missing, and the
evidence says so. Nothing is open meanwhile.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from tracker.domain.checks import Verdict
from tracker.probes.addresses import FetchError
from tracker.probes.base import Observation, Target
from tracker.services.office import Office
from tracker.store import checks, screenshots
from tracker.store.screenshots import Picture


def pictured(
    office: Office, target: Target, saw: Observation, now: datetime
) -> tuple[Picture | None, dict[str, object]]:
    """The picture, and what the look's evidence says of it: its digest and moment, or why there is none.

    Taken anew only when the verdict or its reason has changed, or the item was handed in since: a look a day
    must not be a picture a day.
    """
    page = saw.evidence.get("final_url")
    if office.capture is None or saw.verdict is Verdict.UNSURE or not page:
        return None, {}
    if _is_known(office, target.number, saw):
        return None, {}
    try:
        content = office.capture(str(page))
    except FetchError as error:
        return None, {"screenshot_failed": error.message}
    picture = Picture(sha256(content).hexdigest(), content, now)
    taken_at = now.astimezone(office.rules.calendar.zone).isoformat()
    return picture, {"screenshot": {"sha256": picture.sha256, "bytes": len(content), "taken_at": taken_at}}


def _is_known(office: Office, number: int, saw: Observation) -> bool:
    """Is there a picture of the same verdict for the same reason, since the item counts?"""
    with office.database.read() as connection:
        last = screenshots.last_pictured(connection, number)
        counts_from = checks.of_items(connection, [number])[number].seen.counts_from
    if last is None or (counts_from is not None and last.checked_at < counts_from):
        return False
    return (last.verdict, last.evidence.get("reason")) == (saw.verdict.value, saw.evidence.get("reason"))
