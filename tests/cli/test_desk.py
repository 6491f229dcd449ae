"""What operators type in."""

import json

import pytest

from clientloop.model.interactions import Interaction


def test_a_call_becomes_an_item(run, shop):
    """The number of the item is shown, and the operator and the outside call centre are kept with it."""
    done = run(
        *("desk", "call", "2026-03-02/117", "The parcel is late", "--by", "kim", "--centre", "Callers Ltd"),
        *("--phone", "040 123 456", "--kind", "complaint", "--rating", "2", "--scale", "1-5"),
    )
    [item] = shop.inbox()
    assert (done.code, done.out) == (0, f"{item.ref}: complaint, new, with nobody yet\n")
    assert (item.channel, item.reply_to, item.rating, item.scale) == ("phone", "+38640123456", 2, "1-5")
    kept = shop.store.get(Interaction, (shop.space.space, item.id)).extra
    assert (kept["operator"], kept["centre"]) == ("kim", "Callers Ltd")


@pytest.mark.parametrize(
    ("typed", "channel"),
    [
        (("desk", "call", "117", "Late"), "phone"),
        (("desk", "book", "Shop 3", "12", "2", "The queue is long"), "book"),
        (("desk", "poll", "P-7", "Ana Kos", "--answer", "Again?=Yes", "--text", "Well done"), "poll"),
    ],
)
def test_what_is_typed_twice_is_one_entry(run, shop, typed, channel):
    """Each sort of entry has its channel; typed again, it is the same item."""
    first, again = [json.loads(run(*typed, "--by", "kim", "--kind", "idea", "--json").out) for _ in range(2)]
    [item] = shop.inbox()
    assert first == again == {"item": item.ref, "interaction": str(item.id), "state": "read"}
    assert item.channel == channel


def test_an_outside_time_is_of_the_firm_s_zone(run, shop):
    """A time without an offset is by the wall clock of the firm."""
    run("desk", "call", "117", "Late", "--by", "kim", "--at", "2026-03-02T08:30", "--kind", "idea")
    [item] = shop.inbox()
    assert item.received_at.isoformat() == "2026-03-02T07:30:00+00:00"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (("desk", "poll", "P-7", "Ana", "--answer", "Again"), "'Would you come again?=Yes'"),
        (("desk", "call", "117", " "), "nothing is written there"),
        (("desk", "call", "117", "Late", "--rating", "3"), "scale"),
        (("desk", "call", "117", "Late", "--channel", "phonee"), "did you mean 'phone'"),
        (("desk", "call", "117", "Late", "--channel", "form"), "is not set up"),
    ],
)
def test_what_cannot_be_meant_is_refused(run, shop, typed, says):
    """The message says what was wrong, and nothing is written."""
    done = run(*typed, "--by", "kim")
    assert done.code == 1
    assert says in done.err
    assert not shop.inbox()
