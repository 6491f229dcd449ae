"""The methods of the store port, called one like the other: for tests of what is around a store."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from inspect import Parameter, getattr_static, isfunction, signature
from typing import Any
from unittest.mock import Mock, create_autospec

from clientloop.ports.store import Store
from clientloop.stores.memory import MemoryStore

#: The public methods of the port.
METHODS = tuple(name for name in dir(Store) if not name.startswith("_") and isfunction(getattr_static(Store, name)))

#: Stands for each argument: an object by its name.
Arguments = tuple[list[object], Mapping[str, object]]


def arguments(method: str) -> Arguments:
    """Something for every argument that a method takes, those with a default included."""
    taken = list(signature(getattr_static(Store, method)).parameters.values())[1:]
    by_name = {each.name: object() for each in taken if each.kind is Parameter.KEYWORD_ONLY}
    return [object() for each in taken if each.name not in by_name], by_name


def inner() -> Mock:
    """A store inside, which takes what stores take, keeps with what it was called, and answers with the name of that.

    Only two methods answer as in a real store: one brings things one by one, one lends a store.
    """
    inside: Mock = create_autospec(Store, instance=True)
    for method in METHODS:
        getattr(inside, method).return_value = method
    inside.pages.return_value = iter((1, 2))
    inside.joined.return_value = nullcontext(MemoryStore())
    return inside


def call(store: Store, method: str, given: Arguments) -> Any:
    """Make one call, whatever sort of method it is, to its end. Any: of a method that is looked up by name."""
    result = getattr(store, method)(*given[0], **given[1])
    if isinstance(result, AbstractContextManager):
        with result as lent:
            return lent
    return list(result) if method == "pages" else result
