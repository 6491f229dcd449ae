"""The class of customers and companies, which sets priorities and deadlines: the stage in the model "abc".

What is written is never decided on here: it follows from the standings, in the same unit as they. The persons of a
company that has a class have the same, unless somebody has said another of them.

Whoever has a word of their own is looked up in the step that writes, and each standing from which a class follows is
guarded by its version: what somebody says at the same moment is never overwritten by what was known before.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeAlias
from uuid import UUID

from attrs import evolve, frozen

from clientloop.model.accounts import Account
from clientloop.model.customers import Customer, CustomerClass
from clientloop.model.plan import Key, Plan
from clientloop.model.relationships import Standing, Subject
from clientloop.model.units import Change, Update
from clientloop.model.where import eq, ne
from clientloop.rules.relationship.standing import has_word
from clientloop.services.batches import in_batches
from clientloop.services.context import Context

#: The model whose stages are the classes.
CLASS_MODEL = "abc"

#: A standing before and after a change; None, if there was none.
Moved: TypeAlias = tuple[Standing | None, Standing]

_CLASSES: Mapping[str, CustomerClass] = {each.value: each for each in CustomerClass}


def class_of(stage: str | None) -> CustomerClass | None:
    """The class that a stage is; a model of the application's own may have stages that are none."""
    return None if stage is None else _CLASSES.get(stage)


def known_classes(context: Context) -> Mapping[UUID, CustomerClass]:
    """The classes of all customers and companies that have one.

    Args:
        context: The space.
    """
    keys = (Key("id"), Key("customer_class"))
    plans = [Plan(cls=cls, where=ne("customer_class", None), keys=keys) for cls in (Customer, Account)]
    groups = chain.from_iterable(context.store.aggregate(context.space.space, plan) for plan in plans)
    return dict(group.keys for group in groups)  # type: ignore[misc]  # an id and a class


@frozen(kw_only=True)
class _Wanted:
    """The class that somebody is to have."""

    #: The class.
    customer_class: CustomerClass | None
    #: The standing from which it follows, as it is stored; None, if there is none yet.
    of: Standing | None
    #: Whether that is the one of the company, so that a word on the person stands in its place.
    by_company: bool = False
    #: The classes that may be overwritten; None for all.
    over: frozenset[CustomerClass | None] | None = None

    def replaces(self, known: CustomerClass | None) -> bool:
        """Whether it is to be written over a class."""
        return known is not self.customer_class and (self.over is None or known in self.over)


def class_changes(
    context: Context,
    moves: Iterable[Moved],
    *,
    persons_of: Callable[[UUID], Iterable[UUID]],
    written: Iterable[Change] = (),
    known: Mapping[UUID, CustomerClass] | None = None,
    given: Mapping[UUID, Customer] | None = None,
) -> Iterator[Update]:
    """What is written of the classes where standings in the model of classes have changed.

    Args:
        context: The space.
        moves: The standings.
        persons_of: The persons who count for a company, those excepted who were given a class before anybody was
            assessed; on whom a word stands is looked up here.
        written: What the unit writes besides: what it changes itself needs no other guard.
        known: The classes that everybody has now; looked up if not given.
        given: Customers as somebody has loaded them: it is these that must not have changed since.
    """
    wanted: dict[type[Customer] | type[Account], dict[UUID, _Wanted]] = {Customer: {}, Account: {}}
    for before, after in moves:
        new = _Wanted(customer_class=class_of(after.stage), of=before)
        wanted[Account if after.sort is Subject.ACCOUNT else Customer][after.subject] = new
        if after.sort is Subject.ACCOUNT:
            had = frozenset({class_of(before.stage if before else None)})
            theirs = evolve(new, by_company=True, over=None if new.customer_class else had)
            for person in persons_of(after.subject):
                wanted[Customer].setdefault(person, theirs)
    guarded = {each.key for each in written if isinstance(each, Update)}
    for cls, each in wanted.items():
        ids = [one for one, want in each.items() if known is None or want.replaces(known.get(one))]
        own = stored(context, CLASS_MODEL, (one for one in ids if each[one].by_company))
        left = [one for one in ids if not has_word(own.get(one), context.now())]
        for record in _loaded(context, cls, left, given or {}):
            want = each[record.id]
            if want.replaces(record.customer_class):
                changes = {"customer_class": want.customer_class}
                yield Update(cls, (record.space, record.id), changes, record.version)
                yield from _guards((want.of, own.get(record.id)), guarded)


def _guards(standings: Iterable[Standing | None], guarded: set[tuple[object, ...]]) -> Iterator[Update]:
    """What is refused where one of these has changed since; each once."""
    for standing in filter(None, standings):
        key = (standing.space, standing.subject, standing.model)
        if key not in guarded:
            guarded.add(key)
            yield Update(Standing, key, {}, standing.version)


def _loaded(
    context: Context, cls: type[Customer] | type[Account], ids: Sequence[UUID], given: Mapping[UUID, Customer]
) -> Iterator[Customer | Account]:
    yield from (given[one] for one in ids if one in given)
    for _, page in in_batches(context, cls, "id", [one for one in ids if one not in given]):
        yield from page


def stored(context: Context, model: str, subjects: Iterable[UUID]) -> Mapping[UUID, Standing]:
    """Where subjects stand in a model, as it is written down; those who were never assessed are absent.

    Args:
        context: The space.
        model: Name of the model.
        subjects: Their ids.
    """
    pages = in_batches(context, Standing, "subject", subjects, where=eq("model", model))
    return {standing.subject: standing for _, page in pages for standing in page}
