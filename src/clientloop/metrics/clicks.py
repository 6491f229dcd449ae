"""Who followed a link of a message that reached them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import cast

from attrs import frozen

from clientloop.model.codec import Json
from clientloop.model.customers import Purpose
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.messages import Delivery, DeliveryState
from clientloop.model.plan import Key, Plan
from clientloop.model.where import ALL, Where, contains, eq, ne, one_of
from clientloop.ports.metric import Metric, Score, State
from clientloop.ports.scoring import share_score
from clientloop.rules.asking.reaching import ARRIVED
from clientloop.rules.measures.rates import Share


class Whole(StrEnum):
    """The messages of which the share is taken."""

    #: Those that arrived, as their channels say: messages of channels that do not tell are left out.
    DELIVERED = "delivered"
    #: Those that a channel took and nobody returned, whether or not they arrived: that is known of every channel.
    TAKEN = "taken"


_COUNTED: Mapping[Whole, Where] = {
    Whole.DELIVERED: one_of("state", ARRIVED),
    Whole.TAKEN: ne("state", DeliveryState.FAILED),
}


@frozen(kw_only=True)
class ClickThrough(Metric):
    """Messages of which a link was followed over the messages that were delivered; however often, each counts once.

    A message was delivered if its channel says so. Of a channel that does not tell there is no score, for what it took
    may not have arrived; `whole="taken"` counts all that was taken instead, which is known of every channel alike.

    Programs that say what they are leave no visit, so that they are not counted. A click counts for the period of its
    message, whenever it came.

    >>> from uuid import UUID
    >>> from clientloop.model.plan import Group
    >>> one, other = UUID(int=1), UUID(int=2)
    >>> clicks = [Group(({"message": str(one), "page": page},), (1,)) for page in ("/a", "/b")]
    >>> state = {"delivered": [Group((one,), (1,)), Group((other,), (1,))], "clicked": clicks}
    >>> [(score.value, score.count) for score in ClickThrough().finalise(state)]
    [(0.5, 2)]
    """

    #: Why the messages were sent; None: for whatever but to persons of the firm.
    purpose: Purpose | None = None
    #: Of which messages the share is taken.
    whole: Whole = Whole.DELIVERED
    #: Name of their template; None for all.
    template: str | None = None

    def plans(self) -> Mapping[str, Plan]:
        """The messages that count, and where the visits by their links came from."""
        purpose = ne("purpose", Purpose.INTERNAL) if self.purpose is None else eq("purpose", self.purpose)
        sent = purpose & (ALL if self.template is None else eq("template", self.template))
        clicked = eq("kind", InteractionKind.VISIT) & contains("source", '"message":')
        return {
            "delivered": Plan(cls=Delivery, where=sent & _COUNTED[self.whole], keys=(Key("message"),), at="at"),
            "clicked": Plan(cls=Interaction, where=clicked, keys=(Key("source"),)),
        }

    def finalise(self, state: State) -> Sequence[Score]:
        """The one score; none where nothing is known to be delivered."""
        delivered = {str(group.keys[0]) for group in state["delivered"]}
        # a mapping, as the field of `Interaction`
        clicked = {str(cast(Mapping[str, Json], group.keys[0]).get("message")) for group in state["clicked"]}
        return share_score(Share(len(delivered & clicked), len(delivered)))
