"""What keeps time flat as data grow: SQLite finds what hot statements ask for, and needs neither search nor sort."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime

import pytest

from clientloop.model.asking import Answer
from clientloop.model.customers import Identity, IdentityKind
from clientloop.model.feedback import Feedback, Timer, Transition, tagged
from clientloop.model.improvements import Improvement, ImprovementState
from clientloop.model.interactions import Interaction
from clientloop.model.messages import OutboundMessage
from clientloop.model.plan import Aggregate, How, Key, Plan
from clientloop.model.record import record_of
from clientloop.model.relationships import Assessment, Standing
from clientloop.model.schema import RECORDS
from clientloop.model.where import ALL, Where, eq, ge, le, lt
from clientloop.rules.asking.superseding import after, before, in_row, row_of
from clientloop.rules.staff.rights import Circle, Right, Scope, within
from clientloop.services.people.timeline import STRANDS
from clientloop.sql import due, statements
from clientloop.sql.conditions import split
from clientloop.sql.plans import Form, terms_of, way
from clientloop.sql.zones import Calendar
from clientloop.stores.sqlite import SqliteStore, search
from clientloop.testing.samples import SAMPLE_TIME, sample, sample_id

Explain = Callable[[str], list[str]]

DIALECT = SqliteStore.dialect
OPEN = eq("is_open", True)
MIA = Circle(name="mia", teams=("post", "shop"), colleagues=("mia", "tim"))


@pytest.fixture(scope="module")
def explain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explain]:
    """Tells the steps that SQLite takes; parameters are left empty, for without statistics they have no say."""
    path = tmp_path_factory.mktemp("plans") / "store.db"
    with closing(SqliteStore(path)) as store:
        store.migrate()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")

        def steps(sql: str) -> list[str]:
            rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * sql.count("?"))
            return [re.sub("sqlite_autoindex_|clientloop_|COVERING ", "", row[3]) for row in rows]

        yield steps


def page(cls: type, where: Where, order: str, *, pinned: int, descending: bool, further: bool) -> str:
    """The statement of a page, whose order begins with so many columns that the condition pins."""
    record = record_of(cls)
    columns = record.order(order)[pinned:]
    shape = split(where, record)[0]
    return statements.page(DIALECT, record, shape, columns, descending=descending, further=further)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    ("request_", "pinned", "place", "position"),
    [
        (
            (Feedback, OPEN & eq("owner", "agent-7"), "inbox"),
            2,
            "feedback_inbox (space=? AND is_open=? AND owner=?",
            "(due,id)",
        ),
        ((Feedback, OPEN, "agenda"), 1, "feedback_agenda (space=? AND is_open=?", "(due,id)"),
        (
            (Feedback, OPEN & eq("team", "post") & eq("kind", "complaint") & tagged("vip"), "by_team"),
            2,
            "feedback_by_team (space=? AND is_open=? AND team=?",
            "(due,id)",
        ),
        (
            (Feedback, OPEN & within(Scope.TEAM, MIA, Right.SEE), "agenda"),
            1,
            "feedback_agenda (space=? AND is_open=?",
            "(due,id)",
        ),
        (
            (Interaction, eq("customer", sample_id(1)), "timeline"),
            1,
            "interaction_timeline (space=? AND customer=?",
            "(occurred_at,id)",
        ),
        (
            (Interaction, eq("customer", None), "timeline"),
            1,
            "interaction_timeline (space=? AND customer=?",
            "(occurred_at,id)",
        ),
        (
            (Identity, eq("kind", IdentityKind.EMAIL) & eq("value", "customer@example.com"), "key"),
            2,
            "identity_1 (space=? AND kind=? AND value=?",
            "customer",
        ),
        ((Transition, eq("item", sample_id(1)), "key"), 1, "transition_1 (space=? AND item=?", "number"),
        ((Feedback, ALL, "key"), 0, "feedback_1 (space=?", "id"),
        (
            (Feedback, eq("improvement", sample_id(1)), "of_improvement"),
            1,
            "feedback_of_improvement (space=? AND improvement=?",
            "id",
        ),
        (
            (Improvement, eq("state", ImprovementState.OPEN), "by_state"),
            1,
            "improvement_by_state (space=? AND state=?",
            "(created_at,id)",
        ),
        (
            (Standing, eq("model", "abc") & eq("stage", "A") & ~le("manual_until", SAMPLE_TIME), "by_stage"),
            2,
            "standing_by_stage (space=? AND model=? AND stage=?",
            "subject",
        ),
        (
            (Assessment, eq("subject", sample_id(1)) & eq("model", "abc"), "key"),
            2,
            "assessment_1 (space=? AND subject=? AND model=?",
            "number",
        ),
        *[
            (
                (strand.cls, eq(strand.owner, sample_id(1)), strand.order),
                1,
                f"{record_of(strand.cls).name}_{strand.order} (space=? AND {strand.owner}=?",
                f"({strand.at},id)",
            )
            for strand in STRANDS
        ],
    ],
)
def test_a_page_is_read_along_its_index(
    explain: Explain, request_: tuple[type, Where, str], pinned: int, place: str, position: str, *, descending: bool
) -> None:
    """The first page and every later one begin at their place in the index and take rows as they stand there."""
    table, end = record_of(request_[0]).name, "<" if descending else ">"
    parameter = "(?,?)" if "," in position else "?"
    for further, where in ((False, place), (True, f"{place} AND {position}{end}{parameter}")):
        sql = page(*request_, pinned=pinned, descending=descending, further=further)
        assert explain(sql) == [f"SEARCH {table} USING INDEX {where})"]


def test_a_bound_of_the_condition_does_not_hide_the_position(explain: Explain) -> None:
    """Later pages of what is due, or of what happened since, begin where the last one ended, not at the bound."""
    later = page(Feedback, OPEN & le("due", SAMPLE_TIME), "agenda", pinned=1, descending=True, further=True)
    assert explain(later) == [
        "SEARCH feedback USING INDEX feedback_agenda (space=? AND is_open=? AND (due,id)<(?,?))",
    ]
    since = eq("customer", sample_id(1)) & ge("occurred_at", SAMPLE_TIME)
    later = page(Interaction, since, "timeline", pinned=1, descending=False, further=True)
    assert explain(later) == [
        "SEARCH interaction USING INDEX interaction_timeline (space=? AND customer=? AND (occurred_at,id)>(?,?))",
    ]


def test_the_look_for_a_burst_stays_within_its_window(explain: Explain) -> None:
    """Items are read along the index of times between two bounds, and incidents by the beginning of their origin."""
    window = ge("recorded_at", SAMPLE_TIME) & le("recorded_at", SAMPLE_TIME) & eq("product", "chair")
    read = page(Feedback, window, "by_time", pinned=0, descending=True, further=False)
    assert explain(read) == [
        "SEARCH feedback USING INDEX feedback_by_time (space=? AND recorded_at>? AND recorded_at<?)",
    ]
    numbered = ge("origin", "a#") & lt("origin", "a$")
    step, *_ = explain(page(Improvement, numbered, "by_origin", pinned=0, descending=False, further=False))
    assert step == "SEARCH improvement USING INDEX improvement_by_origin (space=? AND origin>? AND origin<?)"


def test_words_that_have_ended_are_found_without_a_look_at_the_others(explain: Explain) -> None:
    """Whether one has ended is asked each time that somebody lists who stands in a stage, and then when one does."""
    for ends, bound in ((le("manual_until", SAMPLE_TIME), "<?"), (ge("manual_until", SAMPLE_TIME), ">?")):
        asked = eq("model", "abc") & ends
        [step] = explain(page(Standing, asked, "by_expiry", pinned=1, descending=False, further=False))
        known = "SEARCH standing USING INDEX standing_by_expiry (space=? AND model=? AND manual_until"
        assert step.startswith(known + bound)


def test_an_order_with_none_among_its_values_is_read_along_its_index(explain: Explain) -> None:
    """A column that may hold NULL sorts as the index does, so that not even all rows of a space are sorted."""
    for descending in (False, True):
        sql = page(Interaction, ALL, "timeline", pinned=0, descending=descending, further=True)
        assert explain(sql) == ["SEARCH interaction USING INDEX interaction_timeline (space=?)"]


SALES = (Aggregate(How.COUNT), Aggregate(How.SUM, "amount"), Aggregate(How.MAX, "occurred_at"))


@pytest.mark.parametrize(
    ("plan", "step"),
    [
        (
            Plan(cls=Interaction, where=lt("occurred_at", SAMPLE_TIME), keys=(Key("customer"),), aggregates=SALES),
            "SEARCH interaction USING INDEX interaction_timeline (space=?)",
        ),
        (
            Plan(cls=Interaction, keys=(Key("channel"),), aggregates=SALES),
            "SEARCH interaction USING INDEX interaction_1 (space=? AND id>?)",
        ),
        (
            Plan(cls=Interaction, where=eq("channel", "shop"), keys=(Key("customer"), Key("kind"))),
            "SEARCH interaction USING INDEX interaction_1 (space=? AND id>?)",
        ),
        (
            Plan(cls=Interaction, where=eq("customer", sample_id(1)), keys=(Key("channel"),)),
            "SEARCH interaction USING INDEX interaction_timeline (space=? AND customer=?)",
        ),
        (Plan(cls=Feedback, keys=(Key("kind"),)), "SEARCH feedback USING INDEX feedback_1 (space=? AND id>?)"),
        (
            Plan(cls=Transition, keys=(Key("target"),)),
            "SEARCH transition USING INDEX transition_1 (space=? AND item>?)",
        ),
    ],
)
def test_sums_are_read_along_an_index_that_holds_them_or_in_the_order_of_the_file(
    explain: Explain, plan: Plan, step: str
) -> None:
    """Not along one from which each row is looked for elsewhere, unless it finds few among many."""
    record = record_of(plan.cls)
    form = Form(
        record=record,
        shape=split(plan.where, record)[0],
        keys=plan.keys,
        calendars=tuple(Calendar() for _ in plan.keys),
        terms=terms_of(plan.aggregates, record)[0],
        fold=None,
        wide=False,
        way=way(record, plan),
    )
    assert explain(statements.aggregate(DIALECT, form))[0] == step


@pytest.mark.parametrize(
    ("cls", "where", "index"),
    [
        (Timer, ALL, "by_wake (space=? AND wake_at<?)"),
        (OutboundMessage, ALL, "by_wake (space=? AND wake_at<?)"),
        (OutboundMessage, eq("channel", "sms"), "by_channel (space=? AND channel=? AND wake_at<?)"),
    ],
)
def test_a_claim_takes_rows_by_the_index_of_times(explain: Explain, cls: type, where: Where, index: str) -> None:
    """What is due is found by its time, and by its channel where one is asked for, and updated by its key."""
    record = record_of(cls)
    shape = split(where, record)[0]
    found = f"SEARCH {record.name} USING INDEX {record.name}_{index}"
    assert explain(due.waking(DIALECT, record, shape)) == [found]
    taken = f"SEARCH {record.name} USING INDEX {record.name}_1 ({' AND '.join(f'{name}=?' for name in record.key)})"
    assert explain(due.claim(DIALECT, record, shape)) == [taken, "LIST SUBQUERY 1", found]


def test_a_search_takes_items_as_its_words_give_them(explain: Explain) -> None:
    """The index of words comes first, within the numbers of the space, whatever the condition; nothing is sorted."""
    for where in (ALL, OPEN & eq("owner", "agent-7")):
        steps = explain(search.statement(DIALECT, split(where, record_of(Feedback))[0]))
        of_the_space = ("SCALAR SUBQUERY", "REUSE SUBQUERY", "SEARCH search_item USING INDEX")
        words, *others = [step for step in steps if not step.startswith(of_the_space)]
        assert re.fullmatch(r"SCAN search VIRTUAL TABLE INDEX \d+:M2><", words)
        assert others == [
            "SEARCH search_item USING INTEGER PRIMARY KEY (rowid=?)",
            "SEARCH feedback USING INDEX feedback_1 (space=? AND id=?)",
        ]


@pytest.mark.parametrize("answered_at", [None, SAMPLE_TIME])
@pytest.mark.parametrize(("places", "descending"), [(before, True), (after, False)])
def test_the_answers_beside_another_are_found_in_their_place(
    explain: Explain, answered_at: datetime | None, places: Callable[[Answer], tuple[Where, ...]], *, descending: bool
) -> None:
    """However often a person has answered, what comes right before and right after is read where it stands."""
    answer = sample(Answer, answered_at=answered_at)
    theirs = eq("customer", sample_id(1)) & in_row(row_of(answer))
    for place in places(answer):
        sql = page(Answer, theirs & place, "of_customer", pinned=2, descending=descending, further=False)
        [step] = explain(sql)
        assert step.startswith("SEARCH answer USING INDEX answer_of_customer (space=? AND customer=? AND question=?")


def test_spaces_are_read_along_their_key(explain: Explain) -> None:
    """Nothing is sorted."""
    assert explain(statements.spaces(DIALECT)) == ["SCAN space USING INDEX space_1"]


def test_due_spaces_are_found_by_their_own_index(explain: Explain) -> None:
    """The one question that no space leads is answered from an index too, and so is when a space is due next."""
    assert explain(due.due_spaces(DIALECT)) == ["SEARCH space_due USING INDEX space_due_by_next (next_due<?)"]
    steps = explain(due.recount(DIALECT))
    for table in ("timer", "outbox"):
        assert f"SEARCH {table} USING INDEX {table}_by_wake (space=?)" in steps


def test_a_row_is_found_by_its_key(explain: Explain) -> None:
    """Loading, changing and removing a row of any record is a search by the whole key."""
    for record in RECORDS.values():
        found = f"SEARCH {record.name} USING INDEX {record.name}_1 ({' AND '.join(f'{name}=?' for name in record.key)})"
        for sql in (
            statements.get(DIALECT, record),
            statements.update(DIALECT, record, (), guarded=record.versioned),
            statements.delete(DIALECT, record, guarded=record.versioned),
        ):
            assert explain(sql)[0] == found


def test_what_points_to_a_row_is_found_by_an_index(explain: Explain) -> None:
    """When a row goes, SQLite looks for rows that point to it by an index, not through whole tables."""
    for record in RECORDS.values():
        steps = explain(statements.delete(DIALECT, record, guarded=False))
        pointing = [other.name for other in RECORDS.values() if record.name in other.references.values()]
        assert [step for step in steps if step.startswith("SCAN")] == []
        assert len(steps) >= 1 + len(pointing)
