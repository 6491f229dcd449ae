"""Whether a store holds together, asked of a store that nobody has to open for work."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from clientloop.app.addresses import without_password
from clientloop.app.loop import BUILTINS
from clientloop.errors import NotFound

if TYPE_CHECKING:
    import os

    from clientloop.ports.store import Store
    from clientloop.services.keeping.rules import Breach


def check_store(
    url: str,
    *,
    space: str | None = None,
    plugins: Iterable[object] = (),
    entry_points: bool = True,
    progress: Callable[[str, int], object] = lambda _, __: None,
) -> Iterator[Breach]:
    """Everything in a store that is not as it must be; nothing is written, also not where it is damaged.

    Others may go on working in it: what is read while they write is looked at again before it is called wrong.

    Args:
        url: Its address: say, of a backup.
        space: The one firm to look at; all if not given.
        plugins: As of `ClientLoop.open`: for stores that are not built in.
        entry_points: As of `ClientLoop.open`.
        progress: Hears the name of a table, and how many more of its records were read.

    Raises:
        NotFound: It has no such space.
        UnknownName: No store has this scheme.
        StoreError: It cannot be read at all, or was written by another version of clientloop.

    >>> from tempfile import mkdtemp
    >>> from clientloop import ClientLoop
    >>> url = f"sqlite:///{mkdtemp()}/shop.db"
    >>> with ClientLoop.open(url) as loop:
    ...     item = loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    >>> list(check_store(url))
    []
    """
    from clientloop.model.spaces import Space
    from clientloop.services.keeping.checking import check_all, spaces_of

    with _opened(url, plugins, entry_points=entry_points) as store:
        if space is not None and store.get(Space, (space,)) is None:
            raise NotFound(
                f"{without_password(url)} has no space {space!r}",
                hint=f"it has {', '.join(spaces_of(store)) or 'none'}",
            )
        yield from check_all(store, spaces_of(store) if space is None else [space], progress=progress)


def back_up_store(
    url: str, target: str | os.PathLike[str], *, plugins: Iterable[object] = (), entry_points: bool = True
) -> None:
    """Write a copy of a whole store, as it is at one moment, while others go on working in it.

    Args:
        url: Its address.
        target: The file to write, which must not exist yet.
        plugins: As of `ClientLoop.open`.
        entry_points: As of `ClientLoop.open`.

    Raises:
        InvalidValue: There is such a file.
        NotSupported: The store is backed up by tools of its own.
        StoreError: The copy cannot be written, or the store not be read.
    """
    with _opened(url, plugins, entry_points=entry_points) as store:
        store.backup(Path(target))


@contextmanager
def _opened(url: str, plugins: Iterable[object], *, entry_points: bool) -> Generator[Store]:
    from clientloop.app.opening import open_store
    from clientloop.plugins.registry import Registry

    store = open_store(Registry(builtins=BUILTINS, plugins=plugins, entry_points=entry_points), url)
    try:
        yield store
    finally:
        store.close()
