"""What a channel says of itself before anything is sent, and what its author gives to be judged."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from clientloop.model.messages import DeliveryStep
from clientloop.ports.channel import Capabilities, Direction
from clientloop.ports.events import DeliveryEvent
from clientloop.testing.channels.kit import Suite, only_if, secrets_of, texts
from clientloop.testing.channels.watching import impure, watched

#: Lower-case words.
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")

#: What the names of settings hold that are secrets; and how those end that only say where one is, or how long it lasts.
_SECRET = re.compile(r"secret|token|passw|credential|private|(?:^|_)(?:api_?|signing_?|access_?)?keys?$|(?:^|_)pin$")
_NO_SECRET = re.compile(r"_(?:age|field|file|header|id|lifetime|name|param|path|seconds|ttl|url)$")

#: Longer bodies are no messages, and fill the memory of the application.
_LONGEST_BODY = 100 * 1024 * 1024


class Declared(Suite):
    """Tests of `spec`, of the settings and of `capabilities`."""

    def test_the_name_is_words_in_lower_case(self) -> None:
        """It stands in settings, in web addresses and in the store."""
        name = self.channel.spec.name
        assert _NAME.fullmatch(name), f"{name!r}: write lower-case letters and digits, words joined by '-' or '_'"

    def test_the_version_of_the_port_is_a_number(self) -> None:
        """`api` says for which version the channel was written; a constant of ours would claim tomorrow's."""
        source = textwrap.dedent(inspect.getsource(type(self.channel)))
        given = [word.value for word in _keywords(source) if word.arg == "api"]
        assert all(isinstance(value, ast.Constant) for value in given), "write the number: api=1"
        assert self.channel.spec.api == 1

    @only_if(lambda suite: bool(attrs.fields(suite.channel.spec.config)))
    def test_settings_cannot_be_changed(self) -> None:
        """The channel is used by many threads: its settings are a frozen attrs class."""
        config = self.channel.config
        with pytest.raises(attrs.exceptions.FrozenError):
            setattr(config, attrs.fields(type(config))[0].name, None)

    def test_settings_that_look_like_secrets_are_hidden(self) -> None:
        """A token, a password or a key is a field with `repr=False`, so that no log shows it."""
        shown = [name for name in _shown(self.channel.config) if _SECRET.search(name) and not _NO_SECRET.search(name)]
        assert not shown, f"declare these by attrs.field(repr=False): {shown}"

    def test_secrets_are_not_shown_with_the_settings(self) -> None:
        """Neither by `repr` nor by `str`, of the settings and of the channel."""
        channel, secrets = self.channel, secrets_of(self.channel.config)
        told = "".join((repr(channel), str(channel), repr(channel.config), str(channel.config)))
        assert not [secret for secret in secrets if secret in told], "a setting with repr=False is shown all the same"

    def test_routes_can_be_told_apart(self) -> None:
        """Each has a name of its own, methods in capitals, and a limit on what it takes."""
        routes = self.channel.spec.routes
        assert len({route.name for route in routes}) == len(routes)
        for route in routes:
            assert _NAME.fullmatch(route.name), f"route {route.name!r} stands in a web address"
            assert route.methods
            assert all(method.isupper() for method in route.methods), route.methods
            assert 0 <= route.max_body <= _LONGEST_BODY

    def test_what_it_can_carry_is_said_at_once(self) -> None:
        """`capabilities` gives the same each time, from the settings alone, and numbers that can be meant."""
        self.channel.capabilities()
        with watched(impure) as calls:
            can = self.channel.capabilities()
        assert not calls, f"capabilities() may read the settings only, but called {calls}"
        assert isinstance(can, Capabilities)
        assert can == self.channel.capabilities()
        for number in (can.max_length, can.per_second):
            assert number is None or number > 0
        assert can.choices >= 0

    def test_there_is_something_to_judge_it_by(self) -> None:
        """Samples of a channel that receives, how they are signed if it has routes, sendings of one that sends."""
        can, wanted = self.channel.capabilities(), list[str]()
        if self.does(Direction.RECEIVE) and not self.samples:
            wanted.append("samples: it can receive")
        if self.does(Direction.SEND) and not self.sendings:
            wanted.append("sendings: it can send")
        if self.channel.spec.routes and not self.signs():
            wanted.append("sign(): it has routes, and whoever calls them must be proved")
        if self.signs() and not hasattr(self, "window"):
            wanted.append("window: how old a signed message may be, or None where its age is not signed")
        if can.receipts and self.does(Direction.RECEIVE) and len(self._steps()) < _FEWEST_STEPS:
            wanted.append("samples of receipts, two steps of one message: capabilities() promises them")
        if self._steps() and not can.receipts:
            wanted.append("receipts=True in capabilities(): its samples say what became of messages")
        assert not wanted, f"give {'; '.join(wanted)}"

    def test_messages_come_by_routes_that_are_declared(self) -> None:
        """What `sign` makes has the route, the method and a length that the channel listens for."""
        routes = {route.name: route for route in self.channel.spec.routes}
        for raw in self.raws():
            if raw.route or routes:
                assert not raw.route or raw.route in routes, f"spec.routes has no {raw.route!r}: {', '.join(routes)}"
            if raw.route:
                assert raw.method in routes[raw.route].methods
                assert len(raw.body) <= routes[raw.route].max_body

    def _steps(self) -> set[tuple[object, DeliveryStep]]:
        said = [event for sample in self.samples for event in sample.events if isinstance(event, DeliveryEvent)]
        return {(event.provider_id or event.message, event.step) for event in said}


_FEWEST_STEPS = 2


def _keywords(source: str) -> Iterator[ast.keyword]:
    """The keyword arguments of each `Spec(...)`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Spec":
            yield from node.keywords


def _shown(config: Any) -> Iterator[str]:  # Any: an attrs instance of any class
    """The names of settings that hold texts and are shown, those of settings within settings as well."""
    for each in attrs.fields(type(config)):
        value = getattr(config, each.name)
        if each.repr and any(texts(value)):
            yield each.name
        nested = (value, *(value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()))
        yield from (name for part in nested if attrs.has(type(part)) for name in _shown(part))
