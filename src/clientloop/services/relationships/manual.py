"""Somebody's word on where a subject stands, beside what the model says."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from attrs import evolve, frozen

from clientloop.errors import InvalidValue, NotFound
from clientloop.model.accounts import Account, Contact
from clientloop.model.customers import Customer
from clientloop.model.relationships import Direction, Standing, Subject
from clientloop.model.units import Change, Unit
from clientloop.model.where import eq
from clientloop.plugins.spec import Sort
from clientloop.rules.relationship.standing import Compass, Course, expired, has_expired, told, untold, whose_stage
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.leases import ENDS, waking
from clientloop.services.people.whole import shown_as
from clientloop.services.relationships.classes import CLASS_MODEL, class_changes
from clientloop.services.relationships.models import model_named
from clientloop.services.relationships.reassessing import changes_of, facts_of
from clientloop.services.relationships.subjects import company_of

#: A customer or a company, or the id of one.
Whom: TypeAlias = Customer | Account | UUID | str


@frozen
class Named:
    """A subject that somebody has named."""

    #: Its id; of a customer who was merged into another, that of the other.
    id: UUID
    #: Whether it is a person or a company.
    sort: Subject
    #: The customer that must not have changed since; None if it may have.
    customer: Customer | None = None


def subject_named(context: Context, subject: Whom) -> Named:
    """Who is meant.

    Args:
        context: The space.
        subject: A customer or a company, or the id of one.

    Raises:
        NotFound: There is none in this space.
    """
    if isinstance(subject, Account):
        return Named(context.own(subject).id, Subject.ACCOUNT)
    key = (context.space.space, id_of(subject))
    customer = context.own(subject) if isinstance(subject, Customer) else context.store.get(Customer, key)
    if customer is not None:
        return Named(shown_as(context, customer).id, Subject.CUSTOMER)
    if context.store.get(Account, key) is None:
        hint = "look for one by customers.find(email=...) or accounts.find('part of its name')"
        raise NotFound(f"no customer or account {id_of(subject)}", hint=hint)
    return Named(id_of(subject), Subject.ACCOUNT)


def say(
    context: Context,
    subject: Named,
    model: str,
    stage: str,
    *,
    by: str,
    reason: str,
    until: datetime | None = None,
) -> Standing:
    """Have somebody's word stand in place of what a model says.

    Args:
        context: The space.
        subject: Of whom.
        model: Name of the model.
        stage: The stage; whether the model has it was checked.
        by: Who says so.
        reason: Why.
        until: Until when it stands, aware; None for as long as nobody takes it back.

    Raises:
        InvalidValue: It would have ended already.
        Conflict: Somebody else changed the standing, or the customer, at the same time.
    """
    now = context.now()
    if has_expired(until, now):
        raise InvalidValue(f"a word that stands until {until}", hint="give a time that is still to come, or none")
    return _change(
        context, subject, model,
        lambda course, compass: told(
            course, stage=stage, by=by, reason=reason, until=until, now=now, compass=compass
        ),
        () if until is None else waking(context, ENDS, until),
    )  # fmt: skip


def unsay(context: Context, subject: Named, model: str, *, by: str, reason: str | None = None) -> Standing:
    """Take somebody's word back; what the model says stands again.

    Args:
        context: The space.
        subject: Of whom.
        model: Name of the model.
        by: Who takes it back.
        reason: Why.

    Raises:
        Conflict: Somebody else changed the standing, or the customer, at the same time.
    """
    now = context.now()
    return _change(
        context, subject, model,
        lambda course, compass: untold(course, by=by, reason=reason, now=now, compass=compass),
    )  # fmt: skip


def end(context: Context, subject: Named, model: str) -> Standing:
    """Write down that somebody's word has ended, as of its end; nothing, if it has not.

    Args:
        context: The space.
        subject: Of whom.
        model: Name of the model.

    Raises:
        Conflict: Somebody else changed the standing, or the customer, at the same time.
    """
    now = context.now()
    return _change(context, subject, model, lambda course, compass: expired(course, now=now, compass=compass))


def _change(
    context: Context,
    subject: Named,
    model: str,
    change: Callable[[Course, Compass], Course],
    more: Iterable[Change] = (),
) -> Standing:
    """Write what becomes of a standing, and of the class that it may be, and what else there is."""
    key = (context.space.space, subject.id, model)
    before = context.store.get(Standing, key)
    course = change(Course(standing=before or first_of(context, subject, model)), compass_of(context, model))
    after = course.standing
    changes = list(changes_of(before, course))
    if model == CLASS_MODEL:
        given: Mapping[UUID, Customer] = {} if subject.customer is None else {subject.id: subject.customer}
        persons = _persons(context)
        moved = (before, with_stage_of_company(context, after))
        changes += class_changes(context, [moved], persons_of=persons, written=tuple(changes), given=given)
    if not changes:
        return after
    context.commit(Unit((*changes, *more), tuple(facts_of(course.history))))
    return after if before is None else evolve(after, version=before.version + 1)


def with_stage_of_company(context: Context, standing: Standing) -> Standing:
    """As it is; of a person on whom no word stands, and who counts for a company, with the stage of the company."""
    company = whose_stage(standing.explanation, worded=standing.manual is not None)
    theirs = None if company is None else context.store.get(Standing, (standing.space, company, standing.model))
    if theirs is None:
        return standing
    ended = has_expired(theirs.manual_until, context.now())
    return evolve(standing, stage=theirs.automatic if ended else theirs.stage)


def first_of(context: Context, subject: Named, model: str) -> Standing:
    """The standing of somebody who has none yet."""
    now = context.now()
    return Standing(
        space=context.space.space, subject=subject.id, sort=subject.sort, model=model, since=now, as_of=now
    )  # fmt: skip


def compass_of(context: Context, model: str) -> Compass:
    """Which way is up in a model; where an application has taken the model away, there is no way."""
    if model not in context.parts.registry.names(Sort.RELATIONSHIP_MODEL):
        return lambda before, now: Direction.SAME
    return model_named(context, model).direction


def _persons(context: Context) -> Callable[[UUID], Iterable[UUID]]:
    """The persons who count for a company, those excepted who were given a class before anybody was assessed."""

    def persons_of(company: UUID) -> Iterable[UUID]:
        space = context.space.space
        account = context.store.get(Account, (space, company))
        theirs = {None, None if account is None else account.customer_class}
        for contact in tuple(context.store.pages(Contact, space, where=eq("account", company))):
            customer = context.store.get(Customer, (space, contact.customer))
            shown = None if customer is None else shown_as(context, customer)
            if shown is None or company_of(context, shown) != company:
                continue
            own = context.store.get(Standing, (space, shown.id, CLASS_MODEL))
            # else it becomes a word by the first assessment
            if own is not None or shown.customer_class in theirs:
                yield shown.id

    return persons_of
