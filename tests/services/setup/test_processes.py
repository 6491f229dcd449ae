"""The declared kinds, made ready once for all spaces."""

import pytest
from attrs import evolve

from clientloop.errors import InvalidValue, UnknownName
from clientloop.presets.common import COMMON
from clientloop.presets.idea import IDEA
from clientloop.presets.processes import PROCESSES
from clientloop.services.setup.processes import Processes

SECOND = evolve(IDEA, version=2, title="Proposal")


@pytest.mark.parametrize("declared", [(IDEA, SECOND), (SECOND, IDEA)], ids=["old first", "new first"])
def test_the_newest_version_is_the_highest(declared: tuple[object, ...]) -> None:
    """New items follow the highest version, in whatever order plugins bring them; every version is found."""
    processes = Processes(declared, COMMON)  # type: ignore[arg-type]  # ids of the parameters
    assert processes.newest("idea").process is SECOND
    found = processes.find("idea", 1)
    assert found is not None
    assert found.process is IDEA
    assert processes.find("idea", 3) is None
    assert processes.kinds == ("idea",)


def test_kinds_come_in_the_order_of_their_declaration() -> None:
    """Lists of kinds are the same on every run."""
    assert Processes(PROCESSES, COMMON).kinds == ("complaint", "idea", "question", "praise", "referral", "unsorted")


def test_an_unknown_kind_is_refused_with_the_nearest() -> None:
    """A misspelt kind comes with the ones that there are."""
    with pytest.raises(UnknownName, match="no kind of feedback 'prais': did you mean 'praise'"):
        Processes(PROCESSES, COMMON).newest("prais")


def test_a_wrong_declaration_is_refused_before_anything_runs() -> None:
    """One wrong process is an error of them all."""
    with pytest.raises(InvalidValue, match="the process of 'idea' is wrong"):
        Processes([*PROCESSES[:1], evolve(IDEA, working="nowhere")], COMMON)
