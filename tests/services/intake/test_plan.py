"""The plan of channels: what is known of each, and what should alarm somebody."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from clientloop import ClientLoop, InvalidValue, ManualClock
from clientloop.errors import UnknownName
from clientloop.model.calendar import hours
from clientloop.model.messages import Failure, Receipt
from clientloop.ports.channel import Channel, Spec
from clientloop.services.intake.plan import Monitored
from clientloop.testing.fakes import FakeChannels
from tests.services.intake.wires import NINE, Script, body, perform, webhook

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that the test moves."""
    return ManualClock(NINE)


@pytest.fixture
def post() -> FakeChannels:
    """A channel that sends."""
    return FakeChannels("email")


@pytest.fixture
def loop(script: Script, clock: ManualClock, post: FakeChannels) -> Iterator[ClientLoop]:
    """A firm with a channel that is sent webhooks, one that is polled, and one that sends."""
    with ClientLoop.open("memory:", clock=clock, plugins=[script, post], perform=perform, entry_points=False) as opened:
        yield opened


def channel(loop: ClientLoop, name: str) -> Monitored:
    """How one channel stands."""
    [found] = [each for each in loop.channels.plan().channels if each.name == name]
    return found


def say(loop: ClientLoop, number: int) -> None:
    """A message comes by the wire."""
    loop.channels.receive("wire", webhook({"sort": "message", "key": f"m{number}"}, number=str(number)))


def test_every_channel_is_there_with_what_it_can(loop: ClientLoop) -> None:
    """Those that are set up, and those by which the application itself hands in words."""
    loop.feedback.receive(kind="idea", channel="phone", text="Saturdays")
    found = {each.name: (each.adapter, each.listens, each.sends) for each in loop.channels.plan().channels}
    assert found == {
        "box": ("box", True, False),
        "email": ("email", False, True),
        "phone": (None, True, False),
        "wire": ("wire", True, False),
    }


def test_the_last_word_in_and_out_is_known(loop: ClientLoop, clock: ManualClock, post: FakeChannels) -> None:
    """A message that failed for good is no word out."""
    say(loop, 1)
    clock.advance(DAY)
    say(loop, 2)
    assert channel(loop, "wire").last_in == NINE + DAY
    assert channel(loop, "email").last_out is None
    item = loop.feedback.receive(kind="question", channel="email", text="Open?", reply_to="a@example.com")
    loop.feedback.move(item, "answer", by="mia", text="Yes.")
    loop.run_due()
    clock.advance(DAY)
    post.answer = lambda message: Receipt(failure=Failure.PERMANENT)
    item = loop.feedback.receive(kind="question", channel="email", text="When?", reply_to="b@example.com")
    loop.feedback.move(item, "answer", by="mia", text="Now.")
    loop.run_due()
    assert channel(loop, "email").last_out == NINE + DAY


def test_a_channel_alarms_when_it_is_silent_for_longer_than_it_ever_was(loop: ClientLoop, clock: ManualClock) -> None:
    """Twelve days with a word each, then none: the second day without one alarms, and a word ends the alarm."""
    for number in range(12):
        say(loop, number)
        clock.advance(DAY)
    assert not channel(loop, "wire").silent
    clock.advance(DAY)
    assert channel(loop, "wire").alarms == ("silent for longer than usual",)
    assert loop.channels.plan().alarms == {"wire": ("silent for longer than usual",)}
    say(loop, 12)
    assert channel(loop, "wire").alarms == ()


def test_what_the_application_hands_in_is_watched_too(loop: ClientLoop, clock: ManualClock) -> None:
    """Calls that are noted every hour, then no more: somebody has stopped noting them."""
    for _ in range(12):
        loop.feedback.receive(kind="idea", channel="phone", text="Saturdays")
        clock.advance(timedelta(hours=1))
    assert not channel(loop, "phone").silent
    clock.advance(timedelta(hours=1))
    assert channel(loop, "phone").silent


def test_a_firm_may_say_how_long_a_channel_may_be_silent(loop: ClientLoop, clock: ManualClock) -> None:
    """The setting goes before what is usual; a name that is no channel's is refused."""
    say(loop, 1)
    loop.settings.set("silence", {"wire": hours(2)})
    assert channel(loop, "wire").silent_after == NINE + timedelta(hours=2)
    clock.advance(timedelta(hours=3))
    assert channel(loop, "wire").silent
    with pytest.raises(UnknownName, match="did you mean 'wire'"):
        loop.settings.set("silence", {"wirre": hours(2)})
    with pytest.raises(InvalidValue, match="no time at all"):
        loop.settings.set("silence", {"wire": hours(0)})


def test_what_goes_wrong_is_counted(loop: ClientLoop, script: Script, post: FakeChannels) -> None:
    """Refused, repeated and unreadable messages, polls that fail and messages that wait for a person."""
    script.unreadable.add(body("x"))
    script.failures.append(RuntimeError("the password is wrong"))
    post.answer = lambda message: Receipt(failure=Failure.CONFIG)
    loop.channels.receive("wire", webhook("a", headers={"Signature": "forged"}))
    for _ in range(2):
        say(loop, 1)
    loop.channels.receive("wire", webhook("x"))
    loop.channels.poll("box")
    item = loop.feedback.receive(kind="question", channel="email", text="Open?", reply_to="a@example.com")
    loop.feedback.move(item, "answer", by="mia", text="Yes.")
    loop.run_due()
    wire, box = channel(loop, "wire"), channel(loop, "box")
    assert (wire.refused, wire.repeated, wire.quarantined) == (1, 1, 1)
    assert wire.alarms == ("1 in quarantine",)
    assert box.alarms == ("cannot be polled: RuntimeError: the password is wrong",)
    assert channel(loop, "email").alarms == ("1 parked",)


@pytest.mark.parametrize(
    ("count", "says"),
    [
        (0, "no channels are listened to"),
        (1, "one channel is"),
        (4, "4 channels are"),
        (5, None),
        (9, None),
        (10, "10"),
    ],
)
def test_five_to_nine_channels_are_worth_monitoring(count: int, says: str | None) -> None:
    """Fewer leave somebody unheard, more are watched by nobody; both are said."""

    class Ear(Channel):
        spec = Spec(name="ear")
        parse = Script.__init__  # type: ignore[assignment]  # that it is there makes the channel listen

    configs = {f"ear_{number}": Ear() for number in range(count)}
    with ClientLoop.open("memory:", channels=configs, entry_points=False) as loop:
        remarks = loop.channels.plan().remarks
    assert [says in remark for remark in remarks] == ([True] if says else [])


def test_spaces_have_plans_of_their_own(loop: ClientLoop) -> None:
    """What one firm hears is no word on another's channel."""
    say(loop, 1)
    assert channel(loop.in_space("other"), "wire").last_in is None
