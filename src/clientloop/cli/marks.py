"""The commands by which people of the firm mark an item for one another: notes and tags."""

from clientloop.cli.naming import item_named
from clientloop.cli.options import HERE, AsJson, ByWhom, OnScreen, Place, actor
from clientloop.services.setup.data import as_data


def note(item: str, text: str, /, *, by: ByWhom, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Write a note on an item, for people of the firm alone; who is mentioned as @name hears of it.

    Args:
        item: Its number, as the customer was told it.
        text: The note.
        by: Who writes it.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        after = loop.feedback.move(item_named(loop, item), "note", by=actor(loop, by), note=text)
        if json:
            return screen.json(as_data(after))
        screen.line(f"{after.ref}  noted", "bold")
        return screen.line(f"  watched by {', '.join(after.watchers) or 'nobody'}")


def tag(
    item: str,
    *tags: str,
    remove: bool = False,
    by: ByWhom,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Mark an item with tags, by which `inbox --tag` finds it.

    Args:
        item: Its number, as the customer was told it.
        tags: The tags.
        remove: Take these tags away instead.
        by: Who marks it.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        after = loop.feedback.move(
            item_named(loop, item), "untag" if remove else "tag", by=actor(loop, by), tags=list(tags)
        )
        if json:
            return screen.json(as_data(after))
        screen.line(f"{after.ref}  tagged", "bold")
        return screen.line(f"  tags {', '.join(after.tags) or 'none'}")
