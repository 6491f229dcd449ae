"""How people name things on the command line: by number, by id, by an address, by a name that only one has."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar
from uuid import UUID

from clientloop.app import ClientLoop
from clientloop.errors import InvalidValue, NotFound
from clientloop.model.accounts import Account
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback
from clientloop.model.improvements import Improvement
from clientloop.model.where import contains, eq
from clientloop.model.work import Actor

#: How many candidates an error lists.
_LISTED = 5


N = TypeVar("N", Customer, Account, Improvement)


def item_named(loop: ClientLoop, text: str, *, by: Actor | None = None) -> Feedback:
    """The item that somebody has named.

    Args:
        loop: The firm.
        text: The number for people, as it may have been typed, or an id.
        by: Who wants to see it; nobody in particular if not given.

    Raises:
        NotFound: There is none.
        NotAllowed: There is one, and `by` may not see it.
    """
    try:
        return loop.feedback.get(text, by=by)
    except (NotFound, InvalidValue):
        hint = "a number has eight signs, like 7K3M9QXA; `clientloop inbox` lists the open items"
        raise NotFound(f"no item {text!r:.80}", hint=hint) from None


def customer_named(loop: ClientLoop, text: str) -> Customer:
    """The customer that somebody has named.

    Args:
        loop: The firm.
        text: An id, an e-mail address, a phone number, an id in another system, or the whole name.

    Raises:
        NotFound: Nobody is called so.
        InvalidValue: Several are: the hint lists them.
    """
    if (number := read_id(text)) is not None:
        return loop.customers.get(number)
    found: tuple[Customer, ...] = next((customers for find in _WAYS if (customers := find(loop, text))), ())
    return _one(found, text, "customer", "customers find --name PART")


def account_named(loop: ClientLoop, text: str) -> Account:
    """The account that somebody has named.

    Args:
        loop: The firm.
        text: An id, or the whole name.

    Raises:
        NotFound: None is called so.
        InvalidValue: Several are: the hint lists them.
    """
    if (number := read_id(text)) is not None:
        return loop.accounts.get(number)
    found = tuple(each for each in loop.accounts.find(text, limit=500) if each.name.casefold() == text.casefold())
    return _one(found, text, "account", "accounts list")


def improvement_named(loop: ClientLoop, text: str) -> Improvement:
    """The improvement that somebody has named.

    Args:
        loop: The firm.
        text: An id, or the whole title.

    Raises:
        NotFound: None is called so.
        InvalidValue: Several are: the hint lists them.
    """
    if (number := read_id(text)) is not None:
        return loop.improvements.get(number)
    every = loop.store.pages(Improvement, loop.space.space, order="by_state")
    found = tuple(each for each in every if each.title.casefold() == text.casefold())
    return _one(found, text, "improvement", "improvements list --state all")


def customers_with(loop: ClientLoop, name: str, limit: int) -> tuple[Customer, ...]:
    """The customers whose name contains a text, each person once.

    Args:
        loop: The firm.
        name: The text; the case of ASCII letters does not matter.
        limit: How many names are looked at, at most.
    """
    page = loop.store.page(
        Customer, loop.space.space, where=contains("name", name), order="by_name", limit=limit
    )  # fmt: skip
    return _persons(loop, page)


def names_of(loop: ClientLoop, customers: Iterable[UUID | None]) -> Mapping[UUID, str]:
    """What customers are called, by their ids; of one without a name, the id."""
    found = ((number, loop.customers.get(number)) for number in {*customers} if number is not None)
    return {number: called(customer) for number, customer in found}


def called(customer: Customer) -> str:
    """What a customer is called, in one word or two."""
    return customer.name or str(customer.id)


def _with_name(loop: ClientLoop, text: str) -> tuple[Customer, ...]:
    page = loop.store.page(
        Customer, loop.space.space, where=eq("name", text.strip()), order="by_name", limit=_LISTED + 1
    )
    return _persons(loop, page)


def _persons(loop: ClientLoop, customers: Iterable[Customer]) -> tuple[Customer, ...]:
    """Each person once, as it is shown."""
    shown = map(loop.customers.shown, customers)
    return tuple({customer.id: customer for customer in shown}.values())


def _addressed(kind: str) -> Callable[[ClientLoop, str], tuple[Customer, ...]]:
    def find(loop: ClientLoop, text: str) -> tuple[Customer, ...]:
        try:
            return loop.customers.find(**{kind: text})
        except InvalidValue:  # it is no such address, but perhaps something else
            return ()

    return find


#: The ways in which a customer is looked for, one after the other.
_WAYS = (_with_name, _addressed("email"), _addressed("phone"), _addressed("external"))


def _one(found: tuple[N, ...], text: str, what: str, listing: str) -> N:
    if len(found) > 1:
        listed = "; ".join(f"{each.id} {_name(each)}".rstrip() for each in found[:_LISTED])
        raise InvalidValue(f"several {what}s are called {text!r:.80}", hint=f"give an id: {listed}")
    for only in found:
        return only
    raise NotFound(f"no {what} {text!r:.80}", hint=f"`clientloop {listing}` lists those there are")


def _name(record: Customer | Account | Improvement) -> str:
    return record.title if isinstance(record, Improvement) else record.name


def read_id(text: str) -> UUID | None:
    """The id that a text is, if it is one."""
    try:
        return UUID(text)
    except ValueError:
        return None
