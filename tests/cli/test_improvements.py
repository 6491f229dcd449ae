"""The commands on improvements."""

from datetime import timedelta

import pytest

from clientloop.cli.demo.cast import at
from clientloop.model.calendar import hours
from clientloop.model.improvements import Burst, BurstField, ImprovementSort, ImprovementState

NOON = ("--now", "2026-03-02T12:00")


@pytest.fixture
def items(shop):
    """Three complaints about tents, and one about a stove."""
    return [
        shop.feedback.receive(kind="complaint", channel="form", text=f"The {what} leaks", product=what)
        for what in ("tent", "tent", "tent", "stove")
    ]


@pytest.fixture
def seams(shop):
    """An improvement."""
    return shop.improvements.add("Seams that hold", topic={"product": "tent"}, owner="maja")


def test_improvements_are_opened_changed_and_listed(run, shop, items):
    """An improvement is opened with what it is about, and the list counts the items that point to it."""
    assert run("improvements", "list").out == "There is none.\n"
    done = run("improvements", "add", "Seams", "--sort", "idea", "--topic", "product=tent", *NOON)
    assert done.out.splitlines()[0] == "Seams"
    assert done.out.splitlines()[2:] == [
        "  sort      idea", "  state     open", "  about     product tent", "  since     2026-03-02 12:00",
    ]  # fmt: skip
    changed = run("improvements", "change", "seams", "--title", "Seams that hold", "--owner", "maja", "--json").json
    assert (changed["title"], changed["owner"], changed["topic"]) == ("Seams that hold", "maja", {"product": "tent"})
    shop.improvements.link(changed["id"], items[:2], by="maja")
    [head, row] = run("improvements", "list").out.splitlines()
    assert head.split() == ["id", "sort", "state", "items", "open", "since", "owner", "title"]
    assert row.split()[1:] == ["idea", "open", "2", "2", "2026-03-02", "maja", "Seams", "that", "hold"]


def test_lists_are_of_a_state_and_a_sort_page_by_page(run, shop, seams):
    """What is proposed, done or dismissed stands in lists of its own."""
    shop.improvements.dismiss(shop.improvements.add("Cheaper tents"), reason="no", by="maja")
    shop.improvements.add("Free tents", sort=ImprovementSort.IDEA)

    def titles(*options):
        return [each["title"] for each in run("improvements", "list", *options, "--json").json["improvements"]]

    assert titles() == ["Seams that hold", "Free tents"]
    assert titles("--sort", "idea") == ["Free tents"]
    assert titles("--state", "dismissed") == ["Cheaper tents"]
    assert sorted(titles("--state", "all")) == ["Cheaper tents", "Free tents", "Seams that hold"]
    first = run("improvements", "list", "-n", "1", "--json").json
    assert titles("-n", "1", "--after", first["next"]) == ["Free tents"]
    assert f"--after {first['next']}" in run("improvements", "list", "-n", "1").out


def test_items_are_linked_by_number_or_by_what_they_have_in_common(run, shop, items, seams):
    """Named items, or the open items that options choose, point to an improvement; those that did so are counted."""
    done = run("improvements", "link", "Seams that hold", items[0].ref, "--by", "maja")
    assert done.out == "1 item linked to 'Seams that hold'\n"
    done = run("improvements", "link", "Seams that hold", "--where", '{"product": "tent"}', "--by", "maja")
    assert done.out == ("2 items linked to 'Seams that hold'\n  1 as they were: nothing was to be changed\n")
    out = run("improvements", "show", "Seams that hold").out
    assert "Items that point to it\n" in out
    assert [item.ref for item in items if item.ref in out] == [item.ref for item in items[:3]]
    assert len(run("improvements", "show", str(seams.id), "--json").json["items"]) == 3


@pytest.mark.parametrize("given", [(), ("A", "--kind", "complaint")])
def test_nobody_means_all_by_saying_nothing(run, shop, items, seams, given):
    """Without a word on which items, or with two, nothing is linked."""
    given = (items[0].ref, *given[1:]) if given else ()
    done = run("improvements", "link", "Seams that hold", *given, "--by", "maja")
    assert "nobody said which items" in done.err
    assert len(shop.improvements.items(seams)) == 0


def test_an_improvement_ends_with_a_lesson_or_a_reason(run, shop, seams):
    """Closing takes what was done and a lesson; deciding against takes a reason."""
    given = ("--done", "sewn twice", "--lesson", "test in rain", "--by", "maja", *NOON)
    out = run("improvements", "done", "Seams that hold", *given).out
    assert "  ended     2026-03-02 12:00 by maja\n  done      sewn twice\n  lesson    test in rain\n" in out
    assert "is done, not proposed or open" in (
        run("improvements", "dismiss", "Seams that hold", "--reason", "no", "--by", "maja").err
    )
    assert run("improvements", "done", "Seams that hold", "--by", "maja").code == 2


def test_names_that_cannot_be_are_refused(run, shop, seams):
    """A title that none has, or several, is refused; a topic must be of a field that there is."""
    assert "no improvement 'Seam'" in run("improvements", "show", "Seam").err
    shop.improvements.add("Seams that hold")
    assert "several improvements are called 'Seams that hold'" in run("improvements", "show", "Seams that hold").err
    assert "did you mean 'product'?" in run("improvements", "add", "Tents", "--topic", "prodct=tent").err
    assert "has no name before a sign of equality" in run("improvements", "add", "Tents", "--topic", "tent").err


def test_a_proposed_incident_is_taken_on(run, shop, clock):
    """A burst proposes an incident; whoever takes it on is told how to answer all at once."""
    shop.settings.set("bursts", (Burst(name="tents", field=BurstField.PRODUCT, count=3, within=hours(1)),))
    for _ in range(3):
        shop.feedback.receive(kind="complaint", channel="form", text="It leaks", product="tent")
    clock.advance(timedelta(hours=1))
    shop.run_due()
    [proposed] = shop.improvements.list(state=ImprovementState.PROPOSED)
    assert "clientloop improvements list --state proposed" in run("improvements", "list").out
    [_, row] = run("improvements", "list", "--state", "proposed").out.splitlines()
    assert row.startswith(f"{proposed.id}  incident  proposed")
    done = run("improvements", "accept", str(proposed.id), "--by", "maja")
    assert done.out.startswith("3 items linked to")
    assert f"clientloop answer --improvement {proposed.id} --text TEXT --by maja" in done.out


def test_the_most_urgent_comes_first_and_says_why(run, shop, items, seams):
    """The ranking shows the score and the points of each part, and adds them up."""
    assert run("improvements", "rank").out != ""
    ana = shop.customers.add(name="Ana", email="ana@example.com")
    stove = shop.improvements.add("A stove that burns")
    said = shop.feedback.receive(kind="complaint", channel="email", customer=ana, text="It is cold")
    shop.improvements.link(stove, [said], by="maja")
    [head, first, second] = run("improvements", "rank", *NOON).out.splitlines()
    assert head.split() == ["score", "customers", "classes", "revenue", "age", "ratings", "items", "open", "title"]
    assert first.endswith("1     1  A stove that burns")
    assert second.endswith("Seams that hold")
    score, *parts = map(float, first.split()[:6])
    assert score == pytest.approx(sum(parts), abs=0.3)
    data = run("improvements", "rank", "--json", *NOON).json["ranking"]
    assert data[0]["improvement"]["title"] == "A stove that burns"
    assert data[0]["score"] == pytest.approx(score, abs=0.05)


def test_no_open_improvement_is_told(run, shop):
    """There is nothing to rank without improvements."""
    assert run("improvements", "rank").out == "No improvement is open.\n"
    assert run("improvements", "rank", "--json").json == {"ranking": []}


@pytest.mark.parametrize("case", [(1, 5, "better"), (5, 1, "worse"), (5, 5, "perhaps chance")])
def test_what_was_done_is_measured(run, shop, clock, seams, case):
    """Ratings before and after are compared, and the answer says whether the difference may be chance."""
    before, after, verdict = case

    def rate(rating):
        for _ in range(20):
            shop.feedback.receive(
                kind="praise", channel="form", text="Well", product="tent", rating=rating, scale="1-5"
            )
        clock.advance(timedelta(days=1))

    rate(before)
    shop.improvements.done(seams, done="sewn twice", lesson="test in rain", by="maja")
    assert "not to be told" in run("improvements", "effect", "Seams that hold").out
    rate(after)
    out = run("improvements", "effect", "Seams that hold").out
    assert out.startswith("Seams that hold\n")
    assert out.rstrip().endswith(verdict)
    [row] = run("improvements", "effect", "Seams that hold", "--json").json
    assert (row["before"]["count"], row["after"]["count"]) == (20, 20)


def test_without_ratings_there_is_nothing_to_measure(run, shop, seams):
    """Where nobody has rated, the answer says so."""
    shop.improvements.done(seams, done="sewn twice", lesson="test in rain", by="maja")
    out = run("improvements", "effect", "Seams that hold", "--days", "30").out
    assert out == "Nobody has rated what it is about, 30 days before or after.\n"
    assert at("2026-03-02 09:00") == shop.clock.now()
