"""What workers report to OpenTelemetry."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.app import Ran, telemetry
from clientloop.app.health import Ledger
from clientloop.app.telemetry import COUNTED, OBSERVED, Telemetry, meter_of_the_host
from clientloop.errors import StoreBusy
from clientloop.model.messages import Failure, Receipt
from clientloop.services.waiting import Waiting
from clientloop.testing.fakes import FakeChannels
from tests.app.firms import queue, until, working

metrics = pytest.importorskip("opentelemetry.sdk.metrics")
export = pytest.importorskip("opentelemetry.sdk.metrics.export")

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def provider() -> tuple[Any, Any]:
    """A meter, and what reads it."""
    reader = export.InMemoryMetricReader()
    return metrics.MeterProvider([reader], shutdown_on_exit=False).get_meter("clientloop"), reader


def told(reader: Any) -> Mapping[tuple[str, ...], Any]:
    """What was reported: by the name of the instrument and its attributes, a number, or how many were recorded."""
    data = reader.get_metrics_data()
    return {
        (metric.name, *map(str, point.attributes.values())): getattr(point, "value", getattr(point, "count", None))
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        for point in metric.data.data_points
    }


def test_a_worker_reports_what_it_does_and_what_waits() -> None:
    """Messages by their channels, the length of batches by lanes, and what is due just now."""
    post = FakeChannels("email", "sms", answer=lambda out: Receipt(failure=REFUSED if out.channel == "sms" else None))
    meter, reader = provider()
    clock = ManualClock(NINE)
    with ClientLoop.open("memory:", clock=clock, plugins=[post], entry_points=False) as loop:
        queue(loop, "email", 2)
        queue(loop, "sms")
        with working(loop, meter=meter) as worker:
            until(lambda: worker.health().done == Ran(accepted=2, failed=1))
        clock.advance(timedelta(seconds=40))
        found = told(reader)
    assert found["clientloop.accepted", "email"] == 2
    assert found["clientloop.failed", "sms"] == 1
    assert found["clientloop.batch.duration", "send email"] > 0
    assert (found["clientloop.waiting.messages",], found["clientloop.waiting.timers",]) == (1, 0)
    assert 0 < found["clientloop.waiting.lag",] <= 40
    assert ("clientloop.timers",) not in found


REFUSED = Failure.RETRY


def test_errors_are_counted_by_their_class() -> None:
    """So that a store that is busy is told from a fault of the program; what a store does not say is not shown."""
    meter, reader = provider()
    ledger = Ledger(ManualClock(NINE), Telemetry(meter, lambda: None))
    for error in (StoreBusy(), StoreBusy(), ZeroDivisionError()):
        ledger.failed("deadlines", error)
    assert told(reader) == {
        ("clientloop.failures", "deadlines", "StoreBusy"): 2,
        ("clientloop.failures", "deadlines", "ZeroDivisionError"): 1,
    }


def test_all_that_waits_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One look serves all gauges, and whoever asks at about the same time; later there is another."""
    looks, seconds = count(1), [0.0]
    monkeypatch.setattr(telemetry, "monotonic", lambda: seconds[0])
    meter, reader = provider()
    Telemetry(meter, lambda: Waiting(timers=(number := next(looks)), messages=number))
    first, again = told(reader), told(reader)
    assert first == again
    assert (first["clientloop.waiting.timers",], first["clientloop.waiting.messages",]) == (1, 1)
    seconds[0] = telemetry.HOLDS
    assert told(reader)["clientloop.waiting.messages",] == 2


def test_every_number_has_an_instrument() -> None:
    """Whatever workers count or look at, under the same name."""
    assert set(COUNTED) == {each.name for each in Ran.__attrs_attrs__}
    assert set(OBSERVED) == {each.name for each in Waiting.__attrs_attrs__}


def test_without_the_library_nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker does its work all the same."""
    monkeypatch.setitem(sys.modules, "opentelemetry.metrics", None)
    assert meter_of_the_host() is None
    with ClientLoop.open("memory:", plugins=[FakeChannels("email")], entry_points=False) as loop:
        queue(loop, "email")
        with working(loop) as worker:
            until(lambda: worker.health().done.accepted == 1)
