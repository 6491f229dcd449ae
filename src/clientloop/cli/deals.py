"""The commands on deals: what may be sold to whom, and how far it has come."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from clientloop.app import ClientLoop
from clientloop.cli.inbox import Which
from clientloop.cli.naming import account_named, customer_named, names_of, read_id
from clientloop.cli.options import HERE, AsJson, ByWhom, Me, Moment, OnScreen, Place, in_zone
from clientloop.cli.screen import Grid, Screen
from clientloop.cli.times import due_cell, local
from clientloop.errors import InvalidValue, NotFound
from clientloop.model.deals import Deal, DealOutcome
from clientloop.model.money import Money
from clientloop.model.where import eq
from clientloop.services.deals.stages import FUNNEL
from clientloop.services.setup.data import as_data


def deal_named(loop: ClientLoop, text: str) -> Deal:
    """The deal that somebody has named.

    Args:
        loop: The firm.
        text: An id, or the whole title of an open deal.

    Raises:
        NotFound: None is called so.
        InvalidValue: Several are: the hint lists them.
    """
    if (number := read_id(text)) is not None:
        return loop.deals.get(number)
    open_ = loop.store.pages(Deal, loop.space.space, where=eq("is_open", True), order="agenda")
    found = [deal for deal in open_ if deal.title.casefold() == text.casefold()]
    if len(found) > 1:
        raise InvalidValue(
            f"several deals are called {text!r:.80}",
            hint=f"give an id: {'; '.join(str(deal.id) for deal in found[:5])}",
        )
    for only in found:
        return only
    raise NotFound(f"no open deal {text!r:.80}", hint="`clientloop deals list` lists those there are")


def listed(
    *,
    owner: str | None = None,
    mine: bool = False,
    due: Moment | None = None,
    by: Me = None,
    limit: Annotated[int, Parameter(alias="-n")] = 50,
    after: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """List the open deals by owner and the time of the next step.

    Args:
        owner: Only those of this member.
        mine: Only your own, by --by.
        due: Only those whose next step is to happen before this time, in the firm's zone.
        by: Who looks, for --mine.
        limit: How many at most.
        after: What the page before gave to go on with.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        whose = Which(owner=owner, mine=mine).of(by).owner
        before = None if due is None else in_zone(due, loop.space.zone)
        page = loop.deals.agenda(owner=whose, due_before=before, after=after, limit=limit)
        if json:
            return screen.json({"deals": as_data(page.items), "next": page.next})
        if not page.items:
            return screen.line("No deal is open.")
        screen.table(_grid(loop, page.items))
        if page.next:
            screen.copied(f"There are more: --after {page.next}")
        return None


def _grid(loop: ClientLoop, deals: Sequence[Deal]) -> Grid:
    now, names = loop.clock.now(), names_of(loop, (deal.customer for deal in deals))
    return Grid(
        columns=("id", "title", "with", "stage", "amount", "owner", "when", "next step"),
        rows=[
            (
                str(deal.id),
                deal.title,
                _with(loop, deal, names.get(deal.customer, "") if deal.customer else ""),
                deal.stage,
                "" if deal.money is None else str(deal.money),
                deal.owner or "nobody",
                due_cell(deal.next_at, now, loop.space.zone),
                deal.next_step or "",
            )
            for deal in deals
        ],
        numbers=frozenset({"amount"}),
        cut="next step",
        spare=("owner", "amount", "with"),
    )


def _with(loop: ClientLoop, deal: Deal, customer: str) -> str:
    return customer or ("" if deal.account is None else loop.accounts.get(deal.account).name)


def add(
    title: str,
    /,
    *,
    customer: str | None = None,
    account: str | None = None,
    funnel: str = FUNNEL,
    stage: str | None = None,
    amount: str | None = None,
    currency: str | None = None,
    owner: str | None = None,
    next_step: Annotated[str | None, Parameter(name="--next")] = None,
    when: Moment | None = None,
    by: ByWhom,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Open a deal.

    Args:
        title: What it is about.
        customer: With whom, named as for `customers show`.
        account: With which account: its id, or its whole name.
        funnel: Name of the funnel.
        stage: The stage that it begins in; the first one if not given.
        amount: What it is worth, as 1234.56.
        currency: The currency of the amount; the firm's if not given.
        owner: Who works on it.
        next_step: What comes next.
        when: When that is to happen, in the firm's zone.
        by: Who opens it.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        deal = loop.deals.open(
            title,
            customer=None if customer is None else customer_named(loop, customer),
            account=None if account is None else account_named(loop, account),
            funnel=funnel,
            stage=stage,
            amount=None if amount is None else Money.parse(amount, currency or loop.space.currency),
            owner=owner,
            next_step=next_step,
            next_at=None if when is None else in_zone(when, loop.space.zone),
            by=by,
        )
        _tell(screen, deal, json=json)


def move(
    deal: str,
    stage: str,
    /,
    *,
    note: str = "",
    by: ByWhom,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Take a deal to another stage; one that has ended is reopened by it.

    Args:
        deal: Its id, or the whole title of an open one.
        stage: The stage.
        note: What is worth knowing of it.
        by: Who says so.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = deal_named(loop, deal)
        if found.is_open:
            found = loop.deals.move(found, stage, by=by, note=note)
        else:
            found = loop.deals.reopen(found, stage=stage, by=by, note=note)
        _tell(screen, found, json=json)


def win(
    deal: str, /, *, note: str = "", by: ByWhom, json: AsJson = False, place: Place = HERE, screen: OnScreen
) -> None:
    """Say that the customer bought.

    Args:
        deal: Its id, or the whole title of an open one.
        note: What is worth knowing of it.
        by: Who says so.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        _tell(screen, loop.deals.win(deal_named(loop, deal), by=by, note=note), json=json)


def lose(deal: str, /, *, reason: str, by: ByWhom, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Say that the customer will not buy.

    Args:
        deal: Its id, or the whole title of an open one.
        reason: Why.
        by: Who says so.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        _tell(screen, loop.deals.lose(deal_named(loop, deal), reason=reason, by=by), json=json)


def show(deal: str, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Show a deal with its persons, and every step of its way.

    Args:
        deal: Its id, or the whole title of an open one.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = deal_named(loop, deal)
        persons, steps, zone = loop.deals.persons(found), loop.deals.journal(found), loop.space.zone
        if json:
            return screen.json(
                {"deal": as_data(found), "persons": as_data(persons), "journal": as_data(steps)}
            )  # fmt: skip
        _tell(screen, found, json=False)
        missing = loop.deals.persons_missing(found)
        if missing:
            screen.line(f"  {missing} more persons are wanted: a large deal needs several", "yellow")
        for person in persons:
            screen.line(f"  {person.customer.name or person.customer.id}{f', {person.part}' if person.part else ''}")
        for step in steps:
            how = step.target if step.outcome is DealOutcome.OPEN else step.outcome.value
            screen.line(f"  {local(step.at, zone)}  {how} ({step.by}){f': {step.note}' if step.note else ''}")
        return None


def _tell(screen: Screen, deal: Deal, *, json: bool) -> None:
    if json:
        return screen.json(as_data(deal))
    return screen.line(f"{deal.id}  {deal.title}: {deal.stage if deal.is_open else deal.outcome.value}")
