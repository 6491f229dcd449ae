"""How often persons were added: of two that add some at the same time, one is refused and looks again who is known.

Persons have no key that the store could keep unique, for several may share an address. So whoever adds some asks first
how often that was done, then looks up who is known, and counts up in the unit that adds the others: one row for all.
"""

from clientloop.model.spaces import PluginState
from clientloop.model.units import Change, Insert, Update
from clientloop.services.context import Context

#: Where it is counted: plugin and name of the state, whose version is the count.
_KEPT = ("clientloop", "people_added")


def times_added(context: Context) -> int:
    """How often persons were added; to be asked for before it is looked up who is known.

    Args:
        context: The space.
    """
    kept = context.store.get(PluginState, (context.space.space, *_KEPT))
    return 0 if kept is None else kept.version


def adding(context: Context, *, after: int) -> Change:
    """What counts once more, for the unit that adds persons: `Conflict` if others have added some meanwhile.

    Args:
        context: The space.
        after: How often persons had been added before it was looked up who is known.
    """
    space, (plugin, name) = context.space.space, _KEPT
    if after == 0:
        return Insert(PluginState(space=space, plugin=plugin, name=name))
    return Update(PluginState, (space, plugin, name), {}, after)
