"""Who acts: the five roles of the workflow, and in which of them a person stands towards a unit.

Must never look anybody up: accounts and contacts come in as they are on file.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tracker.domain.units import Level


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
Reach = frozenset[int] | None
"""Ids of the units whose items somebody sees; None: the whole city's."""

SYSTEM = "系统"  # who acted when no person did
OF_UNIT = frozenset({Role.CONTACT, Role.HEAD})
BUREAU = frozenset({Role.STAFF, Role.ADMIN})
DECIDING = BUREAU | {Role.LEADER}
EITHER_SIDE = OF_UNIT | BUREAU  # the unit itself, and staff on its behalf

# What the contacts file calls them.
CONTACT_ROLES = {"联络员": Role.CONTACT, "负责人": Role.HEAD, "领导小组": Role.LEADER, "审批局": Role.STAFF}


@dataclass(frozen=True)
class Post:
    """One line of the contacts file: a role, as it is written there, for a unit.

    below: ids of the units whose parent it is; has_bureau: some contact of this unit is 审批局.
    """

    unit_id: int
    role: str
    level: Level = Level.DEPARTMENT
    below: frozenset[int] = frozenset()
    has_bureau: bool = False

    @property
    def is_the_bureau(self) -> bool:
        """Whether it speaks for the city's bureau: a district's speaks for the district, a unit's for itself.

        There is no setting that names the bureau's unit: it is a department that has 审批局 contacts.
        """
        speaks = CONTACT_ROLES[self.role] not in OF_UNIT
        return speaks and self.level is Level.DEPARTMENT and self.has_bureau


@dataclass(frozen=True)
class Actor:
    """One person. `everywhere`: roles towards every unit; `of_units`: those towards some, by unit id."""

    name: str
    everywhere: frozenset[Role] = frozenset()
    of_units: Mapping[int, frozenset[Role]] = field(default_factory=dict)

    def roles_for(self, unit_id: int) -> frozenset[Role]:
        """In which roles they may act on an item of this unit; empty for another unit's people.

        A unit's own contact or head is nothing else towards it: nobody decides in their own cause (回避).
        """
        roles = self.everywhere | self.of_units.get(unit_id, frozenset())
        return roles & OF_UNIT or roles

    @property
    def reach(self) -> Reach:
        """Whoever acts for the whole city sees it; everybody else sees the units they act for."""
        return None if self.everywhere else frozenset(self.of_units)


def actor_of(
    name: str, account: Role | None, posts: Sequence[Post], scope: frozenset[int] | None = None
) -> Actor:
    """Who `name` is: by their account, else by the contacts file, else the bureau's own staff.

    `posts` are that name's lines of the contacts file. An account of a unit's role says what its owner may
    do, the contacts file for which units. `scope`: ids of the units to which the account is bound, whatever
    the contacts file says; None: it is bound to none.
    """
    own, units = _by_unit([post for post in posts if CONTACT_ROLES[post.role] in OF_UNIT]), _by_unit(posts)
    if account in OF_UNIT:
        return Actor(name, of_units=dict.fromkeys(own if scope is None else scope, frozenset({account})))
    if account is not None and scope is not None:
        return Actor(name, of_units=dict.fromkeys(scope, frozenset({account})) | own)
    if account is not None:
        return Actor(name, frozenset({account}), own)
    if not posts:
        return Actor(name, frozenset({Role.STAFF}))
    return Actor(name, frozenset(CONTACT_ROLES[post.role] for post in posts if post.is_the_bureau), units)


def _by_unit(posts: Sequence[Post]) -> dict[int, frozenset[Role]]:
    """Whoever speaks for a district's bureau or leading group does so for the units below it too."""
    found: dict[int, frozenset[Role]] = {}
    for post in posts:
        role = CONTACT_ROLES[post.role]
        for unit_id in {post.unit_id} | (frozenset() if role in OF_UNIT else post.below):
            found[unit_id] = found.get(unit_id, frozenset()) | {role}
    return found


def is_same_person(one: str | None, other: str | None) -> bool:
    """Whether two names as typed are one name: blanks and full-width letters make nobody another person."""
    return one is not None and other is not None and _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())


def in_words(roles: frozenset[Role], nobody: str = "不是该事项责任单位的联系人") -> str:
    """`联络员、负责人或工作人员`, mildest first; without any role `nobody`."""
    if not roles:
        return nobody
    *first, last = (role.chinese for role in Role if role in roles)
    return f"{'、'.join(first)}或{last}" if first else last
