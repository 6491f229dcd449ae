"""Small relationship models, and rows for them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

from attrs import frozen

from clientloop import ClientLoop, InteractionKind, ManualClock, hookimpl
from clientloop.model.accounts import Account
from clientloop.model.codec import Json
from clientloop.model.customers import Customer
from clientloop.model.interactions import Interaction
from clientloop.model.money import Money
from clientloop.model.plan import Aggregate, Bucket, Fold, Folded, How, Key, Plan
from clientloop.ports.metric import State
from clientloop.ports.relationship import Frame, Place, RelationshipModel

START = datetime(2026, 3, 2, 9, tzinfo=UTC)

_BY_MONTH = Plan(
    cls=Interaction,
    keys=(Key("customer"), Key("occurred_at", Bucket.MONTH)),
    aggregates=(Aggregate(How.SUM, "amount"), Aggregate(How.COUNT)),
    fold=Fold(keys=1, aggregates=(Folded(How.SUM, 0), Folded(How.SQUARES, 0), Folded(How.SUM, 1))),
    at="occurred_at",
)


@frozen(kw_only=True)
class Spenders(RelationshipModel):
    """Who spent how much: by the sum of all months, and by that of their squares."""

    stages = ("low", "middle", "high")

    #: From which sum on somebody is high; a tenth of that is middle.
    border: int = 100_00

    def plans(self, frame: Frame) -> Mapping[str, Plan]:
        """The sums of the months, folded, and the number of rows, not folded."""
        return {"months": _BY_MONTH, "rows": Plan(cls=Interaction, keys=(Key("customer"),), at="occurred_at")}

    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Mapping[UUID, Place]:
        """Put everybody where the sum says."""
        months = {group.keys[0]: group.values for group in state["months"]}
        rows = {group.keys[0]: group.values[0] for group in state["rows"]}
        found = {}
        for subject in subjects:
            total, squares, count = months.get(subject, (None, None, 0))
            why = {
                "total": total, "squares": squares, "months_rows": count, "rows": rows.get(subject, 0),
                "border": self.border,
            }  # fmt: skip
            found[subject] = Place(stage=self.stage_of(why), explanation=why)
        return found

    def stage_of(self, explanation: Mapping[str, Json]) -> str | None:
        """By the sum; nobody who spent nothing is anywhere."""
        total, border = explanation["total"], explanation["border"]
        if not total:
            return None
        return "high" if total >= border else "middle" if 10 * total >= border else "low"


@frozen(kw_only=True)
class Firms(Spenders):
    """The same of companies."""

    of_accounts = True


@frozen(kw_only=True)
class Recent(RelationshipModel):
    """Who did anything within 30 days, and whoever did before: time alone makes the second of the first."""

    stages = ("gone", "here")

    def plans(self, frame: Frame) -> Mapping[str, Plan]:
        """The last time, and nothing else."""
        last = Aggregate(How.MAX, "occurred_at")
        return {"last": Plan(cls=Interaction, keys=(Key("customer"),), aggregates=(last,), at="occurred_at")}

    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Mapping[UUID, Place]:
        """By the days since."""
        last = {group.keys[0]: group.values[0] or 0 for group in state["last"]}
        now = int(frame.as_of.timestamp())
        found = {}
        for subject in subjects:
            days = (now - last[subject] // 1_000_000) // 86_400 if subject in last else None
            found[subject] = Place(stage=self.stage_of({"days": days}), explanation={"days": days})
        return found

    def stage_of(self, explanation: Mapping[str, Json]) -> str | None:
        """By the days since."""
        days = explanation["days"]
        return None if days is None else "here" if days <= 30 else "gone"


@hookimpl
def clientloop_register_relationship_models() -> Mapping[str, RelationshipModel]:
    """The models of these tests."""
    return {"spenders": Spenders(), "firms": Firms(), "recent": Recent()}


PLUGIN = SimpleNamespace(
    __name__="models", clientloop_register_relationship_models=clientloop_register_relationship_models
)


def open_loop(url: str = "memory:", *, clock: ManualClock | None = None, plugins: Sequence[object] = ()) -> ClientLoop:
    """A firm with the models of these tests."""
    return ClientLoop.open(url, clock=clock or ManualClock(START), plugins=[PLUGIN, *plugins], entry_points=False)


def buy(
    loop: ClientLoop, customer: Customer | UUID, amount: int = 10_00, *, currency: str = "EUR", days_ago: int = 0
) -> Interaction:
    """A purchase some days ago; of less than nothing, a return."""
    kind = InteractionKind.RETURN if amount < 0 else InteractionKind.PURCHASE
    return loop.interactions.record(
        kind=kind, channel="shop", customer=customer, money=Money(amount, currency),
        occurred_at=loop.clock.now() - timedelta(days=days_ago),
    )  # fmt: skip


def firm_with(loop: ClientLoop, *persons: Customer) -> Account:
    """A company to which persons belong."""
    account = loop.accounts.add("Mill")
    for person in persons:
        loop.accounts.link(account, person)
    return account
