"""The command that shows who a customer is."""

from collections.abc import Sequence

from attrs import frozen

from clientloop.app import ClientLoop
from clientloop.cli.inbox import inbox_grid
from clientloop.cli.naming import called, customer_named
from clientloop.cli.options import HERE, AsJson, OnScreen, Place
from clientloop.cli.screen import Grid, Screen
from clientloop.cli.timeline import told_insight
from clientloop.cli.times import local
from clientloop.model.accounts import Account, Insight
from clientloop.model.customers import Customer, Identity, Merge
from clientloop.model.feedback import Feedback
from clientloop.model.where import eq, one_of
from clientloop.services.setup.data import as_data

#: How many items, and how much that was learnt, is shown.
_SHOWN = 20


@frozen(kw_only=True)
class Person:
    """What is known of a customer at a glance."""

    #: The customer.
    customer: Customer
    #: The addresses.
    identities: tuple[Identity, ...]
    #: The companies that the person belongs to.
    accounts: tuple[Account, ...]
    #: The merges that made one person of several customers.
    merges: tuple[Merge, ...]
    #: What the firm has learnt last.
    learnt: tuple[Insight, ...]
    #: Items that are open.
    items: tuple[Feedback, ...]


def show(customer: str, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Show who a customer is: addresses and how far they are proved, companies, merges, and the open items.

    Args:
        customer: An id, an e-mail address, a phone number, an id in another system, or the whole name.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        person = read_person(loop, customer_named(loop, customer))
        if json:
            screen.json(as_data(person))
        else:
            tell_person(screen, loop, person)


def read_person(loop: ClientLoop, customer: Customer) -> Person:
    """Look up what is known of a customer."""
    theirs = one_of("customer", customer.ids) & eq("is_open", True)
    return Person(
        customer=customer,
        identities=loop.customers.identities(customer),
        accounts=loop.accounts.of(customer),
        merges=tuple(merge for merge in loop.customers.merges(customer) if merge.undone_at is None),
        learnt=loop.customers.insights(customer, limit=_SHOWN).items,
        items=loop.feedback.list(where=theirs, order="of_customer", limit=_SHOWN).items,
    )


def tell_person(screen: Screen, loop: ClientLoop, person: Person) -> None:
    """Write what is known of a customer."""
    zone, customer = loop.space.zone, person.customer
    screen.line(called(customer), "bold")
    facts = (
        ("id", str(customer.id)),
        ("class", customer.customer_class),
        ("since", local(customer.created_at, zone)),
        ("language", customer.locale),
        ("zone", customer.zone),
        ("company", ", ".join(account.name for account in person.accounts)),
    )
    screen.facts(facts)
    screen.title("Addresses")
    screen.table(_addresses(person.identities))
    _list(screen, "Merged into one", [f"{_by(merge, zone)}: {merge.reason}" for merge in person.merges])
    _list(
        screen, "What the firm has learnt", [f"{local(each.at, zone)}  {told_insight(each)}" for each in person.learnt]
    )
    if person.items:
        screen.title("Open items")
        screen.table(inbox_grid(loop, person.items).without(("customer",)))


def _list(screen: Screen, title: str, lines: Sequence[str]) -> None:
    if lines:
        screen.title(title)
    for line in lines:
        screen.line(f"  {line}")


def _by(merge: Merge, zone: str) -> str:
    return f"{local(merge.at, zone)}  {merge.absorbed} by {merge.by}"


def _addresses(identities: Sequence[Identity]) -> Grid:
    return Grid(
        columns=("kind", "address", "trust", "given as"),
        rows=[
            (each.kind, each.value, each.trust, each.given if each.given != each.value else "") for each in identities
        ],
        spare=("given as",),
    )
