"""The command that tells many customers the same, each personally and once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from clientloop.app import ClientLoop
from clientloop.cli.inbox import EVERY, Which, inbox_grid
from clientloop.cli.linking import chosen
from clientloop.cli.many import FATES, tell_many
from clientloop.cli.naming import improvement_named
from clientloop.cli.options import HERE, AsJson, ByWhom, OnScreen, Place, actor, pairs
from clientloop.cli.screen import Screen, several
from clientloop.errors import InvalidValue
from clientloop.model.feedback import Feedback
from clientloop.services.loop.answers import foretell
from clientloop.services.loop.many import Fate
from clientloop.services.setup.data import as_data

#: How many items a dry run lists, and how many are read at once.
_SHOWN, _MANY = 20, 500

#: What is said of items that have had the answer.
_BEFORE = "told before"

#: How long the name of an answer is that is made of its words.
_SHORT = 12


def answer(
    *items: str,
    improvement: str | None = None,
    which: Which = EVERY,
    template: str | None = None,
    text: str | None = None,
    value: Sequence[str] = (),
    move: str = "update",
    name: str | None = None,
    dry_run: bool = False,
    by: ByWhom,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> int:
    """Tell many customers the same, each personally, in their language, and once.

    Say whom by an improvement that items point to, by the numbers of items, or by the options that choose items. Of
    several items with the same address, the oldest carries the message. The same command again tells only those who
    were not told before.

    Args:
        items: Items by their numbers.
        improvement: All open items that point to this one: its id, or its whole title.
        which: Which open items.
        template: Name of a text of the firm's own, as the setting `texts` has it.
        text: Or the words themselves.
        value: What the template may speak of besides, as NAME=TEXT; once for each.
        move: The move that tells it.
        name: Name of the answer: who had the answer of this name is not told again. Made of its words if not given.
        dry_run: Say who would be told, and tell nobody.
        by: Who tells it.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    if (template is None) == (text is None):
        raise InvalidValue("nobody said what to tell", hint="give either --template or --text")
    with place.open() as loop:
        told = list(_told(loop, items, improvement, which.of(by)))
        key = name or sha256(f"{move}\n{template}\n{text}".encode()).hexdigest()[:_SHORT]
        if dry_run:
            _tell_plan(screen, loop, foretell(loop.context, told, key), json=json)
            return 0
        many = loop.feedback.answer(
            told,
            answer=key,
            by=actor(loop, by),
            text=text,
            template=template,
            move=move,
            values=dict(pairs(value, "--value refund='20 EUR'")),
        )
        return tell_many(screen, loop, many, done="answered", json=json, before=_BEFORE)


def _told(loop: ClientLoop, items: Sequence[str], improvement: str | None, which: Which) -> Iterator[Feedback]:
    """The items whose customers are told."""
    if improvement is None:
        yield from chosen(loop, items, which)
        return
    if items or which != EVERY:
        raise InvalidValue("an improvement and other items besides", hint="give one of them")
    found, after = improvement_named(loop, improvement), None
    while True:
        page = loop.improvements.items(found, after=after, limit=_MANY)
        yield from page
        if page.next is None:
            return
        after = page.next


def _tell_plan(screen: Screen, loop: ClientLoop, plan: Iterable[tuple[Feedback, Fate]], *, json: bool) -> None:
    """Say which items would carry a message, and count the others by what would become of them."""
    fates = list(plan)
    able = [item for item, fate in fates if fate is Fate.MOVED]
    counts = Counter(fate for _, fate in fates)
    if json:
        return screen.json({"items": as_data(able), **{fate.value: counts[fate] for fate in FATES}})
    screen.line(f"{several(len(able), 'item')} would be answered", "bold")
    for fate, words in {**FATES, Fate.BEFORE: _BEFORE}.items():
        if counts[fate]:
            screen.line(f"  {counts[fate]:,} {words}")
    if able:
        screen.table(inbox_grid(loop, able[:_SHOWN]))
    if len(able) > _SHOWN:
        screen.line(f"and {len(able) - _SHOWN:,} more")
    return None
