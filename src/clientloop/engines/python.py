"""The engine that adds up in plain Python, from nothing but the pages of a store."""

from collections.abc import Sequence

from clientloop.model.plan import Group, Plan
from clientloop.model.record import record_of
from clientloop.ports.engine import Engine
from clientloop.ports.store import Store
from clientloop.rules.measures.aggregation import aggregate, check_plan


class PythonEngine(Engine):
    """Reads every record of a plan and folds it here.

    What the other engines are judged by, and what is left where a store cannot add up; it takes the time that it takes
    to make an object of each record.

    >>> from clientloop.model.interactions import Interaction
    >>> from clientloop.stores.memory import MemoryStore
    >>> PythonEngine().aggregate(MemoryStore(), "main", Plan(cls=Interaction))
    [Group(keys=(), values=(0,))]
    """

    def aggregate(self, store: Store, space: str, plan: Plan) -> Sequence[Group]:
        """Add up what one plan declares."""
        check_plan(plan)
        return aggregate(map(record_of(plan.cls).encode, store.pages(plan.cls, space)), plan)
