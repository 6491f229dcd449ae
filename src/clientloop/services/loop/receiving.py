"""The receipt of feedback, worked out: the item, where routing puts it, and its acknowledgement."""

from collections.abc import Mapping
from uuid import UUID

from attrs import field, frozen

from clientloop.model.codec import Json
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback, Priority
from clientloop.model.process import NEW
from clientloop.model.work import Actor
from clientloop.rules.loop.draft import Moved
from clientloop.rules.loop.receipt import Words, priority_of, put, receive, title_of
from clientloop.services.context import Context
from clientloop.services.outgoing.automatic import acknowledgement
from clientloop.services.staff.routing import placement


@frozen(kw_only=True)
class Said:
    """What a customer said, and all that is known of it."""

    #: The kind of feedback.
    kind: str
    #: The words, as the interaction that the item is.
    words: Words
    #: Who said it, as shown; None while nobody is known.
    person: Customer | None = None
    #: The address on the channel that answers go to.
    reply_to: str | None = None
    #: The address that it came from, as far as that is known.
    sender: str | None = None
    #: BCP 47 tag of the language to answer in.
    locale: str | None = None
    #: How urgent it is; by the customer's class if not given.
    priority: Priority | None = None
    #: The rating that came with it, on a scale.
    rating: int | None = None
    #: The scale of the rating.
    scale: str | None = None
    #: The product it is about.
    product: str | None = None
    #: What it is about.
    category: str | None = None
    #: The employee it is about.
    employee: str | None = None
    #: The closed item that these later words belong to.
    follows: UUID | None = None
    #: Fields that the kind declares, and what is doubtful.
    data: Mapping[str, Json] = field(factory=dict)


def receipt(context: Context, said: Said, actor: Actor) -> Moved:
    """Work out the receipt of an item, as of now; its ref is drawn anew each time.

    Args:
        context: The space.
        said: What the customer said.
        actor: Who recorded it.

    Raises:
        UnknownName: There is no such kind.
    """
    loop, now, words = context.loop_of(said.kind), context.now(), said.words
    spoken, person = words.interaction, said.person
    customer_class = person.customer_class if person else None
    item = Feedback(
        space=spoken.space, id=spoken.id, ref=context.kit.new_ref(), kind=said.kind, process=loop.process.version,
        state=NEW, priority=priority_of(said.priority, customer_class, context.settings), customer=spoken.customer,
        customer_class=customer_class, channel=spoken.channel, reply_to=said.reply_to, locale=said.locale,
        title=title_of(words.text), received_at=spoken.occurred_at, recorded_at=spoken.recorded_at, state_since=now,
        touched_at=now, original=said.follows, employee=said.employee, product=said.product, category=said.category,
        rating=said.rating, scale=said.scale, data=said.data,
    )  # fmt: skip
    placed = placement(context, item, spoken.source, words.text)
    item = put(loop, item, placed, context.settings, now=now)
    reply = acknowledgement(context, item, sender=said.sender)
    return receive(loop, item, words, actor=actor, kit=context.kit, placed=placed, reply=reply)
