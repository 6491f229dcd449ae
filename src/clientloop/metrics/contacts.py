"""How many of those who look at the contact page write."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, cast

from attrs import field, frozen
from attrs.validators import min_len

from clientloop.model.codec import Json, write_json
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.plan import Aggregate, How, Key, Plan
from clientloop.model.where import AnyOf, contains, eq, one_of
from clientloop.ports.metric import Metric, Scale, Score, State
from clientloop.ports.scoring import in_order
from clientloop.rules.measures.intervals import wilson
from clientloop.rules.measures.rates import Share

CONTACTS = (InteractionKind.FEEDBACK, InteractionKind.MESSAGE_IN)
PER_VISIT = Scale(unit="contacts per visit", low=0)

#: What a score is of: what sources name; nothing, for the whole.
Part = tuple[str | None, ...]


@frozen(kw_only=True)
class ContactConversion(Metric):
    """Messages and feedback that came from a contact page over the visits to it.

    Both are told by the page that their source names, and broken down by what else both sources name: a visit comes by
    one channel, and the message by another. Nobody knows which visit led to which message, so it is a ratio
    of counts: one visit may lead to two messages, and a page whose visits are not all recorded may have more messages
    than visits. Then there is no interval.

    >>> from clientloop.model.plan import Group
    >>> state = {"on the page": [Group(({"page": "/contact"},), (100, 30)), Group(({"page": "/contact/b"},), (9, 9))]}
    >>> [(score.value, score.count) for score in ContactConversion(pages=("/contact",)).finalise(state)]
    [(0.3, 100)]
    """

    #: Each visit is of one channel and kind, and each contact of others.
    not_by: ClassVar[frozenset[str]] = frozenset({"channel", "kind"})

    #: The pages, as visits and messages name them.
    pages: tuple[str, ...] = field(validator=min_len(1))
    #: What the scores are told apart by, as sources name it: "page", "campaign", "advert"; None for one of all.
    dimension: str | None = None

    def plans(self) -> Mapping[str, Plan]:
        """How many visits and how many contacts have each source; the finaliser tells the pages apart exactly."""
        named = AnyOf(tuple(contains("source", f'"page":{write_json(page)}') for page in self.pages))
        visits, contacts = eq("kind", InteractionKind.VISIT), one_of("kind", CONTACTS)
        plan = Plan(
            cls=Interaction,
            where=named & (visits | contacts),
            keys=(Key("source"),),
            aggregates=(Aggregate(How.COUNT, where=visits), Aggregate(How.COUNT, where=contacts)),
            at="occurred_at",
        )
        return {"on the page": plan}

    def finalise(self, state: State) -> Sequence[Score]:
        """The one score, or one for each value of the dimension; none where nobody looked."""
        visits, contacts = Counter[Part](), Counter[Part]()
        for group in state["on the page"]:
            source = cast(Mapping[str, Json], group.keys[0])  # a mapping, as the field of `Interaction`
            if source.get("page") in self.pages:
                seen, wrote = group.values
                visits[self._part(source)] += seen or 0
                contacts[self._part(source)] += wrote or 0
        return [score for part in in_order(visits) for score in _scores(contacts[part], visits[part], part)]

    def _part(self, source: Mapping[str, Json]) -> Part:
        if self.dimension is None:
            return ()
        value = source.get(self.dimension)
        return (None if value is None else str(value),)


def _scores(contacts: int, visits: int, part: Part) -> Iterator[Score]:
    if visits:
        interval = wilson(Share(contacts, visits)) if contacts <= visits else None
        yield Score(value=contacts / visits, count=visits, interval=interval, scale=PER_VISIT, keys=part)
