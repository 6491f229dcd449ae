"""The class of customers and companies, which sets priorities and deadlines: the stage in the model "abc".

What is written is never decided on here: it follows from the standings, in the same unit as they. The persons of a
company that has a class have the same, unless somebody has said another of them.
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
from clientloop.model.units import Update
from clientloop.model.where import ne
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
    known: Mapping[UUID, CustomerClass] | None = None,
    given: Mapping[UUID, Customer] | None = None,
) -> Iterator[Update]:
    """What is written of the classes where standings in the model of classes have changed.

    Args:
        context: The space.
        moves: The standings.
        persons_of: The persons who count for a company, those excepted of whom somebody has said a class.
        known: The classes that everybody has now; looked up if not given.
        given: Customers as somebody has loaded them: it is these that must not have changed since.
    """
    wanted: dict[type[Customer] | type[Account], dict[UUID, _Wanted]] = {Customer: {}, Account: {}}
    for before, after in moves:
        new = _Wanted(customer_class=class_of(after.stage))
        wanted[Account if after.sort is Subject.ACCOUNT else Customer][after.subject] = new
        if after.sort is Subject.ACCOUNT:
            had = frozenset({class_of(before.stage if before else None)})
            theirs = new if new.customer_class else evolve(new, over=had)
            wanted[Customer] |= dict.fromkeys(persons_of(after.subject), theirs)
    for cls, each in wanted.items():
        ids = [one for one, want in each.items() if known is None or want.replaces(known.get(one))]
        for record in _loaded(context, cls, ids, given or {}):
            want = each[record.id]
            if want.replaces(record.customer_class):
                changes = {"customer_class": want.customer_class}
                yield Update(cls, (record.space, record.id), changes, record.version)


def _loaded(
    context: Context, cls: type[Customer] | type[Account], ids: Sequence[UUID], given: Mapping[UUID, Customer]
) -> Iterator[Customer | Account]:
    yield from (given[one] for one in ids if one in given)
    for _, page in in_batches(context, cls, "id", [one for one in ids if one not in given]):
        yield from page
