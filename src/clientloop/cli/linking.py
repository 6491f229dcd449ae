"""The commands that make items point to an improvement."""

from collections.abc import Iterable, Sequence

from clientloop.app import ClientLoop
from clientloop.cli.inbox import EVERY, Which
from clientloop.cli.many import tell_many
from clientloop.cli.naming import improvement_named, item_named
from clientloop.cli.options import HERE, AsJson, ByWhom, OnScreen, Place, actor
from clientloop.errors import InvalidValue
from clientloop.model.feedback import Feedback


def link(
    improvement: str,
    *items: str,
    which: Which = EVERY,
    by: ByWhom,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> int:
    """Make items point to an improvement: those that are named, or the open items that the options choose.

    Args:
        improvement: Its id, or its whole title.
        items: Items by their numbers.
        which: Which items instead.
        by: Who says so.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = improvement_named(loop, improvement)
        linked = loop.improvements.link(found, chosen(loop, items, which.of(by)), by=actor(loop, by))
        return tell_many(screen, loop, linked, done=f"linked to {found.title!r}", json=json)


def chosen(loop: ClientLoop, items: Sequence[str], which: Which) -> Iterable[Feedback]:
    """The items that a command on many is about.

    Args:
        loop: The firm.
        items: Their numbers, if they were named.
        which: Or else what they have in common.

    Raises:
        InvalidValue: Neither was said: nobody means all that is open by saying nothing; or both were.
    """
    if bool(items) == (which != EVERY):
        raise InvalidValue(
            "nobody said which items", hint="name them by their numbers, or give --kind, --tag and the like"
        )
    return (item_named(loop, each) for each in items) if items else which.every(loop)


def accept(improvement: str, /, *, by: ByWhom, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> int:
    """Take on an incident that a burst of items has proposed: the items so far point to it from now on.

    Args:
        improvement: Its id, or its whole title.
        by: Who takes it on.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = improvement_named(loop, improvement)
        linked = loop.improvements.accept(found, by=actor(loop, by))
        code = tell_many(screen, loop, linked, done=f"linked to {found.title!r}", json=json)
        if not json:
            screen.copied(f"clientloop answer --improvement {found.id} --text TEXT --by {by}    (tells all of them)")
        return code
