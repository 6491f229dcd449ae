"""Who followed a link of a message that reached them."""

from collections.abc import Mapping, Sequence
from typing import cast

from attrs import frozen

from clientloop.model.codec import Json
from clientloop.model.customers import Purpose
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.messages import Delivery, DeliveryState
from clientloop.model.plan import Key, Plan
from clientloop.model.where import ALL, contains, eq, ne, one_of
from clientloop.ports.metric import Metric, Score, State
from clientloop.ports.scoring import share_score
from clientloop.rules.measures.rates import Share

#: Taken by the channel, and not returned: most channels tell no more of what has arrived.
DELIVERED = (DeliveryState.ACCEPTED, DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ)


@frozen(kw_only=True)
class ClickThrough(Metric):
    """Messages of which a link was followed over the messages that were delivered; however often, each counts once.

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
    #: Name of their template; None for all.
    template: str | None = None

    def plans(self) -> Mapping[str, Plan]:
        """The messages that were delivered, and where the visits by their links came from."""
        purpose = ne("purpose", Purpose.INTERNAL) if self.purpose is None else eq("purpose", self.purpose)
        sent = purpose & (ALL if self.template is None else eq("template", self.template))
        clicked = eq("kind", InteractionKind.VISIT) & contains("source", '"message":')
        return {
            "delivered": Plan(cls=Delivery, where=sent & one_of("state", DELIVERED), keys=(Key("message"),), at="at"),
            "clicked": Plan(cls=Interaction, where=clicked, keys=(Key("source"),)),
        }

    def finalise(self, state: State) -> Sequence[Score]:
        """The one score; none where nothing was delivered."""
        delivered = {str(group.keys[0]) for group in state["delivered"]}
        # a mapping, as the field of `Interaction`
        clicked = {str(cast(Mapping[str, Json], group.keys[0]).get("message")) for group in state["clicked"]}
        return share_score(Share(len(delivered & clicked), len(delivered)))
