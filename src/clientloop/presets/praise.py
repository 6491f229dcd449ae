"""The loop of praise: thanked for, passed on to the employee named, and followed by an offer where one fits."""

from clientloop.model.calendar import days, working_days
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
    Until,
    allowed,
    deadline,
    do,
    given,
    move,
    no_open_complaint,
    nothing_to_offer,
    notify,
    offer_exists,
    start,
    task,
    tell,
    told,
)

PRAISE = Process(
    kind="praise",
    title="Praise",
    working="new",
    solved=("thanked",),
    ends={
        "closed_offered": Outcome.DONE,
        "closed": Outcome.DONE,
        "closed_unreachable": Outcome.UNREACHABLE,
    },
    receipt=(start("solution"), start("next_update")),
    moves=(
        move("new", "thank", "thanked", OWNER, tell("thanks"), notify("praise_heard", Party.EMPLOYEE), start("follow_up")),
        move("thanked", "permit", Place.SAME, CUSTOMER, do("permit")),
        move("thanked", "offer", "closed_offered", OWNER | SYSTEM, offer_exists, allowed(Purpose.MARKETING), no_open_complaint, task("sale", "Offer what follows this product")),
        move("thanked", "close", "closed", SYSTEM, nothing_to_offer, told),
        # Thanks that reached nobody.
        move("thanked", "unreachable", "closed_unreachable", SUPERIOR, given("reason")),
    ),
    deadlines=(
        deadline("solution", working_days(1), during="new", waits=True, again=(working_days(1),)),
        deadline("next_update", working_days(3), during="new", until=Until.TOLD, waits=True, again=(working_days(1),)),
        deadline("follow_up", days(7), during="thanked", waits=True, then="offer, close"),
    ),
)  # fmt: skip
