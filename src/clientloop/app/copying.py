"""How a user grows: a whole space goes from one store to another, both named by their addresses."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from clientloop.app.addresses import without_password
from clientloop.app.loop import BUILTINS, DEFAULT_SPACE

if TYPE_CHECKING:
    from clientloop.plugins.registry import Registry
    from clientloop.services.keeping.copying import Copied, End, Progress


def copy_space(
    source: str,
    target: str,
    *,
    space: str = DEFAULT_SPACE,
    plugins: Iterable[object] = (),
    entry_points: bool = True,
    progress: Callable[[Progress], object] | None = None,
) -> Copied:
    """Move a whole space into another store: copied, verified by digests, and from then on open there alone.

    Stop the application and its workers first. If the copy is broken off at any moment, the same call goes on with it.

    Args:
        source: The address of the store where the space is. It stays there, sealed: `unseal_space` is the way back.
        target: The address of the store where it goes, made ready if need be; the space must never have been opened
            in it.
        space: The firm.
        plugins: As of `ClientLoop.open`: for stores that are not built in.
        entry_points: As of `ClientLoop.open`.
        progress: Hears how far the copy is.

    Returns:
        What was copied, with the digest of each record class.

    Raises:
        UnknownName: The source has no such space, or no store has one of the schemes.
        InvalidValue: Both addresses are the same, or one is none.
        Sealed: The space has left the source already, or is being copied from or to somewhere else.
        Duplicate: The target holds data of such a space.
        SchemaOutdated: The source was written by another version of clientloop.
        Conflict: The source changes while it is copied, or another copy is at work.
        StoreError: One of the stores failed.

    >>> from tempfile import mkdtemp
    >>> from clientloop import ClientLoop
    >>> folder = mkdtemp()
    >>> one, other = f"sqlite:///{folder}/one.db", f"sqlite:///{folder}/other.db"
    >>> with ClientLoop.open(one) as loop:
    ...     item = loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    >>> copy_space(one, other).records["feedback"].rows
    1
    >>> with ClientLoop.open(other) as loop:
    ...     loop.feedback.get(item.id).title
    'Deliver on Saturdays'
    """
    from clientloop.plugins.registry import Registry
    from clientloop.services.keeping.copying import copy_space as copy

    registry = Registry(builtins=BUILTINS, plugins=plugins, entry_points=entry_points)
    with _end(registry, source) as here, _end(registry, target) as there:
        return copy(here, there, space, told=progress)


def unseal_space(
    url: str, *, space: str = DEFAULT_SPACE, plugins: Iterable[object] = (), entry_points: bool = True
) -> None:
    """Let a space work again in the store that it was copied from: the way back, as long as nobody uses the copy.

    What is due in both is done by both, and each customer hears of it twice. What the copy has learnt is not here.

    Args:
        url: The address of the store that it was copied from.
        space: The firm.
        plugins: As of `ClientLoop.open`.
        entry_points: As of `ClientLoop.open`.

    Raises:
        NotFound: The space is not sealed.
        Sealed: It is copied here in part, and nobody can work in it.
        StoreError: The store cannot be reached.
    """
    from clientloop.plugins.registry import Registry
    from clientloop.services.keeping.seals import unseal

    with _end(Registry(builtins=BUILTINS, plugins=plugins, entry_points=entry_points), url) as here:
        unseal(here.store, space)


@contextmanager
def _end(registry: Registry, url: str) -> Generator[End]:
    from clientloop.app.opening import open_store
    from clientloop.services.keeping.copying import End

    store = open_store(registry, url)
    try:
        yield End(store=store, name=without_password(url))
    finally:
        store.close()
