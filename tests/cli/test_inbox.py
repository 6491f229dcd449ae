"""The command that lists what waits."""

import re
from datetime import timedelta

import pytest
from attrs import evolve

from clientloop import CustomerClass, Priority
from clientloop.cli.options import MEMBER_VARIABLE
from clientloop.model.feedback import Feedback
from clientloop.model.units import Unit, Update

EARLY = ("--now", "2026-03-02T09:00")


@pytest.fixture
def ana(shop):
    """A customer."""
    return shop.customers.add(name="Ana Bizjak", email="ana@example.com", customer_class=CustomerClass.A)


@pytest.fixture
def item(shop, ana):
    """A complaint of hers."""
    return shop.feedback.receive(kind="complaint", channel="email", customer=ana, text="The parcel came broken")


def _marked(shop, item, **fields):
    """The item with fields that no move is needed for in a test of a list."""
    shop.store.commit(Unit((Update(Feedback, (item.space, item.id), fields, item.version),)))
    return evolve(item, version=item.version + 1, **fields)


def _refs(done):
    return [each["ref"] for each in done.json["items"]]


def test_inbox_lists_what_is_due_first(run, shop, item):
    """The inbox has one plain line an item, the earliest due first, with its time in words, and sums it up."""
    idea = shop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    done = run("inbox", *EARLY)
    assert done.out.splitlines() == [
        "item      due         kind       state  owner   customer    words",
        f"{item.ref}  Tue 09:00   complaint  new    nobody  Ana Bizjak  The parcel came broken",
        f"{idea.ref}  in 14 days  idea       new    nobody              Deliver on Saturdays",
        "",
        "2 open, next due in 24 h",
    ]


def test_inbox_says_how_late(run, shop, item):
    """What is overdue says so, and the sum counts it."""
    shop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    done = run("inbox", "--now", "2026-03-04T10:00")
    assert " 25 h late " in done.out
    assert done.out.endswith("\n2 open, 1 overdue, next due in 11 days\n")


def test_inbox_filters_and_pages(run, shop, item):
    """Owner and kind narrow the inbox; a page names the one that follows."""
    shop.feedback.move(item, "assign", to="maja", by="desk")
    others = [shop.feedback.receive(kind="idea", channel="form", text=f"Idea {n}") for n in range(3)]
    assert _refs(run("inbox", "--owner", "maja", "--json")) == [item.ref]
    assert _refs(run("inbox", "--kind", "complaint", "--json")) == [item.ref]
    first = run("inbox", "--kind", "idea", "-n", "2", "--json").json
    rest = run("inbox", "--kind", "idea", "-n", "2", "--json", "--after", first["next"]).json
    assert [each["ref"] for each in first["items"] + rest["items"]] == [each.ref for each in others]
    assert rest["next"] is None
    assert f"There are more: -n 4, or -i to turn pages, or --after {first['next']}" in (
        run("inbox", "--kind", "idea", "-n", "2").out
    )


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--state", "assigned"), "a"),
        (("--state", "new", "--state", "assigned"), "abc"),
        (("--kind", "idea", "--kind", "praise"), "bc"),
        (("--team", "returns"), "b"),
        (("--tag", "vip"), "ab"),
        (("--tag", "vip", "--tag", "press"), "b"),
        (("--text", "PARCEL broken"), "a"),
        (("--where", '{"kind": ["idea", "praise"], "team": {"given": false}}'), "c"),
        (("--where", '{"channel": "form"}', "--kind", "idea"), "b"),
        (("--due-before", "2026-03-06"), "ac"),
        (("--owner", "maja", "--state", "new"), ""),
    ],
)
def test_inbox_narrows_by_what_is_asked(run, shop, item, options, found):
    """Each option narrows the inbox: several values of one mean any of them, several tags all."""
    a = _marked(shop, shop.feedback.move(item, "assign", to="maja", by="desk"), tags=("vip",))
    b = shop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    b = _marked(shop, b, tags=("press", "vip"), team="returns")
    c = shop.feedback.receive(kind="praise", channel="form", text="Well done")
    named = {"a": a.ref, "b": b.ref, "c": c.ref}
    assert set(_refs(run("inbox", *options, "--json"))) == {named[name] for name in found}
    lines = run("inbox", *options).out.splitlines()
    assert [line[:8] for line in lines[1 : len(found) + 1]] == (_refs(run("inbox", *options, "--json")))


def test_mine_are_those_of_who_types(run, shop, item, monkeypatch):
    """`--mine` shows the items of who types, as `--by` or the variable of the environment says."""
    shop.feedback.move(item, "assign", to="maja", by="desk")
    shop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    assert _refs(run("inbox", "--mine", "--by", "maja", "--json")) == [item.ref]
    assert "nobody said who you are" in run("inbox", "--mine").err
    monkeypatch.setenv(MEMBER_VARIABLE, "maja")
    assert _refs(run("inbox", "--mine", "--json")) == [item.ref]
    assert len(_refs(run("inbox", "--json"))) == 2


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (("--kind", "complant"), "no kind of feedback 'complant'\n  did you mean 'complaint'?"),
        (("--state", "assignd"), "no state 'assignd'\n  did you mean 'assigned'?"),
        (("--owner", "maya"), "no member 'maya'\n  did you mean 'maja'?"),
        (("--team", "tabels"), "no team 'tabels'\n  did you mean 'tables'?"),
        (("--kind", "complaint", "--kind", "idae"), "no kind of feedback 'idae'\n  did you mean 'idea'?"),
    ],
)
def test_misspelt_names_are_told(run, shop, item, options, hint):
    """A name that is nowhere known is told with the nearest one, also beside others that found something."""
    shop.staff.add("maja")
    shop.staff.add_team("tables")
    done = run("inbox", *options)
    assert (done.code, done.out) == (1, "")
    assert hint in done.err


def test_names_that_are_known_find_nothing_quietly(run, shop, item):
    """A known name without items is no error, nor is any owner where nobody is on the staff list."""
    assert run("inbox", "--kind", "idea").out == "Nothing waits.\n"
    assert run("inbox", "--owner", "anybody").out == "Nothing waits.\n"
    assert run("inbox", "--team", "any").out == "Nothing waits.\n"


def test_an_empty_inbox_says_so(run, shop):
    """An empty inbox is no empty output; a program gets an empty list."""
    assert run("inbox").out == "Nothing waits.\n"
    assert run("inbox", "--json").json == {"items": [], "next": None}


def test_inbox_is_a_table_with_colours_on_a_terminal(run, shop, item):
    """On a terminal what is late is red, what is due today yellow, and long words are cut: an item is one line."""
    shop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays " * 4)
    out = run("inbox", "--now", "2026-03-04T10:00", terminal=True).out
    assert "\x1b[31m25 h late" in out
    assert "\x1b[33min 4 h" in run("inbox", "--now", "2026-03-03T05:00", terminal=True).out
    lines = re.sub(r"\x1b\[[0-9;]*m", "", out).splitlines()
    assert lines[2].rstrip().endswith("…")
    assert lines[3:] == ["", "2 open, 1 overdue, next due in 11 days"]


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_inbox_fits_a_terminal(run, shop, item, width):
    """On a narrow terminal columns give way, customer and team first; item, due time and owner always stay."""
    _marked(shop, item, team="returns", tags=("vip", "press"), priority=Priority.CRITICAL, owner="maja")
    out = re.sub(r"\x1b\[[0-9;]*m", "", run("inbox", *EARLY, terminal=True, width=width).out)
    head, row = out.splitlines()[:2]
    assert max(map(len, (head, row))) <= width
    assert row.startswith(f"{item.ref}  ")
    assert {"item", "due", "owner", "words"} <= set(head.split())
    assert [name for name in ("tags", "customer", "pri") if name in head] == {
        60: [], 80: ["customer", "pri"], 100: ["tags", "customer", "pri"], 140: ["tags", "customer", "pri"],
    }[width]  # fmt: skip


def test_priorities_have_signs(run, shop, ana):
    """What is more urgent than others has a sign, which is seen without colours, too."""
    for priority in Priority:
        shop.feedback.receive(kind="praise", channel="form", text=priority.value, priority=priority)
    rows = run("inbox").out.splitlines()[1:5]
    signs = {row.split()[-1]: row[10:13].strip() for row in rows}
    assert signs == {"critical": "!!", "high": "!", "normal": "", "low": "-"}


def test_the_sum_is_of_what_was_asked_for(run, shop, item, clock):
    """The last line counts all items of the question, those beyond the page as well, and no others."""
    for _ in range(3):
        shop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    clock.advance(timedelta(days=30))
    assert "\n3 open, 3 overdue\n" in run("inbox", "--kind", "idea", "-n", "1", "--now", "2026-04-02").out
