"""What a move may require: one pure function for each guard, which names what is missing."""

from collections.abc import Callable, Iterator, Mapping

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.model.calendar import Span
from clientloop.model.codec import microseconds
from clientloop.model.customers import Purpose
from clientloop.model.improvements import ImprovementState
from clientloop.model.process import Need, Party, Tell
from clientloop.model.work import Role
from clientloop.rules.loop.case import Case
from clientloop.rules.loop.draft import read_date
from clientloop.rules.loop.marks import WROTE
from clientloop.rules.outgoing.consent import may_send
from clientloop.rules.time.worktime import deadline_us

Check = Callable[[Case, Need], Iterator[str]]


@frozen
class Guard:
    """One guard."""

    #: Gives one phrase for each thing that is missing.
    check: Check
    #: Names of what has to be looked up for it.
    looks_up: tuple[str, ...] = ()


def missing(case: Case) -> tuple[str, ...]:
    """Everything that the row of a case requires and does not find.

    A message of this very move that a channel has yet to accept is not missing: the move waits for it.
    """
    return tuple(phrase for need in case.row.needs for phrase in GUARDS[need.guard].check(case, need))


def tells_customer(case: Case) -> bool:
    """Whether the row itself sends the customer a message."""
    return any(isinstance(cause, Tell) and cause.party is Party.CUSTOMER for cause in case.row.causes)


def _given(case: Case, need: Need) -> Iterator[str]:
    for name in need.fields:
        value = case.value(name)
        if value is None or value in ("", []):
            yield name


def _told(case: Case, need: Need) -> Iterator[str]:
    if case.accepted or case.given.get("told"):
        return
    if not tells_customer(case):
        if case.item.told_at is None or case.item.told_at < case.item.state_since:
            yield "the customer told since the item came into its state"
    elif case.item.reply_to is None:
        yield "an address to tell the customer (or told='how you told them')"


def _silent(case: Case, need: Need) -> Iterator[str]:
    wrote = read_date(case.item.data.get(WROTE))
    if wrote is not None and wrote >= case.item.state_since:
        yield "the customer's silence since the item came into its state"


def _within(case: Case, need: Need) -> Iterator[str]:
    span = _span(need)
    since = microseconds(case.item.state_since)
    if microseconds(case.now) > deadline_us(case.settings.calendar, since, span):
        yield f"an item that came into its state less than {span} ago"


def _attempts(case: Case, need: Need) -> Iterator[str]:
    days = len(set(case.item.data.get("attempts", ())))
    if days < need.count:
        yield f"{need.count} attempts on {need.count} days ({days} so far)"


def _allowed(case: Case, need: Need) -> Iterator[str]:
    verdict = may_send(case.known.consents, need.purpose or Purpose.MARKETING, case.item.channel)
    if not verdict.allowed:
        yield f"consent: {'; '.join(verdict.reasons)}"


def _tasks_done(case: Case, need: Need) -> Iterator[str]:
    if case.known.open_tasks:
        yield f"tasks done ({', '.join(case.known.open_tasks)})"


def _redress_within_limit(case: Case, need: Need) -> Iterator[str]:
    redress, limit = case.value("redress"), case.settings.redress_limit
    if redress is not None and limit is not None and redress > limit and Role.SUPERIOR not in case.actor.roles:
        yield f"a superior: redress of {redress} is above the limit of {limit}"


def _another_superior(case: Case, need: Need) -> Iterator[str]:
    if case.item.data.get("decided_by") == case.actor.name:
        yield f"another superior than {case.actor.name}, who decided before"


def _same_customer(case: Case, need: Need) -> Iterator[str]:
    original = case.known.original
    if original is None:
        yield "an original item that exists"
    elif original.id == case.item.id:
        yield "an original that is another item"
    elif not case.known.same_person:
        yield "an original item of the same customer"
    elif not original.is_open:
        yield "an original item that is open"


def _improvement_exists(case: Case, need: Need) -> Iterator[str]:
    if case.value("improvement") is not None and case.known.improvement is None:
        yield "an improvement that exists (improvements.add makes one)"


def _improvement_done(case: Case, need: Need) -> Iterator[str]:
    improvement = case.known.improvement
    if improvement is None or improvement.state is not ImprovementState.DONE:
        yield "the improvement done"


def _offer_exists(case: Case, need: Need) -> Iterator[str]:
    if offer(case) is None:
        yield f"an offer that follows the product {case.item.product!r} (setting `offers`)"


def _no_open_complaint(case: Case, need: Need) -> Iterator[str]:
    if case.known.open_complaints:
        yield "no open complaint of the customer"


def _nothing_to_offer(case: Case, need: Need) -> Iterator[str]:
    marketing = Need("allowed", purpose=Purpose.MARKETING)
    if not [*_offer_exists(case, need), *_allowed(case, marketing), *_no_open_complaint(case, need)]:
        yield "the offer that is due"


def _permission(case: Case, need: Need) -> Iterator[str]:
    if case.value("friend_agrees") is not True:
        yield "friend_agrees: nobody has said that the friend agreed (invite the friend through the referrer)"


def _no_permission(case: Case, need: Need) -> Iterator[str]:
    if case.value("friend_agrees") is True:
        yield "a friend whose permission is not known (this one agreed: accept)"


def _friend_is_free(case: Case, need: Need) -> Iterator[str]:
    friend = case.known.friend
    if friend.is_customer:
        yield "a friend who is not a customer yet"
    if not may_send(friend.consents, Purpose.SERVICE, None).allowed:
        yield "a friend who has not asked to be left alone"


def _channel_allowed(case: Case, need: Need) -> Iterator[str]:
    if not case.value("friend_address"):
        yield "friend_address"
    elif not may_send(case.known.friend.consents, Purpose.SERVICE, case.item.channel).allowed:
        yield f"a channel that the friend allows (not {case.item.channel})"


def offer(case: Case) -> str | None:
    """What follows the product of the item, by the firm's "bought this, offer that" table."""
    product = case.value("product")
    return case.settings.offers.get(product) if product else None


def _span(need: Need) -> Span:
    if need.span is None:
        raise InvalidValue(f"the guard {need.guard!r} names no time", hint="declare it with a span")
    return need.span


#: Every guard by the name that processes use.
GUARDS: Mapping[str, Guard] = {
    "given": Guard(_given),
    "silent": Guard(_silent),
    "told": Guard(_told),
    "within": Guard(_within),
    "attempts": Guard(_attempts),
    "allowed": Guard(_allowed, ("consents",)),
    "tasks_done": Guard(_tasks_done, ("open_tasks",)),
    "redress_within_limit": Guard(_redress_within_limit),
    "another_superior": Guard(_another_superior),
    "same_customer": Guard(_same_customer, ("original", "same_person")),
    "improvement_exists": Guard(_improvement_exists, ("improvement",)),
    "improvement_done": Guard(_improvement_done, ("improvement",)),
    "offer_exists": Guard(_offer_exists),
    "no_open_complaint": Guard(_no_open_complaint, ("open_complaints",)),
    "nothing_to_offer": Guard(_nothing_to_offer, ("consents", "open_complaints")),
    "permission": Guard(_permission),
    "no_permission": Guard(_no_permission),
    "friend_is_free": Guard(_friend_is_free, ("friend",)),
    "channel_allowed": Guard(_channel_allowed, ("friend",)),
}
