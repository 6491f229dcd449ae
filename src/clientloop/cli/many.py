"""What became of many items at once, in words."""

from clientloop.app import ClientLoop
from clientloop.cli.screen import Cell, Screen, several
from clientloop.services.loop.many import Fate, Many
from clientloop.services.setup.data import as_data

#: What became of those that were not moved, in words; why one was refused stands beside each.
FATES = {
    Fate.WITH_ANOTHER: "told with another item of the same address",
    Fate.BEFORE: "as they were: nothing was to be changed",
    Fate.CLOSED: "closed already",
    Fate.UNREACHABLE: "without an address to write to",
}

#: How many refused items are named.
_NAMED = 20


def tell_many(
    screen: Screen, loop: ClientLoop, many: Many, *, done: str, json: bool, before: str = FATES[Fate.BEFORE]
) -> int:
    """Write what became of many items.

    Args:
        screen: Where to.
        loop: The firm.
        many: What became of them.
        done: What was done to those that were moved, such as "routed".
        json: Write JSON, for a program.
        before: What is said of those that had this before.

    Returns:
        The exit code: 1 if some of them were refused.
    """
    if json:
        screen.json(as_data(many))
    else:
        _tell(screen, loop, many, done, before)
    return 1 if many.refused else 0


def _tell(screen: Screen, loop: ClientLoop, many: Many, done: str, before: str) -> None:
    screen.line(f"{several(len(many.moved), 'item')} {done}", "bold")
    for fate, words in {**FATES, Fate.BEFORE: before}.items():
        if count := len(getattr(many, fate.value)):
            screen.line(f"  {count:,} {words}")
    for number, why in list(many.refused.items())[:_NAMED]:
        screen.pieces(Cell(text=f"  {loop.feedback.get(number).ref} refused: {why}", style="yellow"))
    if len(many.refused) > _NAMED:
        screen.line(f"  and {len(many.refused) - _NAMED:,} more refused")
