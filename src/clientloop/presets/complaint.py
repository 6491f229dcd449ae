"""The loop of a complaint: faults are removed, the customer is told and asked whether it is fixed."""

from clientloop.model.calendar import days, hours, working_days
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
    another_superior,
    deadline,
    do,
    given,
    move,
    notify,
    offer_exists,
    redress_within_limit,
    silent,
    start,
    task,
    tasks_done,
    tell,
    told,
    within,
)

COMPLAINT = Process(
    kind="complaint",
    title="Complaint",
    working="working",
    solved=("resolved",),
    ends={
        "closed_confirmed": Outcome.CONFIRMED,
        "closed_silent": Outcome.SILENT,
        "closed_unreachable": Outcome.UNREACHABLE,
        "closed_rejected": Outcome.DECLINED,
    },
    receipt=(start("first_answer"), start("solution"), start("next_update")),
    moves=(
        move("new", "assign", "assigned", OWNER, given("to"), notify("received")),
        move("assigned", "start", "working", OWNER, task("executor", "Remove the fault"), start("next_update")),
        move("working", "resolve", "resolved", OWNER, tasks_done, given("cause", "action"), redress_within_limit, start("inform")),
        move("resolved", "inform", "informed", OWNER, told, tell("done"), start("reply")),
        move("resolved, rejected", "unreachable", "closed_unreachable", SUPERIOR, given("reason")),
        move("informed", "confirm", "closed_confirmed", CUSTOMER, start("next_sale")),
        move("informed", "deny", "working", CUSTOMER, do("reopen"), start("solution"), start("next_update"), notify("alert", Party.SUPERIOR)),
        move("informed", "lapse", "closed_silent", SYSTEM, silent),
        move("new, assigned, working", "reject", "rejected", SUPERIOR, given("reason"), another_superior, do("decide"), tell("rejected"), start("appeal")),
        move("rejected", "appeal", "working", CUSTOMER, within(days(30)), do("reopen"), start("solution"), start("next_update")),
        move("rejected", "close", "closed_rejected", SYSTEM, told),
        # What the table's causes need: the sale that follows a confirmed complaint.
        move("closed_confirmed", "offer", Place.SAME, SYSTEM, allowed(Purpose.MARKETING), offer_exists, task("sale", "Offer what follows this product")),
    ),
    deadlines=(
        deadline("first_answer", working_days(1), critical=hours(1), since=Since.RECEIPT, until=Until.ANSWERED, again=(working_days(1),)),
        deadline("solution", working_days(10), critical=working_days(2), during="new, assigned, working", waits=True, again=(working_days(2),)),
        deadline("next_update", working_days(3), during="new, assigned, working, resolved", until=Until.TOLD, waits=True, again=(working_days(1),)),
        deadline("inform", working_days(1), during="resolved", again=(working_days(1),)),
        deadline("reply", working_days(5), during="informed", waits=True, remind=(working_days(3),), then="lapse"),
        deadline("appeal", days(30), during="rejected", waits=True, then="close"),
        deadline("next_sale", days(7), during="closed_confirmed", then="offer"),
    ),
)  # fmt: skip
