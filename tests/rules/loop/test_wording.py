import pytest

from clientloop.errors import Refused
from clientloop.model.process import OWNER, UNSORTED, Party, move, notify, start, tell, told
from clientloop.model.process import given as needs
from clientloop.presets.processes import PROCESSES
from clientloop.rules.loop.wording import speaks, worded


def test_only_what_a_person_tells_the_customer_is_replaced() -> None:
    """Automatic messages, and what others hear, keep their texts; all other causes and needs stay."""
    row = move(
        "new", "answer", "answered", OWNER, told, needs("text", "cause"),
        notify("received"), tell("answer"), notify("alert", Party.SUPERIOR), start("reply"),
    )  # fmt: skip
    expected = move(
        "new", "answer", "answered", OWNER, told, needs("cause"),
        notify("received"), tell("outage"), notify("alert", Party.SUPERIOR), start("reply"),
    )  # fmt: skip
    assert worded(row, "outage") == expected


def test_a_silent_move_takes_no_template() -> None:
    """A text that nobody would hear is refused, with what to do."""
    row = move("new", "start", "working", OWNER, notify("received"))
    assert not speaks(row)
    with pytest.raises(Refused, match="tells the customer nothing: leave the template out"):
        worded(row, "outage")


def test_every_kind_has_moves_that_speak() -> None:
    """Each built-in process has moves that a text of the firm's own can go with, but for what is to be sorted first."""
    mute = {process.kind for process in PROCESSES if not any(speaks(row) for row in process.moves)}
    assert mute == {UNSORTED}
