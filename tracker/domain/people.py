"""Who acts: the five roles of the workflow, and in which of them a person stands towards a unit.

Must never look anybody up: accounts and contacts come in as they are on file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """In what capacity somebody takes a step; the values stand in accounts and on the command line."""

    CONTACT = "contact"
    HEAD = "head"
    STAFF = "staff"
    LEADER = "leader"
    ADMIN = "admin"

    @property
    def chinese(self) -> str:
        return _WORDS[self]


_WORDS = {
    Role.CONTACT: "联络员",
    Role.HEAD: "负责人",
    Role.STAFF: "工作人员",
    Role.LEADER: "分管领导",
    Role.ADMIN: "管理员",
}
OF_UNIT = frozenset({Role.CONTACT, Role.HEAD})
BUREAU = frozenset({Role.STAFF, Role.ADMIN})
DECIDING = BUREAU | {Role.LEADER}
EITHER_SIDE = OF_UNIT | BUREAU  # the unit itself, and staff on its behalf

# What the contacts file calls them; whoever speaks for the bureau there does so towards every unit.
CONTACT_ROLES = {"联络员": Role.CONTACT, "负责人": Role.HEAD, "领导小组": Role.LEADER, "审批局": Role.STAFF}


@dataclass(frozen=True)
class Actor:
    """One person. `everywhere`: roles towards every unit; `of_units`: by unit id, those of its own people."""

    name: str
    everywhere: frozenset[Role] = frozenset()
    of_units: Mapping[int, frozenset[Role]] = field(default_factory=dict)

    def roles_for(self, unit_id: int) -> frozenset[Role]:
        """In which roles they may act on an item of this unit; empty for another unit's people."""
        return self.everywhere | self.of_units.get(unit_id, frozenset())


def actor_of(name: str, account: Role | None, contacts: Sequence[tuple[int, str]]) -> Actor:
    """Who `name` is: by their account, else by the contacts file, else the bureau's own staff.

    `contacts` are (unit id, role as the contacts file writes it) of that name. An account of a unit's role
    says what its owner may do, the contacts file for which units.
    """
    units: dict[int, frozenset[Role]] = {}
    everywhere: frozenset[Role] = frozenset()
    for unit_id, written in contacts:
        role = CONTACT_ROLES[written]
        if role in OF_UNIT:
            units[unit_id] = units.get(unit_id, frozenset()) | {role}
        else:
            everywhere |= {role}
    if account in OF_UNIT:
        return Actor(name, of_units=dict.fromkeys(units, frozenset({account})))
    if account is not None:
        return Actor(name, frozenset({account}))
    return Actor(name, everywhere if contacts else frozenset({Role.STAFF}), units)


def in_words(roles: frozenset[Role]) -> str:
    """`联络员、负责人或工作人员`, mildest first."""
    *first, last = (role.chinese for role in Role if role in roles)
    return f"{'、'.join(first)}或{last}" if first else last
