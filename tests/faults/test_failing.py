"""Every use case on a store that fails at any call: nothing is torn, lost or done twice, and nobody else is held up."""

import os
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import islice

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from clientloop.errors import ClientLoopError, Conflict, StoreError
from clientloop.testing import Call, Fault, fault_at, faults_by_seed
from clientloop.testing.failing import no_faults
from tests.conftest import Size
from tests.faults.acks import Acks
from tests.faults.conftest import Figures
from tests.faults.failing import STORES, Firm, Trials
from tests.faults.firm import USE_CASES
from tests.faults.judge import judge

#: Seconds after which somebody is held up: far more than anything takes, and less than the patience of a call.
HANGS = 5

#: Which use cases are tried on which stores: each is begun anew some hundred times, so that a short run has a few.
CASES = (
    [(name, "memory") for name in ("work", "survey", "write down")]
    if os.environ.get("CLIENTLOOP_SIZE", Size.SMALL) == Size.SMALL
    else [(name, sort) for sort in STORES for name in USE_CASES]
)

#: Those that go together; what was written down on the phone is answered by nobody, and some clear up all that waits.
MIXED = sorted(USE_CASES.keys() - {"write down"})


@pytest.mark.parametrize(("name", "sort"), CASES)
def test_no_failure_loses_tears_or_doubles_anything(
    name: str, sort: str, firm: Firm, size: Size, figures: Figures
) -> None:
    """Whichever call fails, the space is sound, what was acknowledged is there, and a second try makes it whole."""
    trials = Trials(firm, sort, name)
    points = trials.points(all_of_them=sort == "memory" or size is Size.NIGHT)
    for number, fault in islice(points, size.pick(small=5, ci=None, night=None)):
        trials.fail(number, fault)
    figures(f"failing store, {sort}, {name}", faults=trials.faults, lost_or_torn_or_doubled=0, repeats=trials.repeats)


@pytest.mark.parametrize("name", ["receive", "survey"])
def test_a_call_that_hangs_holds_nobody_up(name: str, firm: Firm, size: Size) -> None:
    """While any call of one thread stands still, another does all its work; then the first one goes on."""
    trials = Trials(firm, "memory", name)
    for number in range(2, len(trials.calls) + 1, size.pick(small=4, ci=1, night=1)):
        store, loop = trials.begun(fault_at(number, Fault.HANG))
        acks, said = Acks(firm.acks), list[str]()
        first = _thread(partial(USE_CASES[name], loop, acks, 1), said)
        assert store.hanging.wait(HANGS), "nobody hangs"
        second = _thread(partial(USE_CASES["answer"], loop, acks, 2), said)
        second.join(HANGS)
        held_up = second.is_alive()
        store.let_go.set()
        first.join(HANGS)
        assert not held_up, f"{trials.calls[number - 1]} held another up"
        assert not said
        assert not judge(loop, firm.acks, firm.sent).faults


def _thread(do: Callable[[], object], said: list[str]) -> threading.Thread:
    """A thread that does something, and says what it raised."""

    def work() -> None:
        try:
            do()
        except ClientLoopError as error:
            said.append(repr(error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("sort", STORES)
def test_who_was_slower_is_told_so(sort: str, firm: Firm) -> None:
    """A move that stood still in its commit, while another one moved the item, is refused, and changes nothing."""
    store, loop = Trials.start(firm, sort)
    item = loop.feedback.receive(kind="complaint", channel="sink", text="It is late")
    store.plan = _hanging_commit()
    told: list[str] = []
    slow = _thread(lambda: loop.feedback.move(item, "assign", by="mia", to="mia"), told)
    assert store.hanging.wait(HANGS)
    store.plan = no_faults
    moved = loop.feedback.move(item, "assign", by="mia", to="tim")
    store.let_go.set()
    slow.join(HANGS)
    assert [each.split("(")[0] for each in told] == [Conflict.__name__]
    assert loop.feedback.get(item.id) == moved


def _hanging_commit() -> Callable[[Call], Fault | None]:
    return lambda call: Fault.HANG if call.method == "commit" else None


def test_many_threads_that_are_told_nothing_certain_say_each_word_once(firm: Firm, size: Size) -> None:
    """Each tries under one key until nothing fails; there is one item for each key, however many said it how often."""
    store, loop = Trials.start(firm, "memory")
    store.plan = faults_by_seed(1, share=0.2)
    words = size.pick(small=10, ci=100, night=1_000)
    got: Counter[str] = Counter()

    def say(number: int) -> None:
        while True:
            try:
                item = loop.feedback.receive(kind="idea", channel="form", text=f"Say {number}", origin=f"word {number}")
            except StoreError:
                continue
            got[str(item.id)] += 1
            return

    threads = [threading.Thread(target=say, args=(number % words,)) for number in range(2 * words)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANGS)
    assert sorted(got.values()) == [2] * words


@settings(max_examples=settings().max_examples // 7, phases=[Phase.explicit, Phase.generate])
@given(
    seed=st.integers(0, 2**32),
    share=st.sampled_from([0.01, 0.05, 0.2]),
    names=st.lists(st.sampled_from(MIXED), min_size=1, max_size=5, unique=True),
)
def test_whatever_is_done_and_whatever_fails(firm: Firm, seed: int, share: float, names: list[str]) -> None:
    """Of a mix of use cases, each tried until it succeeds, all that was acknowledged is there, and all is sound."""
    store, loop = Trials.start(firm, "memory")
    store.plan = faults_by_seed(seed, share=share)
    acks = Acks(firm.acks)
    for name in names:
        for last in (False, False, True):
            store.plan = no_faults if last else store.plan
            try:
                USE_CASES[name](loop, acks, 1)
            except (StoreError, Conflict):
                Trials.advance(loop)
            else:
                break
    store.plan = no_faults
    Trials.advance(loop)
    loop.run_due()
    assert not judge(loop, firm.acks, firm.sent).faults
