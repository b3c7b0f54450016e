"""What every use case works with: the database, the office's rules and the channels that are set up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from notifiers.base import Notifier
from tracker.probes.base import Probe
from tracker.rules import Rules
from tracker.store.contacts import Contact
from tracker.store.database import Database

SANDBOX = "sandbox"

# How a contact is reached on each channel; the order of preference is the order of `Office.channels`.
ADDRESSES: dict[str, Callable[[Contact], str | None]] = {
    "wecom_robot": lambda contact: contact.robot,
    "sms": lambda contact: contact.phone,
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

    def route(self, contact: Contact) -> tuple[Notifier, str]:
        """The channel and address for a contact; the sandbox when no real channel reaches them."""
        for name, notifier in self.channels.items():
            address = ADDRESSES[name](contact)
            if address:
                return notifier, address
        return self.channels[SANDBOX], ADDRESSES[SANDBOX](contact) or ""
