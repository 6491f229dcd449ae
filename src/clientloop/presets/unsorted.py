"""What came in and does not say what it is: a person finds out within a working day, so that nothing is lost."""

from clientloop.model.calendar import working_days
from clientloop.model.feedback import Outcome
from clientloop.model.process import NEW, OWNER, UNSORTED, Process, Since, Until, deadline, do, given, move, start

UNKNOWN = Process(
    kind=UNSORTED,
    title="Not sorted yet",
    working=NEW,
    solved=(),
    ends={"closed_not_feedback": Outcome.NOT_FEEDBACK},
    receipt=(start("solution"), start("next_update")),
    # As in every kind; there is no other way on.
    moves=(
        move(NEW, "rekind", NEW, OWNER, given("reason", "kind"), do("rekind")),
        move(NEW, "not_feedback", "closed_not_feedback", OWNER, given("reason")),
    ),
    deadlines=(
        deadline("solution", working_days(1), since=Since.RECEIPT, waits=True, again=(working_days(1),)),
        deadline("next_update", working_days(3), until=Until.TOLD, waits=True, again=(working_days(1),)),
    ),
)
