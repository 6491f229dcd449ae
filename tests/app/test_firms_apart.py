"""Several firms in one store: what one application does for all of them, and what for its own alone."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.app import lanes
from clientloop.errors import UnknownName
from clientloop.model.planning import Routine
from clientloop.model.units import Unit
from clientloop.ports.events import Raw
from clientloop.services import context
from clientloop.services.keeping.seals import Seal, Way
from clientloop.testing.fakes import FakeChannels
from tests.app.firms import queue, until, working
from tests.services.intake.wires import NINE, Script, perform

Opened = Callable[..., ClientLoop]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Opens a firm of one file by an application of its own."""
    loops = []

    def open_it(space: str, *plugins: object, polls: bool = False) -> ClientLoop:
        loop = ClientLoop.open(
            f"sqlite:///{tmp_path}/firms.db", space=space, clock=ManualClock(NINE), plugins=plugins, perform=perform,
            channels={"box": {}} if polls else {}, entry_points=False,
        )  # fmt: skip
        loops.append(loop)
        return loop

    yield open_it
    for loop in loops:
        loop.close()


def letter(text: str) -> Raw:
    """A message in a mailbox."""
    return Raw(body=json.dumps([{"sort": "message", "key": text, "text": text}]).encode())


def titles(loop: ClientLoop) -> list[str]:
    """What the items of a firm are about."""
    return [item.title for item in loop.inbox()]


@pytest.mark.parametrize("works", ["runs what is due", "has a worker"])
def test_a_mailbox_is_read_for_its_own_firm_alone(opened: Opened, works: str) -> None:
    """Whoever runs what is due everywhere brings no mail of one firm to another, and moves no mailbox of others on."""
    boxes = Script(), Script()
    b, a = opened("b", boxes[1], polls=True), opened("a", boxes[0], polls=True)
    for script, text in zip(boxes, ("to a", "to b"), strict=True):
        script.box.append(letter(text))
    if works == "has a worker":
        with working(a):
            until(lambda: titles(a) != [])
    else:
        a.run_due()
    assert (titles(a), titles(b)) == (["to a"], [])
    b.run_due()
    assert (titles(a), titles(b)) == (["to a"], ["to b"])


def test_a_worker_may_be_a_firms_own(opened: Opened) -> None:
    """It sends what waits in the opened space, and leaves that of other firms to workers of their own."""
    post = FakeChannels("email")
    a, b = opened("a", post), opened("b", post)
    queue(b, "email")
    queue(a, "email")
    with working(a, alone=True):
        until(lambda: len(post.sent) == 1)
    assert [len(loop.outbox.list().items) for loop in (a, b)] == [0, 1]


def test_spaces_behind_those_that_stay_due_have_their_turn(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many have moved to another store, what waits behind them is sent."""
    monkeypatch.setattr(lanes, "_FEW", 2)
    post = FakeChannels("email")
    loop = opened("main", post)
    for number in range(5):
        queue(loop.in_space(f"moved-{number}"), "email")
        loop.store.commit(Unit((Seal(space=f"moved-{number}", way=Way.LEAVING, other="postgresql:").setting(),)))
    loop.clock.set(NINE + timedelta(hours=1))
    queue(loop.in_space("stays"), "email")
    loop.run_due()
    assert len(post.sent) == 1


def test_an_error_in_one_space_is_told_when_all_others_have_had_their_turn(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is, it is raised at the end and names its space."""
    post = FakeChannels("email")
    loop = opened("main", post)
    for name in ("first", "second"):
        queue(loop.in_space(name), "email")
    view = ClientLoop.in_space

    def in_space(self: ClientLoop, name: str) -> ClientLoop:
        if name == "first":
            raise ZeroDivisionError
        return view(self, name)

    monkeypatch.setattr(ClientLoop, "in_space", in_space)
    with pytest.raises(ZeroDivisionError) as caught:
        loop.run_due()
    assert caught.value.__notes__ == ["this is space 'first'; all other spaces have had their turn"]
    assert len(post.sent) == 1


def test_what_another_process_has_set_counts_after_a_while(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """An application that stays open goes by settings that are some seconds old at most."""
    app, admin = opened("main"), opened("main")
    assert app.context.settings.reassess is not None
    admin.settings.set("reassess", None)
    assert app.context.settings.reassess is not None
    monkeypatch.setattr(context, "FRESH", -1)
    assert app.context.settings.reassess is None


def test_a_misspelt_space_makes_no_firm_where_none_is_to_be_made(opened: Opened, tmp_path: Path) -> None:
    """The error names those that come near, and nothing is written."""
    loop = opened("shop")
    with pytest.raises(UnknownName, match="shop"):
        ClientLoop.open(f"sqlite:///{tmp_path}/firms.db", space="shpo", make=False, entry_points=False)
    assert list(loop.store.spaces()) == ["shop"]
    assert list(loop.store.pages(Routine, "shpo")) == []
