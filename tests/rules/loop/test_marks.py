"""Notes with mentions, tags and watchers: who is found, who hears, and what customers never see."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop import Actor, Role, UnknownName
from clientloop.errors import InvalidValue
from clientloop.model.customers import Purpose
from clientloop.model.feedback import Feedback
from clientloop.rules.loop.marks import mentions
from tests.test_processes import CUSTOMER, OWNER, Firm

NAMES = {"mia", "mia-l", "Ana", "Ana Novak", "ŽAN"}


@pytest.mark.parametrize(
    ("note", "found", "unknown"),
    [
        ("@mia", ["mia"], []),
        ("ask @mia, or (@ŽAN)!", ["mia", "ŽAN"], []),
        ("@mia-l @mia @mia", ["mia-l", "mia"], []),
        ("@Ana Novak and @Ana", ["Ana Novak", "Ana"], []),
        ("@Ana Novakova", ["Ana"], []),
        ("@Mia @miadora @bob.smith.", [], ["Mia", "miadora", "bob.smith"]),
        ("mia@example.com writes @ noon @", [], []),
        ("", [], []),
    ],
)
def test_names_are_found_as_they_are_written(note: str, found: list[str], unknown: list[str]) -> None:
    """A mention is a whole name after an at sign that begins a word; an address of mail is none."""
    assert mentions(note, NAMES) == (tuple(found), tuple(unknown))


@given(note=st.text(alphabet="@a bñ.-", max_size=40), names=st.sets(st.text(alphabet="abñ ", min_size=1, max_size=4)))
def test_whatever_is_found_stands_in_the_note(note: str, names: set[str]) -> None:
    """Nobody is mentioned whose name does not follow an at sign, and no name is called unknown."""
    found, unknown = mentions(note, names)
    assert all(name in names and f"@{name}" in note for name in found)
    assert all(word not in names and f"@{word}" in note for word in unknown)


def heard(firm: Firm, template: str) -> list[str]:
    """Who got a template, by address, in order."""
    return [message.to.partition("@")[0] for message in firm.post.sent if message.template == template]


def test_who_is_mentioned_watches_and_hears(firm: Firm) -> None:
    """Each member mentioned gets one internal message with the note; what is nobody's name is recorded."""
    item = firm.move(firm.receive("complaint"), "note", OWNER, note="@tim and @head, also @tim: ask @bob? says @mia")
    assert item.watchers == ("tim", "head", "mia")
    row = firm.loop.feedback.history(item)[-1]
    assert (row.data["mentioned"], row.data["not_found"]) == (["tim", "head", "mia"], ["bob"])
    sent = [message for message in firm.post.sent if message.template == "mentioned"]
    assert heard(firm, "mentioned") == ["tim", "head"]  # mia wrote it
    assert all("ask @bob?" in message.body and message.purpose is Purpose.INTERNAL for message in sent)
    assert {message.customer for message in sent} == {None}


def test_a_customer_never_sees_a_note(firm: Firm) -> None:
    """Not even a text of the firm's own that asks for it tells a customer what was noted with a move."""
    firm.loop.settings.set("texts", {"en.received": {"subject": "$ref", "body": "Noted: [$note]"}})
    firm.move(firm.receive("complaint"), "assign", OWNER, to="mia", note="a difficult one")
    (message,) = [message for message in firm.post.sent if message.template == "received"]
    assert message.body == "Noted: []"


def watched(firm: Firm, *names: str) -> Feedback:
    """An item that members watch, with nothing sent."""
    item = firm.move(firm.receive("complaint"), "watch", OWNER, watchers=list(names))
    firm.post.sent.clear()
    return item


def test_watchers_hear_of_changes_of_state(firm: Firm) -> None:
    """One message each and move, but not to the one who moved it, and not of moves that stay where they are."""
    item = watched(firm, "tim", "mia", "head")
    item = firm.move(item, "hand_over", OWNER, to="tim")
    assert heard(firm, "watched") == []
    item = firm.move(item, "assign", OWNER, to="tim")
    assert heard(firm, "watched") == ["tim", "head"]
    (message,) = [message for message in firm.post.sent if message.to.startswith("tim@")]
    assert "is now assigned" in message.subject
    assert "Move: assign, by mia" in message.body
    assert message.purpose is Purpose.INTERNAL
    firm.move(item, "unwatch", OWNER, watchers="head")
    firm.post.sent.clear()
    firm.move(item, "start", OWNER)
    assert heard(firm, "watched") == ["tim"]


def test_watchers_hear_of_what_deadlines_and_customers_do(firm: Firm) -> None:
    """Whoever moves it, and whether the move waits for a channel or not: each change is told once."""
    item = firm.bring("complaint", "resolved")
    item = firm.move(item, "watch", OWNER, watchers="tim")
    firm.post.sent.clear()
    item = firm.move(item, "inform", OWNER)
    assert (item.state, heard(firm, "watched")) == ("informed", ["tim"])
    item = firm.move(item, "deny", CUSTOMER)
    assert heard(firm, "watched") == ["tim", "tim"]
    item = firm.move(item, "wait", OWNER, text="Which parcel?")
    firm.post.sent.clear()
    firm.clock.advance(timedelta(days=20))
    firm.loop.run_due()
    assert firm.loop.feedback.get(item.id).state == "closed_no_reply"
    assert heard(firm, "watched") == ["tim"]


def test_only_members_watch_once_there_are_some(firm: Firm) -> None:
    """A misspelt watcher is refused with the near name; in a firm without members any name may watch."""
    item = firm.receive("complaint")
    with pytest.raises(UnknownName, match="did you mean 'mia'"):
        firm.loop.feedback.move(item, "watch", by="mia", watchers="mja, tim")
    other = firm.loop.in_space("other")
    item = other.feedback.receive(kind="idea", channel="form", text="Saturdays")
    assert other.feedback.move(item, "watch", by="desk", watchers="desk").watchers == ("desk",)


@pytest.mark.parametrize("tags", [5, ["vip", 5], ["vip", ["late"]]])
def test_tags_are_texts(firm: Firm, tags: object) -> None:
    """What names nothing is refused."""
    with pytest.raises(InvalidValue, match="names nothing"):
        firm.loop.feedback.move(firm.receive("complaint"), "tag", by="mia", tags=tags)


def test_a_tag_stands_once(firm: Firm) -> None:
    """The same tag in another writing is the same tag."""
    item = firm.move(firm.receive("complaint"), "tag", OWNER, tags=["VIP", "vip "])
    assert firm.move(item, "tag", OWNER, tags="Vip, late").tags == ("vip", "late")


def test_system_cannot_mark(firm: Firm) -> None:
    """Marks are of people: the system has no note to write."""
    item = firm.receive("complaint")
    system = Actor(name="system", roles=frozenset({Role.SYSTEM}))
    assert "note" not in firm.loop.feedback.next_moves(item, by=system)
