"""What customers are asked, and what they answer."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Unpack
from uuid import UUID

from attrs import evolve

from clientloop.errors import Conflict, InvalidValue, MissingReference, NotFound
from clientloop.model.asking import Answer, Invitation, Question
from clientloop.model.codec import Json
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback
from clientloop.model.page import Page
from clientloop.model.scales import Scale
from clientloop.model.units import Unit
from clientloop.model.where import ALL, eq, ge, lt
from clientloop.rules.asking.dimensions import Dimensions, checked
from clientloop.rules.asking.keys import key_of
from clientloop.rules.asking.reaching import answered, change
from clientloop.rules.asking.superseding import latest_until, place_of
from clientloop.rules.intake.arrival import said_at
from clientloop.rules.loop.receipt import channel_name
from clientloop.services.asking.invited import Invited
from clientloop.services.asking.recording import recorded
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.loop.feedback import FeedbackDesk
from clientloop.services.people.whole import ids_of, rows_of

#: How often an answer is worked out anew, when others write of the same person at the same time.
_TRIES = 10

#: What an answer has of its invitation, where it does not say so itself.
_OF_INVITATION = ("customer", "channel", *Dimensions.__annotations__)


class Questions(Invited):
    """`loop.questions`: what is asked, whom it reached, and what was answered.

    >>> from clientloop import ClientLoop
    >>> with ClientLoop.open("memory:") as loop:
    ...     asked = loop.questions.declare("delivery", instrument="csat", occasion="transactional", scale="1-5")
    ...     ana = loop.customers.add(name="Ana", email="ana@example.com")
    ...     first = loop.questions.answer("delivery", 2, channel="form", customer=ana, text="It was late")
    ...     again = loop.questions.answer("delivery", 5, channel="form", customer=ana, country="SI")
    ...     print([(answer.rating, answer.superseded_at is None) for answer in loop.questions.of(ana)])
    [(5, True), (2, False)]
    """

    def __init__(self, context: Context, feedback: FeedbackDesk) -> None:
        """Work in one space."""
        super().__init__(context)
        self._feedback = feedback

    def answer(
        self,
        question: Question | str,
        rating: int | None = None,
        *,
        channel: str | None = None,
        text: str = "",
        customer: Customer | UUID | str | None = None,
        invitation: Invitation | UUID | str | None = None,
        item: Feedback | UUID | None = None,
        kind: str | None = None,
        origin: str | None = None,
        answered_at: datetime | date | None = None,
        extra: Mapping[str, Json] | None = None,
        **dimensions: Unpack[Dimensions],
    ) -> Answer:
        """Record what somebody answered.

        An earlier answer of the same person to the same question, of whichever version and under whichever id, is
        superseded by it; if it was given before one that is there already, it is superseded itself. Words alone
        supersede no rating, and no rating supersedes them. Answers of persons whom nobody knows supersede nothing.

        Args:
            question: The question, or its name: then the version of the invitation, or else the newest.
            rating: The rating, on the scale that the question declares; None where there are words alone.
            channel: Name of the channel; the invitation's if not given.
            text: The words.
            customer: Who answered; whom the invitation went to if not given.
            invitation: The invitation that is answered; it becomes complete, or partial by words alone.
            item: The feedback that it came with.
            kind: Receive the words as feedback of this kind too, say a "complaint" of somebody who detracts: its loop
                begins, and the answer names the item.
            origin: Its key on the channel; the same key again, for the same question, returns the answer that is there
                already. A form that answers several questions has one key for all.
            answered_at: When, aware; a date is its midnight in the space's zone; the present if not given.
            extra: Whatever else the application keeps.
            dimensions: By what scores are broken down: the fields of `Dimensions`; the invitation's if not given.

        Raises:
            UnknownName: There is no such question, dimension or kind.
            InvalidValue: The rating is outside of the scale, or nothing is said, or the channel, the time, the country
                or the class cannot be one, or the invitation was to another question.
            NotFound: There is no such customer or invitation.
            MissingReference: There is no such item.
            Conflict: Others write of the same person at the same time, again and again.
        """
        person = id_of(customer) if customer else None
        invited = None if invitation is None else self.invitation(invitation)
        asked = self._asked(question, invited)
        if rating is not None:
            Scale.parse(asked.scale).check(rating)
        elif not text.strip():
            raise InvalidValue("an answer that says nothing", hint="give a rating, or text")
        fields = _with(invited, {"customer": person, "channel": channel, **checked(dimensions)})
        if fields["channel"] is None:
            raise InvalidValue("an answer by no channel", hint="name it: channel='form'")
        channel_name(fields["channel"])
        at, impossible = said_at(self._moment(answered_at), self._context.now())
        if impossible:
            raise InvalidValue(f"nobody answers at {answered_at}", hint="check the clock of the source")
        key = None if origin is None else key_of(origin, asked.name)
        bare = Answer(
            space=self._context.space.space, id=self._context.new_id(), question=asked.name, number=asked.number,
            instrument=asked.instrument, occasion=asked.occasion, scale=asked.scale, rating=rating, text=text,
            origin=key, answered_at=at, recorded_at=self._context.now(), item=id_of(item) if item else None,
            invitation=invited.id if invited else None, extra=extra or {},
            **fields,
        )  # fmt: skip
        return self._write(bare if kind is None else self._received(bare, kind))

    def _asked(self, question: Question | str, invited: Invitation | None) -> Question:
        name = question if isinstance(question, str) else self._context.own(question).name
        if invited is None:
            return self.get(name) if isinstance(question, str) else question
        if invited.question != name:
            raise InvalidValue(f"invitation {invited.id} was to {invited.question!r}", hint="answer that question")
        return self.get(name, invited.number)

    def _received(self, answer: Answer, kind: str) -> Answer:
        """The answer with the item that its words are."""
        item = self._feedback.receive(
            kind=kind, channel=answer.channel, text=answer.text, customer=answer.customer, origin=answer.origin,
            received_at=answer.answered_at, rating=answer.rating, scale=answer.scale, product=answer.product,
            employee=answer.employee,
        )  # fmt: skip
        return evolve(answer, item=item.id)

    def _write(self, bare: Answer) -> Answer:
        for attempt in range(_TRIES):
            [answer], unit = recorded(self._context, [bare])
            try:
                self._context.commit(unit + self._of_invitation(answer))
            except MissingReference:
                raise
            except Conflict:
                existing = self._with_origin(bare.channel, bare.origin)
                if existing is not None:
                    return existing
                if attempt == _TRIES - 1:
                    raise
                continue  # somebody else has written of the same person
            return answer
        raise AssertionError("the last attempt returns or raises")

    def _of_invitation(self, answer: Answer) -> Unit:
        if answer.invitation is None:
            return Unit()
        found = self.invitation(answer.invitation)
        at = answer.answered_at or answer.recorded_at
        return Unit(change(found, answered(found, at, rated=answer.rating is not None)))

    def _with_origin(self, channel: str, origin: str | None) -> Answer | None:
        if origin is None:
            return None
        where = eq("channel", channel) & eq("origin", origin)
        page = self._context.store.page(Answer, self._context.space.space, where=where, order="by_origin", limit=1)
        return page.items[0] if page.items else None

    def given(self, answer: Answer | UUID | str) -> Answer:
        """An answer as it is now.

        Raises:
            NotFound: There is none with this id.
        """
        found = self._context.store.get(Answer, (self._context.space.space, id_of(answer)))
        if found is None:
            raise NotFound(f"no answer {id_of(answer)}", hint="`questions.answers()` lists those to a question")
        return found

    def of(self, customer: Customer | UUID | str) -> tuple[Answer, ...]:
        """All answers of a person, under whichever id, the latest first."""
        found = rows_of(self._context, Answer, ids_of(self._context, id_of(customer)), order="of_customer")
        return tuple(sorted(found, key=place_of, reverse=True))

    def answers(
        self,
        question: Question | str,
        *,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        latest: bool = False,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Answer]:
        """A page of the answers to a question, of whichever version, the earliest first; those of unknown time last.

        Args:
            question: The question, or its name.
            since: Only those given at this time or later, aware; a date is its midnight in the space's zone.
            until: Only those given before this time, as of `since`.
            latest: Only the latest rating of each person, the latest words without one, and what persons said whom
                nobody knows: with `until`, of those given before it.
            after: The `next` of the page before.
            limit: How many at most.

        Raises:
            UnknownName: There is no such question.
            InvalidValue: A time names no zone.
        """
        name = self._loaded(question).name
        end = None if until is None else self._moment(until)
        where = eq("question", name)
        where &= ALL if since is None else ge("answered_at", self._moment(since))
        where &= ALL if end is None else lt("answered_at", end)
        where &= latest_until(end) if latest else ALL
        return self._context.store.page(
            Answer, self._context.space.space, where=where, order="by_time", after=after, limit=limit
        )


def _with(invited: Invitation | None, given: Mapping[str, Any]) -> dict[str, Any]:  # Any: each has a type of its own
    """What an answer says, and what its invitation says where it does not."""
    return {name: given.get(name) or getattr(invited, name, None) for name in _OF_INVITATION}
