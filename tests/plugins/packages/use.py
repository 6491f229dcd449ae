"""What an application sees with these plugins installed, as JSON. Takes a folder, where to answer, and suites."""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import asdict
from hypothesis import settings

from clientloop import Actor, ClientLoop, InteractionKind, ManualClock
from clientloop.plugins.spec import Sort
from clientloop.ports.effects import Effect, HttpCall, HttpResult, Result
from clientloop.ports.engine import Engine

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Service:
    """The paging service, in place of a network."""

    def __init__(self) -> None:
        """Nothing was paged yet."""
        self.pages: list[Mapping[str, Any]] = []

    def __call__(self, effect: Effect) -> Result:
        """Take a page."""
        assert isinstance(effect, HttpCall)
        self.pages.append(json.loads(effect.body))
        return HttpResult(status=200, headers={"x-pager-id": "p1"})


def use(folder: Path) -> Mapping[str, Any]:
    """A day with a request, and with plugins that raise."""
    service, clock = Service(), ManualClock(START)
    url = f"journal:///{folder / 'shop.jsonl'}"
    with ClientLoop.open(url, clock=clock, perform=service, channels={"pager": {"token": "t0ken"}}) as loop:
        states = [request(loop, clock, decide) for decide in (grant, grant, decline)]
        lost = loop.feedback.receive(kind="complaint", channel="telegraph", reply_to="station 5", text="No trains")
        lost = loop.feedback.move(lost, "assign", to="kim", by="desk")
        loop.run_due()
        return {
            "names": {sort: loop.registry.names(sort) for sort in Sort},
            "states": states,
            "pages": service.pages,
            "scores": [asdict(score) for score in Engine().run(loop.store, "main", loop.registry.metric("granted")())],
            "loyalty": loyalty(loop, clock),
            "lost": [(message.state, message.error) for message in loop.feedback.outbox(lost)],
            "plugins": [asdict(report) for report in loop.registry.report() if report.distribution],
        }


def request(loop: ClientLoop, clock: ManualClock, decide: Any) -> list[str]:
    """One request from receipt to its end: its states."""
    item = loop.feedback.receive(kind="request", channel="pager", reply_to="+38640123456", text="Cancel order 7")
    loop.feedback.move(item, "assign", to="kim", by="desk")
    decide(loop, item.id)
    loop.run_due()
    clock.advance(timedelta(days=31))
    loop.run_due()
    return [step.target for step in loop.feedback.history(item.id)]


def grant(loop: ClientLoop, item: Any) -> None:
    """What the customer wants is done."""
    loop.feedback.move(item, "grant", order="7", action="Cancelled, and paid back", by="kim")
    for task in loop.tasks.of(item):
        loop.tasks.done(task, result="paid")
    loop.feedback.move(item, "carry_out", by="kim")


def decline(loop: ClientLoop, item: Any) -> None:
    """The customer is told why not."""
    loop.feedback.move(item, "decline", reason="It was sent yesterday", by=Actor.superior("lee"))


def loyalty(loop: ClientLoop, clock: ManualClock) -> Mapping[str, Any]:
    """What a metric and a relationship model of a plugin say of two customers, of whom one comes again."""
    for name, times in (("Ana", 2), ("Bo", 1)):
        customer = loop.customers.add(name=name)
        for _ in range(times):
            loop.interactions.record(kind=InteractionKind.PURCHASE, channel="shop", customer=customer)
            clock.advance(timedelta(days=1))
    score = loop.metrics.score(loop.metrics.make("repurchase", zone="Europe/Ljubljana")).score
    assert score is not None
    loop.relationships.reassess(["regulars"])
    stages = {loop.relationships.standing(each, "regulars").stage for each in loop.relationships.assess("regulars")}
    return {"score": (score.value, score.count), "stages": sorted(stages, key=str)}


class Outcomes:
    """Counts what became of tests."""

    def __init__(self) -> None:
        """Nothing was run yet."""
        self.passed, self.others = 0, list[str]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one."""
        if report.passed:
            self.passed += report.when == "call"
        else:
            self.others.append(f"{report.nodeid}: {report.outcome}")


def suite(package: str) -> Mapping[str, Any]:
    """What the plugin's own tests say, the conformance suite among them."""
    settings.register_profile("few", max_examples=10, deadline=None)
    settings.load_profile("few")
    outcomes = Outcomes()
    # importlib: what is tested is what was installed, not what lies beside the tests
    options = ["-q", "-p", "no:cacheprovider", "--import-mode=importlib", "--rootdir", package]
    code = pytest.main([*options, package], plugins=[outcomes])
    return {"code": code, "passed": outcomes.passed, "others": outcomes.others}


if __name__ == "__main__":
    folder, answer, *packages = sys.argv[1:]
    found = {**use(Path(folder)), "suites": [suite(package) for package in packages]}
    Path(answer).write_text(json.dumps(found, default=str), encoding="utf-8")
