"""The loop of a request: a refund or a cancellation is granted and carried out, or declined with a reason."""

from clientloop.model.calendar import days, hours, working_days
from clientloop.model.feedback import Outcome
from clientloop.model.process import (
    CUSTOMER,
    OWNER,
    SUPERIOR,
    SYSTEM,
    Process,
    Since,
    Until,
    another_superior,
    deadline,
    do,
    given,
    move,
    notify,
    redress_within_limit,
    start,
    task,
    tasks_done,
    tell,
    told,
    within,
)

REQUEST = Process(
    kind="request",
    title="Request",
    working="assigned",
    solved=("granted", "closed_done"),
    ends={
        "closed_done": Outcome.DONE,
        "closed_unreachable": Outcome.UNREACHABLE,
        "closed_declined": Outcome.DECLINED,
    },
    receipt=(start("first_answer"), start("solution"), start("next_update")),
    moves=(
        # from, move, to, who, requires and causes
        move("new", "assign", "assigned", OWNER, given("to"), notify("received")),
        move(
            "assigned", "grant", "granted", OWNER,
            given("order", "action"), redress_within_limit, task("executor", "Pay back or cancel"), start("carry_out"),
        ),
        move(
            "assigned", "decline", "declined", SUPERIOR,
            given("reason"), another_superior, do("decide"), tell("rejected"), start("appeal"),
        ),
        move("granted", "carry_out", "closed_done", OWNER, tasks_done, told, tell("done")),
        move("granted", "unreachable", "closed_unreachable", SUPERIOR, tasks_done, given("reason")),
        move(
            "declined", "appeal", "assigned", CUSTOMER,
            within(days(30)), do("reopen"), start("solution"), start("next_update"),
        ),
        move("declined", "close", "closed_declined", SYSTEM, told),
    ),
    deadlines=(
        deadline("first_answer", working_days(1), critical=hours(1), since=Since.RECEIPT, until=Until.ANSWERED),
        deadline("solution", working_days(5), during="new, assigned", waits=True, again=(working_days(1),)),
        deadline(
            "next_update", working_days(3), during="new, assigned, granted",
            until=Until.TOLD, waits=True, again=(working_days(1),),
        ),
        deadline("carry_out", working_days(3), during="granted", again=(working_days(1),)),
        deadline("appeal", days(30), during="declined", waits=True, then="close"),
    ),
    fields={"order": "the order that is to be paid back or cancelled"},
)  # fmt: skip
