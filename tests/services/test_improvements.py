"""Improvements: what many items point to."""

from uuid import UUID

import pytest

from clientloop.errors import Conflict, NotFound
from clientloop.model.facts import Fact, FactName
from tests.test_processes import Firm


def test_improvements_are_listed_while_they_are_open(firm: Firm) -> None:
    """What is done leaves the list; what is unknown or stale is refused."""
    other = firm.loop.improvements.add("Quieter shop")
    assert [each.title for each in firm.loop.improvements.list()] == ["Better parcels", "Quieter shop"]
    done = firm.loop.improvements.done(firm.improvement, done="thicker boxes", lesson="test them")
    assert (done.is_open, done.done) == (False, "thicker boxes")
    assert firm.loop.improvements.list().items == (other,)
    with pytest.raises(Conflict):
        firm.loop.improvements.done(firm.improvement, done="thinner boxes", lesson="none")
    with pytest.raises(NotFound, match="no improvement"):
        firm.loop.improvements.done(UUID(int=1), done="done", lesson="none")


def test_observers_hear_of_improvements(firm: Firm) -> None:
    """A fact tells that an improvement is done."""
    heard: list[Fact] = []
    firm.loop.context._tell = heard.extend
    firm.loop.improvements.done(firm.improvement.id, done="thicker boxes", lesson="test them")
    assert [(fact.name, fact.subject) for fact in heard] == [(FactName.IMPROVEMENT_DONE, firm.improvement.id)]
