"""The reports row by row: contacts, events, feedback, answers."""

from collections.abc import Sequence

from clientloop.cli.naming import customer_named
from clientloop.cli.options import HERE, Moment, OnScreen, Place, in_zone
from clientloop.cli.tabling import Shape
from clientloop.reports.events import EventFilter, EventSort

#: A table as it is usually shown.
USUAL = Shape()

_CONTACTS = {
    "name": "name",
    "email": "e-mail",
    "phone": "phone",
    "accounts": "companies",
    "posts": "posts",
    "allows": "allows",
    "forbids": "forbids",
    "last_contact": "last contact",
}

_EVENTS = {
    "at": "when",
    "sort": "sort",
    "what": "what",
    "channel": "channel",
    "name": "customer",
    "employee": "employee",
    "ref": "item",
    "money.minor": "amount",
    "about": "about",
}

_FEEDBACK = {
    "received_at": "received",
    "ref": "item",
    "kind": "kind",
    "channel": "channel",
    "state": "state",
    "name": "customer",
    "rating": "rating",
    "text": "text",
}

_ANSWERS = {
    "answered_at": "answered",
    "question": "question",
    "channel": "channel",
    "country": "country",
    "name": "customer",
    "rating": "rating",
    "scale": "scale",
    "text": "text",
}


def contacts(*, shape: Shape = USUAL, place: Place = HERE, screen: OnScreen) -> None:
    """Report how each customer can be reached, what they allow, and when they were last heard of.

    Args:
        shape: What of it to show.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        shape.show(loop, screen, loop.reports.contacts(), _CONTACTS)


def events(
    *,
    since: Moment | None = None,
    until: Moment | None = None,
    sort: Sequence[EventSort] = (),
    what: str | None = None,
    channel: str | None = None,
    customer: str | None = None,
    employee: str | None = None,
    shape: Shape = USUAL,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Report what happened in a period: interactions, moves of feedback, and contacts that were planned for it.

    Args:
        since: Only events at this time or later, in the firm's zone.
        until: Only events before this time.
        sort: Only events of this sort.
        what: Only this kind of event: purchase, call, answer, and so on.
        channel: Only events on this channel.
        customer: Only events with this customer.
        employee: Only what this member of the firm did, or is to do.
        shape: What of it to show.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        zone = loop.space.zone
        wanted = EventFilter(
            sorts=tuple(sort) or tuple(EventSort),
            what=what,
            channel=channel,
            customer=None if customer is None else customer_named(loop, customer).id,
            employee=employee,
        )
        table = loop.reports.events(
            since=None if since is None else in_zone(since, zone),
            until=None if until is None else in_zone(until, zone),
            wanted=wanted,
        )
        shape.show(loop, screen, table, _EVENTS)


def feedback(
    *,
    since: Moment | None = None,
    until: Moment | None = None,
    shape: Shape = USUAL,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Report feedback row by row, with words and ratings, the earliest recorded first.

    Args:
        since: Only items received at this time or later, in the firm's zone.
        until: Only items received before this time.
        shape: What of it to show.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        zone = loop.space.zone
        listing = loop.reports.feedback(
            since=None if since is None else in_zone(since, zone),
            until=None if until is None else in_zone(until, zone),
        )
        shape.show(loop, screen, listing, _FEEDBACK)


def answers(
    *,
    question: str | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    shape: Shape = USUAL,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Report answers to questions row by row, with words, ratings and dimensions.

    Args:
        question: Only answers to this question.
        since: Only answers given at this time or later, in the firm's zone.
        until: Only answers given before this time.
        shape: What of it to show.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        zone = loop.space.zone
        listing = loop.reports.answers(
            question=question,
            since=None if since is None else in_zone(since, zone),
            until=None if until is None else in_zone(until, zone),
        )
        shape.show(loop, screen, listing, _ANSWERS)
