"""Deals: opened, moved, won or lost, each with its persons and its journal."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict, Unpack
from uuid import UUID

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.accounts import Account
from clientloop.model.codec import Json
from clientloop.model.customers import Customer
from clientloop.model.deals import Deal, DealOutcome, DealStep
from clientloop.model.money import Money
from clientloop.model.page import Page
from clientloop.model.units import Unit
from clientloop.model.where import ALL, eq, lt
from clientloop.model.work import Actor
from clientloop.rules.relationship import deals as rules
from clientloop.services.deals.persons import DealPersons
from clientloop.services.deals.stages import FUNNEL, stage_named, stages_of
from clientloop.services.ids import id_of
from clientloop.services.loop.lookups import member_named
from clientloop.services.people.merging import stated
from clientloop.services.people.whole import ids_of, rows_of


class DealChanges(TypedDict, total=False):
    """What of a deal can be changed besides its stage; what is not given stays, and None takes it away."""

    #: What it is about.
    title: str
    #: What it is worth.
    amount: Money | None
    #: Who of the firm works on it.
    owner: str | None
    #: What comes next.
    next_step: str | None
    #: When that is to happen, aware.
    next_at: datetime | None


class Deals(DealPersons):
    """`loop.deals`: what may be sold to whom, and how far it has come.

    >>> from clientloop import ClientLoop
    >>> from clientloop.model.money import Money
    >>> with ClientLoop.open("memory:", entry_points=False) as loop:
    ...     mill = loop.accounts.add("Mill & Sons", large=True)
    ...     eva = loop.customers.add(name="Eva", email="eva@example.com")
    ...     deal = loop.deals.open("A second mill", customer=eva, account=mill, amount=Money(900_000, "EUR"), by="mia")
    ...     deal = loop.deals.win(deal, by="mia")
    ...     print(deal.outcome, loop.deals.persons_missing(deal))
    ...     [step.outcome.value for step in loop.deals.journal(deal)]
    won 4
    ['open', 'won']
    """

    def open(
        self,
        title: str,
        *,
        customer: Customer | UUID | str | None = None,
        account: Account | UUID | str | None = None,
        funnel: str = FUNNEL,
        stage: str | None = None,
        amount: Money | None = None,
        owner: str | None = None,
        next_step: str | None = None,
        next_at: datetime | None = None,
        source: Mapping[str, Json] | None = None,
        extra: Mapping[str, Json] | None = None,
        by: str | Actor,
    ) -> Deal:
        """Open a deal; its customer is the first of its persons.

        Args:
            title: What it is about.
            customer: With whom; None where it is with a company alone.
            account: With which company, if any.
            funnel: Name of the relationship model whose stages it goes through, which is a funnel.
            stage: The stage that it begins in; the first one if not given.
            amount: What it is worth.
            owner: Who of the firm works on it.
            next_step: What comes next.
            next_at: When that is to happen, aware.
            source: Where it came from: campaign, page, advert.
            extra: Whatever else the application keeps.
            by: Who opens it.

        Raises:
            NotFound: There is no such customer or account.
            InvalidValue: The title is empty, it is with nobody, or the amount is less than nothing.
            UnknownName: There is no such funnel, stage or member.
        """
        context, now = self._context, self._context.now()
        deal = Deal(
            space=context.space.space, id=context.new_id(), title=title.strip(), funnel=funnel,
            stage=stages_of(context, funnel)[0] if stage is None else stage_named(context, funnel, stage),
            customer=None if customer is None else self._existing(customer),
            account=None if account is None else self._accounts.get(account).id,
            owner=self._owner(owner), next_step=next_step, next_at=next_at, source=source or {}, extra=extra or {},
            opened_at=now, stage_since=now, **_stored(amount),
        )  # fmt: skip
        context.commit(rules.opened(deal, by=Actor.of(by).name))
        return deal

    def move(self, deal: Deal | UUID | str, stage: str, *, by: str | Actor, note: str = "") -> Deal:
        """Take a deal to another stage of its funnel, forward or back; its journal keeps the step.

        Args:
            deal: The deal; one that somebody else has changed since is refused.
            stage: The stage.
            by: Who says so.
            note: What is worth knowing of it.

        Raises:
            NotFound: There is no such deal.
            UnknownName: Its funnel has no such stage; the nearest names are in the hint.
            Refused: It has ended, or is in this stage already.
            Conflict: Somebody else changed it first.
        """
        found, context = self._loaded(deal), self._context
        target = stage_named(context, found.funnel, stage)
        return self._commit(*rules.moved(found, target, by=Actor.of(by).name, now=context.now(), note=note))

    def win(self, deal: Deal | UUID | str, *, by: str | Actor, note: str = "") -> Deal:
        """Say that the customer bought.

        Args:
            deal: The deal.
            by: Who says so.
            note: What is worth knowing of it.

        Raises:
            NotFound: There is no such deal.
            Refused: It has ended already.
            Conflict: Somebody else changed it first.
        """
        return self._close(deal, DealOutcome.WON, by=by, reason=note.strip())

    def lose(self, deal: Deal | UUID | str, *, reason: str, by: str | Actor) -> Deal:
        """Say that the customer will not buy.

        Args:
            deal: The deal.
            reason: Why: what the firm learns from it.
            by: Who says so.

        Raises:
            NotFound: There is no such deal.
            InvalidValue: There is no reason.
            Refused: It has ended already.
            Conflict: Somebody else changed it first.
        """
        return self._close(deal, DealOutcome.LOST, by=by, reason=stated(reason, "lose a deal"))

    def reopen(self, deal: Deal | UUID | str, *, stage: str | None = None, by: str | Actor, note: str = "") -> Deal:
        """Go on with a deal that had ended.

        Args:
            deal: The deal.
            stage: The stage that it goes on in; the one that it ended in if not given.
            by: Who says so.
            note: Why.

        Raises:
            NotFound: There is no such deal.
            UnknownName: Its funnel has no such stage.
            Refused: It has not ended.
            Conflict: Somebody else changed it first.
        """
        found, context = self._loaded(deal), self._context
        target = found.stage if stage is None else stage_named(context, found.funnel, stage)
        return self._commit(*rules.reopened(found, target, by=Actor.of(by).name, now=context.now(), note=note))

    def change(self, deal: Deal | UUID | str, **changes: Unpack[DealChanges]) -> Deal:
        """Change an open deal: what it is worth, what comes next, who works on it.

        Args:
            deal: The deal; one that somebody else has changed since is refused.
            changes: New values of the fields of `DealChanges`.

        Raises:
            NotFound: There is no such deal.
            UnknownName: A deal has no such field, or there is no such member.
            InvalidValue: The title is empty, or the amount is less than nothing.
            Refused: It has ended.
            Conflict: Somebody else changed it first.
        """
        for name in changes.keys() - DealChanges.__annotations__.keys():
            raise UnknownName.among(name, DealChanges.__annotations__, what="field of a deal that can be changed")
        new: dict[str, object] = {**changes}
        if "amount" in changes:
            new |= _stored(changes["amount"])
        if "owner" in changes:
            new["owner"] = self._owner(changes["owner"])
        return self._commit(*rules.changed(self._loaded(deal), **new))

    def of(
        self, *, customer: Customer | UUID | str | None = None, account: Account | UUID | str | None = None
    ) -> tuple[Deal, ...]:
        """The deals with a customer, under whichever id, or with an account: open ones first, the latest first.

        Args:
            customer: The customer.
            account: The account; give one of both.

        Raises:
            NotFound: There is no such customer or account.
            InvalidValue: Both are given, or neither.
        """
        if (customer is None) == (account is None):
            raise InvalidValue("deals of whom?", hint="give customer=... or account=...")
        if customer is not None:
            ids = ids_of(self._context, self._existing(customer))
            found = rows_of(self._context, Deal, ids, order="of_customer")
        else:
            company = self._accounts.get(id_of(account))
            found = rows_of(self._context, Deal, (company.id,), field="account", order="of_account")
        latest = sorted(found, key=lambda deal: (deal.opened_at, deal.id), reverse=True)
        return tuple(sorted(latest, key=lambda deal: not deal.is_open))

    def agenda(
        self,
        *,
        owner: str | None = None,
        due_before: datetime | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Deal]:
        """A page of the open deals by owner and the time of the next step; those without one come last of each owner.

        Args:
            owner: Whose; everybody's if not given.
            due_before: Only those whose next step is to happen before this time, aware: who is not called back goes
                elsewhere.
            after: The `next` of the page before.
            limit: How many at most.
        """
        wanted = eq("is_open", True) & (ALL if owner is None else eq("owner", owner))
        wanted &= ALL if due_before is None else lt("next_at", due_before)
        return self._context.store.page(
            Deal, self._context.space.space, where=wanted, order="agenda", after=after, limit=limit
        )

    def journal(self, deal: Deal | UUID | str) -> tuple[DealStep, ...]:
        """Every step of a deal, from its opening on.

        Raises:
            NotFound: There is no such deal.
        """
        where = eq("deal", self.get(deal).id)
        return tuple(self._context.store.pages(DealStep, self._context.space.space, where=where))

    def _loaded(self, deal: Deal | UUID | str) -> Deal:
        """The deal: one that is given is taken as it is, so that its version guards what is made of it."""
        return self._context.own(deal) if isinstance(deal, Deal) else self.get(deal)

    def _close(self, deal: Deal | UUID | str, outcome: DealOutcome, *, by: str | Actor, reason: str) -> Deal:
        now = self._context.now()
        return self._commit(*rules.closed(self._loaded(deal), outcome, by=Actor.of(by).name, now=now, reason=reason))

    def _commit(self, after: Deal, unit: Unit) -> Deal:
        self._context.commit(unit)
        return after

    def _owner(self, name: str | None) -> str | None:
        """Who works on a deal; while a space has no members, any name may."""
        if name is not None:
            member_named(self._context, name)
        return name


class _Stored(TypedDict):
    amount: int | None
    currency: str | None


def _stored(amount: Money | None) -> _Stored:
    if amount is None:
        return {"amount": None, "currency": None}
    return {"amount": amount.minor, "currency": amount.currency}
