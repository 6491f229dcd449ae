"""What is common to the loops of all kinds."""

from clientloop.model.calendar import days, working_days
from clientloop.model.feedback import Outcome
from clientloop.model.process import (
    ANYBODY,
    CUSTOMER,
    NEW,
    OWNER,
    SYSTEM,
    WAITING,
    Common,
    Party,
    Place,
    Until,
    deadline,
    do,
    given,
    improvement_exists,
    move,
    notify,
    same_customer,
    start,
    tell,
    within,
)

_MOVES = (
    # from, move, to, who, requires and causes
    move(Place.OPEN, "wait", WAITING, OWNER, given("text"), tell("question"), start("reply_wanted")),
    move(WAITING, "resume", Place.BACK, CUSTOMER | OWNER, notify("wrote", Party.OWNER)),
    move(WAITING, "lapse", "closed_no_reply", SYSTEM, notify("lapsed")),
    move(Place.CLOSED, "reopen", Place.WORKING, CUSTOMER, within(days(30)), do("reopen"), start("solution"), start("next_update"), notify("alert", Party.SUPERIOR), notify("wrote", Party.OWNER)),
    # Words of the customer that ask for no other move; `interaction` is where they are kept.
    move(Place.OPEN, "write", Place.SAME, CUSTOMER, given("interaction"), do("hear"), notify("wrote", Party.OWNER)),
    move(f"{Place.OPEN}, {WAITING}", "duplicate", "closed_duplicate", OWNER, given("original"), same_customer, do("join")),
    move(f"{Place.OPEN}, {WAITING}", "not_feedback", "closed_not_feedback", OWNER, given("reason")),
    move("closed_not_feedback", "restore", Place.BACK, OWNER, given("reason"), do("relieve")),
    move(f"{Place.OPEN}, {WAITING}", "rekind", NEW, OWNER, given("reason", "kind"), do("rekind")),
    move(f"{Place.OPEN}, {WAITING}", "split", NEW, OWNER, given("reason", "parts"), do("split")),
    move(f"{Place.OPEN}, {WAITING}", "escalate", Place.SAME, ANYBODY, do("escalate"), notify("alert", Party.SUPERIOR), notify("alert", Party.TEAM), notify("new_date")),
    # What the tables above lean on.
    move(f"{Place.OPEN}, {WAITING}", "remind", Place.SAME, SYSTEM, notify("reminder")),
    move(f"{Place.OPEN}, {WAITING}", "update", Place.SAME, OWNER, given("text"), tell("progress")),
    move(f"{Place.OPEN}, {WAITING}", "hand_over", Place.SAME, OWNER | SYSTEM, given("to")),
    # What people of the firm put on an item for one another; no customer sees it.
    move(Place.ANY, "note", Place.SAME, OWNER, given("note"), do("mention"), notify("mentioned", Party.MENTIONED)),
    move(Place.ANY, "tag", Place.SAME, OWNER, given("tags"), do("tag")),
    move(Place.ANY, "untag", Place.SAME, OWNER, given("tags"), do("untag")),
    move(Place.ANY, "watch", Place.SAME, OWNER, given("watchers"), do("watch")),
    move(Place.ANY, "unwatch", Place.SAME, OWNER, given("watchers"), do("unwatch")),
    move(Place.ANY, "link", Place.SAME, OWNER, given("improvement"), improvement_exists),
)  # fmt: skip

_DEADLINES = (
    deadline("reply_wanted", working_days(10), during=WAITING, remind=(working_days(3), working_days(7)), then="lapse"),
    # A kind that is solved in another time says so by a deadline of this name.
    deadline("solution", working_days(10), waits=True, again=(working_days(2),)),
    # While the customer has the word, the deadline of the reply is the next update: kinds leave such states out.
    deadline("next_update", working_days(3), until=Until.TOLD, waits=True, again=(working_days(1),)),
)

COMMON = Common(
    moves=_MOVES,
    deadlines=_DEADLINES,
    ends={
        "closed_no_reply": Outcome.NO_REPLY,
        "closed_duplicate": Outcome.DUPLICATE,
        "closed_not_feedback": Outcome.NOT_FEEDBACK,
        "closed_before_import": Outcome.IMPORTED,
    },
    final=("closed_duplicate", "closed_not_feedback", "closed_before_import"),
)
