"""Whether a space holds together: rules over all that it holds, read page by page, also while others go on writing.

What is read at different moments may disagree although nothing is wrong. So whatever looks wrong is looked at again, by
itself, until nobody changed it meanwhile; what is wrong still is a breach.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from clientloop.model.record import record_of
from clientloop.ports.store import Store
from clientloop.services.keeping.around import Near, Stretch, stretch_of, stretches
from clientloop.services.keeping.items import ITEM_RULES
from clientloop.services.keeping.rules import Breach, Rule

#: All rules. Any: each is about a class of its own.
RULES: tuple[Rule[Any], ...] = (*ITEM_RULES,)

#: How often a record is looked at again that others keep changing.
_LOOKS = 5


def check(store: Store, space: str) -> Iterator[Breach]:
    """Everything in a space that breaks a rule.

    Args:
        store: Where it is.
        space: Its name.

    >>> from clientloop import ClientLoop
    >>> with ClientLoop.open("memory:") as loop:
    ...     item = loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    ...     list(check(loop.store, "main"))
    []
    """
    by_class: Mapping[type, list[Rule[Any]]] = defaultdict(list)  # Any: as of `RULES`
    for rule in RULES:
        by_class[rule.of].append(rule)
    for cls, rules in by_class.items():
        near = tuple(dict.fromkeys(near for rule in rules for near in rule.near))
        for stretch in stretches(store, space, cls, near):
            for row in _suspects(stretch, rules):
                yield from _looked_at_again(store, row, rules, near)


def _suspects(stretch: Stretch, rules: Sequence[Rule[Any]]) -> Iterator[Any]:
    """The records of a stretch that seem to break some rule."""
    for key, row in stretch.rows.items():
        around = stretch.around(key)
        if any(True for rule in rules for _ in rule.judge(row, around)):
            yield row


def _looked_at_again(store: Store, row: Any, rules: Sequence[Rule[Any]], near: Sequence[Near]) -> Iterator[Breach]:
    """What is wrong with a record as it is now, alone with what lies near it."""
    record = record_of(type(row))
    key = tuple([getattr(row, name) for name in record.key])
    found: list[Breach] = []
    now = store.get(record.cls, key)
    for _ in range(_LOOKS):
        if now is None:
            return
        stretch = stretch_of(store, now, near)
        around = stretch.around(key[1:])
        found = [
            Breach(rule=rule.name, record=record.name, key=key, message=message, hint=rule.do)
            for rule in rules
            for message in rule.judge(now, around)
        ]
        seen, now = now, store.get(record.cls, key)
        if seen == now:
            break
    yield from found
