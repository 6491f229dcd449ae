"""A sitting: a person goes through the inbox and makes moves, each by one key."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain

from attrs import define

from clientloop.app import ClientLoop
from clientloop.cli.inbox import Which, inbox_grid, tell_summary
from clientloop.cli.items import read_fields, tell_move
from clientloop.cli.keys import keys_of
from clientloop.cli.options import actor, asking
from clientloop.cli.screen import Cell, Grid, Screen
from clientloop.cli.story import marks_of, numbered, read_story
from clientloop.cli.telling import tell_story
from clientloop.errors import ClientLoopError, InvalidValue
from clientloop.model.codec import Json
from clientloop.model.feedback import Feedback
from clientloop.model.page import Page
from clientloop.model.process import SYSTEM

#: The keys that open the items of a page.
ITEM_KEYS = "123456789"

#: The keys that mean the same everywhere.
_BACK, _QUIT, _TASK = "b", "q", "t"
_NEXT, _FIRST, _RELOAD = "n", "f", "r"

#: How a key is shown.
_KEY = "bold cyan"


@define(kw_only=True)
class Sitting:
    """A talk between a person and the program."""

    #: Where it takes place.
    screen: Screen
    #: The firm.
    loop: ClientLoop
    #: Who types, once that is known.
    me: str | None

    def browse(self, which: Which, *, text: str | None, limit: int) -> None:
        """Show a page of the inbox, and open what is asked for, until the person has seen enough.

        Args:
            which: Which items.
            text: Words that were said in them, if these are looked for.
            limit: How many at once, at most; never more than there are keys.
        """
        after: str | None = None
        while True:
            page = which.page(
                self.loop, text=text, by=asking(self.loop, self.me), after=after, limit=min(limit, len(ITEM_KEYS))
            )
            items = self._list(page)
            if items and text is None:
                tell_summary(self.screen, self.loop, which)
            ways = {
                **({_NEXT: "next page"} if page.next else {}),
                **({_FIRST: "first page"} if after else {}),
                _RELOAD: "reload",
                _QUIT: "quit",
            }
            key = self._choose(ways, items=items)
            if key == _QUIT or (key in items and not self.attend(items[key])):
                return
            after = {_NEXT: page.next, _FIRST: None}.get(key, after)

    def _list(self, page: Page[Feedback]) -> Mapping[str, Feedback]:
        """Show the items of a page, each with its key."""
        items = dict(zip(ITEM_KEYS, page.items, strict=False))
        self.screen.line()
        if items:
            self.screen.table(_with_keys(inbox_grid(self.loop, page.items), items))
        else:
            self.screen.line("Nothing waits.")
        return items

    def attend(self, item: Feedback) -> bool:
        """Show an item, and make the moves that are asked for.

        Args:
            item: The item.

        Returns:
            Whether to go on with others.
        """
        self.screen.line()
        story = read_story(self.loop, item, by=asking(self.loop, self.me))
        tell_story(self.screen, story, now=self.loop.clock.now(), zone=self.loop.space.zone)
        while True:
            keys = {name: key for key, name in self._keys(item).items()}
            names = self.loop.feedback.next_moves(item, by=asking(self.loop, self.me)), marks_of(self.loop, item)
            moves, marks = ({keys[name]: name for name in each} for each in names)
            works = {_TASK: "task done"} if any(task.is_open for task in self.loop.tasks.of(item)) else {}
            key = self._choose({**moves, **works, _BACK: "back", _QUIT: "quit"}, marks)
            if key in {_BACK, _QUIT}:
                return key == _BACK
            item = self._finish(item) if key in works else self._move(item, (moves | marks)[key])

    def _finish(self, item: Feedback) -> Feedback:
        """Close a task of an item; the only open one need not be named."""
        tasks = {str(number): task for number, task in enumerate(numbered(self.loop, item), 1) if task.is_open}
        number = next(iter(tasks)) if len(tasks) == 1 else self._ask(f"which task ({', '.join(tasks)})")
        if number in tasks and (result := self._ask("what was done")):
            with self._told():
                done = self.loop.tasks.done(tasks[number], result=result)
                self.screen.line(f"  {done.title}: {done.result}")
        return item

    def _keys(self, item: Feedback) -> Mapping[str, str]:
        """The keys of all moves of an item's process: the same in each of its states."""
        rows = self.loop.context.loop_of(item.kind, item.process).rows.values()
        return keys_of(dict.fromkeys(row.name for row in rows if row.who != SYSTEM), taken=_BACK + _QUIT + _TASK)

    def _move(self, item: Feedback, name: str) -> Feedback:
        """Make a move with what it asks for."""
        with self._told():
            by = actor(self.loop, self._who())
            after = self.loop.feedback.move(item, name, by=by, **self._given(item, name))
            tell_move(self.screen, item, after, now=self.loop.clock.now())
            return after
        return self.loop.feedback.get(item)

    @contextmanager
    def _told(self) -> Generator[None]:
        """What is refused is told, and the sitting goes on."""
        try:
            yield
        except ClientLoopError as error:
            self.screen.fail(error)

    def _who(self) -> str:
        self.me = self.me or self._ask("your name") or None
        if self.me is None:
            raise InvalidValue("nobody said who moves it")
        return self.me

    def _given(self, item: Feedback, name: str) -> Mapping[str, Json]:
        """What a person types for the fields that a move requires; an empty line leaves one out."""
        row = self.loop.context.loop_of(item.kind, item.process).row(item.state, name)
        fields = dict.fromkeys(field for need in row.needs for field in need.fields)
        typed = {field: text for field in fields if (text := self._ask(field.replace("_", " ")))}
        return read_fields([f"{field}{_sign(text)}{text}" for field, text in typed.items()], self.loop.space.zone)

    def _ask(self, what: str) -> str:
        self.screen.pieces(Cell(text=f"{what}: ", style="bold"), end="")
        return self.screen.keys.line() or ""

    def _choose(self, *words: Mapping[str, str], items: Iterable[str] = ()) -> str:
        """One of some keys: those of words, which are told line by line, or of items; the end of the input is `q`."""
        self.screen.line()
        for number, line in enumerate(filter(None, words)):
            self.screen.pieces(*_hints(line, "" if number else "".join(items)))
        known = dict(chain.from_iterable(line.items() for line in words))
        while (key := self.screen.keys.key()) is not None:
            if key in known:
                self.screen.line(known[key], "bold")
                return key
            if key in items:
                return key
        return _QUIT


def _sign(text: str) -> str:
    """How a typed value is given: a list of JSON as it is, all else as text."""
    return ":=" if text.startswith("[") else "="


def _with_keys(grid: Grid, keys: Iterable[str]) -> Grid:
    rows = [(Cell(text=key, style=_KEY), *row) for key, row in zip(keys, grid.rows, strict=True)]
    return Grid(columns=("key", *grid.columns), rows=rows, cut=grid.cut, spare=grid.spare)


def _hints(words: Mapping[str, str], items: str) -> Iterator[Cell]:
    """The words with their keys in brackets, where these stand in them."""
    if items:
        yield Cell(text=f"[{items if len(items) == 1 else f'{items[0]}-{items[-1]}'}]", style=_KEY)
        yield Cell(text=" open  ")
    for key, word in words.items():
        before, found, rest = word.partition(key.lower())
        yield Cell(text=before if found else "")
        yield Cell(text=f"[{key}]", style=_KEY)
        yield Cell(text=f"{rest if found else f' {word}'}  ")
