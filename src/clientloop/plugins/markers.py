"""The marks that tell pluggy what is a hook of clientloop and what implements one."""

import pluggy

#: Name of the project in pluggy, and of the entry-point group.
PROJECT = "clientloop"

#: Marks a function, or a method of an object, as the implementation of the hook of that name.
hookimpl = pluggy.HookimplMarker(PROJECT)

#: Marks the declaration of a hook; used in `plugins/spec.py` only.
hookspec = pluggy.HookspecMarker(PROJECT)
