"""Whether a person may take a step with an item: who they are, what the class asks for, what the item counts.

Must never write. The preview of a ledger and the step itself ask the same judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tracker.domain.classes import Proof
from tracker.domain.items import Item
from tracker.domain.lifecycle import Event, Standing
from tracker.domain.people import CONTACT_ROLES, DECIDING, OF_UNIT, Actor, Reach, Role, actor_of, in_words
from tracker.domain.steps import Step, Terms, advance, wrong_role
from tracker.services.evidence import Evidence, kinds_since_submission
from tracker.services.office import Office
from tracker.store import Connection, accounts, contacts, units
from tracker.store.accounts import Account, Session


def actor_named(connection: Connection, name: str) -> Actor:
    """Who that is: somebody with an account, a contact of some unit, or the bureau's own staff."""
    account = accounts.find(connection, name)
    posts = contacts.posts_of(connection, name)
    # Who has left the accounts may still be a contact; a namesake's closed account takes nothing from them.
    if account is None or (account.disabled_at is not None and posts):
        return actor_of(name, None, posts)
    return actor_of(name, account.role, posts, _scope(connection, account))


def person_of_unit(connection: Connection, name: str, unit_id: int) -> Actor:
    """One unit's own contact or head, who came as such: by a link, by a card's button.

    Whoever else bears the name, and what their account is bound to, says nothing of them. Nobody, once they
    have left the unit.
    """
    posts = [post for post in contacts.posts_of(connection, name) if post.unit_id == unit_id]
    roles = frozenset(CONTACT_ROLES[post.role] for post in posts) & OF_UNIT
    return Actor(name, of_units={unit_id: roles} if roles else {})


def _scope(connection: Connection, account: Account) -> frozenset[int] | None:
    """The units an account is bound to: a unit's own people to that one, others to those below it too."""
    if account.unit_id is None:
        return None
    if account.role in OF_UNIT:
        return frozenset({account.unit_id})
    return units.with_below(connection, account.unit_id)


def reach_of(office: Office, session: Session) -> Reach:
    """Whose items whoever is signed in may see; the guard binds it to each request."""
    if session.holder is not None:
        return frozenset({session.holder.unit_id})
    with office.database.read() as connection:
        return actor_named(connection, session.login).reach


def roles_towards(office: Office, item: Item, name: str, *, of_unit: int | None = None) -> frozenset[Role]:
    """In which roles that person may act on the item; empty for another unit's contact. `of_unit`: as in
    StepJudge.
    """
    with office.database.read() as connection:
        return _actor(connection, name, of_unit).roles_for(item.unit_id)


def require(
    connection: Connection, by: str, roles: frozenset[Role], doing: str, *, unit_id: int | None = None
) -> None:
    """Raise ForbiddenError unless `by` has one of `roles` towards that unit; None: towards all of them.

    `doing` is what is wanted, in Chinese.
    """
    actor = actor_named(connection, by)
    if unit_id is not None and not actor.roles_for(unit_id) & roles:
        raise wrong_role(doing, by, in_words(actor.roles_for(unit_id)), roles)
    if unit_id is None and not actor.everywhere & roles:
        raise wrong_role(doing, by, in_words(actor.everywhere, "不是全市的经办人"), roles)


def require_bureau(actor: Actor, unit_id: int, doing: str) -> None:
    """Raise ForbiddenError unless they decide for the whole city, and so for this unit too: what bears the
    bureau's head is not a district's to send, nor one's own unit's. `doing` is what is wanted, in Chinese.
    """
    roles = actor.roles_for(unit_id)
    if not actor.everywhere & roles & DECIDING:
        raise wrong_role(
            f"以审批局名义{doing}", actor.name, in_words(roles & OF_UNIT, "不是全市的经办人"), DECIDING
        )


def _actor(connection: Connection, name: str, of_unit: int | None) -> Actor:
    return actor_named(connection, name) if of_unit is None else person_of_unit(connection, name, of_unit)


class StepJudge:
    """Judges the steps of one person in the caller's transaction; who they are is looked up once.

    `of_unit`: they came as that unit's own contact or head, and are nobody else.
    """

    def __init__(
        self, connection: Connection, office: Office, by: str, *, of_unit: int | None = None
    ) -> None:
        self._connection, self._office = connection, office
        self._actor = _actor(connection, by, of_unit)
        self._proofs = {each.code: each.evidence for each in office.rules.classes}

    def after(self, item: Item, step: Step, evidence: Sequence[Evidence] = ()) -> Standing:
        """Where the item would stand; raises TransitionError with a Refusal in its details."""
        terms = Terms(
            calendar=self._office.rules.calendar,
            limits=self._office.rules.limits,
            roles=self._actor.roles_for(item.unit_id),
            quantity=item.quantity,
            proof=self._proofs.get(item.problem_class) if step.event is Event.STRIKE_OFF else None,
        )
        if terms.proof is not None:
            terms = replace(terms, proofs=self._kept(item.number, evidence))
        return advance(item.standing, step, terms)

    def editing(self, item: Item, doing: str) -> None:
        """Raise ForbiddenError unless the person decides for the item's unit."""
        roles = self._actor.roles_for(item.unit_id)
        if not roles & DECIDING:
            raise wrong_role(doing, self._actor.name, in_words(roles), DECIDING)

    def moving(self, unit_id: int | None, doing: str) -> None:
        """Raise ForbiddenError unless they decide for the unit that is to have the item too; None: a new one,
        which only those may bring in who decide for all.
        """
        roles = self._actor.everywhere if unit_id is None else self._actor.roles_for(unit_id)
        if not roles & DECIDING:
            raise wrong_role(doing, self._actor.name, in_words(roles), DECIDING)

    def _kept(self, number: int, evidence: Sequence[Evidence]) -> frozenset[Proof]:
        given = {Proof(each.kind) for each in evidence}
        return kinds_since_submission(self._connection, number) | given
