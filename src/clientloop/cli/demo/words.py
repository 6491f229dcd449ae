"""What customers of the demo say, and what the firm has to say about it: read from `words.toml`."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from attrs import evolve, field, frozen

from clientloop.model.codec import Json

#: What the firm could do better, by name: what many ideas point to.
IMPROVEMENTS = {
    "saturday": "Deliver on Saturdays",
    "samples": "Send samples of wood before the purchase",
    "boxes": "Take back boxes and foil",
    "videos": "Film how each piece is mounted",
}


@frozen(kw_only=True)
class Matter:
    """Something that a customer says."""

    #: The words; `{product}` stands for a product of the firm.
    says: str
    #: What it is about.
    category: str | None = None
    #: The employee whom it names.
    employee: str | None = None
    #: The products that it can be about; none named: all.
    fits: Sequence[str] = ()
    #: What there is to know about it, by name: what the steps of the script give.
    facts: Mapping[str, Json] = field(factory=dict)

    def about(self, product: str) -> "Matter":
        """The same, said of a product."""
        facts = {name: _about(product, value) for name, value in self.facts.items()}
        return evolve(self, says=_about(product, self.says), facts=facts)


#: What belongs to the words themselves.
_OWN = frozenset({"says", "category", "employee", "fits"})


def matters(sort: str) -> tuple[Matter, ...]:
    """All that customers say of one sort: a table of `words.toml`.

    >>> matters("questions")[0].about("desk").says
    'How do I oil the desk?'
    """
    shared = _words()["shared"].get(sort, {})
    return tuple(_matter(row, shared) for row in _words()[sort])


def _matter(row: Mapping[str, Json], shared: Mapping[str, Json]) -> Matter:
    own = {name: value for name, value in row.items() if name in _OWN}
    return Matter(**own, facts={**shared, **{name: value for name, value in row.items() if name not in _OWN}})


def _about(product: str, value: Json) -> Json:
    return value.replace("{product}", product) if isinstance(value, str) else value


@cache
def _words() -> Mapping[str, Any]:  # Any: tables of TOML
    return tomllib.loads(resources.files("clientloop.cli.demo").joinpath("words.toml").read_text(encoding="utf-8"))
