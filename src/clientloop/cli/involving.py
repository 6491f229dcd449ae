"""The commands on the persons of a deal: a large sale needs several."""

from clientloop.cli.deals import deal_named
from clientloop.cli.naming import called, customer_named
from clientloop.cli.options import HERE, AsJson, OnScreen, Place
from clientloop.services.setup.data import as_data


def link(
    deal: str,
    customer: str,
    /,
    *,
    part: str = "",
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Note that the firm talks with a person about a deal; of one who is known, the part is set anew.

    Args:
        deal: Its id, or the whole title of an open one.
        customer: The person, named as for `customers show`.
        part: What the person has to do with it: decides, pays, uses.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found, person = deal_named(loop, deal), customer_named(loop, customer)
        noted = loop.deals.add_person(found, person, part=part)
        if json:
            return screen.json(as_data(noted))
        return screen.line(f"{found.title}: {called(person)}{f', {part}' if part else ''}")


def unlink(deal: str, customer: str, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Note that the firm no longer talks with a person about a deal.

    Args:
        deal: Its id, or the whole title of an open one.
        customer: The person, named as for `customers show`.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found, person = deal_named(loop, deal), customer_named(loop, customer)
        loop.deals.remove_person(found, person)
        if json:
            return screen.json(as_data(loop.deals.persons(found)))
        return screen.line(f"{found.title}: no longer with {called(person)}")
