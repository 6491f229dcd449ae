"""The commands on customers: find one, add one, keep what was learnt, hand out all that is kept of one."""

from collections.abc import Iterable
from typing import Annotated

from cyclopts import Parameter

from clientloop.app import ClientLoop
from clientloop.cli.naming import customer_named, customers_with
from clientloop.cli.options import HERE, AsJson, ByWhom, Moment, OnScreen, Place, in_zone
from clientloop.cli.screen import Grid
from clientloop.cli.timeline import told_insight
from clientloop.cli.times import local
from clientloop.errors import InvalidValue
from clientloop.model.accounts import Topic
from clientloop.model.customers import Customer, CustomerClass, Trust
from clientloop.model.page import check_limit
from clientloop.services.setup.data import as_data


def find(
    *,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    external: str | None = None,
    limit: Annotated[int, Parameter(alias="-n")] = 20,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Find customers by what is known of them; customers who are one person come once.

    Args:
        name: A part of the name.
        email: An e-mail address.
        phone: A phone number; without `+` it is read in the firm's region.
        external: The id in another system, such as shop:42.
        limit: How many at most.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    if not any((name, email, phone, external)):
        raise InvalidValue("nothing to look for", hint="give --name, --email, --phone or --external")
    check_limit(limit)
    with place.open() as loop:
        addressed = loop.customers.find(email=email, phone=phone, external=external)
        named = customers_with(loop, name, limit) if name else ()
        found = tuple({customer.id: customer for customer in (*addressed, *named)}.values())[:limit]
        if json:
            screen.json({"customers": as_data(found)})
        elif found:
            screen.table(customers_grid(loop, found))
        else:
            screen.line("Nobody was found.")


def customers_grid(loop: ClientLoop, customers: Iterable[Customer]) -> Grid:
    """Customers as a table."""
    return Grid(
        columns=("id", "name", "class", "addresses", "since"),
        rows=[
            (
                str(customer.id),
                customer.name,
                customer.customer_class,
                ", ".join(identity.value for identity in loop.customers.identities(customer)),
                local(customer.created_at, loop.space.zone)[:10],
            )
            for customer in customers
        ],
        cut="addresses",
        spare=("since", "class"),
    )


def add(
    name: str,
    /,
    *,
    email: str | None = None,
    phone: str | None = None,
    handle: str | None = None,
    external: str | None = None,
    customer_class: Annotated[CustomerClass | None, Parameter(name="--class")] = None,
    locale: str | None = None,
    zone: str | None = None,
    trust: Trust = Trust.ASSERTED,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Add a customer, or find the one that it certainly is.

    Args:
        name: What the person is called.
        email: An e-mail address.
        phone: A phone number; without `+` it is read in the firm's region.
        handle: A name on a messenger.
        external: The id in another system, such as shop:42.
        customer_class: How attractive the person is.
        locale: BCP 47 tag of the language to write in.
        zone: IANA name of the zone that the person lives in.
        trust: How far the addresses are proved; asserted if not given, as somebody types what the customer said.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        customer = loop.customers.add(
            name=name, email=email, phone=phone, handle=handle, external=external, trust=trust,
            customer_class=customer_class, locale=locale, zone=zone,
        )  # fmt: skip
        if json:
            return screen.json(as_data(customer))
        return screen.line(f"{customer.id}  {customer.name}")


def change(
    customer: str,
    /,
    *,
    name: str | None = None,
    customer_class: Annotated[CustomerClass | None, Parameter(name="--class")] = None,
    locale: str | None = None,
    zone: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Change what is known of a customer; what is not given stays.

    Args:
        customer: An id, an e-mail address, a phone number, an id in another system, or the whole name.
        name: What the person is called from now on.
        customer_class: How attractive the person is.
        locale: BCP 47 tag of the language to write in.
        zone: IANA name of the zone that the person lives in.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        changed = loop.customers.change(customer_named(loop, customer), name=name, locale=locale, zone=zone)
        if customer_class is not None:
            changed = loop.customers.set_class(changed, customer_class)
        if json:
            return screen.json(as_data(changed))
        return screen.line(f"{changed.id}  {changed.name}")


def learn(
    customer: str,
    topic: Topic,
    text: str,
    /,
    *,
    source: str,
    at: Moment | None = None,
    by: ByWhom,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Write down what the firm has learnt of a customer; what was known before stays beside it.

    Args:
        customer: An id, an e-mail address, a phone number, an id in another system, or the whole name.
        topic: What it is about.
        text: What was learnt.
        source: How the firm knows: a talk, the site, a report.
        at: Since when it is known, in the firm's zone; now if not given.
        by: Who writes it down.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        since = None if at is None else in_zone(at, loop.space.zone)
        insight = loop.customers.learn(customer_named(loop, customer), topic, text, source=source, at=since, by=by)
        if json:
            return screen.json(as_data(insight))
        return screen.line(told_insight(insight))


def export(customer: str, /, *, place: Place = HERE, screen: OnScreen) -> None:
    """Write everything that is kept of a person as JSON, under whichever ids.

    Args:
        customer: An id, an e-mail address, a phone number, an id in another system, or the whole name.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        screen.raw(loop.customers.export(customer_named(loop, customer)))
