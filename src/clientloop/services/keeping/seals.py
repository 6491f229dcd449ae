"""Seals: a space that is on its way to another store is worked on by nobody, on neither side.

A seal is a row of the store that holds the space. Whoever enters the space is told of it, workers pass the space by.
On the side that the space comes to it also holds how far the copy is.
"""

import logging
from collections.abc import Mapping
from enum import StrEnum

from attrs import evolve, frozen

from clientloop.errors import NotFound, Sealed
from clientloop.model.codec import Json
from clientloop.model.spaces import PluginState
from clientloop.model.units import Change, Delete, Insert, Unit, Update
from clientloop.ports.store import Store

logger = logging.getLogger(__name__)

#: Whose memory a seal is; no other row has this name of a plugin.
PLUGIN = "clientloop.copy"

_NAME = "seal"


class Way(StrEnum):
    """Which way a sealed space goes."""

    #: It is being copied into this store.
    ARRIVING = "arriving"
    #: It goes, or has gone, from this store to another.
    LEAVING = "leaving"


#: What is said of a sealed space, and what to do about it.
_SAID: Mapping[Way, tuple[str, str]] = {
    Way.ARRIVING: ("is being copied here from", "wait for that; if it was broken off, give the same command once more"),
    Way.LEAVING: ("has moved to", "open it there; to work here again all the same, `clientloop unseal`"),
}


@frozen(kw_only=True)
class Seal:
    """Why nobody works in a space."""

    #: The space.
    space: str
    #: Which way it goes.
    way: Way
    #: What the other store is called.
    other: str
    #: The record class that is to be copied next; None once all are.
    record: str | None = None
    #: What asks for its records behind those that are copied; None for all.
    after: str | None = None
    #: Counts changes; guards them.
    version: int = 1

    def refusal(self) -> Sealed:
        """What whoever wants to work in the space is told."""
        words, hint = _SAID[self.way]
        return Sealed(f"space {self.space!r} {words} {self.other}", hint=hint)

    def setting(self) -> Change:
        """What sets the seal."""
        return Insert(PluginState(space=self.space, plugin=PLUGIN, name=_NAME, value=self.value))

    def breaking(self) -> Change:
        """What breaks the seal."""
        return Delete(PluginState, _key(self.space), self.version)

    def moved_on(self, record: str | None, after: str | None) -> tuple["Seal", Change]:
        """The seal of a copy that has come further, and what makes it so; it refuses a second copy.

        Args:
            record: The record class that is to be copied next.
            after: What asks for its records that are left.
        """
        later = evolve(self, record=record, after=after, version=self.version + 1)
        return later, Update(PluginState, _key(self.space), {"value": later.value}, self.version)

    @property
    def value(self) -> Mapping[str, Json]:
        """What is stored of it."""
        return {"way": self.way, "other": self.other, "record": self.record, "after": self.after}


def seal_of(store: Store, space: str) -> Seal | None:
    """The seal on a space, if there is one.

    Args:
        store: Where it is.
        space: The space.
    """
    state = store.get(PluginState, _key(space))
    if state is None:
        return None
    value = state.value
    return Seal(
        space=space,
        way=Way(value["way"]),
        other=value["other"],
        record=value["record"],
        after=value["after"],
        version=state.version,
    )


def refuse_sealed(store: Store, space: str) -> None:
    """Refuse a space that is on its way to another store.

    Args:
        store: Where it is.
        space: The space.

    Raises:
        Sealed: It is.
    """
    seal = seal_of(store, space)
    if seal is not None:
        raise seal.refusal()


def passed_by(store: Store, space: str) -> bool:
    """Whether workers pass a space by, since it is on its way to another store; they say so.

    Args:
        store: Where it is.
        space: The space.
    """
    seal = seal_of(store, space)
    if seal is not None:
        logger.warning("%s: nothing is done in it", seal.refusal().message)
    return seal is not None


def unseal(store: Store, space: str) -> None:
    """Have a space work again from which a copy was made, or was begun.

    What is done in it from now on the copy does not know of, and what waits in both is sent by both: see to it that
    nobody works in the copy.

    Args:
        store: Where the space is.
        space: The space.

    Raises:
        NotFound: It is not sealed.
        Sealed: It is copied in part: nobody can work in it.
    """
    seal = seal_of(store, space)
    if seal is None:
        raise NotFound(f"space {space!r} is not sealed", hint="there is nothing to do")
    if seal.way is Way.ARRIVING:
        raise seal.refusal()
    store.commit(Unit((seal.breaking(),)))


def _key(space: str) -> tuple[str, str, str]:
    return space, PLUGIN, _NAME
