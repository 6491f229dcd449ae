"""Feedback: received once, moved by its process."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from attrs import frozen

from clientloop.errors import Conflict, InvalidValue, UnknownName, check_type
from clientloop.model.codec import Json
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback, Priority
from clientloop.model.interactions import Attachment, Interaction, InteractionKind, Text
from clientloop.model.names import named
from clientloop.model.where import Where
from clientloop.model.work import Actor
from clientloop.rules.loop.receipt import Words, channel_name
from clientloop.rules.measures.ratings import check_rating
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.loop.answers import Answer, answer_many
from clientloop.services.loop.inbox import Inbox
from clientloop.services.loop.many import Many, ids_among
from clientloop.services.loop.moving import work_out
from clientloop.services.loop.receiving import Said, receipt
from clientloop.services.origins import with_origin
from clientloop.services.outer.bursts import watch
from clientloop.services.people.customers import Customers

#: How often a receipt is worked out anew: two numbers for people in a row that are taken are one in 10^24.
_TRIES = 3


@frozen(kw_only=True)
class File:
    """A file that comes with feedback."""

    #: Its name.
    name: str
    #: Media type (RFC 6838).
    media_type: str
    #: The bytes.
    content: bytes


class FeedbackDesk(Inbox):
    """`loop.feedback`: what customers say, and what becomes of it."""

    def __init__(self, context: Context, customers: Customers) -> None:
        """Work in one space."""
        super().__init__(context)
        self._customers = customers

    def receive(
        self,
        *,
        kind: str,
        channel: str,
        text: str,
        customer: Customer | UUID | None = None,
        subject: str | None = None,
        origin: str | None = None,
        received_at: datetime | None = None,
        reply_to: str | None = None,
        priority: Priority | str | None = None,
        rating: int | None = None,
        scale: str | None = None,
        product: str | None = None,
        category: str | None = None,
        employee: str | None = None,
        follows: Feedback | UUID | None = None,
        source: Mapping[str, Json] | None = None,
        data: Mapping[str, Json] | None = None,
        files: Sequence[File] = (),
        by: str | Actor = "intake",
    ) -> Feedback:
        """Write down what a customer said; the loop of its kind begins.

        Where the firm has set `routing`, its rules give the item a team and an owner, who takes it on by `assign`, and
        may raise its priority.

        Args:
            kind: The kind of feedback: "complaint", "idea", "question", "praise", "referral" or one of a plugin.
            channel: Name of the channel that it came by.
            text: The words.
            customer: Who said it, if that is known.
            subject: One line on top.
            origin: Its key on the channel; the same key again returns the item that is there already.
            received_at: When the customer said it, aware; the present if not given.
            reply_to: The address on the channel that answers go to; the customer's own if not given.
            priority: How urgent it is; by the customer's class if not given.
            rating: A rating that came with it.
            scale: The scale of the rating, such as "1-5"; obligatory with a rating.
            product: The product it is about.
            category: What it is about.
            employee: The employee it is about.
            follows: The closed item that these later words belong to.
            source: Where it came from: campaign, page, advert.
            data: Fields that the kind declares, such as `friend` of a referral.
            files: Files that came with it.
            by: Who recorded it.

        Returns:
            The new item, or the one with the same origin.

        Raises:
            UnknownName: No such kind or priority, or the kind declares no such field.
            InvalidValue: Something cannot be what it claims to be.
            Duplicate: The channel has something under this key that is no feedback, such as a purchase.
        """
        context = self._context
        check_type(kind, str, hint="give the name of a kind, such as 'complaint'")
        loop = context.loop_of(kind)
        channel_name(channel)
        check_type(text, str, hint="give the words that were said")
        if not text.strip():
            raise InvalidValue("feedback without words", hint="give text; a bare rating may say 'rating only'")
        if subject is not None:
            check_type(subject, str, hint="give the line on top of the words, or leave it out")
        check_rating(rating, scale)
        if data is not None:
            check_type(data, Mapping, hint="give the fields of the kind by name")
        for name in data or ():
            if name not in loop.process.fields:
                raise UnknownName.among(name, loop.process.fields, what=f"field of {kind}")
        person = None if customer is None else self._customers.shown(customer)
        space, number, now = context.space.space, context.new_id(), context.now()
        words = _words(
            Interaction(
                space=space, id=number, kind=InteractionKind.FEEDBACK, channel=channel, origin=origin,
                customer=None if customer is None else id_of(customer),  # what is said under an id stays under it
                occurred_at=now if received_at is None else received_at, recorded_at=now,
                source={} if source is None else source,
            ),
            Text(space=space, id=number, subject=subject, body=text),
            files,
        )  # fmt: skip
        if reply_to is None and person is not None:
            reply_to = self._customers.address(person, channel)
        said = Said(
            kind=kind, words=words, person=person, reply_to=reply_to, locale=person.locale if person else None,
            priority=None if priority is None else named(Priority, priority, what="priority"),
            rating=rating, scale=scale, product=product, category=category, employee=employee,
            follows=None if follows is None else id_of(follows), data=data or {},
        )  # fmt: skip
        return self._write(said, Actor.of(by))

    def _write(self, said: Said, actor: Actor, *, tries: int = _TRIES) -> Feedback:
        """Commit a receipt; if its origin is there already, give that item; if another was faster, work it out anew."""
        received = receipt(self._context, said, actor)
        try:
            self._context.commit(received.unit)
        except Conflict:  # its origin, its ref, or the note of the automatic reply to its address
            spoken = said.words.interaction
            existing = with_origin(self._context, spoken.channel, spoken.origin, spoken.kind)
            if existing is not None:
                return self.get(existing.id)
            if tries <= 1:
                raise
            return self._write(said, actor, tries=tries - 1)
        watch(self._context, received.item)
        return received.item

    def move(self, item: Feedback | UUID | str, name: str, *, by: str | Actor, **given: Json) -> Feedback:
        """Make a move of an item's process.

        Args:
            item: The item, its id or its number for people. An item that somebody else has moved since is refused.
            name: The move; `next_moves` tells which there are.
            by: Who makes it; a bare name is somebody of the firm without further rights.
            given: What the move requires: `to`, `cause`, `action`, `reason`, `text`, `date`, … `told="how"` says that
                somebody has told the customer in person; `template="outage"` tells a text of the firm's own.

        Returns:
            The item after the move. Where the customer has to be told first, it stays in its state with `pending` set
            until a channel has taken the message.

        Raises:
            Refused: The state has no such move.
            NotAllowed: The actor lacks the role, or the right to move this item.
            Incomplete: Something is missing; all of it is named.
            UnknownName: The move takes no such field, or there is no such member.
            Conflict: Somebody else moved the item first.
        """
        check_type(name, str, hint="give the name of a move: `next_moves` tells which there are")
        found = self._loaded(item)
        moved = work_out(self._context, found, name, Actor.of(by), given)
        self._context.commit(moved.unit)
        watch(self._context, moved.item, before=found)
        return moved.item

    def answer(
        self,
        items: Where | Iterable[Feedback | UUID],
        *,
        answer: str,
        by: str | Actor,
        text: str | None = None,
        template: str | None = None,
        move: str = "update",
        values: Mapping[str, str] | None = None,
        **given: Json,
    ) -> Many:
        """Tell the customers of many items the same, each personally and once.

        Every item makes the move, guarded and noted in its journal, some hundred in one unit. Of the items with the
        same address, the oldest that can be moved carries the message; the others move without one, also if they are
        answered by a later call, and `told` in their journals says which item it went with. What fails half-way is
        made good by the same call again: it tells those who have not been told under this name.

        Args:
            items: The items, or a condition: then the open items that fulfil it.
            answer: Name of the answer, such as "outage-2026-05-04".
            by: Who tells it.
            text: The words, within the text that the move has for them.
            template: Name of a text of the firm's own, as the setting `texts` has it in several languages; it may speak
                of `$name`, `$ref`, `$product`, `$text` and the `values`.
            move: The move that tells it.
            values: What the template may speak of besides.
            given: What else the move requires.

        Returns:
            Which items were moved with a message of their own, or with that of another, had the answer before, are
            closed, have no address, or were refused and why.

        Raises:
            InvalidValue: The answer has no name, or says nothing.
            UnknownName: There is no such template.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     loop.settings.set("texts", {"en.outage": {"subject": "$ref", "body": "We are back, $name."}})
        ...     ana = loop.customers.add(name="Ana", email="ana@example.com")
        ...     item = loop.feedback.receive(kind="complaint", channel="email", text="It is down", customer=ana)
        ...     report = loop.feedback.answer([item], answer="outage-1", template="outage", by="mia")
        ...     print(len(report.moved), loop.feedback.outbox(item)[0].body)
        1 We are back, Ana.
        """
        told = {**given, "text": text, "template": template}
        wanted = Answer(key=answer, move=move, actor=Actor.of(by), given=told, values=values or {})
        return answer_many(self._context, ids_among(self._context, items), wanted)


def _words(interaction: Interaction, text: Text, files: Sequence[File]) -> Words:
    check_type(files, Iterable, hint="give a list of them: [File(name=..., media_type=..., content=...)]")
    for file in files:
        check_type(file, File, hint="give File(name=..., media_type=..., content=...)")
    attachments = tuple(
        Attachment(
            space=text.space, item=text.id, number=number, name=file.name, media_type=file.media_type,
            content=file.content,
        )
        for number, file in enumerate(files, 1)
    )  # fmt: skip
    return Words(interaction=interaction, text=text, attachments=attachments)
