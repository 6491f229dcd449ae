"""The command that finds items by what was said."""

from typing import Annotated

from cyclopts import Parameter

from clientloop.cli.inbox import inbox_grid
from clientloop.cli.options import HERE, AsJson, OnScreen, Place
from clientloop.services.setup.data import as_data


def search(
    *words: str,
    limit: Annotated[int, Parameter(alias="-n")] = 20,
    after: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Find items, open and closed, by the words of the customer; the latest come first.

    All words must occur; case and accents do not matter. A star, refund*, stands for every ending; words in double
    quotes, '"not working"', follow one another.

    Args:
        words: The words; quote stars and double quotes, as shells read them too.
        limit: How many at most.
        after: What the page before gave to go on with.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        page = loop.feedback.search(" ".join(words), after=after, limit=limit)
        if json:
            screen.json({"items": as_data(page.items), "next": page.next})
        elif page.items:
            screen.table(inbox_grid(loop, page.items))
            if page.next:
                screen.copied(f"There are more: --after {page.next}")
        else:
            screen.line("Nothing was found.")
