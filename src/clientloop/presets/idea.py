"""The loop of an idea: assessed, decided, and the customer told whether and when."""

from clientloop.model.calendar import working_days
from clientloop.model.feedback import Outcome
from clientloop.model.process import (
    OWNER,
    SUPERIOR,
    SYSTEM,
    Process,
    Until,
    deadline,
    do,
    given,
    improvement_done,
    improvement_exists,
    move,
    notify,
    start,
    tell,
    told,
)

IDEA = Process(
    kind="idea",
    title="Idea",
    working="assessed",
    solved=("promised", "parked", "closed_declined"),
    ends={
        "closed_declined": Outcome.DECLINED,
        "closed_done": Outcome.DONE,
        "closed_unreachable": Outcome.UNREACHABLE,
    },
    receipt=(start("solution"), start("next_update")),
    moves=(
        move("new", "assess", "assessed", OWNER, given("value", "effort", "improvement"), improvement_exists, notify("decision_date")),
        move("assessed", "accept", "promised", SUPERIOR, given("date"), tell("promised"), start("promise")),
        move("assessed", "park", "parked", SUPERIOR, given("date"), tell("parked"), start("review")),
        move("parked", "review", "assessed", SYSTEM, do("resume_work"), start("solution")),
        move("assessed", "decline", "closed_declined", SUPERIOR, given("reason"), told, tell("declined")),
        move("promised", "postpone", "promised", SUPERIOR, given("date", "reason"), tell("postponed"), start("promise")),
        move("promised", "implement", "closed_done", OWNER, improvement_done, told, tell("implemented")),
        # A decision that nobody can be told.
        move("assessed, promised", "unreachable", "closed_unreachable", SUPERIOR, given("reason")),
    ),
    deadlines=(
        deadline("solution", working_days(10), during="new, assessed", waits=True, again=(working_days(2),)),
        deadline("promise", None, during="promised", again=(working_days(2),)),
        deadline("review", None, during="parked", waits=True, then="review"),
        # A promised or parked idea has its date; meanwhile the customer hears once in a while.
        deadline("next_update", working_days(10), until=Until.TOLD, waits=True, again=(working_days(5),)),
    ),
    fields={"value": "what it is worth", "effort": "what it costs"},
)  # fmt: skip
