"""What a message names: messages before it by their ids, ours by the id within, items by their numbers."""

import re
from collections.abc import Iterable
from uuid import UUID

from clientloop.model.refs import CROCKFORD
from clientloop.rules.intake.arrival import clean

#: How long the id of a message may be to be remembered, as long as a key of an event: it stands in an index.
LONGEST_NAME = 500

#: How many numbers of items are looked for in one text.
MOST_REFS = 5

#: How much of a text is read for them.
_READ = 1_000

_REF = re.compile(rf"(?<!\w)[{CROCKFORD}]{{8}}(?!\w)")
_UUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)


def named(names: Iterable[str | None]) -> tuple[str, ...]:
    """Ids of messages as they are remembered: without angle brackets, each once.

    >>> named(["<7@firm.example>", None, "7@firm.example", " "])
    ('7@firm.example',)
    """
    bare = (clean(name).strip().removeprefix("<").removesuffix(">") for name in names if name)
    return tuple(dict.fromkeys(name for name in bare if name and len(name) <= LONGEST_NAME))


def own_ids(name: str) -> tuple[UUID, ...]:
    """The ids within the id of a message, where one of ours may stand.

    >>> own_ids("0197e0c6-5b2a-7c3e-9a51-2f0d7c9b1e55.v1@firm.example")
    (UUID('0197e0c6-5b2a-7c3e-9a51-2f0d7c9b1e55'),)
    """
    return tuple(UUID(found[0]) for found in _UUID.finditer(name[:LONGEST_NAME]))


def refs_in(text: str) -> tuple[str, ...]:
    """What may be numbers of items, as they stand in the texts that customers get.

    >>> refs_in("Re: We have your message (7K3M9QXA)")
    ('7K3M9QXA',)
    """
    return tuple(dict.fromkeys(_REF.findall(text[:_READ])))[:MOST_REFS]
