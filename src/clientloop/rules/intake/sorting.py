"""Sorting by the firm's rules: the first that fits a message says of which kind it is."""

from collections.abc import Sequence
from functools import lru_cache

from clientloop.model.record import record_of
from clientloop.model.routing import Matter
from clientloop.model.sorting import SortRule
from clientloop.rules.words import Sought, spread

_MATTER = record_of(Matter)

_sought = lru_cache(maxsize=1_024)(Sought.read)


def sorted_by(matter: Matter, rules: Sequence[SortRule]) -> SortRule | None:
    """The first rule that fits a message; None if none does.

    Args:
        matter: What is known of the message.
        rules: The firm's rules, in their order.

    >>> rules = [SortRule(name="faults", kind="complaint", words=["broke*", '"does not work"'])]
    >>> sorted_by(Matter(space="main", kind="unsorted", channel="email", words="It is BROKEN!"), rules).kind
    'complaint'
    """
    if not rules:
        return None
    row, said = _MATTER.encode(matter), spread(matter.words)
    return next((rule for rule in rules if rule.test(row) and _says(rule, said)), None)


def _says(rule: SortRule, said: str) -> bool:
    """Whether the folded words of a message hold one of those that the rule names."""
    return not rule.words or any(all(term in said for term in _sought(words).terms) for words in rule.words)
