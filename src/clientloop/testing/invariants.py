"""What is true of a space whatever has happened in it."""

from clientloop.app import ClientLoop
from clientloop.services.keeping.checking import check


def broken_invariants(loop: ClientLoop) -> tuple[str, ...]:
    """Everything that is not as it must be in a space; nothing on a healthy one.

    What must be so, the rules of `clientloop.services.keeping` say: those by which `clientloop check` judges a store.

    Args:
        loop: The space.

    >>> with ClientLoop.open("memory:") as loop:
    ...     item = loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    ...     broken_invariants(loop)
    ()
    """
    return tuple(map(str, check(loop.store, loop.space.space)))
