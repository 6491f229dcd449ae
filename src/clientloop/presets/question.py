"""The loop of a question: answered within 24 hours, with the help of experts, and the relationship developed."""

from clientloop.model.calendar import hours, working_days
from clientloop.model.customers import Purpose
from clientloop.model.feedback import Outcome
from clientloop.model.process import (
    CUSTOMER,
    OWNER,
    SUPERIOR,
    SYSTEM,
    Party,
    Place,
    Process,
    Since,
    Until,
    allowed,
    deadline,
    do,
    given,
    move,
    notify,
    silent,
    start,
    task,
    tell,
    told,
)

QUESTION = Process(
    kind="question",
    title="Question",
    working="assigned",
    solved=("answered",),
    ends={
        "closed_confirmed": Outcome.CONFIRMED,
        "closed_silent": Outcome.SILENT,
        "closed_unreachable": Outcome.UNREACHABLE,
    },
    receipt=(start("first_answer"), start("solution"), start("next_update")),
    moves=(
        move("new", "assign", "assigned", OWNER, given("to"), notify("received")),
        move("assigned", "consult", "assigned", OWNER, given("expert"), task("expert", "Help to answer the question")),
        move("new, assigned", "answer", "answered", OWNER, given("text"), tell("answer"), start("reply")),
        move("answered", "confirm", "closed_confirmed", CUSTOMER, start("relationship")),
        move("answered", "deny", "assigned", CUSTOMER, do("reopen"), start("solution"), start("next_update"), notify("alert", Party.SUPERIOR)),
        move("answered", "lapse", "closed_silent", SYSTEM, told, silent),
        # Silence of somebody who was never told is none.
        move("answered", "unreachable", "closed_unreachable", SUPERIOR, given("reason")),
        # What the table's causes need: the relationship is developed after a confirmed answer.
        move("closed_confirmed", "offer", Place.SAME, SYSTEM, allowed(Purpose.MARKETING), task("relationship", "Develop the relationship")),
    ),
    deadlines=(
        deadline("first_answer", hours(24), critical=hours(1), since=Since.RECEIPT, until=Until.ANSWERED, again=(hours(24),)),
        deadline("solution", hours(24), critical=hours(4), during="new, assigned", waits=True, again=(hours(24),)),
        deadline("next_update", working_days(3), during="new, assigned", until=Until.TOLD, waits=True, again=(working_days(1),)),
        deadline("reply", working_days(3), during="answered", waits=True, then="lapse"),
        deadline("relationship", hours(0), during="closed_confirmed", then="offer"),
    ),
    fields={"expert": "who helps to answer"},
)  # fmt: skip
