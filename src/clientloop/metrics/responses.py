"""How many of those who were asked have answered."""

from collections.abc import Mapping, Sequence
from typing import cast

from attrs import frozen

from clientloop.model.asking import Disposition, Invitation, Occasion
from clientloop.model.plan import Aggregate, How, Key, Plan
from clientloop.model.where import ALL, Where, eq, ne
from clientloop.ports.metric import Metric, Score, State
from clientloop.ports.scoring import share_score
from clientloop.rules.measures.satisfaction import Dispositions, response_rate

ANSWERED = ne("answered_at", None)
#: Its channel, or the application, says that it arrived. An answer tells that as well, but of those alone who answer:
#: where nobody tells it of the others, all who are known to be reached would have answered.
ARRIVED = ne("delivered_at", None)


@frozen(kw_only=True)
class _Invited(Metric):
    """What the metrics of invitations have in common."""

    #: What the questions are about.
    occasion: Occasion
    #: Name of the question; None for all.
    question: str | None = None

    def which(self) -> Where:
        """The invitations that count."""
        return eq("occasion", self.occasion) & (ALL if self.question is None else eq("question", self.question))


@frozen(kw_only=True)
class ResponseRate(_Invited):
    """Answers to the invitations that are known to have arrived, over these.

    Invitations by channels that do not tell what arrived are in neither number, answered or not, and of such a channel
    alone there is no score. Of a form that everybody may fill in, nobody knows how many it reached: there is no score.

    >>> from clientloop.model.plan import Group
    >>> [score] = ResponseRate(occasion=Occasion.RELATIONAL).finalise({"reached": [Group((), (120, 30))]})
    >>> score.value
    0.25
    """

    #: Whether anybody may answer, on a form that is always there: then there is no score.
    passive: bool = False

    def plans(self) -> Mapping[str, Plan]:
        """How many invitations arrived, and how many of these were answered."""
        counts = (Aggregate(How.COUNT), Aggregate(How.COUNT, where=ANSWERED))
        return {"reached": Plan(cls=Invitation, where=self.which() & ARRIVED, aggregates=counts, at="asked_at")}

    def finalise(self, state: State) -> Sequence[Score]:
        """The one score; none where no invitation is known to have arrived."""
        [group] = state["reached"]
        reached, answered = group.values
        return [] if self.passive else share_score(response_rate(answered or 0, reached or 0))


@frozen(kw_only=True)
class Rr1(_Invited):
    """AAPOR's response rate 1, the least of its rates: complete answers of all who may have been to be asked.

    An invitation of which nobody knows yet what became of it counts among these.

    >>> from clientloop.model.plan import Group
    >>> state = {"invited": [Group((Disposition.COMPLETE,), (30,)), Group((Disposition.OPEN,), (70,))]}
    >>> Rr1(occasion=Occasion.RELATIONAL).finalise(state)[0].value
    0.3
    """

    def plans(self) -> Mapping[str, Plan]:
        """How many invitations came to what."""
        return {"invited": Plan(cls=Invitation, where=self.which(), keys=(Key("disposition"),), at="asked_at")}

    def finalise(self, state: State) -> Sequence[Score]:
        """The one score; none where nobody was invited."""
        counts = {cast(Disposition, group.keys[0]): group.values[0] or 0 for group in state["invited"]}
        unknown = counts.pop(Disposition.OPEN, 0) + counts.pop(Disposition.UNKNOWN, 0)
        known = {"complete": 0, **{disposition.value: count for disposition, count in counts.items()}}
        return share_score(Dispositions(**known, unknown=unknown).rr1)
