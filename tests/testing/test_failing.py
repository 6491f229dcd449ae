"""The store that fails on request: by each method of the port, as planned, and in nothing else."""

import threading
from unittest.mock import Mock

import pytest

from clientloop.errors import StoreBusy, StoreError
from clientloop.model.spaces import Space
from clientloop.model.units import Insert, Unit
from clientloop.stores.memory import MemoryStore
from clientloop.testing import Call, FailingStore, Fault, fault_at, faults_by_seed
from tests.ports.methods import METHODS, arguments, call, inner

FIRM = Unit((Insert(Space(space="main", region="SI")),))


def brittle(fault: Fault | None) -> tuple[FailingStore, Mock]:
    """A store whose first call goes wrong, and what is inside of it."""
    inside = inner()
    return FailingStore(inside, (lambda _: fault) if fault is None else fault_at(1, fault)), inside


@pytest.mark.parametrize("method", METHODS)
def test_every_call_is_counted(method: str) -> None:
    """The store inside does what it was asked."""
    store, inside = brittle(None)
    call(store, method, arguments(method))
    getattr(inside, method).assert_called_once()
    assert store.calls == [Call(number=1, method=method)]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("fault", "error"), [(Fault.BUSY, StoreBusy), (Fault.BEFORE, StoreError)])
def test_nothing_is_done_by_a_call_that_fails_before(method: str, fault: Fault, error: type[Exception]) -> None:
    """The store inside is not asked."""
    store, inside = brittle(fault)
    with pytest.raises(error, match=method):
        call(store, method, arguments(method))
    assert not inside.method_calls


@pytest.mark.parametrize("method", METHODS)
def test_all_is_done_by_a_call_that_fails_after(method: str) -> None:
    """The store inside has done it, to its end."""
    store, inside = brittle(Fault.AFTER)
    with pytest.raises(StoreError, match=f"{method}, was done and then failed"):
        call(store, method, arguments(method))
    getattr(inside, method).assert_called_once()


def test_what_the_store_refuses_is_no_fault_of_the_plan() -> None:
    """An error of the store inside is told as it is, also where the call was to fail after it."""
    store = FailingStore(MemoryStore(), fault_at(1, Fault.AFTER))
    with pytest.raises(StoreError):
        store.commit(FIRM)
    store.plan = fault_at(2, Fault.AFTER)
    with pytest.raises(Exception, match="exists already"):
        store.commit(FIRM)


def test_a_call_that_hangs_goes_on_when_it_is_let_go() -> None:
    """Nothing is done before that, and other calls are not held up."""
    store = FailingStore(MemoryStore(), fault_at(1, Fault.HANG))
    worker = threading.Thread(target=store.commit, args=(FIRM,))
    worker.start()
    assert store.hanging.wait(10)
    assert store.get(Space, ("main",)) is None
    store.let_go.set()
    worker.join(10)
    assert store.get(Space, ("main",)) is not None


def test_a_call_does_not_hang_for_ever() -> None:
    """It goes on by itself when its patience is over."""
    store = FailingStore(MemoryStore(), fault_at(1, Fault.HANG), patience=0.01)
    store.commit(FIRM)
    assert store.get(Space, ("main",)) is not None


def test_what_joins_a_transaction_may_go_wrong_too() -> None:
    """Of the store that is lent, the calls are counted with the others."""
    store, _ = brittle(None)
    store.plan = fault_at(2, Fault.BEFORE)
    with store.joined(object()) as lent, pytest.raises(StoreError, match="call 2 of the store, commit"):
        lent.commit(FIRM)


def test_a_plan_by_seed_is_the_same_each_time() -> None:
    """The same calls go wrong in the same way; of another seed, others; about as many as were asked for."""
    calls = [Call(number=number, method="commit") for number in range(1, 1_001)]
    first, again, other = (list(map(faults_by_seed(seed, share=0.2), calls)) for seed in (1, 1, 2))
    assert first == again != other
    assert 150 < sum(fault is not None for fault in first) < 250
    assert set(first) == {None, Fault.BUSY, Fault.BEFORE, Fault.AFTER}
