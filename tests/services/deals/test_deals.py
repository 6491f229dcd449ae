"""Deals: opened, moved to any stage, ended and reopened, each step journaled in the unit of the change."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from attrs import evolve

from clientloop import ClientLoop, ManualClock
from clientloop.errors import Conflict, InvalidValue, NotFound, Refused, UnknownName
from clientloop.model.deals import Deal, DealOutcome, DealStep
from clientloop.model.money import Money
from clientloop.model.units import Insert, Unit
from clientloop.services.deals.stages import FUNNEL, stages_of
from tests.services.persons import NINE, STORES, open_firm, two_customers

HOUR = timedelta(hours=1)


@pytest.fixture(params=STORES)
def loop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ClientLoop]:
    """A firm without deals, in memory and in a file."""
    with open_firm(request.param.format(tmp_path)) as opened:
        yield opened


@pytest.fixture
def deal(loop: ClientLoop) -> Deal:
    """An open deal with Eva."""
    eva = loop.customers.add(name="Eva", email="eva@example.com")
    return loop.deals.open("A mill", customer=eva, by="mia")


def tick(loop: ClientLoop) -> None:
    """Let an hour pass."""
    assert isinstance(loop.clock, ManualClock)
    loop.clock.advance(HOUR)


def stages(loop: ClientLoop) -> tuple[str, ...]:
    """The stages of the built-in funnel."""
    return tuple(stages_of(loop.context, FUNNEL))


def test_a_deal_begins_in_the_first_stage(loop: ClientLoop) -> None:
    """All that is known of it is kept; its customer is the first of its persons."""
    eva = loop.customers.add(name="Eva")
    mill = loop.accounts.add("Mill")
    opened = loop.deals.open(
        " A mill ", customer=eva, account=mill, amount=Money(5, "EUR"), owner="mia", next_step="Call", next_at=NINE,
        source={"campaign": "fair"}, extra={"no": 7}, by="mia",
    )  # fmt: skip
    assert opened == loop.deals.get(str(opened.id))
    assert (opened.title, opened.stage, opened.money, opened.is_open) == (
        "A mill",
        stages(loop)[0],
        Money(5, "EUR"),
        True,
    )
    assert [(each.customer, each.part) for each in loop.deals.persons(opened)] == [(eva, "")]
    (step,) = loop.deals.journal(opened)
    assert (step.number, step.source, step.target, step.by, step.since) == (1, None, opened.stage, "mia", None)


def test_any_stage_follows_any_other(loop: ClientLoop, deal: Deal) -> None:
    """Stages may be left out and gone back to; each step says how long the stage before had lasted."""
    first, *_, last = stages(loop)
    tick(loop)
    deal = loop.deals.move(deal, last, by="mia", note="in a hurry")
    tick(loop)
    deal = loop.deals.move(deal, first, by="tim")
    assert deal == loop.deals.get(deal)
    assert (deal.stage, deal.stage_since) == (first, NINE + 2 * HOUR)
    steps = loop.deals.journal(deal)[1:]
    assert [
        (step.number, step.source, step.target, step.by, step.at - (step.since or NINE), step.note) for step in steps
    ] == [
        (2, first, last, "mia", HOUR, "in a hurry"),
        (3, last, first, "tim", HOUR, ""),
    ]


def test_a_stage_that_is_none_is_refused_with_the_nearest_names(loop: ClientLoop, deal: Deal) -> None:
    """So are a funnel and a field that nobody knows, and the stage in which a deal is."""
    last = stages(loop)[-1]
    with pytest.raises(UnknownName, match=f"did you mean '{last}'"):
        loop.deals.move(deal, last + "s", by="mia")
    with pytest.raises(UnknownName, match="no funnel 'rfm'"):
        loop.deals.open("x", customer=deal.customer, funnel="rfm", by="mia")
    with pytest.raises(UnknownName, match="did you mean 'funnel'"):
        loop.deals.open("A mill", customer=deal.customer, funnel="funel", by="mia")
    with pytest.raises(UnknownName, match="did you mean 'amount'"):
        loop.deals.change(deal, amuont=None)  # type: ignore[call-arg]  # what is tried
    with pytest.raises(UnknownName):
        loop.deals.move(deal, DealOutcome.WON, by="mia")
    with pytest.raises(Refused, match="already"):
        loop.deals.move(deal, deal.stage, by="mia")


def test_what_has_ended_is_reopened_before_it_moves(loop: ClientLoop, deal: Deal) -> None:
    """A deal ends once; reopened it goes on, and the time in between belongs to no stage."""
    last = stages(loop)[-1]
    lost = loop.deals.lose(deal, reason="Too dear", by="mia")
    assert (lost.is_open, lost.outcome, lost.reason, lost.closed_at) == (False, DealOutcome.LOST, "Too dear", NINE)
    moves: tuple[Callable[[], Deal], ...] = (
        lambda: loop.deals.move(lost, last, by="mia"),
        lambda: loop.deals.win(lost, by="mia"),
        lambda: loop.deals.change(lost, next_step="Call"),
    )
    for move in moves:
        with pytest.raises(Refused, match="it is lost"):
            move()
    tick(loop)
    again = loop.deals.reopen(lost, by="mia", note="They called")
    assert again == loop.deals.get(deal.id)
    assert (again.is_open, again.outcome, again.reason, again.closed_at) == (True, DealOutcome.OPEN, None, None)
    assert (again.stage, again.stage_since) == (deal.stage, NINE + HOUR)
    assert loop.deals.journal(deal)[-1].since is None
    with pytest.raises(Refused, match="is open"):
        loop.deals.reopen(again, by="mia")
    won = loop.deals.win(again, by="mia")
    assert loop.deals.reopen(won, stage=last, by="mia").stage == last


def test_a_lost_deal_says_why(loop: ClientLoop, deal: Deal) -> None:
    """Without a reason nobody learns anything."""
    with pytest.raises(InvalidValue, match="no reason"):
        loop.deals.lose(deal, reason=" ", by="mia")


def test_of_two_who_move_a_deal_one_hears_of_it(loop: ClientLoop, deal: Deal) -> None:
    """A step from a deal that somebody else has changed since is refused, and the journal keeps one."""
    first, second, *_ = stages(loop)
    loop.deals.move(deal, second, by="mia")
    with pytest.raises(Conflict):
        loop.deals.win(deal, by="tim")
    assert [step.target for step in loop.deals.journal(deal)] == [first, second]


def test_what_is_no_step_changes_without_the_journal(loop: ClientLoop, deal: Deal) -> None:
    """Amount, owner and next step change, and what is not given stays."""
    deal = loop.deals.change(deal, amount=Money(100, "JPY"), owner="mia", next_step="Call", next_at=NINE + HOUR)
    deal = loop.deals.change(deal, amount=None, title="Two mills")
    assert deal == loop.deals.get(deal)
    assert (deal.title, deal.money, deal.owner, deal.next_step) == ("Two mills", None, "mia", "Call")
    assert len(loop.deals.journal(deal)) == 1


def test_deals_that_cannot_be_are_refused(loop: ClientLoop, deal: Deal) -> None:
    """A deal has a title, is with somebody who exists, and is worth nothing less than nothing."""
    eva = deal.customer
    with pytest.raises(InvalidValue, match="without a title"):
        loop.deals.open(" ", customer=eva, by="mia")
    with pytest.raises(InvalidValue, match="without a title"):
        loop.deals.change(deal, title="")
    with pytest.raises(InvalidValue, match="without a title"):
        loop.deals.change(deal, title=None)  # type: ignore[arg-type]  # as a program without types does
    with pytest.raises(InvalidValue, match="with nobody"):
        loop.deals.open("A mill", by="mia")
    with pytest.raises(InvalidValue, match="less than nothing"):
        loop.deals.open("A mill", customer=eva, amount=Money(-1, "EUR"), by="mia")
    with pytest.raises(NotFound, match="no customer"):
        loop.deals.open("A mill", customer=UUID(int=7), by="mia")
    with pytest.raises(NotFound, match="no deal"):
        loop.deals.get(UUID(int=7))
    loop.staff.add("mia")
    with pytest.raises(UnknownName, match="did you mean 'mia'"):
        loop.deals.change(deal, owner="mias")


def test_the_deals_of_a_person_are_found_under_every_id(loop: ClientLoop) -> None:
    """Open deals come first, the latest first; merged customers have theirs together, and accounts theirs."""
    kept, absorbed = two_customers(loop)
    mill = loop.accounts.add("Mill")
    first = loop.deals.open("one", customer=kept, account=mill, by="mia")
    tick(loop)
    second = loop.deals.open("two", customer=absorbed, by="mia")
    third = loop.deals.open("three", account=mill, by="mia")
    second = loop.deals.win(second, by="mia")
    loop.customers.merge(kept, absorbed, by="mia", reason="same")
    assert loop.deals.of(customer=absorbed) == (first, second)
    assert loop.deals.of(account=mill) == (third, first)
    with pytest.raises(InvalidValue, match="of whom"):
        loop.deals.of()


def test_the_agenda_is_by_the_next_step(loop: ClientLoop, deal: Deal) -> None:
    """Open deals of an owner by the time of their next step, page by page; those that are due can be asked for."""
    made = [
        loop.deals.open(str(hours), customer=deal.customer, owner="mia", next_at=NINE + hours * HOUR, by="mia")
        for hours in (3, 1, 2)
    ]
    loop.deals.win(made[2], by="mia")
    assert [each.title for each in loop.deals.agenda(owner="mia")] == ["1", "3"]
    page = loop.deals.agenda(limit=1)
    assert [each.title for each in (*page, *loop.deals.agenda(after=page.next))] == ["A mill", "1", "3"]
    assert [each.title for each in loop.deals.agenda(due_before=NINE + 2 * HOUR)] == ["1"]


def test_a_large_deal_wants_several_persons(loop: ClientLoop) -> None:
    """Each person counts once, under whichever id; what is missing is told for large accounts alone."""
    mill, shop = loop.accounts.add("Mill", large=True), loop.accounts.add("Shop")
    kept, absorbed = two_customers(loop)
    deal = loop.deals.open("A mill", account=mill, by="mia")
    assert loop.deals.persons_missing(deal) == 5
    loop.deals.add_person(deal, kept)
    tick(loop)
    loop.deals.add_person(deal, absorbed, part="pays")
    assert loop.deals.persons_missing(deal) == 3
    loop.customers.merge(kept, absorbed, by="mia", reason="same")
    assert loop.deals.persons_missing(deal) == 4
    assert [(each.part, each.since) for each in loop.deals.persons(deal)] == [("pays", NINE)]
    assert loop.deals.add_person(deal, absorbed, part="decides").version == 2
    loop.settings.set("contacts_wanted", 1)
    assert loop.deals.persons_missing(deal) == 0
    loop.deals.remove_person(deal, absorbed)
    assert loop.deals.persons(deal) == ()
    with pytest.raises(NotFound, match="no person of this deal"):
        loop.deals.remove_person(deal, kept)
    assert loop.deals.persons_missing(loop.deals.open("A bag", account=shop, by="mia")) == 0


def test_a_step_and_its_deal_are_one_unit(loop: ClientLoop, deal: Deal) -> None:
    """Where the row of the journal is taken already, the deal does not move."""
    step = loop.deals.journal(deal)[0]
    loop.store.commit(Unit((Insert(evolve(step, number=2)),)))
    with pytest.raises(Conflict):
        loop.deals.win(deal, by="mia")
    assert loop.deals.get(deal).is_open
    assert len(list(loop.store.pages(DealStep, "main"))) == 2
