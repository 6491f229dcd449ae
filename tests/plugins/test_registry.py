"""Who provides what, and that a plugin hurts nobody else."""

import logging
import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial, wraps
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve

from clientloop.errors import InvalidValue, MissingExtra, PluginError, UnknownName
from clientloop.model.facts import Fact, FactName
from clientloop.model.messages import OutboundMessage, Receipt
from clientloop.model.plan import Plan
from clientloop.model.process import Process
from clientloop.plugins import hookimpl
from clientloop.plugins.loading import raised_at
from clientloop.plugins.registry import Registry
from clientloop.plugins.reports import PluginReport, Status
from clientloop.plugins.spec import Sort
from clientloop.ports.channel import Channel, Route, Spec
from clientloop.ports.effects import Effect, Result
from clientloop.ports.engine import Engine
from clientloop.ports.events import Batch, Raw, Verdict
from clientloop.ports.metric import Metric, Score, State
from clientloop.ports.store import Store
from clientloop.presets.praise import PRAISE
from clientloop.stores.memory import MemoryStore


class Sms(Channel):
    """A channel that can do nothing."""

    spec = Spec(name="sms")


class Rude(Channel):
    """A channel that did not declare what it is."""


class Newer(Channel):
    """A channel for a port that is still to come."""

    spec = Spec(name="newer", api=2)


class Mute(Channel):
    """A channel whose author forgot that to send is to yield."""

    spec = Spec(name="mute")

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """Give a receipt at once."""
        return Receipt()  # type: ignore[return-value]  # that is the point


class Deaf(Channel):
    """A channel that is sent messages by the web and cannot read them."""

    spec = Spec(name="deaf", routes=(Route(name="in"),))

    def verify(self, raw: Raw, now: datetime) -> Verdict:
        """Trust nobody."""
        return Verdict.failed("nobody is trusted")


class Fetching(Channel):
    """A channel that fetches messages, and can neither prove nor read them."""

    spec = Spec(name="fetching")

    def poll(self, cursor: str | None) -> Generator[Effect, Result, Batch]:
        """Fetch nothing."""
        yield from ()
        return Batch()


class Logged(Channel):
    """A channel whose `send` is decorated."""

    spec = Spec(name="logged")

    @wraps(Fetching.poll)
    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """As a decorator leaves it."""
        return Fetching.poll(Fetching(), None)  # type: ignore[return-value]  # never run


class Nothing(Metric):
    """A metric that measures nothing."""

    def plans(self) -> Mapping[str, Plan]:
        """Nothing to add up."""
        return {}

    def finalise(self, state: State) -> Sequence[Score]:
        """No score."""
        return ()


class Half(Store):
    """A store that lacks nearly everything."""

    def migrate(self) -> None:
        """Nothing to do."""


def plugin(name: str = "passed", **hooks: Any) -> SimpleNamespace:
    """A plugin object: hook to what it returns, or to the function that implements it."""
    marked = {hook: hookimpl(it if callable(it) else lambda it=it: it) for hook, it in hooks.items()}
    return SimpleNamespace(__name__=name, **marked)


def channels(name: str = "passed", **added: Any) -> SimpleNamespace:
    """A plugin that adds channels."""
    return plugin(name, clientloop_register_channels=added)


def registry(*plugins: object, **given: Any) -> Registry:
    """A registry of these plugins alone."""
    return Registry(plugins=plugins, entry_points=False, **given)


Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Leaves behind what pip would of a distribution: a module, and an entry point, of the same name."""
    installed = []
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(name: str, source: str) -> None:
        installed.append(name)
        info = tmp_path / f"{name}-1.2.dist-info"
        info.mkdir()
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[clientloop]\n{name} = {name}\n", encoding="utf-8")

    yield install
    for name in installed:
        sys.modules.pop(name, None)


def reports(found: Registry) -> dict[str, PluginReport]:
    """The reports by name of the plugin."""
    return {report.name: report for report in found.report()}


# ---- what plugins add


def test_names_are_listed_and_things_found_by_them() -> None:
    """What was added is found by sort and name, in the order of the plugins."""
    found = registry(
        channels(sms=Sms),
        plugin(clientloop_register_stores={"memory": MemoryStore}),
        plugin(clientloop_register_engines={"default": Engine}),
        plugin(clientloop_register_metrics={"nothing": Nothing}, clientloop_register_question_types={"words": 5}),
    )
    assert found.names(Sort.CHANNEL) == ("sms",)
    assert found.channel("sms") is Sms
    assert found.store("memory") is MemoryStore
    assert found.engine("default") is Engine
    assert found.metric("nothing") is Nothing
    assert found.find(Sort.QUESTION_TYPE, "words") == 5
    assert found.names(Sort.JOURNEY_STEP) == ()


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    """The error names the sort and what comes near."""
    found = registry(channels(sms=Sms))
    with pytest.raises(UnknownName, match="no channel 'smz': did you mean 'sms'"):
        found.channel("smz")
    with pytest.raises(UnknownName, match="no relationship model 'funnel': none is declared"):
        found.find(Sort.RELATIONSHIP_MODEL, "funnel")


def test_a_thing_is_loaded_when_it_is_first_asked_for_and_once() -> None:
    """Registering loads nothing; asking twice loads once."""
    loaded = []

    def load() -> type[Channel]:
        loaded.append(1)
        return Sms

    found = registry(channels(sms=load))
    assert not loaded
    assert found.channel("sms") is found.channel("sms") is Sms
    assert loaded == [1]


def fail() -> object:
    """A factory that cannot."""
    raise RuntimeError("no modem")


@pytest.mark.parametrize(
    ("sort", "name", "lazy", "cause"),
    [
        (Sort.CHANNEL, "sms", fail, "RuntimeError: no modem"),
        (Sort.CHANNEL, "sms", "no_such_module:Sms", "ModuleNotFoundError: No module named 'no_such_module'"),
        (Sort.CHANNEL, "sms", "clientloop.ports.channel:Sms", "AttributeError: .*'Sms'"),
        (Sort.CHANNEL, "sms", lambda: sys.exit(3), "SystemExit: 3"),
        (Sort.CHANNEL, "sms", MemoryStore, "MemoryStore'> is no subclass of Channel"),
        (Sort.CHANNEL, "fax", Sms, "Sms calls itself 'sms': register it as 'sms'"),
        (Sort.CHANNEL, "rude", Rude, "Rude declares no spec: say spec = Spec"),
        (Sort.CHANNEL, "newer", Newer, "Newer was written for API 2, and this is 1"),
        (Sort.CHANNEL, "mute", Mute, "Mute.send is no generator function: have it `yield from` what the host is to do"),
        (Sort.CHANNEL, "deaf", Deaf, "Deaf takes messages in and lacks parse"),
        (Sort.CHANNEL, "fetching", Fetching, "Fetching takes messages in and lacks verify and parse"),
        (Sort.STORE, "half", Half, "Half lacks aggregate, claim, close, commit"),
        (Sort.STORE, "made", partial(MemoryStore), "is no subclass of Store"),
        (Sort.ENGINE, "sms", Sms, "is no subclass of Engine"),
        (Sort.METRIC, "nps", Metric, "Metric lacks finalise, plans"),
    ],
)
def test_what_cannot_be_used_is_refused_when_it_is_asked_for(sort: Sort, name: str, lazy: object, cause: str) -> None:
    """The error names the plugin and the cause, and the plugin's report counts it."""
    found = registry(plugin(**{sort.hook: {name: lazy}}))
    with pytest.raises(PluginError, match=f"{sort} '{name}' of plugin 'passed' cannot be used: .*{cause}"):
        found.find(sort, name)
    [report] = found.report()
    assert (report.status, report.failures) == (Status.OK, 1)
    assert report.last_failure


def test_a_decorated_generator_is_one() -> None:
    """What wraps a generator function, and says so, is taken for it."""
    assert registry(channels(logged=Logged)).channel("logged") is Logged


def test_a_missing_optional_library_is_said_plainly() -> None:
    """That a library is to be installed is no fault of the plugin."""

    def load() -> object:
        raise MissingExtra.of("http", "httpx")

    with pytest.raises(MissingExtra, match=r"pip install 'clientloop\[http\]'"):
        registry(channels(sms=load)).channel("sms")


def test_registries_share_nothing() -> None:
    """Two applications in one process have each their own plugins."""
    first, second = registry(channels(sms=Sms)), registry()
    assert first.names(Sort.CHANNEL) == ("sms",)
    assert second.names(Sort.CHANNEL) == ()


# ---- processes


def test_processes_are_listed_with_all_their_versions() -> None:
    """Running items keep theirs, so that older versions stay."""
    second = evolve(PRAISE, version=2)
    other = evolve(PRAISE, kind="thanks")
    found = registry(
        plugin(clientloop_register_processes=[PRAISE, lambda: second]), plugin(clientloop_register_processes=[other])
    )
    assert found.processes() == (PRAISE, second, other)
    assert found.names(Sort.PROCESS) == ("praise", "thanks")


def test_a_process_declared_wrongly_is_refused_with_its_plugin(install: Install) -> None:
    """The check that the host passes sees every process, and what it refuses is not used."""

    def check(process: Process) -> None:
        if process.kind == "praise":
            raise InvalidValue("state 'new' cannot reach an end")

    praise = plugin(clientloop_register_processes=[PRAISE])
    with pytest.raises(PluginError, match="plugin 'passed' is broken: state 'new' cannot reach an end"):
        registry(praise, check=check)
    install(
        "endless",
        "from clientloop.plugins import hookimpl\n"
        "@hookimpl\ndef clientloop_register_processes(): return ['clientloop.presets.praise:PRAISE']\n"
        "@hookimpl\ndef clientloop_register_channels(): return {'sms': 'no.such:Sms'}\n",
    )
    found = Registry(check=check)
    assert reports(found)["endless"].cause == "state 'new' cannot reach an end"
    assert "sms" not in found.names(Sort.CHANNEL)


# ---- clashes


def test_a_name_that_another_plugin_added_is_refused() -> None:
    """The error names the sort, the name and both plugins."""
    message = "plugin 'second' is broken: channel 'sms' is of plugin 'first' already: choose another name"
    with pytest.raises(PluginError, match=message):
        registry(channels("first", sms=Sms), channels("second", sms=Sms))


def test_a_kind_that_another_plugin_added_is_refused() -> None:
    """Also in another version: whose process it is must be plain."""
    later = evolve(PRAISE, version=2)
    with pytest.raises(PluginError, match="process 'praise' is of plugin 'first' already"):
        registry(
            plugin("first", clientloop_register_processes=[PRAISE]),
            plugin("second", clientloop_register_processes=[later]),
        )


def test_what_the_application_passes_takes_the_place_of_what_is_built_in(install: Install) -> None:
    """An application may bring its own store under a built-in name; an installed plugin may not do so unasked."""
    install("greedy", GOOD.replace("channels", "stores").replace("good", "sqlite").replace("Good", "Store"))
    stores = "clientloop.stores.plugin"
    passed = plugin(clientloop_register_stores={"memory": Half})
    found = Registry(builtins=[stores], plugins=[passed])
    assert found.find(Sort.STORE, "sqlite").__name__ == "SqliteStore"
    assert reports(found)["greedy"].cause == f"store 'sqlite' is of plugin '{stores}' already: choose another name"
    with pytest.raises(PluginError, match=r"'memory' of plugin 'passed' cannot be used: Half lacks"):
        found.store("memory")
    assert "memory" in found.added(Sort.STORE)
    assert "sqlite" not in found.added(Sort.STORE)


def test_one_name_may_be_of_two_sorts() -> None:
    """A channel and a store may have the same name."""
    both = plugin(clientloop_register_channels={"sms": Sms}, clientloop_register_stores={"sms": MemoryStore})
    assert registry(both).names(Sort.STORE) == ("sms",)


def test_a_plugin_is_passed_once() -> None:
    """Its observers would be called twice."""
    sms = channels(sms=Sms)
    with pytest.raises(PluginError, match="plugin 'passed' is there already"):
        registry(sms, sms)


# ---- where plugins come from


def test_built_in_plugins_come_by_the_path_of_their_module(install: Install) -> None:
    """They come before those that the application passes."""
    install(
        "mine",
        "from clientloop.plugins import hookimpl\n"
        "@hookimpl\ndef clientloop_register_channels(): return {'mine': 'no.such:Mine'}\n",
    )
    found = registry(channels(sms=Sms), builtins=["mine"])
    assert found.names(Sort.CHANNEL) == ("mine", "sms")
    assert [report.name for report in found.report()] == ["mine", "passed"]


def test_a_plugin_that_was_passed_must_work() -> None:
    """The application that passes a broken one is told at once, with the cause."""
    with pytest.raises(PluginError, match="plugin 'passed' is broken: no hook 'clientloop_register_chanels': did you"):
        registry(plugin(clientloop_register_chanels={}))


@pytest.mark.parametrize("given", ["clientloop_parrot", ["clientloop_parrot"]])
def test_a_name_is_no_plugin(given: Any) -> None:
    """Nor is a text a sequence of plugins: whoever passes the name of a module hears that it is to be the module."""
    with pytest.raises(PluginError, match="plugin 'clientloop_parrot' is broken: that is a name: pass the module"):
        Registry(plugins=given, entry_points=False)


def test_what_was_passed_is_loaded_and_no_more(install: Install) -> None:
    """What is wrong with it is said; what is built in, or installed, or needs an optional library waits for its use."""
    install("good", GOOD)
    install("mine", GOOD.replace("good", "mine"))

    def needs() -> object:
        raise MissingExtra.of("http", "httpx")

    passed = channels(sms=Sms, fax=needs)
    Registry(builtins=["mine"], plugins=[passed]).load_passed()
    broken = channels(sms=Sms, torn="no.such:Torn")
    found = Registry(builtins=["mine"], plugins=[broken])
    with pytest.raises(PluginError, match="channel 'torn' of plugin 'passed' cannot be used: ModuleNotFoundError"):
        found.load_passed()


GOOD = """
from clientloop.plugins import hookimpl

@hookimpl
def clientloop_register_channels():
    return {"good": "no.such:Good"}

@hookimpl
def clientloop_on_task_done(facts):
    raise ValueError("broken heart of Pat")
"""

BROKEN = {
    "import_error": ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
    "leaves": ("raise SystemExit('bye')", "SystemExit: bye"),
    "syntax": ("def", "SyntaxError: invalid syntax (syntax.py, line 1)"),
    "misspelt": (
        GOOD.replace("good", "other").replace("on_task_done", "on_task_doen"),
        "no hook 'clientloop_on_task_doen': did you mean 'clientloop_on_task_done'",
    ),
    "raises": (GOOD.replace('return {"good": "no.such:Good"}', 'raise KeyError("good")'), "KeyError: 'good'"),
    "takes": (GOOD, "channel 'good' is of plugin 'good' of good already: choose another name"),
}


def test_installed_plugins_are_found_and_broken_ones_listed(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    """Each broken one has its cause, nothing of it is used, the rest work, and the host lives."""
    install("good", GOOD)
    for name, (source, _) in BROKEN.items():
        install(name, source)
    found = Registry()  # there may be others, which somebody has really installed
    assert found.names(Sort.CHANNEL).count("good") == 1
    assert "other" not in found.names(Sort.CHANNEL)
    listed = reports(found)
    good = listed["good"]
    assert (good.distribution, good.version, good.status, good.cause) == ("good", "1.2", Status.OK, None)
    assert (good.provides, good.observes) == ({Sort.CHANNEL: ("good",)}, (FactName.TASK_DONE,))
    for name, (_, cause) in BROKEN.items():
        assert listed[name].status is Status.BROKEN
        assert (listed[name].cause or "").startswith(cause)
        assert listed[name].provides == {}
        assert f"plugin '{name}' of {name} is broken" in caplog.text


def test_installed_plugins_are_looked_for_once(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of distributions is read when the registry is made, and never again; or not at all."""
    scans = []
    entry_points = metadata.entry_points
    monkeypatch.setattr(metadata, "entry_points", lambda **given: scans.append(given) or entry_points(**given))
    install("good", GOOD)
    found = Registry()
    found.report()
    found.names(Sort.CHANNEL)
    with pytest.raises(UnknownName):
        found.channel("none")
    assert scans == [{"group": "clientloop"}]
    assert registry().names(Sort.CHANNEL) == ()
    assert len(scans) == 1


# ---- observers


def fact(name: FactName, number: int) -> Fact:
    """A fact of that name."""
    return Fact(name, "main", UUID(int=number), datetime(2026, 3, 2, tzinfo=UTC))


MOVED, CLOSED = FactName.FEEDBACK_MOVED, FactName.FEEDBACK_CLOSED
FACTS = (fact(MOVED, 1), fact(CLOSED, 1), fact(MOVED, 2))


def listener(heard: list[Sequence[Fact]]) -> Callable[[Sequence[Fact]], None]:
    """An observer that remembers."""

    def observe(facts: Sequence[Fact]) -> None:
        heard.append(facts)

    return observe


def test_an_observer_hears_all_facts_of_a_name_at_once() -> None:
    """It is called per unit and name, never per fact, and not for what it does not observe."""
    heard: list[Sequence[Fact]] = []
    found = registry(plugin(clientloop_on_feedback_moved=listener(heard)))
    found.notify(FACTS)
    found.notify([fact(CLOSED, 3)])
    found.notify([])
    assert heard == [(FACTS[0], FACTS[2])]


def test_it_is_cheap_to_know_that_nobody_listens() -> None:
    """Whoever makes facts can ask first."""
    found = registry(plugin(clientloop_on_feedback_moved=lambda facts: None))
    assert found.observes(MOVED)
    assert not found.observes(CLOSED)


def raising(error: BaseException) -> Callable[[Sequence[Fact]], None]:
    """An observer that raises."""

    def observe(facts: Sequence[Fact]) -> None:
        raise error

    return observe


@pytest.mark.parametrize("error", [ValueError("pat@example.com"), SystemExit(1), RecursionError()])
def test_an_observer_that_raises_harms_nobody(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    """Those after it hear of the facts all the same; it is counted with its cause, and logged by ids only."""
    heard: list[Sequence[Fact]] = []
    found = registry(
        plugin("bad", clientloop_on_feedback_moved=raising(error)),
        plugin("good", clientloop_on_feedback_moved=listener(heard)),
    )
    found.notify(FACTS)
    found.notify(FACTS)
    assert len(heard) == 2
    bad, good = found.report()
    assert (bad.failures, good.failures) == (2, 0)
    assert (bad.last_failure or "").startswith(type(error).__name__)
    [record, _] = caplog.records
    assert record.levelno == logging.ERROR
    assert record.getMessage() == (
        f"plugin 'bad' raised {raised_at(error)} on feedback.moved of {UUID(int=1)}, {UUID(int=2)}"
    )
    assert "pat@" not in caplog.text


def test_an_interrupt_is_not_swallowed() -> None:
    """Whoever stops the program is obeyed, also while an observer runs."""
    found = registry(plugin(clientloop_on_feedback_moved=raising(KeyboardInterrupt())))
    with pytest.raises(KeyboardInterrupt):
        found.notify(FACTS)
