"""The commands by which people of the firm mark an item."""

import pytest


@pytest.fixture
def item(shop):
    """An idea."""
    return shop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")


def test_notes_stand_apart_in_the_story(run, shop, item):
    """A note is written on an item, whoever is mentioned watches it, and the story shows it apart from the journal."""
    shop.staff.add("maja")
    shop.staff.add("marko")
    done = run("note", item.ref, "@marko please ask the carrier", "--by", "maja", "--now", "2026-03-02T09:00")
    assert done.out == f"{item.ref}  noted\n  watched by marko\n"
    out = run("show", item.ref).out
    assert "Notes\n  2026-03-02 09:00  maja: @marko please ask the carrier\n" in out
    assert "  watched   marko\n" in out
    assert out.count("@marko please ask the carrier") == 1


def test_tags_are_put_on_and_taken_off(run, shop, item):
    """Tags find an item in the inbox, until they are taken away."""
    assert run("tag", item.ref, "vip", "press", "--by", "maja").out == f"{item.ref}  tagged\n  tags vip, press\n"
    assert len(run("inbox", "--tag", "vip", "--json").json["items"]) == 1
    assert "  tags      vip, press\n" in run("show", item.ref).out
    assert run("tag", item.ref, "vip", "--remove", "--by", "maja", "--json").json["tags"] == ["press"]
    assert run("inbox", "--tag", "vip").out == "Nothing waits.\n"


def test_who_marks_must_be_said(run, shop, item):
    """A mark without a name is wrong usage, as the journal would not know who made it."""
    assert run("note", item.ref, "Call her").code == 2
    assert run("tag", item.ref, "vip").code == 2


def test_the_story_names_the_improvement(run, shop, item):
    """The story says what an item points to, and that notes and tags can be made at any time."""
    improvement = shop.improvements.add("Saturdays")
    shop.feedback.move(item, "link", by="maja", improvement=improvement.id)
    out = run("show", item.ref).out
    assert "  points to Saturdays (cause, open)\n" in out
    assert "at any time: note, tag, untag, watch, unwatch, link\n" in out
    assert run("show", item.ref, "--json").json["improvement"]["title"] == "Saturdays"
