"""What is compared with what, and the targets: the table of the benchmarks.

The targets are the design's. `slow_target` holds with a millisecond added to every sync (``--sync-ms 1``): there, each
side of a store contest waits for the same disk, most ratios can only come near 1x, and a row is shown without a target.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.benchmarks.timing import NO_TARGET, Ratio, Target


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One operation of a contest."""

    #: What is done, in the table.
    label: str
    #: The method of both sides that is timed.
    operation: str
    #: The method run before it in each round, not timed: it makes what the operation uses up.
    before: str | None = None
    #: What the row is held to on this machine's disk, and with a millisecond added to every sync.
    target: Target = NO_TARGET
    slow_target: Target = NO_TARGET
    #: How the two times are compared.
    ratio: Ratio = Ratio.SPEED


@dataclass(frozen=True, kw_only=True, slots=True)
class Contest:
    """Two sides and what is timed of them."""

    #: The rival's name in the table.
    against: str
    #: Our side and the rival's, as names for `sides.find`.
    ours: str
    rival: str
    rows: tuple[Row, ...]
    #: Whether each side is made with the path of a file of its own.
    on_file: bool = True
    #: Whether the rival replays our store on a copy of its file.
    replays_ours: bool = False
    #: Rounds that count, and operations in a round: so many that each round of a store sees a checkpoint.
    rounds: int = 11
    count: int = 200


def store_contest(against: str, rival: str, *, ratio: float) -> Contest:
    """A store of another library, held to the same ratio for both operations."""
    return Contest(
        against=against,
        ours="ours:Store",
        rival=rival,
        rows=(
            Row(label="receive", operation="receive", target=Target(ratio=ratio)),
            Row(label="move", operation="move", before="receive", target=Target(ratio=ratio)),
        ),
    )


def rule_contest(against: str, rival: str) -> Contest:
    """A library of state machines against our rules; both in memory, so that the disk makes no difference."""
    target = Target(microseconds=5)
    return Contest(
        against=against,
        ours="ours:Rules",
        rival=rival,
        on_file=False,
        count=5_000,
        rows=(Row(label="rule", operation="move", target=target, slow_target=target),),
    )


def import_contest(statement: str, ours: str) -> Contest:
    """The import of this library against the import of what it cannot do without."""
    target = Target(ratio=1.5)
    return Contest(
        against="attrs, pluggy, sqlite3",
        ours=ours,
        rival="imports:Bare",
        on_file=False,
        rounds=21,
        count=1,
        rows=(Row(label=statement, operation="load", ratio=Ratio.COST, target=target, slow_target=target),),
    )


CONTESTS = (
    Contest(
        against="sqlite3, same SQL",
        ours="ours:Store",
        rival="rivals.raw_sqlite:Replay",
        replays_ours=True,
        rows=(
            Row(label="receive", operation="receive", target=Target(ratio=0.80), slow_target=Target(ratio=0.95)),
            Row(
                label="move",
                operation="move",
                before="receive",
                target=Target(ratio=0.75),
                slow_target=Target(ratio=0.75),
            ),
        ),
    ),
    store_contest("eventsourcing, one event", "rivals.event_sourced:OneEvent", ratio=2.5),
    store_contest("eventsourcing, same facts", "rivals.event_sourced:SameFacts", ratio=2.5),
    store_contest("django-helpdesk, ORM", "rivals.django_helpdesk:Orm", ratio=5),
    store_contest("django-helpdesk, forms", "rivals.django_helpdesk:Forms", ratio=30),
    rule_contest("transitions", "rivals.state_machines:Transitions"),
    rule_contest("python-statemachine", "rivals.state_machines:PythonStateMachine"),
    import_contest("import clientloop", "imports:Package"),
    import_contest("from clientloop import ClientLoop", "imports:FromPackage"),
)
