"""The one tree of errors. Each carries a stable English code and a Chinese sentence for people.

Must never hold a secret: whoever raises masks keys, tokens and telephone numbers first.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class RectifyError(Exception):
    """Something was refused or failed; the command line answers with exit status 1."""

    code = "failed"

    def __init__(self, message: str, *, details: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, object] = dict(details or {})


class ConfigError(RectifyError):
    """A file of `config/` or a setting is wrong; names file, key and reason."""

    code = "bad_config"


class IntakeError(RectifyError):
    """A document cannot be read; names file, place and reason."""

    code = "unreadable_document"


class UnknownUnitError(RectifyError):
    """`--strict-units` met a unit that the registry does not know."""

    code = "unknown_unit"


class NotFoundError(RectifyError):
    """No such item, bulletin, unit or account."""

    code = "not_found"


class IdentityError(RectifyError):
    """Whoever was asked who somebody is did not say so."""

    code = "sign_in"


class TransitionError(RectifyError):
    """The workflow does not allow this step now, or not to this person."""

    code = "not_allowed"


class ForbiddenError(TransitionError):
    """Not to this person, whatever the state of things."""


class StoreError(RectifyError):
    """The database is locked, full, missing or not migrated."""

    code = "database"


class Outcome(StrEnum):
    """What is known of a send that did not end in the provider's acceptance."""

    TEMPORARY = "temporary"  # surely not accepted; may be tried again
    PERMANENT = "permanent"  # surely not accepted; trying again cannot help
    UNKNOWN = "unknown"  # perhaps accepted: must never be sent again blindly


class Scope(StrEnum):
    """How far a refusal reaches: what else must not be tried until a person has seen to it."""

    MESSAGE = "message"  # these very words: too long, a bad picture
    ADDRESS = "address"  # this robot, number or person: removed, disabled, unknown
    CHANNEL = "channel"  # every address of the channel: a wrong password, no money left, no access


class DeliveryError(RectifyError):
    """A channel did not accept a message.

    `scope` says what the fault lies in: with a permanent outcome the address is not used any more, and the
    channel rests a while. A temporary one with `retry_after_seconds` blocks the address for so long.
    """

    code = "delivery"

    def __init__(
        self,
        message: str,
        *,
        outcome: Outcome,
        scope: Scope = Scope.MESSAGE,
        retry_after_seconds: int = 0,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, details=details)
        self.outcome = outcome
        self.scope = scope
        self.retry_after_seconds = retry_after_seconds

    @property
    def is_about_channel(self) -> bool:
        """Whether the channel refuses whatever is sent, and surely took nothing."""
        return self.scope is Scope.CHANNEL and self.outcome is not Outcome.UNKNOWN
