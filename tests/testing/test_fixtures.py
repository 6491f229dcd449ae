"""The fixtures that pytest has wherever clientloop is installed."""

import sys
from datetime import timedelta
from importlib.metadata import entry_points

import pytest

from clientloop.channels.desk.channel import Desk
from clientloop.channels.desk.entries import Call
from clientloop.model.channels import RawState

pytest_plugins = ["pytester"]


def test_they_are_announced_under_the_name_of_the_package() -> None:
    """Once, and no other plugin that is installed here has that name."""
    found = [entry.value for entry in entry_points(group="pytest11", name="clientloop")]
    assert found == ["clientloop.testing.fixtures"], "install the package anew: pip install -e ."


ALONE = """
import sys

def test_nothing_heavy_is_loaded():
    assert "clientloop.testing.fixtures" in sys.modules
    loaded = {"clientloop.app", "clientloop.testing.stores", "hypothesis", "sqlalchemy", "sqlite3"} & set(sys.modules)
    assert not loaded

def test_the_loop_is_there(clientloop_loop, clientloop_clock):
    item = clientloop_loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    assert clientloop_loop.feedback.history(item)[0].at == clientloop_clock.now()
"""


def test_to_have_them_costs_next_to_nothing(pytester: pytest.Pytester) -> None:
    """In the tests of an application that asks for none of them, neither the app nor a database is loaded."""
    pytester.makepyfile(ALONE)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:randomly")
    result.assert_outcomes(passed=2)


def test_their_names_are_ours(request: pytest.FixtureRequest) -> None:
    """Another plugin's fixture of the same name would be hidden, or would hide ours: all begin with our name."""
    module = sys.modules["clientloop.testing.fixtures"]
    fixtures = [name for name, value in vars(module).items() if type(value).__name__ == "FixtureFunctionDefinition"]
    assert len(fixtures) == 3
    assert all(name.startswith("clientloop_") for name in fixtures)


def test_a_host_has_the_channel_and_the_time(clientloop_host) -> None:  # type: ignore[no-untyped-def]  # a fixture
    """A channel is tried in an application whose clock stands until it is moved."""
    host = clientloop_host(Desk())
    note = Desk.raw(Call(call="117", operator="kim", text="It is late again"))
    assert host.loop.channels.receive("desk", note).state is RawState.READ
    before = host.clock.now()
    assert host.clock.advance(timedelta(hours=1)) - before == timedelta(hours=1)
