from contextlib import ExitStack

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from clientloop import ClientLoop
from clientloop.model.feedback import Feedback
from clientloop.model.units import Unit, Update
from clientloop.testing.invariants import broken_invariants
from clientloop.testing.machine import LoopMachine

STEPS = 50


def machine_over(*loops: ClientLoop) -> type[LoopMachine]:
    """A machine that compares these stores."""

    class Machine(LoopMachine):
        @classmethod
        def open_stores(cls):
            return loops

    return Machine


def run(machine: type[LoopMachine], *, runs: int) -> None:
    """Run a machine so many times."""
    sized = settings(
        max_examples=runs,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes: do it by hand
    )
    run_state_machine_as_test(machine, settings=sized)


#: So that several processes can do it, in CI and by night; a plain run does the first one.
PARTS = (0, *(pytest.param(part, marks=pytest.mark.in_ci("one part of the machine is enough")) for part in (1, 2)))


@pytest.mark.parametrize("part", PARTS)
def test_all_stores_give_the_same_answers(tmp_path, postgres, size, part):
    """Whatever is done, memory, SQLite and PostgreSQL give the same answer and end with the same records."""
    urls = ("memory:", f"sqlite:///{tmp_path / 'a.db'}", postgres.empty_database())
    with ExitStack() as stack:
        loops = [stack.enter_context(ClientLoop.open(url, entry_points=False)) for url in urls]
        machine = machine_over(*loops)
        if settings().derandomize:  # or else all parts would do the same
            machine = seed(part)(machine)
        run(machine, runs=size.pick(small=8, ci=210, night=2_100))
    assert len(PARTS) * machine.steps >= size.pick(small=600, ci=25_000, night=250_000)


def test_the_machine_sees_a_store_that_answers_otherwise(monkeypatch):
    """A store that loses one kind of change is found out."""
    loops = [ClientLoop.open("memory:", entry_points=False) for _ in range(2)]
    honest = loops[1].store.commit

    def forgetful(unit):
        kept = tuple(change for change in unit.changes if "escalations" not in getattr(change, "changes", {}))
        honest(evolve(unit, changes=kept))

    monkeypatch.setattr(loops[1].store, "commit", forgetful)
    with pytest.raises(AssertionError, match="answers otherwise"):
        run(machine_over(*loops), runs=50)


def test_invariants_name_what_is_broken():
    """An item whose state was changed behind the journal's back is reported."""
    with ClientLoop.open("memory:", entry_points=False) as loop:
        item = loop.feedback.receive(kind="idea", channel="form", text="Saturdays")
        loop.store.commit(Unit((Update(Feedback, (item.space, item.id), {"state": "parked", "due": None}),)))
        faults = broken_invariants(loop)
    assert any("its journal ends in new (journal_agrees)" in fault for fault in faults)
    assert any("nothing says until when (item_limited)" in fault for fault in faults)
    assert any("its version is 2, but its journal has the rows [1] (journal_numbered)" in fault for fault in faults)
