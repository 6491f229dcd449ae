"""A deal on its way: any stage may follow any other, each step is journaled, and what has ended is reopened first.

Sales go back and forth and leave stages out, so no order is enforced: a report says what was skipped. What is enforced
is that nothing of the way is lost: every step writes its row of the journal in the same unit, under the version that it
makes, so that of two who move a deal at the same time one hears of it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import evolve

from clientloop.errors import InvalidValue, Refused
from clientloop.model.codec import Json
from clientloop.model.deals import Deal, DealOutcome, DealPerson, DealStep
from clientloop.model.facts import Fact, FactName
from clientloop.model.units import Insert, Unit, Update


def opened(deal: Deal, *, by: str) -> Unit:
    """A deal begins: with its first step, and its customer as the first person.

    Args:
        deal: The deal, new.
        by: Who opens it.

    Raises:
        InvalidValue: It has no title, is with nobody, or its amount is less than nothing.
    """
    if not deal.title.strip():
        raise InvalidValue("a deal without a title", hint="say what it is about")
    if deal.customer is None and deal.account is None:
        raise InvalidValue("a deal with nobody", hint="name the customer, the account, or both")
    check_amount(deal.amount)
    step = DealStep(
        space=deal.space, deal=deal.id, number=deal.version, funnel=deal.funnel, customer=deal.customer,
        account=deal.account, target=deal.stage, by=by, at=deal.opened_at,
    )  # fmt: skip
    persons = [] if deal.customer is None else [Insert(involved(deal, deal.customer, "", deal.opened_at))]
    data: dict[str, Json] = {"funnel": deal.funnel, "stage": deal.stage}
    fact = Fact(FactName.DEAL_OPENED, deal.space, deal.id, deal.opened_at, data)
    return Unit((Insert(deal), Insert(step), *persons), (fact,))


def moved(deal: Deal, stage: str, *, by: str, now: datetime, note: str) -> tuple[Deal, Unit]:
    """A deal goes to another stage, forward or back.

    Args:
        deal: The deal.
        stage: The stage.
        by: Who says so.
        now: The present, UTC.
        note: What is worth knowing of it.

    Raises:
        Refused: It has ended, or is there already.
    """
    _check_open(deal)
    if stage == deal.stage:
        raise Refused(f"deal {deal.id} is in {stage!r} already", hint="name the stage that it goes to")
    return _stepped(deal, by=by, now=now, note=note, since=deal.stage_since, stage=stage, stage_since=now)


def closed(deal: Deal, outcome: DealOutcome, *, by: str, now: datetime, reason: str) -> tuple[Deal, Unit]:
    """A deal ends, in the stage that it is in.

    Args:
        deal: The deal.
        outcome: Won or lost.
        by: Who says so.
        now: The present, UTC.
        reason: Why; empty where nobody says.

    Raises:
        Refused: It has ended already.
    """
    _check_open(deal)
    return _stepped(
        deal, by=by, now=now, note=reason, since=deal.stage_since, is_open=False, outcome=outcome, closed_at=now,
        reason=reason or None,
    )  # fmt: skip


def reopened(deal: Deal, stage: str, *, by: str, now: datetime, note: str) -> tuple[Deal, Unit]:
    """A deal that had ended goes on; the time in between belongs to no stage.

    Args:
        deal: The deal.
        stage: The stage that it goes on in.
        by: Who says so.
        now: The present, UTC.
        note: Why.

    Raises:
        Refused: It has not ended.
    """
    if deal.is_open:
        raise Refused(f"deal {deal.id} is open", hint="only what has ended is reopened")
    return _stepped(
        deal, by=by, now=now, note=note, since=None, is_open=True, outcome=DealOutcome.OPEN, closed_at=None,
        reason=None, stage=stage, stage_since=now,
    )  # fmt: skip


# Any: each field has a type of its own
def changed(deal: Deal, **changes: Any) -> tuple[Deal, Unit]:
    """Something of an open deal changes that is no step on its way.

    Args:
        deal: The deal.
        changes: New values of its fields.

    Raises:
        Refused: It has ended.
        InvalidValue: The title is empty, or the amount is less than nothing.
    """
    _check_open(deal)
    after = evolve(deal, **changes, version=deal.version + 1)
    if not (after.title or "").strip():  # None would take it away, as of the other fields
        raise InvalidValue("a deal without a title", hint="give the title, or leave it out")
    check_amount(after.amount)
    return after, Unit((_update(deal, changes),))


def involved(deal: Deal, customer: UUID, part: str, now: datetime) -> DealPerson:
    """That the firm talks with a person about a deal."""
    return DealPerson(space=deal.space, deal=deal.id, customer=customer, part=part, since=now)


def check_amount(amount: int | None) -> None:
    """Refuse what no deal can be worth.

    Raises:
        InvalidValue: It is less than nothing.
    """
    if amount is not None and amount < 0:
        raise InvalidValue("a deal worth less than nothing", hint="give what the firm would get, or nothing")


def _check_open(deal: Deal) -> None:
    if not deal.is_open:
        raise Refused(f"deal {deal.id} has ended: it is {deal.outcome.value}", hint="reopen it first")


# Any: as above
def _stepped(
    deal: Deal, *, by: str, now: datetime, note: str, since: datetime | None, **changes: Any
) -> tuple[Deal, Unit]:
    """The deal after a step, and all that the step writes."""
    after = evolve(deal, **changes, version=deal.version + 1)
    step = DealStep(
        space=deal.space, deal=deal.id, number=after.version, funnel=deal.funnel, customer=deal.customer,
        account=deal.account, source=deal.stage, target=after.stage, outcome=after.outcome, by=by, at=now, since=since,
        note=note,
    )  # fmt: skip
    return after, Unit((_update(deal, changes), Insert(step)), (_fact(deal, after, now),))


def _fact(before: Deal, after: Deal, now: datetime) -> Fact:
    if after.is_open:
        data: dict[str, Json] = {"funnel": after.funnel, "source": before.stage, "target": after.stage}
        return Fact(FactName.DEAL_MOVED, after.space, after.id, now, data)
    data = {"funnel": after.funnel, "stage": after.stage, "outcome": after.outcome.value}
    return Fact(FactName.DEAL_CLOSED, after.space, after.id, now, data)


def _update(deal: Deal, changes: dict[str, Any]) -> Update:  # Any: as above
    return Update(Deal, (deal.space, deal.id), changes, deal.version)
