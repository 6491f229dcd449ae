"""How the month goes: the ways that items of each kind take, how often each is taken, and one story told in full."""

from collections.abc import Mapping

from clientloop.cli.demo.script import (
    DAY,
    HOUR,
    IMPROVE,
    REPEAT,
    WORK,
    WORKING_DAY,
    Way,
    above,
    at_once,
    customer,
    head,
    on,
    once,
    staff,
    way,
)
from clientloop.model.feedback import Priority

# Steps that several ways share.
_ASSIGN = head("assign", to="agent")
_TAKE = head("hand_over", to="agent")
_BEGUN = (_ASSIGN, staff("start", (10, 240)), staff("update", (5, 60), text="progress"))
_WORKED = staff(WORK, (WORKING_DAY // 2, 4 * WORKING_DAY), result="result")
_SOLVED = staff("resolve", (5, 60), cause="cause", action="action")
_REDRESSED = head("resolve", cause="cause", action="action", redress="redress")
_INFORM = staff("inform", (5, 200))
_INFORMED = (*_BEGUN, _WORKED, _SOLVED, _INFORM)
_AGAIN = (staff("resolve", (WORKING_DAY, 2 * WORKING_DAY), cause="cause", action="again"), _INFORM)
_CONFIRM, _DENY = customer("confirm"), customer("deny")
_REOPEN = customer("reopen", (2 * DAY, 4 * DAY))
_ASKED = staff("wait", (10, 200), text="question")
_REPLY = customer("resume", (HOUR, 5 * DAY), note="reply")
_REJECT = head("reject", reason="refusal")
_APPEALED = (_ASSIGN, _REJECT, customer("appeal"))
_NO_FEEDBACK = head("not_feedback", reason="reason")
_UNREACHABLE = head("unreachable", reason="unreachable")

_URGENT = (
    head("assign", (5, 40), to="agent"),
    staff("update", (5, 30), text="progress"),
    staff("start", (5, 30)),
    staff(WORK, (2 * HOUR, 9 * HOUR), result="result"),
    head("resolve", (10, 60), cause="cause", action="action", redress="redress"),
    staff("inform", (5, 60)),
)

_COMPLAINTS = (
    way(10, "complaints", *_INFORMED, _CONFIRM),
    way(2, "complaints", *_BEGUN, _WORKED, _REDRESSED, _INFORM, _CONFIRM),
    way(9, "complaints", *_INFORMED),
    way(3, "complaints", *_INFORMED, _DENY, *_AGAIN, _CONFIRM, latest=16),
    way(1, "complaints", *_INFORMED, _CONFIRM, _REOPEN, *_AGAIN, _CONFIRM, latest=10),
    way(3, "complaints", *_BEGUN, _ASKED, _REPLY, _WORKED, _SOLVED, _INFORM, _CONFIRM),
    way(2, "complaints", *_BEGUN, _ASKED, latest=10),
    way(2, "complaints", *_BEGUN, customer(REPEAT, (DAY, DAY)), _WORKED, _SOLVED, _INFORM, _CONFIRM),
    way(2, "complaints", *_INFORMED, _UNREACHABLE, bounces=True, latest=15),
    way(2, "complaints", _ASSIGN, staff("start"), _WORKED, _SOLVED, _UNREACHABLE, anonymous=True),
    way(2, "complaints", _ASSIGN, _REJECT),
    way(1, "complaints", *_APPEALED, above("resolve", cause="cause", action="action"), _INFORM, _CONFIRM, latest=12),
    way(1, "complaints", *_APPEALED, above("reject", reason="refusal"), latest=12),
    way(3, "complaints", _ASSIGN),
    way(1, "complaints"),
    way(2, "critical", *map(at_once, _URGENT), _CONFIRM, priority=Priority.CRITICAL),
    way(2, "no_feedback", _NO_FEEDBACK, anonymous=True),
    way(1, "second_thoughts", _NO_FEEDBACK, head("restore", reason="second_thought"), *_INFORMED, _CONFIRM),
)

_ANSWER = staff("answer", (10, 150), text="answer")
_CONSULTED = (staff("consult", expert="expert"), staff(WORK, (30, 200), result="result"))

_QUESTIONS = (
    way(11, "questions", _ASSIGN, _ANSWER, _CONFIRM),
    way(10, "questions", _ASSIGN, _ANSWER),
    way(2, "questions", staff("answer", (5, 60), text="answer"), _CONFIRM),
    way(3, "questions", _ASSIGN, _ANSWER, customer("deny"), staff("answer", text="again"), _CONFIRM),
    way(3, "questions", _ASSIGN, *_CONSULTED, _ANSWER, _CONFIRM),
    way(2, "questions", _ASSIGN, _ASKED, _REPLY, _ANSWER, _CONFIRM),
    way(1, "questions", _ASSIGN, _ASKED),
    way(1, "questions", _ASSIGN),
    way(1, "mistaken", head("rekind", reason="reason", kind="kind"), *_INFORMED, _CONFIRM),
)

_PRAISES = (
    way(7, "praises", _TAKE, staff("thank", (10, 240)), customer("permit", (HOUR, 4 * DAY))),
    way(7, "praises", _TAKE, staff("thank", (10, 400))),
    way(1, "praises", _TAKE),
)

_VALUED = {"value": "value", "effort": "effort", "improvement": "improvement"}
_ASSESSED = (_TAKE, staff("assess", (WORKING_DAY, 5 * WORKING_DAY), **_VALUED))
_ACCEPTED = (*_ASSESSED, head("accept", (WORKING_DAY, 3 * WORKING_DAY), date="date"))
_IMPROVED = staff(IMPROVE, (2 * WORKING_DAY, 4 * WORKING_DAY), done="done", lesson="lesson")
_POSTPONE = head("postpone", (3 * WORKING_DAY, 4 * WORKING_DAY), date="later", reason="delay")

_IDEAS = (
    way(3, "ideas", *_ACCEPTED, _IMPROVED, staff("implement"), latest=14),
    way(3, "ideas", *_ACCEPTED),
    way(1, "ideas", *_ACCEPTED, _POSTPONE, latest=5),
    way(1, "ideas", *_ASSESSED, head("park", (WORKING_DAY, 2 * WORKING_DAY), date="later"), latest=15),
    way(3, "ideas", *_ASSESSED, head("decline", (WORKING_DAY, 3 * WORKING_DAY), reason="reason")),
    way(1, "ideas", _TAKE),
)

_THANK = staff("thank", (30, WORKING_DAY))
_INVITED = (_TAKE, staff("invite"))
_FRIEND = {"friend": "friend", "friend_address": "friend_address"}
_RESPOND = customer("respond", (DAY, 6 * DAY), **_FRIEND)
_CONTACT = staff("contact", (20, 200))
_WIN = staff("win", (WORKING_DAY, 3 * WORKING_DAY), purchase="purchase")
_ATTEMPT = staff("attempt", (WORKING_DAY, WORKING_DAY))
_AGREED = {**_FRIEND, "friend_agrees": "friend_agrees"}

_REFERRALS = (
    way(3, "referrals", *_INVITED, _RESPOND, _CONTACT, _WIN, _THANK, latest=16),
    way(2, "referrals", *_INVITED, once("ended", _THANK), latest=12),
    way(2, "referrals", _TAKE, staff("accept"), _ATTEMPT, _ATTEMPT, _ATTEMPT, staff("fail"), _THANK, data=_AGREED),
    way(2, "referrals", _TAKE, staff("accept"), _CONTACT, staff("lose", reason="reason"), _THANK, data=_AGREED),
    way(1, "referrals", _TAKE, staff("accept"), data=_AGREED),
    way(2, "referrals", *_INVITED),
)

#: The ways of each kind.
MONTH: Mapping[str, tuple[Way, ...]] = {
    "complaint": _COMPLAINTS,
    "question": _QUESTIONS,
    "praise": _PRAISES,
    "idea": _IDEAS,
    "referral": _REFERRALS,
}

#: Who tells the story, by which channel and when.
STORY_BY, STORY_CHANNEL, STORY_AT = "Irena Kovač", "email", "2026-04-10 15:40"

#: The story: a complaint that goes wrong twice, and ends well.
STORY = way(
    1,
    "story",
    on("2026-04-13 08:20", head("assign", to="agent")),
    on("2026-04-14 09:05", head("hand_over", to="stand_in", reason="reason")),
    on("2026-04-14 09:30", staff("update", text="progress")),
    on("2026-04-14 09:40", staff("start")),
    on("2026-04-14 10:15", staff("wait", text="question")),
    on("2026-04-14 20:10", customer("resume", note="reply")),
    on("2026-04-17 14:00", staff(WORK, result="result")),
    on("2026-04-17 14:05", staff("resolve", cause="cause", action="action")),
    on("2026-04-17 14:10", staff("inform")),
    on("2026-04-19 18:45", customer("deny", reason="objection")),
    on("2026-04-22 15:20", staff("resolve", cause="again_cause", action="again")),
    on("2026-04-22 15:25", staff("inform")),
    on("2026-04-23 08:50", customer("confirm")),
)
