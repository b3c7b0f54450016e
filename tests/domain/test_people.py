"""Who a name is: an account, a contact of some unit, or the bureau's own staff."""

from __future__ import annotations

import pytest

from tracker.domain.ladders import Audience
from tracker.domain.people import CONTACT_ROLES, Role, actor_of, in_words

OWN, OTHER = 7, 8


@pytest.mark.parametrize(
    ("account", "contacts", "own", "other"),
    [
        (None, [], {Role.STAFF}, {Role.STAFF}),
        (None, [(OWN, "联络员")], {Role.CONTACT}, set()),
        (None, [(OWN, "联络员"), (OWN, "负责人")], {Role.CONTACT, Role.HEAD}, set()),
        (None, [(OTHER, "审批局")], {Role.STAFF}, {Role.STAFF}),
        (None, [(OTHER, "领导小组"), (OWN, "联络员")], {Role.LEADER, Role.CONTACT}, {Role.LEADER}),
        (Role.LEADER, [(OWN, "联络员")], {Role.LEADER}, {Role.LEADER}),
        (Role.HEAD, [(OWN, "联络员")], {Role.HEAD}, set()),
        (Role.CONTACT, [], set(), set()),
    ],
)
def test_a_person_has_the_roles_that_account_and_contacts_give(
    account: Role | None, contacts: list[tuple[int, str]], own: set[Role], other: set[Role]
) -> None:
    actor = actor_of("王丽", account, contacts)
    assert (actor.roles_for(OWN), actor.roles_for(OTHER)) == (own, other)


def test_every_role_of_the_contacts_file_is_known() -> None:
    assert set(CONTACT_ROLES) == {audience.value for audience in Audience}


def test_roles_are_named_mildest_first() -> None:
    assert in_words(frozenset({Role.STAFF, Role.CONTACT, Role.LEADER})) == "联络员、工作人员或分管领导"
    assert in_words(frozenset({Role.HEAD})) == "负责人"
