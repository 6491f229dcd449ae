"""One answer to many: each customer is told personally, in the language and with the name of each, and only once.

Who is a customer, the address decides: of several items with the same address, the oldest that can be moved carries the
message, and the others make the same move without one, noting which item it went with.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import Json
from clientloop.model.feedback import Feedback, Transition
from clientloop.model.where import IsNone, one_of
from clientloop.model.work import Actor
from clientloop.rules.loop.draft import Moved
from clientloop.rules.loop.wording import speaks
from clientloop.services.batches import batches, padded
from clientloop.services.context import Context
from clientloop.services.loop.many import Fate, Judge, Many, move_many
from clientloop.services.loop.moving import personal_words, work_out

#: A channel, and the address on it.
_Address: TypeAlias = tuple[str, str | None]


@frozen(kw_only=True)
class Answer:
    """What customers are told."""

    #: Its name: whoever has had the answer of this name is not told again.
    key: str
    #: The move that tells it.
    move: str
    #: Who tells it.
    actor: Actor
    #: What is given with the move.
    given: Mapping[str, Json]
    #: What its template may speak of besides.
    values: Mapping[str, str]


@frozen(kw_only=True)
class _Told:
    """Who has had an answer."""

    #: The space.
    context: Context
    #: The items that have had it.
    items: set[UUID] = field(factory=set)
    #: The addresses that have had it, each with the number of the item that it went with.
    addresses: dict[_Address, str] = field(factory=dict)

    def add(self, item: Feedback) -> None:
        """An item has had it."""
        self.items.add(item.id)
        if item.reply_to is not None:
            self.addresses.setdefault(_address(self.context, item), item.ref)

    def among(self, items: Iterable[Feedback]) -> "_Told":
        """What concerns some items."""
        there = {_address(self.context, item) for item in items} & self.addresses.keys()
        ids = {item.id for item in items} & self.items
        return _Told(context=self.context, items=ids, addresses={address: self.addresses[address] for address in there})

    def fate(self, item: Feedback) -> Fate:
        """What is to become of an item."""
        if item.id in self.items:
            return Fate.BEFORE
        if not item.is_open:
            return Fate.CLOSED
        if item.reply_to is None:
            return Fate.UNREACHABLE
        return Fate.WITH_ANOTHER if _address(self.context, item) in self.addresses else Fate.MOVED


def answer_many(context: Context, ids: Sequence[UUID], answer: Answer) -> Many:
    """Tell the customers of some items the same.

    Args:
        context: The space.
        ids: The items; the oldest of them are told first.
        answer: What they are told.

    Raises:
        InvalidValue: The answer has no name, or says nothing.
        UnknownName: There is no such template.
    """
    if not answer.key:
        raise InvalidValue(
            "an answer without a name", hint='give answer="outage-2026-05-04", so that none gets it twice'
        )
    template = answer.given.get("template")
    if template is not None:
        context.kit.render(template, None, {})
    elif not answer.given.get("text"):
        raise InvalidValue("an answer without words", hint="give text, or template with the name of a text of yours")

    said = _Told(context=context)
    earlier: dict[_Address, list[Feedback]] = {}

    def prepare(items: Sequence[Feedback]) -> Judge:
        addresses = {_address(context, item) for item in items} - said.addresses.keys()
        _learn(context, said, items, answer.key, [one for address in addresses for one in earlier.get(address, ())])
        told = said.among(items)  # what is judged here may not be committed
        words = personal_words(context, items) if template is not None else {}

        for item in items:
            earlier.setdefault(_address(context, item), []).append(item)

        def judge(item: Feedback) -> tuple[Fate, Moved] | Fate:
            return _judge(context, item, answer, told=told, words={**words.get(item.id, {}), **answer.values})

        return judge

    return move_many(context, sorted(ids), prepare)


def foretell(context: Context, items: Iterable[Feedback], key: str) -> Iterator[tuple[Feedback, Fate]]:
    """What would become of items by an answer, as far as their processes have its move; nothing is written.

    Args:
        context: The space.
        items: The items.
        key: Name of the answer.
    """
    said = _Told(context=context)
    for batch in batches(sorted(items, key=lambda item: item.id)):
        _learn(context, said, batch, key)
        for item in batch:
            fate = said.fate(item)
            yield item, fate
            if fate is Fate.MOVED:
                said.add(item)


def _judge(
    context: Context, item: Feedback, answer: Answer, *, told: _Told, words: Mapping[str, str]
) -> tuple[Fate, Moved] | Fate:
    fate = told.fate(item)
    if fate in {Fate.BEFORE, Fate.CLOSED}:
        return fate
    row = context.loop_of(item.kind, item.process).row(item.state, answer.move)
    if not speaks(row):
        raise InvalidValue(f"the move {answer.move!r} tells the customer nothing")
    given = {**answer.given, "answer": answer.key}
    if given.get("told"):
        fate = Fate.MOVED
    elif fate is Fate.UNREACHABLE:
        return fate
    elif fate is Fate.WITH_ANOTHER:
        given["told_with"] = told.addresses[_address(context, item)]
        given["told"] = f"answer {answer.key} with {given['told_with']}"
    moved = work_out(context, item, answer.move, answer.actor, given, words=words)
    told.add(item)
    return fate, moved


def _address(context: Context, item: Feedback) -> _Address:
    """Where an answer to an item goes: what came by a form and what came by e-mail may meet in one mailbox."""
    to = item.reply_to
    return (item.channel if to is None else context.plugins.answers_by(item.channel, to)), to


def _learn(
    context: Context, said: _Told, items: Sequence[Feedback], key: str, besides: Iterable[Feedback] = ()
) -> None:
    """Note which items, and which of their addresses, have had the answer of this name, as the journals say.

    Other items of the same customers are looked up where an address is not known to have had it; `besides` has those of
    the same addresses that were seen already.
    """
    fresh = [item for item in items if _address(context, item) not in said.addresses]
    known = {item.id: item for item in (*besides, *_siblings(context, fresh), *items)}
    for batch in batches(sorted(known)):
        where = one_of("item", padded(batch))
        for row in context.store.pages(Transition, context.space.space, where=where):
            if row.data.get("answer") == key:
                said.add(known[row.item])


def _siblings(context: Context, items: Sequence[Feedback]) -> Iterator[Feedback]:
    """Other items of the same customers; where nobody knows who it was, those with the same address."""
    addresses = {_address(context, item) for item in items if item.reply_to is not None}
    customers = {item.customer for item in items if item.customer is not None}
    unknown = {item.reply_to for item in items if item.customer is None and item.reply_to is not None}
    questions = [one_of("customer", padded(batch)) for batch in batches(customers)]
    questions += [IsNone("customer") & one_of("reply_to", padded(batch)) for batch in batches(unknown)]
    for where in questions:
        found = context.store.pages(Feedback, context.space.space, where=where, order="of_customer")
        yield from (item for item in found if _address(context, item) in addresses)
