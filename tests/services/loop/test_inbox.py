"""Items found again: filters of the inbox, and what the rights of a reader leave of every list."""

from collections.abc import Callable

import pytest

from clientloop import Actor, NotAllowed, Role, UnknownName
from clientloop.errors import InvalidValue, NotFound
from clientloop.model.feedback import Feedback, Priority, tagged
from clientloop.model.interactions import InteractionKind, Text
from clientloop.model.staff import Member
from clientloop.model.units import Delete, Unit, Update
from clientloop.model.where import eq
from clientloop.rules.staff.rights import Right, Scope
from tests.test_processes import ACTORS, CUSTOMER, DAY, NINE, SYSTEM, Firm

ANY = pytest.mark.parametrize


def put(firm: Firm, item: Feedback, **changes: object) -> Feedback:
    """An item as routing and moves would have made it."""
    firm.loop.store.commit(Unit((Update(Feedback, (item.space, item.id), changes),)))
    return firm.loop.feedback.get(item.id)


def join(firm: Firm, name: str, *teams: str) -> None:
    """Make a member part of teams."""
    firm.loop.store.commit(Unit((Update(Member, ("main", name), {"teams": teams}),)))


@pytest.fixture
def items(firm: Firm) -> dict[str, Feedback]:
    """Four items that differ in all that can be asked for."""
    bad = firm.loop.feedback.receive(
        kind="complaint", channel="email", text="The parcel is wet", rating=1, scale="1-5", priority=Priority.HIGH
    )
    found = {
        "bad": put(firm, bad, owner="mia", team="post", tags=("vip", "late parcel")),
        "idea": put(firm, firm.receive("idea"), owner="tim", team="post"),
        "lost": put(firm, firm.receive("question"), team="shop", watchers=("mia",)),
    }
    found["busy"] = put(firm, firm.receive("complaint"), owner="mia")
    firm.loop.feedback.move(found["busy"], "not_feedback", by="mia", reason="advertising")
    return found


@ANY(
    ("asked", "names"),
    [
        ({}, "bad lost idea"),
        ({"owner": "mia"}, "bad"),
        ({"owner": "head"}, ""),
        ({"owner": ["mia", "tim"]}, "bad idea"),
        ({"team": "post"}, "bad idea"),
        ({"team": "post", "owner": "tim"}, "idea"),
        ({"kind": "question"}, "lost"),
        ({"state": "new", "kind": "idea"}, "idea"),
        ({"state": "assigned"}, ""),
        ({"state": ["new", "assigned"], "kind": ("idea", "question")}, "idea lost"),
        ({"kind": []}, ""),
        ({"priority": "high"}, "bad"),
        ({"priority": Priority.NORMAL, "team": "shop"}, "lost"),
        ({"priority": ["high", Priority.NORMAL]}, "bad idea lost"),
        ({"tag": " VIP"}, "bad"),
        ({"tag": "late"}, ""),
        ({"tag": "Late Parcel"}, "bad"),
        ({"tag": ["VIP", "Late Parcel"]}, "bad"),
        ({"tag": ["VIP", "press"]}, ""),
        ({"due_before": NINE + 2 * DAY}, "bad lost"),
        ({"rating_at_most": 2}, "bad"),
        ({"rating_at_most": 0}, ""),
        ({"text": "wet parcel"}, "bad"),
        ({"text": "words", "kind": "idea"}, "idea"),
        ({"where": eq("owner", None)}, "lost"),
        ({"owner": None, "kind": None}, "bad lost idea"),
    ],
)
def test_the_inbox_is_asked_by_filters(
    firm: Firm, items: dict[str, Feedback], asked: dict[str, object], names: str
) -> None:
    """Each filter leaves the open items that it names, in the order of what is due; None asks for nothing."""
    found = [item.id for item in firm.loop.inbox(**asked)]  # type: ignore[arg-type]  # filters of several types
    assert sorted(found) == sorted(items[name].id for name in names.split())
    dues = [item.due or NINE for item in firm.loop.inbox(**asked)]  # type: ignore[arg-type]
    assert dues == sorted(dues)


@ANY(
    ("asked", "order"),
    [
        ({"owner": "mia", "team": "post"}, "inbox"),
        ({"where": eq("owner", None)}, "inbox"),
        ({"team": "post"}, "by_team"),
        ({"kind": "idea"}, "agenda"),
    ],
)
def test_the_inbox_is_read_by_the_index_that_leads_to_it(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, asked: dict[str, object], order: str
) -> None:
    """An owner's or a team's items are read by their own index, so that others' cost nothing."""
    used: list[object] = []
    page = firm.loop.store.page

    def noting(*args: object, **more: object) -> object:
        if args[0] is Feedback:
            used.append(more["order"])
        return page(*args, **more)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(firm.loop.store, "page", noting)
    firm.loop.inbox(**asked)  # type: ignore[arg-type]  # filters of several types
    assert used == [order]


@ANY(
    ("asked", "says"),
    [
        ({"kind": "complant"}, "did you mean 'complaint'"),
        ({"state": "asigned"}, "did you mean 'assigned'"),
        ({"state": "promised", "kind": "question"}, "no state of question 'promised'"),
        ({"priority": "hgih"}, "did you mean 'high'"),
        ({"onwer": "mia"}, "no filter of the inbox 'onwer': did you mean 'owner'"),
        ({"kind": ["complaint", "idae"]}, "did you mean 'idea'"),
        ({"state": ["new", "promsed"], "kind": ["idea", "question"]}, "no state of idea or question 'promsed'"),
        ({"owner": "mja"}, "no member 'mja': did you mean 'mia'"),
        ({"owner": ["mia", "tmi"]}, "no member 'tmi': did you mean 'tim'"),
        ({"owner": "mja", "text": "words"}, "no member 'mja'"),
    ],
)
def test_names_that_nobody_declared_are_refused(firm: Firm, asked: dict[str, str], says: str) -> None:
    """A misspelt kind, state, priority or filter gives an error, not an empty list."""
    with pytest.raises(UnknownName, match=says):
        firm.loop.inbox(**asked)  # type: ignore[arg-type]  # wrong on purpose


def test_a_typo_beside_a_name_is_refused(firm: Firm, items: dict[str, Feedback]) -> None:
    """A list with one misspelt name is refused, although the others find something."""
    with pytest.raises(UnknownName, match="no member 'tmi': did you mean 'tim'"):
        firm.loop.inbox(owner=["mia", "tmi"])


def test_a_team_that_there_is_not_is_refused(firm: Firm) -> None:
    """A misspelt team gives an error where the firm has teams; while it has none, any name finds its items."""
    assert not firm.loop.inbox(team="psot")
    firm.loop.staff.add_team("post")
    assert not firm.loop.inbox(team="post")
    with pytest.raises(UnknownName, match="no team 'psot': did you mean 'post'"):
        firm.loop.inbox(team="psot")


def test_somebody_who_was_never_made_a_member_is_found_by_what_is_theirs(
    firm: Firm, items: dict[str, Feedback]
) -> None:
    """A name that an open item bears is no typo, whatever else is asked for; nor is one while there are no members."""
    put(firm, firm.receive("idea"), owner="old")
    assert len(firm.loop.inbox(owner="old")) == 1
    assert not firm.loop.inbox(owner="old", kind="complaint")
    other = firm.loop.in_space("elsewhere")
    assert not other.inbox(owner="anybody")


def test_a_name_that_led_to_something_is_not_looked_up(
    firm: Firm, items: dict[str, Feedback], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page itself shows that its names are right, so that an owner's inbox stays one read; a later page is too."""
    first = firm.loop.inbox(kind=["idea", "question"], limit=1)

    def unasked(*_: object) -> object:
        raise AssertionError

    monkeypatch.setattr(firm.loop.store, "get", unasked)
    assert firm.loop.inbox(owner="mia", team="post")
    assert firm.loop.inbox(owner=["mia", "tim"], team="post", state="new")
    assert firm.loop.inbox(kind=["idea", "question"], limit=1, after=first.next)


@ANY(
    ("asked", "says"),
    [
        ({"owner": 5}, "5 is no list of names"),
        ({"team": [5]}, "5 is no str"),
        ({"tag": 5}, "5 is no list of names"),
        ({"tag": " "}, "no tag"),
        ({"priority": 3}, "3 is no list of names"),
        ({"due_before": "2026-03-02"}, "names no zone"),
    ],
)
def test_what_cannot_be_asked_for_is_told(firm: Firm, asked: dict[str, object], says: str) -> None:
    """A value of another type, or a tag without a word, is refused: it would find nothing."""
    with pytest.raises(InvalidValue, match=says):
        firm.loop.inbox(**asked)  # type: ignore[arg-type]  # wrong on purpose


def test_a_tag_has_a_word() -> None:
    """Nothing is no tag."""
    with pytest.raises(InvalidValue, match="no tag"):
        tagged("  ")


def limit(firm: Firm, **scopes: Scope) -> None:
    """Give owners these rights; superiors keep all."""
    firm.loop.settings.set("rights", {Role.OWNER: {Right(name): scope for name, scope in scopes.items()}})


@ANY(
    ("scope", "names"),
    [(Scope.NONE, ""), (Scope.OWN, "bad lost"), (Scope.TEAM, "bad idea lost"), (Scope.ALL, "bad idea lost")],
)
def test_lists_hold_what_their_reader_may_see(firm: Firm, items: dict[str, Feedback], scope: Scope, names: str) -> None:
    """The inbox, lists and the search leave out the rest, page by page; without a reader they hold everything."""
    join(firm, "mia", "post")
    limit(firm, see=scope)
    mine = {items[name].id for name in names.split()}
    assert {item.id for item in firm.loop.inbox(by="mia")} == mine
    assert {item.id for item in firm.loop.feedback.list(where=eq("is_open", True), by="mia")} == mine
    searched = {item.id for item in firm.loop.feedback.search("w*", where=eq("is_open", True), by="mia")}
    assert searched == mine
    assert len(firm.loop.inbox()) == len(firm.loop.inbox(by=ACTORS["s"])) == 3
    paged, after = list[object](), None
    while True:
        page = firm.loop.inbox(by="mia", limit=1, after=after)
        paged += [item.id for item in page]
        after = page.next
        if after is None:
            break
    assert paged == [item.id for item in firm.loop.inbox(by="mia")]


@ANY("verb", ["get", "words", "files", "history", "outbox", "deliveries"])
def test_a_single_item_is_read_by_whoever_may_see_it(firm: Firm, items: dict[str, Feedback], verb: str) -> None:
    """Whatever of another's item is asked for is refused, by object, id or number; superiors see all."""
    limit(firm, see=Scope.OWN)
    read, item = getattr(firm.loop.feedback, verb), items["idea"]
    for named in (item, item.id, item.ref):
        with pytest.raises(NotAllowed, match="mia may not see") as refusal:
            read(named, by="mia")
        assert "Words" not in str(refusal.value)
        read(named, by="tim")
        read(named, by=ACTORS["s"])


def test_an_item_that_was_given_away_is_judged_as_it_is_now(firm: Firm, items: dict[str, Feedback]) -> None:
    """An old object in somebody's hand gives no right to what has become of the item."""
    limit(firm, see=Scope.OWN)
    firm.loop.feedback.move(items["bad"], "hand_over", by=ACTORS["s"], to="tim")
    with pytest.raises(NotAllowed):
        firm.loop.feedback.history(items["bad"], by="mia")


def test_moves_and_decisions_take_their_own_rights(firm: Firm, items: dict[str, Feedback]) -> None:
    """Owners move their own items; whoever may decide for the team decides there, and nowhere else."""
    join(firm, "head", "post")
    firm.loop.settings.set(
        "rights",
        {
            Role.OWNER: {Right.MOVE: Scope.OWN, Right.DECIDE: Scope.NONE},
            Role.SUPERIOR: {Right.MOVE: Scope.TEAM, Right.DECIDE: Scope.TEAM},
        },
    )
    feedback, head = firm.loop.feedback, Actor.superior("head")
    with pytest.raises(NotAllowed, match="tim may not move"):
        feedback.move(items["bad"], "assign", by="tim", to="tim")
    other = firm.receive("complaint")
    with pytest.raises(NotAllowed, match=r"head may not decide .*: they may decide items of their teams alone"):
        feedback.move(other, "reject", by=head, reason="worn out")
    item = feedback.move(items["bad"], "assign", by="mia", to="mia")
    assert "reject" not in feedback.next_moves(item, by="mia")
    assert "start" in feedback.next_moves(item, by="mia")
    assert feedback.next_moves(item, by="tim") == ()
    assert feedback.move(item, "reject", by=head, reason="worn out").state == "rejected"


@ANY("who", [SYSTEM, CUSTOMER])
def test_deadlines_and_customers_are_not_limited(firm: Firm, items: dict[str, Feedback], who: str) -> None:
    """Rights are of people of the firm."""
    limit(firm, see=Scope.NONE, move=Scope.NONE, decide=Scope.NONE)
    assert firm.loop.feedback.move(items["idea"], "escalate", by=ACTORS[who]).escalations == 1


def test_rights_that_nobody_has_set_ask_the_store_nothing(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a limit to teams makes a reader's teams worth a look."""
    item = firm.receive("idea")
    reads: list[object] = []
    for verb in ("get", "page"):
        ask = getattr(firm.loop.store, verb)

        def noting(cls: type, *args: object, ask: Callable[..., object] = ask, **more: object) -> object:
            reads.append(cls)
            return ask(cls, *args, **more)

        monkeypatch.setattr(firm.loop.store, verb, noting)
    firm.loop.feedback.get(item.id, by="mia")
    assert reads == [Feedback]
    limit(firm, see=Scope.OWN)
    firm.loop.settings.get()
    reads.clear()
    with pytest.raises(NotAllowed):
        firm.loop.feedback.get(item.id, by="mia")
    assert reads == [Feedback]


def test_what_is_not_found_is_called_by_its_number(firm: Firm) -> None:
    """An error names what was given by its number or id, and repeats nothing of what the customer said."""
    item = firm.loop.feedback.receive(kind="complaint", channel="phone", text="My name is Ana")
    firm.loop.context.commit(Unit((Delete(Text, (item.space, item.id)),)))
    with pytest.raises(NotFound, match=f"^no words of {item.ref}: "):
        firm.loop.feedback.words(item)
    call = firm.loop.interactions.record(kind=InteractionKind.CALL, channel="phone", source={"said": "Ana"})
    with pytest.raises(NotFound, match=f"^no feedback {call.id}: "):
        firm.loop.feedback.get(call)  # type: ignore[arg-type]  # what a script hands over that nobody checks
