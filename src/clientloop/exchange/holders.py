"""Whose a card is: several customers may be one person by now, each with a card that comes again and again."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from clientloop.exchange.cards import SOURCE, Card
from clientloop.exchange.cardwriting import company_lines, kept_by, together, uid_of
from clientloop.model.accounts import Account, Contact
from clientloop.model.customers import Customer, Identity, IdentityKind
from clientloop.model.units import Update
from clientloop.model.where import eq
from clientloop.services.context import Context
from clientloop.services.people.whole import rows_of


def lines_of(context: Context, person: Customer) -> list[str]:
    """What the card of a person says besides name and addresses: the firm's companies, and the lines that were kept."""
    absorbed = _absorbed(context, person)
    return together(_companies(context, person), kept_by(person), *map(kept_by, absorbed.values()))


def updates_by(context: Context, said: Card, person: Customer) -> Iterator[Update]:
    """What a card changes of a person.

    Its lines are kept with the customer that it made. The card that leads says what the person is called; the others,
    of customers who were merged, say that of those alone, so that no card writes over what another has said.

    Args:
        context: The space.
        said: The card.
        person: The customer that the person is shown as.
    """
    if not person.absorbed and not said.changes(person):
        return
    cards, absorbed = _cards(context, person), _absorbed(context, person)
    made = next((one.customer for one in cards if one.value == f"{SOURCE}:{said.uid}"), person.id)
    holder = absorbed.get(made, person)
    own = [one for one in cards if one.customer == holder.id]
    if own and said.uid != uid_of(holder, own):
        return  # a second card of one customer adds its addresses
    named = person if not cards or said.uid == uid_of(person, cards) else holder
    changes: dict[UUID, dict[str, object]] = {named.id: said.fields(named)}
    if said.lines(holder):
        others = [kept_by(one) for one in (person, *absorbed.values()) if one.id != holder.id]
        elsewhere = frozenset(together(_companies(context, person), *others))
        changes.setdefault(holder.id, {}).update(said.lines(holder, elsewhere))
    for one in {person.id: person, holder.id: holder}.values():
        if changes.get(one.id):
            yield Update(Customer, (one.space, one.id), changes[one.id], one.version)


def _cards(context: Context, person: Customer) -> list[Identity]:
    """By which cards a person is known."""
    where = eq("kind", IdentityKind.EXTERNAL)
    known = rows_of(context, Identity, person.ids, where=where, order="by_customer")
    return [one for one in known if one.value.startswith(f"{SOURCE}:")]


def _absorbed(context: Context, person: Customer) -> Mapping[UUID, Customer]:
    rows = (context.store.get(Customer, (person.space, one)) for one in person.absorbed)
    return {row.id: row for row in rows if row is not None}


def _companies(context: Context, person: Customer) -> list[str]:
    """The companies that the firm knows, as lines of a card."""
    contacts = rows_of(context, Contact, person.ids, order="by_customer")
    known = ((context.store.get(Account, (one.space, one.account)), one.post) for one in contacts)
    return [line for account, post in known if account is not None for line in company_lines(account.name, post)]
