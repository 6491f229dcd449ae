"""Assessments: what the models say of everybody, from sums that the store adds up in as few scans as it can.

Mostly a sum is taken as it is. Two sorts of subjects need a second look, and only these get one: whoever has amounts in
other currencies, and, where a plan folds its sums, whoever is kept under several ids: persons who were merged, and the
persons of a company. What their rows add up to is asked for unfolded, some ids at a time, and put together here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import cast
from uuid import UUID

from attrs import evolve, field, frozen

from clientloop.model.codec import microseconds
from clientloop.model.plan import Group, Plan
from clientloop.model.where import one_of
from clientloop.ports.engine import Engine
from clientloop.ports.relationship import Frame, Place, RelationshipModel
from clientloop.rules.measures.folding import fold, merged
from clientloop.rules.measures.revenue import Rates
from clientloop.services.batches import BATCH, batches, padded
from clientloop.services.collecting import uncollected
from clientloop.services.context import Context
from clientloop.services.relationships.models import model_named
from clientloop.services.relationships.money import Exchange, by_currency, counting_foreign, is_money
from clientloop.services.relationships.subjects import Subjects, customers_of, with_accounts


@frozen(kw_only=True)
class Assessed:
    """What one model says."""

    #: Name of the model.
    name: str
    #: The model, with the firm's parameters.
    model: RelationshipModel
    #: What it was seen by.
    frame: Frame
    #: Whom it was asked about.
    subjects: Subjects
    #: Where it puts each of them, those without a rate excepted.
    places: Mapping[UUID, Place]
    #: Who has amounts in currencies that nobody gave a rate of, and in which: they could be seen by halves alone.
    without_rate: Mapping[UUID, frozenset[str]] = field(factory=dict)

    @property
    def remarks(self) -> Sequence[str]:
        """What is to be known of all places together, in sentences: who was left out, and what the model says."""
        return [*self.missing, *self.model.remarks(self.places.values())]

    @property
    def missing(self) -> Sequence[str]:
        """Who was left out and why, in a sentence; nothing where nobody was."""
        if not self.without_rate:
            return ()
        count, names = len(self.without_rate), ", ".join(sorted(frozenset().union(*self.without_rate.values())))
        return (f"{count} left out: there are amounts in {names}, and no rate; the setting rates takes one",)


def assess(
    context: Context, models: Sequence[str], *, as_of: datetime | None = None, rates: Rates | None = None
) -> Mapping[str, Mapping[UUID, Place]]:
    """Ask models where everybody stands; nothing is written.

    Who is merged into whom, and who belongs to which company, counts as it is now, whatever the time.

    Args:
        context: The space.
        models: Names of the models.
        as_of: The time that the assessment is of, aware; nothing later counts. The present if not given.
        rates: What a unit of each other currency is worth in that of the space; the setting `rates` if not given.

    Returns:
        By model: the place of each subject; whoever has amounts in a currency without a rate is left out.

    Raises:
        UnknownName: There is no such model.
        InvalidValue: The time names no zone.
    """
    frame = frame_of(context, as_of)
    return {each.name: each.places for each in each_assessed(context, models, frame, rates=rates)}


def frame_of(context: Context, as_of: datetime | None = None) -> Frame:
    """What assessments in a space are seen by.

    Args:
        context: The space.
        as_of: The time that they are of, aware; the present if not given.

    Raises:
        InvalidValue: The time names no zone.
    """
    at, space = as_of or context.now(), context.space
    microseconds(at)
    return Frame(as_of=at, zone=space.zone, currency=space.currency)


def each_assessed(
    context: Context, models: Sequence[str], frame: Frame, *, rates: Rates | None = None
) -> Iterator[Assessed]:
    """As `assess`, one model after the other, so that not all that they say is kept at once.

    Args:
        context: The space.
        models: Names of the models.
        frame: What they are seen by.
        rates: As of `assess`.
    """
    found = {name: model_named(context, name) for name in dict.fromkeys(models)}
    customers = customers_of(context)
    whole = with_accounts(context, customers) if any(model.of_accounts for model in found.values()) else customers
    adding = _Adding(context, frame, _rates(context) if rates is None else rates)
    plans = {name: model.plans(frame) for name, model in found.items()}
    asked = {f"{name}.{part}": adding.asked(plan) for name, own in plans.items() for part, plan in own.items()}
    with uncollected():
        groups = dict(Engine().states(context.store, context.space.space, asked))
    for name, model in found.items():
        subjects, own = whole if model.of_accounts else customers, plans[name]
        with uncollected():
            state = {part: adding.state(plan, groups.pop(f"{name}.{part}"), subjects) for part, plan in own.items()}
            without = adding.without_rate()
            if without:
                state = {part: [each for each in own if each.keys[0] not in without] for part, own in state.items()}
            places = model.assess(state, [one for one in subjects.ids if one not in without], frame)
        yield Assessed(
            name=name, model=model, frame=frame, subjects=subjects, places=places, without_rate=without
        )  # fmt: skip


def _rates(context: Context) -> Rates:
    return {name: Fraction(rate) for name, rate in context.settings.rates.items()}


class _Adding:
    """Adds up for models what their plans ask for."""

    def __init__(self, context: Context, frame: Frame, rates: Rates) -> None:
        self._context = context
        self._frame = frame
        self._exchange = Exchange.of(frame.currency, rates)
        self._without: dict[UUID, frozenset[str]] = {}

    def without_rate(self) -> Mapping[UUID, frozenset[str]]:
        """Who was found, since this was last asked, to have amounts without a rate, and in which currencies."""
        found, self._without = self._without, {}
        return found

    def asked(self, plan: Plan) -> Plan:
        """What is asked first: the plan up to the time, and whether amounts are in other currencies."""
        before = self._frame.sees(plan)
        return counting_foreign(before, self._frame.currency) if is_money(plan) else before

    def state(self, plan: Plan, groups: Iterable[Group], subjects: Subjects) -> Sequence[Group]:
        """The groups of a plan by subjects.

        Args:
            plan: The plan, as the model has it.
            groups: What `asked` gave.
            subjects: Who is assessed.
        """
        plain: list[Group] = []
        joint: list[Group] = []
        closer: set[UUID] = set()
        money = is_money(plan)
        for group in groups:
            one = cast(UUID, group.keys[0])
            subject = subjects.labels.get(one, one)
            if subject not in subjects.known:
                continue
            several = subject in subjects.others
            if (money and group.values[-1]) or (several and plan.fold):
                closer.add(subject)
                continue
            values = group.values[:-1] if money else group.values
            (joint if several else plain).append(Group((subject, *group.keys[1:]), values))
        if closer:
            plain = [group for group in plain if group.keys[0] not in closer]
            joint = [group for group in joint if group.keys[0] not in closer]
        return [*plain, *(merged(joint, plan) if joint else ()), *self._closely(plan, sorted(closer), subjects)]

    def _closely(self, plan: Plan, subjects: Sequence[UUID], among: Subjects) -> Iterator[Group]:
        """The groups of subjects that need a second look; only some are held at a time."""
        before, money = self._frame.sees(plan), is_money(plan)
        detail = by_currency(before) if money else evolve(before, fold=None)
        for some in _in_heaps(subjects, among):
            found = self._ask(detail, [one for subject in some for one in (subject, *among.others.get(subject, ()))])
            exact = self._exchange.tiny(self._rated(found, plan, among), plan) if money else found
            theirs = merged((_labelled(group, among) for group in exact), plan)
            yield from fold(self._exchange.minor(theirs, plan) if money else theirs, plan)

    def _rated(self, groups: Iterable[Group], plan: Plan, among: Subjects) -> Iterator[Group]:
        """The groups of amounts that have a rate; whose others are, is kept in mind."""
        for group in groups:
            currency = self._exchange.lacking(group, plan)
            if currency is None:
                yield group
            else:
                subject = cast(UUID, _labelled(group, among).keys[0])
                self._without[subject] = self._without.get(subject, frozenset()) | {currency}

    def _ask(self, plan: Plan, ids: Iterable[UUID]) -> Iterator[Group]:
        """The groups of some ids, as many at a time as fit into one question."""
        store, space, field = self._context.store, self._context.space.space, plan.keys[0].field
        for batch in batches(ids):
            yield from store.aggregate(space, evolve(plan, where=plan.where & one_of(field, padded(batch))))


def _in_heaps(subjects: Iterable[UUID], among: Subjects) -> Iterator[Sequence[UUID]]:
    """Subjects in heaps, each of about so many ids as fit into one question."""
    heap: list[UUID] = []
    size = 0
    for subject in subjects:
        own = 1 + len(among.others.get(subject, ()))
        if heap and size + own > BATCH:
            yield heap
            heap, size = [], 0
        heap.append(subject)
        size += own
    if heap:
        yield heap


def _labelled(group: Group, among: Subjects) -> Group:
    one = cast(UUID, group.keys[0])
    return Group((among.labels.get(one, one), *group.keys[1:]), group.values)
