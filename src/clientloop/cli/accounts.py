"""The commands on accounts: the companies that customers belong to."""

from typing import Annotated

from cyclopts import Parameter

from clientloop.cli.naming import account_named, called, customer_named
from clientloop.cli.options import HERE, AsJson, ByWhom, Moment, OnScreen, Place, in_zone
from clientloop.cli.screen import Cell, Grid, Screen
from clientloop.cli.timeline import told_insight
from clientloop.cli.times import local
from clientloop.model.accounts import Topic
from clientloop.model.customers import CustomerClass
from clientloop.services.people.accounts import Card
from clientloop.services.setup.data import as_data


def listed(
    *,
    name: str = "",
    limit: Annotated[int, Parameter(alias="-n")] = 50,
    after: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """List the accounts by name.

    Args:
        name: Only those with this in their name.
        limit: How many at most.
        after: What the page before gave to go on with.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        page = loop.accounts.find(name, after=after, limit=limit)
        if json:
            return screen.json({"accounts": as_data(page.items), "next": page.next})
        if not page.items:
            return screen.line("There is no account.")
        screen.table(
            Grid(
                columns=("id", "name", "class", "large deal", "since"),
                rows=[
                    (
                        str(account.id),
                        account.name,
                        account.customer_class,
                        "yes" if account.large else "",
                        local(account.created_at, loop.space.zone)[:10],
                    )
                    for account in page
                ],
                spare=("large deal", "class"),
            )
        )
        if page.next:
            screen.copied(f"There are more: --after {page.next}")
        return None


def add(
    name: str,
    /,
    *,
    customer_class: Annotated[CustomerClass | None, Parameter(name="--class")] = None,
    large: bool = False,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Add an account.

    Args:
        name: What the company is called.
        customer_class: How attractive it is as a whole.
        large: A large deal is at stake: the firm wants to know several persons there.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        account = loop.accounts.add(name, customer_class=customer_class, large=large)
        if json:
            return screen.json(as_data(account))
        return screen.line(f"{account.id}  {account.name}")


def show(account: str, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Show what is known of an account: the persons there, aims, trend, competitors, results, and what is remarkable.

    Args:
        account: Its id, or its whole name.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        card = loop.accounts.card(account_named(loop, account))
        if json:
            screen.json(as_data(card))
        else:
            tell_card(screen, card, zone=loop.space.zone)


def tell_card(screen: Screen, card: Card, *, zone: str) -> None:
    """Write what is known of an account.

    Args:
        screen: Where to.
        card: What is known.
        zone: IANA name of the zone of the firm.
    """
    account = card.account
    screen.line(account.name, "bold")
    screen.line(f"  id        {account.id}")
    if account.customer_class:
        screen.line(f"  class     {account.customer_class}")
    for remark in card.remarks:
        screen.pieces("  remark    ", Cell(text=str(remark), style="yellow"))
    if card.persons:
        screen.title("Persons")
        screen.table(
            Grid(
                columns=("name", "post", "since", "id"),
                rows=[
                    (called(each.customer), each.post, local(each.since, zone)[:10], str(each.customer.id))
                    for each in card.persons
                ],
                spare=("id",),
            )
        )
    for topic in Topic:
        if topic in card.known:
            screen.title(topic.value.replace("_", " ").capitalize())
        for insight in card.known.get(topic, ()):
            screen.line(f"  {local(insight.at, zone)}  {insight.text} ({insight.source}; {insight.by})")


def link(
    account: str,
    customer: str,
    /,
    *,
    post: str = "",
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Note that a customer belongs to an account; of one who does already, the post is set anew.

    Args:
        account: Its id, or its whole name.
        customer: Who, named as for `customers show`.
        post: What the person does there.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        company, person = account_named(loop, account), customer_named(loop, customer)
        contact = loop.accounts.link(company, person, post=post)
        if json:
            return screen.json(as_data(contact))
        return screen.line(f"{called(person)} belongs to {company.name}{f', {post}' if post else ''}")


def learn(
    account: str,
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
    """Write down what the firm has learnt of an account; what was known before stays beside it.

    Args:
        account: Its id, or its whole name.
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
        insight = loop.accounts.learn(account_named(loop, account), topic, text, source=source, at=since, by=by)
        if json:
            return screen.json(as_data(insight))
        return screen.line(told_insight(insight))
