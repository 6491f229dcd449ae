"""What is compared with what, and the targets: the table of the benchmarks.

The targets are the design's. `slow_target` holds with a millisecond added to every sync (``--sync-ms 1``): there, each
side of a store contest waits for the same disk, most ratios can only come near 1x, and a row is shown without a target.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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


class Files(StrEnum):
    """What the two sides of a contest are made with."""

    #: Nothing.
    NONE = "none"
    #: A copy of the seed; an empty file.
    SEED_AND_EMPTY = "seed and empty"
    #: A copy of the seed each.
    SEED_EACH = "seed each"
    #: A copy of the seed each; the rival also with our side, whose statements it repeats.
    REPEATED = "repeated"
    #: The seed itself, which both only read.
    SEED = "seed"
    #: Seeds of two sizes, the rival's of `FEW` items.
    MANY_AND_FEW = "many and few"


#: Items in the smaller of two seeds that are compared, and at least so many in the larger one.
FEW, MANY = 100_000, 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Contest:
    """Two sides and what is timed of them."""

    #: The rival's name in the table.
    against: str
    #: Our side and the rival's, as names for `sides.find`.
    ours: str
    rival: str
    rows: tuple[Row, ...]
    #: What the sides are made with.
    files: Files = Files.NONE
    #: What makes the seeds, as a name for `sides.find`.
    seed: str = "seeds:seed"
    #: Rounds that count, and operations in a round: so many that each round of a store sees a checkpoint.
    rounds: int = 11
    count: int = 200


def store_contest(against: str, rival: str, *, ratio: float) -> Contest:
    """A store of another library, held to the same ratio for both operations."""
    return Contest(
        against=against,
        ours="ours:Store",
        rival=rival,
        files=Files.SEED_AND_EMPTY,
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
        rounds=21,
        count=1,
        rows=(Row(label=statement, operation="load", ratio=Ratio.COST, target=target, slow_target=target),),
    )


def assessment_contest(against: str, rival: str, *, label: str) -> Contest:
    """Assessing everybody by all models, against SQL that was written for this alone."""
    target = Target(ratio=1.3)
    return Contest(
        against=against,
        ours="relationships:Models",
        rival=rival,
        files=Files.SEED,
        seed="trade:seed",
        rounds=5,
        count=1,
        rows=(Row(label=label, operation="assess", ratio=Ratio.COST, target=target, slow_target=target),),
    )


def growth_row(label: str, operation: str) -> Row:
    """A question that must not take longer as data grow."""
    target = Target(ratio=2.5)
    return Row(label=label, operation=operation, ratio=Ratio.COST, target=target, slow_target=target)


def search_row(label: str, operation: str, *, target: Target) -> Row:
    """A page that is found by words."""
    return Row(label=label, operation=operation, ratio=Ratio.COST, target=target, slow_target=target)


def postgres_contest(against: str, ours: str, rival: str, *, ratio: float) -> Contest:
    """Our store on PostgreSQL."""
    target = Target(ratio=ratio)
    return Contest(
        against=against,
        ours=f"postgres:{ours}",
        rival=f"postgres:{rival}",
        rounds=7,
        count=50,
        rows=(
            Row(label="receive on PostgreSQL", operation="receive", target=target, slow_target=target),
            Row(label="move on PostgreSQL", operation="move", before="receive"),
        ),
    )


def writers_contest(label: str, operation: str, *, rounds: int, count: int, target: Target, ratio: Ratio) -> Contest:
    """Four processes on one file against one of them alone."""
    return Contest(
        against="one process",
        ours="writers:Four",
        rival="writers:One",
        files=Files.SEED_EACH,
        rounds=rounds,
        count=count,
        rows=(Row(label=label, operation=operation, ratio=ratio, target=target, slow_target=target),),
    )


CONTESTS = (
    Contest(
        against="sqlite3, same SQL",
        ours="ours:Store",
        rival="rivals.raw_sqlite:Replay",
        files=Files.REPEATED,
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
    Contest(
        against="sqlite3, same inserts",
        ours="bulk:Store",
        rival="bulk:Inserts",
        files=Files.REPEATED,
        rounds=7,
        count=10_000,
        rows=(
            Row(
                label="import purchases",
                operation="purchases",
                target=Target(ratio=0.50),
                slow_target=Target(ratio=0.50),
            ),
            Row(label="import purchases with phones", operation="purchases_with_phones"),
        ),
    ),
    Contest(
        against="one read before",
        ours="bulk:NewPhones",
        rival="bulk:KnownPhones",
        rounds=7,
        count=2_000,
        rows=(Row(label="read a new phone number", operation="read", ratio=Ratio.COST),),
    ),
    postgres_contest("psycopg, same statements", "Store", "Replay", ratio=0.75),
    postgres_contest("psycopg, same statements, 1 ms of network", "FarStore", "FarReplay", ratio=3),
    writers_contest(
        "receive by four processes",
        "receive",
        rounds=5,
        count=1_000,
        target=Target(ratio=0.8),
        ratio=Ratio.SPEED,
    ),
    # One round, as the longest of all times is wanted and no median.
    writers_contest(
        "longest receipt of four processes",
        "longest",
        rounds=1,
        count=8_000,
        target=Target(microseconds=100_000),
        ratio=Ratio.COST,
    ),
    Contest(
        against=f"{FEW:,} items",
        ours="growth:Store",
        rival="growth:Store",
        files=Files.MANY_AND_FEW,
        rows=(
            growth_row("inbox", "inbox"),
            growth_row("agenda", "agenda"),
            growth_row("timeline", "timeline"),
            growth_row("claim timers", "claim_timers"),
            growth_row("claim outbox", "claim_outbox"),
        ),
        count=50,
    ),
    Contest(
        against="an inbox page",
        ours="searching:Search",
        rival="searching:Inbox",
        files=Files.SEED,
        rows=(
            search_row("search a common word", "common", target=Target(ratio=3)),
            search_row("search a rare word", "rare", target=Target(ratio=3)),
            search_row("search two words", "two", target=Target(ratio=3)),
            search_row("search a phrase", "phrase", target=Target(ratio=3)),
            search_row("search two common words that never meet", "apart", target=NO_TARGET),
        ),
        count=50,
    ),
    assessment_contest(
        "SQL written by hand", "relationships:ByHand", label="relationships: ABC, XYZ, stages, RFM and NPS"
    ),
    assessment_contest(
        "SQL written by hand that tells why",
        "relationships:ByHandTold",
        label="relationships with the numbers that explain them",
    ),
    Contest(
        against="SQL that moves the rows",
        ours="merging:Store",
        rival="merging:Repointed",
        files=Files.SEED_EACH,
        rounds=7,
        count=10,
        rows=(Row(label="merge 10,000 rows and undo", operation="merge_and_undo", target=Target(ratio=10)),),
    ),
    Contest(
        against="of 10 rows",
        ours="merging:Store",
        rival="merging:FewRows",
        files=Files.SEED_EACH,
        rounds=7,
        count=50,
        rows=(
            Row(
                label="merge 10,000 rows and undo",
                operation="merge_and_undo",
                ratio=Ratio.COST,
                target=Target(ratio=1.5),
                slow_target=Target(ratio=1.5),
            ),
        ),
    ),
    Contest(
        against="without rules",
        ours="routing:Routed",
        rival="routing:Unrouted",
        files=Files.SEED_EACH,
        rows=(
            Row(
                label="receive by 20 rules for 20 members with 10,000 open items",
                operation="receive",
                target=Target(ratio=0.4),
                slow_target=Target(ratio=0.5),
            ),
        ),
    ),
    rule_contest("transitions", "rivals.state_machines:Transitions"),
    rule_contest("python-statemachine", "rivals.state_machines:PythonStateMachine"),
    import_contest("import clientloop", "imports:Package"),
    import_contest("from clientloop import ClientLoop", "imports:FromPackage"),
)
