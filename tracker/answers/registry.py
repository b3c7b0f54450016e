"""Units and contacts. Must never show a telephone number or a robot's key."""

from __future__ import annotations

from notifiers.masking import mask_phone, mask_robot
from tracker.rendering.contract import Json
from tracker.store.contacts import Contact
from tracker.store.units import Holding, StoredUnit


def unit_json(unit: StoredUnit, has: Holding) -> Json:
    keys = ("name", "level", "parent", "confirmed")
    return {key: getattr(unit, key) for key in keys} | {"aliases": list(has.aliases), "items": has.items}


def contact_json(contact: Contact) -> Json:
    return {
        "unit": contact.unit,
        "name": contact.name,
        "role": contact.role,
        "phone": mask_phone(contact.phone) if contact.phone else None,
        "wecom_userid": contact.wecom_userid,
        "robot": mask_robot(contact.robot) if contact.robot else None,
        "email": contact.email,
    }
