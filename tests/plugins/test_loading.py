"""Reading one plugin: what it brings, and every way to write a hook wrongly."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from clientloop.errors import ClientLoopError, InvalidValue, NotFound, PluginError, UnknownName
from clientloop.model.facts import Fact, FactName
from clientloop.plugins import hookimpl
from clientloop.plugins.loading import cause_of, raised_at, read, resolve
from clientloop.plugins.spec import Sort
from clientloop.presets import praise
from clientloop.presets.praise import PRAISE


class Good:
    """A plugin as an object with methods."""

    def __init__(self) -> None:
        """Hear nothing yet."""
        self.heard: list[Sequence[Fact]] = []

    @hookimpl
    def clientloop_register_channels(self) -> dict[str, str]:
        """Two channels, neither of which exists."""
        return {"sms": "no.such:Sms", "fax": "no.such:Fax"}

    @hookimpl
    def clientloop_register_processes(self) -> list[Any]:
        """One process."""
        return [PRAISE]

    @hookimpl
    def clientloop_on_task_done(self, facts: Sequence[Fact]) -> None:
        """Remember."""
        self.heard.append(facts)


def test_what_a_plugin_brings_is_read_without_loading_it() -> None:
    """Names are known at once, observers are ready to be called, and nothing that is named was imported."""
    good = Good()
    brought = read(good, "good")
    assert list(brought.offers) == [(Sort.CHANNEL, "sms"), (Sort.CHANNEL, "fax"), (Sort.PROCESS, "praise")]
    assert list(brought.observers) == [FactName.TASK_DONE]
    brought.observers[FactName.TASK_DONE](facts=())
    assert good.heard == [()]


def test_what_has_no_hooks_is_no_plugin() -> None:
    """The name of a module, and what only looks like a plugin, are refused: nothing would ever come of them."""
    with pytest.raises(PluginError, match="that is a name: pass the module, not its name"):
        read("clientloop_parrot", "clientloop_parrot")
    with pytest.raises(PluginError, match=r"^<object .* has no hooks: put @clientloop.hookimpl above each"):
        read(object(), "empty")


class Misspelt:
    """A hook that nobody calls."""

    @hookimpl
    def clientloop_register_chanels(self) -> dict[str, str]:
        """As meant for channels."""
        return {}


class Unmarked:
    """A hook that pluggy would pass over in silence."""

    def clientloop_register_channels(self) -> dict[str, str]:
        """Lacks the mark."""
        return {}


class OtherArguments:
    """A hook with an argument of its own."""

    @hookimpl
    def clientloop_on_task_done(self, facts: Sequence[Fact], loop: object) -> None:
        """Wants too much."""


class Asynchronous:
    """A hook that nobody awaits."""

    @hookimpl
    async def clientloop_on_task_done(self, facts: Sequence[Fact]) -> None:
        """Would never run."""


class Yielding:
    """A hook that nobody iterates over."""

    @hookimpl
    def clientloop_register_channels(self) -> Any:
        """Would never run."""
        yield {}


class NoMapping:
    """A hook that returns a list of names."""

    @hookimpl
    def clientloop_register_channels(self) -> list[str]:
        """No mapping."""
        return ["sms"]


class NoNames:
    """A hook that returns something else than names."""

    @hookimpl
    def clientloop_register_channels(self) -> dict[object, str]:
        """No name."""
        return {"": "no.such:Sms"}


class NoSequence:
    """A hook that returns one process instead of a sequence."""

    @hookimpl
    def clientloop_register_processes(self) -> object:
        """No sequence."""
        return "clientloop.presets.praise:PRAISE"


class NoProcess:
    """A hook that brings something else than processes."""

    @hookimpl
    def clientloop_register_processes(self) -> list[object]:
        """No process."""
        return [lambda: 5]


class TwiceTheSame:
    """A hook that brings one version of a process twice."""

    @hookimpl
    def clientloop_register_processes(self) -> list[object]:
        """The second is one too many."""
        return [PRAISE, "clientloop.presets.praise:PRAISE"]


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (Misspelt, UnknownName, "no hook 'clientloop_register_chanels': did you mean 'clientloop_register_channels'"),
        (Unmarked, PluginError, "clientloop_register_channels is not marked as a hook: put @clientloop.hookimpl"),
        (OtherArguments, PluginError, r"clientloop_on_task_done.*'loop'.*: the reference shows the arguments"),
        (Asynchronous, PluginError, "clientloop_on_task_done is no plain function: hooks neither await nor yield"),
        (Yielding, PluginError, "clientloop_register_channels is no plain function"),
        (NoMapping, PluginError, r"clientloop_register_channels returned \['sms'\]: return a mapping of names"),
        (NoNames, PluginError, "return a mapping of names"),
        (NoSequence, PluginError, "clientloop_register_processes returned .*: return a sequence of processes"),
        (NoProcess, PluginError, "clientloop_register_processes brought 5: give objects of class Process"),
        (TwiceTheSame, PluginError, "brought version 1 of 'praise' twice"),
    ],
)
def test_a_hook_written_wrongly_is_refused(
    wrong: Callable[[], object], error: type[ClientLoopError], message: str
) -> None:
    """Each mistake is named, with what to do about it, when the plugin is read and not when it is missed."""
    with pytest.raises(error, match=message):
        read(wrong(), "wrong")


def test_a_hook_of_another_version_may_be_marked_optional() -> None:
    """A plugin that knows hooks of a newer clientloop still works with this one."""

    class Ahead:
        """Knows a hook that does not exist yet."""

        @hookimpl(optionalhook=True)
        def clientloop_register_weather(self) -> dict[str, str]:
            """Nobody calls it."""
            return {}

    assert read(Ahead(), "ahead").offers == {}


def test_a_hook_may_leave_out_arguments_and_have_another_name() -> None:
    """What pluggy allows is allowed: fewer arguments, and `specname`."""
    called = []

    class Short:
        """Does not want to know what was done."""

        @hookimpl(specname="clientloop_on_task_done")
        def count(self) -> None:
            """Count only."""
            called.append(1)

    read(Short(), "short").observers[FactName.TASK_DONE](facts=())
    assert called == [1]


@pytest.mark.parametrize(
    "lazy",
    [PRAISE, "clientloop.presets.praise:PRAISE", lambda: PRAISE, partial(getattr, praise, "PRAISE")],
)
def test_a_thing_is_itself_a_name_or_a_function(lazy: object) -> None:
    """The three ways to offer something lead to the same thing."""
    assert resolve(lazy) is PRAISE


def test_a_class_is_not_mistaken_for_a_function() -> None:
    """A class can be called, but is what is offered."""
    assert resolve(dict) is dict


def test_an_error_in_a_log_is_its_class_and_its_place() -> None:
    """The innermost line is named and no message, which can show personal data."""

    def inner() -> None:
        raise ValueError("pat@example.com")

    with pytest.raises(ValueError, match="pat@") as caught:
        inner()
    assert raised_at(caught.value) == f"ValueError at {__file__}:{inner.__code__.co_firstlineno + 1}"
    assert raised_at(KeyError("pat@example.com")) == "KeyError"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (InvalidValue("no number", hint="give one"), "no number: give one"),
        (NotFound(), "There is no such record in this space"),
        (KeyError("sms"), "KeyError: 'sms'"),
        (SystemExit(2), "SystemExit: 2"),
    ],
)
def test_a_cause_is_one_line(error: BaseException, line: str) -> None:
    """Our errors speak for themselves; others are named by their class."""
    assert cause_of(error) == line
