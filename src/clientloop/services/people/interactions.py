"""Interactions: whatever else happened between firm and customer."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from clientloop.errors import Duplicate, InvalidValue, check_type
from clientloop.model.codec import Json
from clientloop.model.customers import Customer
from clientloop.model.facts import Fact, FactName
from clientloop.model.interactions import Interaction, InteractionKind, Precision, Text
from clientloop.model.money import Money
from clientloop.model.names import named
from clientloop.model.units import Change, Insert, Unit
from clientloop.rules.loop.receipt import channel_name
from clientloop.rules.people.trading import check_signs
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.origins import with_origin


class Interactions:
    """`loop.interactions`: purchases, calls, visits, messages."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def record(
        self,
        *,
        kind: InteractionKind | str,
        channel: str,
        customer: Customer | UUID | None = None,
        occurred_at: datetime | None = None,
        origin: str | None = None,
        money: Money | None = None,
        quantity: int | None = None,
        cost: Money | None = None,
        text: str | None = None,
        source: Mapping[str, Json] | None = None,
        extra: Mapping[str, Json] | None = None,
    ) -> Interaction:
        """Record that something happened.

        Args:
            kind: What sort of thing.
            channel: Name of the channel.
            customer: With whom.
            occurred_at: When, aware; the present if not given.
            origin: Its key on the channel; the same key again, for the same kind, returns what is there already.
            money: Money that changed hands; negative for a return.
            quantity: How many pieces.
            cost: What it had cost the firm, in the currency of the money; negative for a return.
            text: Words that belong to it, such as the note of a call.
            source: Where it came from: campaign, page, advert.
            extra: Whatever else the application keeps.

        Raises:
            MissingReference: There is no such customer.
            UnknownName: There is no such kind.
            InvalidValue: The channel cannot be one, the cost is in another currency than the money, or either has the
                sign of the opposite: a purchase is above zero, a return below.
            Duplicate: The channel has something of another kind under this key.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:", entry_points=False) as loop:
        ...     sold = loop.interactions.record(
        ...         kind=InteractionKind.PURCHASE, channel="shop", money=Money(20_00, "EUR"), cost=Money(12_00, "EUR")
        ...     )
        ...     sold.money
        Money(minor=2000, currency='EUR')
        """
        sort = named(InteractionKind, kind, what="kind of interaction")
        channel_name(channel)
        for amount in (money, cost):
            if amount is not None:
                check_type(amount, Money, hint="give whole cents with their currency: Money(1250, 'EUR')")
        if text is not None:
            check_type(text, str, hint="give the words that belong to it, or leave them out")
        check_signs(sort, money, cost)
        if cost and (money is None or money.currency != cost.currency):
            raise InvalidValue(f"a cost of {cost} for {money or 'no money'}", hint="give both in one currency")
        context, now = self._context, self._context.now()
        interaction = Interaction(
            space=context.space.space, id=context.new_id(), kind=sort, channel=channel, origin=origin,
            customer=None if customer is None else id_of(customer),
            occurred_at=now if occurred_at is None else occurred_at,
            precision=Precision.EXACT, recorded_at=now, amount=money.minor if money else None,
            currency=money.currency if money else None, quantity=quantity,
            cost=cost.minor if cost else None, source={} if source is None else source,
            extra={} if extra is None else extra,
        )  # fmt: skip
        changes: list[Change] = [Insert(interaction)]
        if text:
            changes.append(Insert(Text(space=interaction.space, id=interaction.id, body=text)))
        fact = Fact(FactName.INTERACTION_RECORDED, interaction.space, interaction.id, now, {"kind": sort.value})
        try:
            context.commit(Unit(tuple(changes), (fact,)))
        except Duplicate:
            known = with_origin(context, channel, origin, sort)
            if known is None:
                raise
            return known
        return interaction
