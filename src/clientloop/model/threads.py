"""Which messages belong together: the names by which channels speak of them, and the item that they are about."""

from uuid import UUID

from attrs import frozen

from clientloop.model.record import Index, Personal, record


@record(
    "thread",
    key=("channel", "name"),
    indexes=(Index("of_item", ("item", "channel", "name")),),
    references={"item": "feedback"},
)
@frozen(kw_only=True)
class ThreadName:
    """The name of a message that customers wrote, as answers to it give it, and the item that it is about.

    An answer may come before what it answers: then the name is known, and the message is not.
    """

    #: The space it belongs to.
    space: str
    #: Name of the channel.
    channel: str
    #: What answers call the message: its id on the channel. Programs put the names of machines and people into it.
    name: Personal[str]
    #: The item.
    item: UUID
    #: The interaction that the message is; None while only answers to it are known.
    message: UUID | None = None
    #: Counts changes; guards updates.
    version: int = 1
