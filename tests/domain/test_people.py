"""Who a name is: an account, a contact of some unit, or the bureau's own staff."""

from __future__ import annotations

import pytest

from tracker.domain.ladders import Audience
from tracker.domain.people import CONTACT_ROLES, Post, Role, actor_of, in_words, is_same_person
from tracker.domain.units import Level

OWN, OTHER, BUREAU, DISTRICT = 7, 8, 9, 10


def bureau(role: str) -> Post:
    return Post(BUREAU, role, has_bureau=True)


def district(role: str) -> Post:
    """Of a district with an approval bureau of its own, to which the unit OWN belongs."""
    return Post(DISTRICT, role, Level.DISTRICT, frozenset({OWN}), has_bureau=True)


@pytest.mark.parametrize(
    ("account", "posts", "own", "other"),
    [
        (None, [], {Role.STAFF}, {Role.STAFF}),
        (None, [Post(OWN, "联络员")], {Role.CONTACT}, set()),
        (None, [Post(OWN, "联络员"), Post(OWN, "负责人")], {Role.CONTACT, Role.HEAD}, set()),
        (None, [bureau("审批局")], {Role.STAFF}, {Role.STAFF}),
        (None, [bureau("领导小组")], {Role.LEADER}, {Role.LEADER}),
        (None, [bureau("联络员")], set(), set()),
        (None, [Post(OWN, "领导小组")], {Role.LEADER}, set()),
        (None, [district("审批局")], {Role.STAFF}, set()),
        (None, [district("领导小组")], {Role.LEADER}, set()),
        (None, [district("联络员")], set(), set()),
        (Role.LEADER, [], {Role.LEADER}, {Role.LEADER}),
        (Role.HEAD, [Post(OWN, "联络员")], {Role.HEAD}, set()),
        (Role.CONTACT, [Post(OWN, "领导小组")], set(), set()),
        (Role.CONTACT, [], set(), set()),
    ],
)
def test_a_person_has_the_roles_that_account_and_contacts_give(
    account: Role | None, posts: list[Post], own: set[Role], other: set[Role]
) -> None:
    actor = actor_of("王丽", account, posts)
    assert (actor.roles_for(OWN), actor.roles_for(OTHER)) == (own, other)


@pytest.mark.parametrize("also", [bureau("审批局"), bureau("领导小组"), Post(OWN, "领导小组")])
def test_a_units_own_contact_decides_nothing_for_it_whatever_else_they_are(also: Post) -> None:
    assert actor_of("王丽", None, [Post(OWN, "联络员"), also]).roles_for(OWN) == {Role.CONTACT}


@pytest.mark.parametrize("account", [Role.STAFF, Role.LEADER, Role.ADMIN])
def test_nor_does_an_account_of_the_bureau_let_them(account: Role) -> None:
    actor = actor_of("王丽", account, [Post(OWN, "负责人")])
    assert (actor.roles_for(OWN), actor.roles_for(OTHER)) == ({Role.HEAD}, {account})


@pytest.mark.parametrize("other", ["核一", " 核 一", "核\u3000一", "核一\n"])
def test_a_blank_makes_nobody_another_person(other: str) -> None:
    assert is_same_person("核一", other)


@pytest.mark.parametrize(
    ("one", "other", "same"), [("ｌｉ1", "li１", True), ("核一", "核二", False), ("核一", None, False)]
)
def test_nor_does_a_full_width_letter(one: str, other: str | None, same: bool) -> None:
    assert is_same_person(one, other) is same


def test_every_role_of_the_contacts_file_is_known() -> None:
    assert set(CONTACT_ROLES) == {audience.value for audience in Audience}


def test_roles_are_named_mildest_first() -> None:
    assert in_words(frozenset({Role.STAFF, Role.CONTACT, Role.LEADER})) == "联络员、工作人员或分管领导"
    assert in_words(frozenset({Role.HEAD})) == "负责人"


@pytest.mark.parametrize(
    ("account", "posts", "scope", "reach"),
    [
        (Role.STAFF, [], None, None),
        (Role.LEADER, [Post(1, "联络员")], None, None),
        (None, [], None, None),
        (None, [Post(1, "联络员"), Post(2, "负责人")], None, {1, 2}),
        (None, [Post(7, "审批局", Level.DISTRICT, frozenset({8, 9}))], None, {7, 8, 9}),
        (None, [Post(3, "审批局", Level.DEPARTMENT, has_bureau=True)], None, None),
        (Role.CONTACT, [Post(1, "联络员"), Post(2, "负责人")], None, {1, 2}),
        (Role.CONTACT, [Post(1, "联络员")], frozenset({5}), {5}),
        (Role.CONTACT, [], None, set()),
        (Role.STAFF, [], frozenset({7, 8}), {7, 8}),
        (Role.STAFF, [Post(1, "联络员")], frozenset({7, 8}), {1, 7, 8}),
        (Role.LEADER, [], frozenset(), set()),
    ],
)
def test_somebody_sees_the_units_they_act_for_and_no_others(
    account: Role | None, posts: list[Post], scope: frozenset[int] | None, reach: set[int] | None
) -> None:
    assert actor_of("王丽", account, posts, scope).reach == reach


def test_staff_of_a_district_decide_there_but_not_for_a_unit_whose_contact_they_are() -> None:
    actor = actor_of("王丽", Role.STAFF, [Post(8, "联络员")], frozenset({7, 8}))
    assert actor.roles_for(7) == {Role.STAFF}
    assert actor.roles_for(8) == {Role.CONTACT}
    assert actor.roles_for(9) == frozenset()
