"""What every use case works with: the database, the office's rules and the channels that are set up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from notifiers.base import Notifier
from notifiers.oidc import Oidc
from notifiers.wecom_crypto import Callback
from notifiers.wecom_sign_in import WeComSignIn
from tracker.domain.people import Role
from tracker.probes.base import Probe
from tracker.probes.browser import Capture
from tracker.rules import Rules
from tracker.store.contacts import Contact
from tracker.store.database import Database
from tracker.store.foreign import ForeignDatabase

SANDBOX = "sandbox"


def _robot_of(platform: str) -> Callable[[Contact], str | None]:
    """A contact's robot on DingTalk or Feishu, where `robot` begins with the platform's name and a colon."""

    def address(contact: Contact) -> str | None:
        named, _, own = (contact.robot or "").partition(":")
        return own if named == platform and own else None

    return address


def _wecom_robot(contact: Contact) -> str | None:
    """A robot that belongs to nobody else: a bare key or a URL."""
    return None if any(ADDRESSES[name](contact) for name in ("dingtalk", "feishu")) else contact.robot


# How a contact is reached on each channel; the order of preference is the order of `Office.channels`.
ADDRESSES: dict[str, Callable[[Contact], str | None]] = {
    "wecom_app": lambda contact: contact.wecom_userid,
    "wecom_robot": _wecom_robot,
    "dingtalk": _robot_of("dingtalk"),
    "feishu": _robot_of("feishu"),
    "sms": lambda contact: contact.phone,
    "email": lambda contact: contact.email,
    SANDBOX: lambda contact: f"{contact.unit} {contact.name}",
}


@dataclass(frozen=True)
class Office:
    """One installation. `channels` holds only those that are set up, most wanted first."""

    database: Database
    rules: Rules
    channels: Mapping[str, Notifier]
    probes: tuple[Probe, ...]
    public_url: str | None = None
    callback: Callback | None = None
    wecom_sign_in: WeComSignIn | None = None
    oidc: Oidc | None = None
    second_factor_for: frozenset[Role] = frozenset()
    """Who must have a second factor; it is asked of everybody else who has one."""
    systems: Mapping[str, Notifier] = field(default_factory=dict)
    """What carries messages to other systems: no person is reached by it."""

    feed_databases: Mapping[str, ForeignDatabase] = field(default_factory=dict)
    """Databases of other systems that cases are read from, by name."""

    backup_dir: Path = Path("backups")
    backup_days: int = 7
    """When the last backup is older, the office is reminded; 0: it keeps backups of its own."""

    capture: Capture | None = None
    """Takes pictures of the pages that decide checks, where the office wants them."""

    draws_files: bool = True
    """Whether charts and ledgers are really made; what is only played, and goes to nobody, has blank ones."""

    paper_templates: Path | None = None
    """The office's own templates of papers, laid over the shipped ones file by file."""

    @property
    def carriers(self) -> dict[str, Notifier]:
        """Whatever carries messages out of the outbox, by channel."""
        return {**self.channels, **self.systems}
