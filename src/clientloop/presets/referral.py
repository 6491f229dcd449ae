"""The loop of a referral: the friend is asked before anybody calls, reached within a day, and the referrer thanked."""

from clientloop.model.calendar import days, working_days
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
    attempts,
    channel_allowed,
    deadline,
    do,
    friend_is_free,
    given,
    move,
    no_permission,
    permission,
    start,
    tell,
    told,
)

REFERRAL = Process(
    kind="referral",
    title="Referral",
    working="lead",
    solved=("contacted",),
    ends={
        "closed": Outcome.DONE,
        "closed_unreachable": Outcome.UNREACHABLE,
    },
    receipt=(start("intake"), start("next_update")),
    moves=(
        move("new", "invite", "invited", OWNER, no_permission, tell("invitation"), start("invitation")),
        move("invited", "respond", "lead", CUSTOMER, given("friend"), do("lead"), start("solution"), start("next_update")),
        move("new", "accept", "lead", OWNER, given("friend"), permission, friend_is_free, do("lead"), start("solution")),
        move("lead", "contact", "contacted", OWNER, channel_allowed, tell("introduction", Party.FRIEND)),
        move("lead", "fail", "ended", OWNER, attempts(3)),
        move("contacted", "win", "ended", OWNER, given("purchase")),
        move("contacted", "lose", "ended", OWNER, given("reason")),
        move("invited", "lapse", "ended", SYSTEM, start("next_update")),
        move("ended", "thank", "closed", OWNER, told, tell("referral_thanks")),
        # Thanks that reached nobody.
        move("ended", "unreachable", "closed_unreachable", SUPERIOR, given("reason")),
        # What "three attempts on three days" counts.
        move("lead", "attempt", Place.SAME, OWNER, do("attempt")),
    ),
    deadlines=(
        deadline("intake", working_days(1), during="new", since=Since.RECEIPT, waits=True, again=(working_days(1),)),
        deadline("invitation", days(14), during="invited", waits=True, then="lapse"),
        deadline("next_update", working_days(5), during="new, lead, contacted, ended", until=Until.TOLD, waits=True, again=(working_days(5),)),
        deadline("solution", working_days(1), during="lead", waits=True, again=(working_days(1),)),
    ),
    fields={
        "friend": "name of the friend",
        "friend_address": "address of the friend: e-mail or phone",
        "friend_agrees": "whether the friend agreed to be contacted",
        "purchase": "what the friend bought",
    },
)  # fmt: skip
