"""Members of enums as verbs take them: one rule for all of them, told in `docs/explanation/decisions.md`."""

import inspect
import typing
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

import pytest

from clientloop import ClientLoop, UnknownName
from clientloop.app.verbs import Verbs
from clientloop.model.accounts import Topic
from clientloop.model.asking import Disposition, Formula, Instrument, Occasion
from clientloop.model.customers import CustomerClass, IdentityKind, Purpose, Trust
from clientloop.model.feedback import Priority
from clientloop.model.improvements import ImprovementSort, ImprovementState
from clientloop.model.interactions import InteractionKind
from clientloop.model.permission import SuppressionReason
from clientloop.model.plan import Bucket
from clientloop.model.planning import Way
from clientloop.model.targets import Sense
from clientloop.model.work import Role
from clientloop.reports.keys import LoopKey

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
MAIL = "ana@example.com"


def _ana(loop: ClientLoop) -> UUID:
    return loop.customers.add(name="Ana", email=MAIL).id


def _mill(loop: ClientLoop) -> UUID:
    return loop.accounts.add("Mill").id


# Any, here and below: a member, its value, or a typo; and whatever comes of it
def _ask(loop: ClientLoop, *, instrument: Any = "csat", occasion: Any = "transactional", formula: Any = "share") -> Any:
    return loop.questions.declare("visit", instrument=instrument, occasion=occasion, scale="1-5", formula=formula)


def _item(loop: ClientLoop, **given: Any) -> Any:
    return loop.feedback.receive(kind="idea", channel="form", text="More tea", **given)


def _answered(loop: ClientLoop) -> None:
    _ask(loop)
    loop.questions.answer("visit", 4, channel="kiosk")


def _answer(loop: ClientLoop, customer_class: Any) -> Any:
    _ask(loop)
    return loop.questions.answer("visit", 4, channel="kiosk", customer_class=customer_class).customer_class


def _invite(loop: ClientLoop, customer_class: Any) -> Any:
    _ask(loop)
    return loop.questions.invite("visit", channel="kiosk", customer_class=customer_class).customer_class


def _score(loop: ClientLoop, bucket: Any) -> Any:
    _answered(loop)
    return loop.metrics.score("csat", question="visit", bucket=bucket).asked.bucket


def _trend(loop: ClientLoop, **given: Any) -> Any:
    _answered(loop)
    return loop.metrics.trend("csat", question="visit", target=1, **given)


def _word(loop: ClientLoop, purpose: Any, say: str) -> Any:
    ana = _ana(loop)
    getattr(loop.consent, say)(ana, purpose, proof="a call")
    return next(word.purpose for word in loop.consent.words(ana))


def _suppressed(loop: ClientLoop, **given: Any) -> Any:
    loop.consent.suppress(MAIL, **given)
    return loop.consent.suppressed(MAIL)[0]


def _unsuppressed(loop: ClientLoop, **given: Any) -> Any:
    loop.consent.suppress(MAIL, reason=SuppressionReason.COMPLAINT)
    loop.consent.unsuppress(MAIL, **given)
    return loop.consent.suppressed(MAIL)


def _disposition(loop: ClientLoop, disposition: Any) -> Any:
    _ask(loop)
    invitation = loop.questions.invite("visit", channel="kiosk")
    loop.questions.disposition(invitation, disposition)
    return loop.questions.invitation(invitation).disposition


def _known(loop: ClientLoop, topic: Any) -> Any:
    ana = _ana(loop)
    loop.customers.learn(ana, Topic.AIM, "a mill", source="a talk", by="mia")
    return loop.customers.insights(ana, topic).items[0].topic


def _known_of_account(loop: ClientLoop, topic: Any) -> Any:
    mill = _mill(loop)
    loop.accounts.learn(mill, Topic.AIM, "a second mill", source="a talk", by="mia")
    return loop.accounts.insights(mill, topic).items[0].topic


def _way(loop: ClientLoop, way: Any) -> Any:
    return loop.appointments.change(loop.appointments.plan("Offer", starts_at=NINE), way=way).way


def _improvements(loop: ClientLoop, **given: Any) -> Any:
    loop.improvements.add("The wire", sort=ImprovementSort.INCIDENT)
    return loop.improvements.list(**given).items[0]


def _record(loop: ClientLoop, kind: Any) -> Any:
    return loop.interactions.record(kind=kind, channel="shop").kind


def _inbox(loop: ClientLoop, priority: Any) -> Any:
    _item(loop, priority=Priority.HIGH)
    return loop.inbox(priority=priority).items[0].priority


#: Each parameter of a verb that is a member of an enum: a member, and what comes of a call with it.
VERBS: dict[tuple[str, str], tuple[StrEnum, Callable[[ClientLoop, Any], object]]] = {
    ("accounts.add", "customer_class"): (
        CustomerClass.B,
        lambda loop, given: loop.accounts.add("Mill", customer_class=given).customer_class,
    ),
    ("accounts.insights", "topic"): (Topic.AIM, _known_of_account),
    ("accounts.learn", "topic"): (
        Topic.AIM,
        lambda loop, given: loop.accounts.learn(_mill(loop), given, "a mill", source="a talk", by="mia").topic,
    ),
    ("appointments.change", "way"): (Way.CALL, _way),
    ("appointments.plan", "way"): (
        Way.CALL,
        lambda loop, given: loop.appointments.plan("Offer", starts_at=NINE, way=given).way,
    ),
    ("consent.allow", "purpose"): (Purpose.SURVEY, lambda loop, given: _word(loop, given, "allow")),
    ("consent.forbid", "purpose"): (Purpose.SURVEY, lambda loop, given: _word(loop, given, "forbid")),
    ("consent.may_send", "purpose"): (
        Purpose.MARKETING,
        lambda loop, given: loop.consent.may_send(_ana(loop), given).reasons,
    ),
    ("consent.suppress", "kind"): (IdentityKind.EMAIL, lambda loop, given: _suppressed(loop, kind=given).kind),
    ("consent.suppress", "reason"): (
        SuppressionReason.COMPLAINT,
        lambda loop, given: _suppressed(loop, reason=given).reason,
    ),
    ("consent.suppress", "purposes"): (Purpose.SURVEY, lambda loop, given: _suppressed(loop, purposes=[given]).purpose),
    ("consent.suppressed", "kind"): (
        IdentityKind.EMAIL,
        lambda loop, given: loop.consent.suppressed(MAIL, kind=given),
    ),
    ("consent.unsuppress", "kind"): (IdentityKind.EMAIL, lambda loop, given: _unsuppressed(loop, kind=given)),
    ("consent.unsuppress", "reason"): (
        SuppressionReason.COMPLAINT,
        lambda loop, given: _unsuppressed(loop, reason=given),
    ),
    ("consent.unsuppress", "purposes"): (
        Purpose.SURVEY,
        lambda loop, given: [each.purpose for each in _unsuppressed(loop, purposes=[given])],
    ),
    ("customers.add", "trust"): (
        Trust.CLAIMED,
        lambda loop, given: loop.customers.identities(loop.customers.add(email=MAIL, trust=given))[0].trust,
    ),
    ("customers.add", "customer_class"): (
        CustomerClass.B,
        lambda loop, given: loop.customers.add(name="Ana", customer_class=given).customer_class,
    ),
    ("customers.add_identities", "trust"): (
        Trust.CLAIMED,
        lambda loop, given: loop.customers.add_identities(_ana(loop), handle="@ana", trust=given)[1].trust,
    ),
    ("customers.insights", "topic"): (Topic.AIM, _known),
    ("customers.learn", "topic"): (
        Topic.AIM,
        lambda loop, given: loop.customers.learn(_ana(loop), given, "a mill", source="a talk", by="mia").topic,
    ),
    ("customers.set_class", "customer_class"): (
        CustomerClass.B,
        lambda loop, given: loop.customers.set_class(_ana(loop), given).customer_class,
    ),
    ("feedback.inbox", "priority"): (Priority.HIGH, _inbox),
    ("feedback.receive", "priority"): (Priority.HIGH, lambda loop, given: _item(loop, priority=given).priority),
    ("improvements.add", "sort"): (
        ImprovementSort.INCIDENT,
        lambda loop, given: loop.improvements.add("The wire", sort=given).sort,
    ),
    ("improvements.list", "sort"): (
        ImprovementSort.INCIDENT,
        lambda loop, given: _improvements(loop, sort=given).sort,
    ),
    ("improvements.list", "state"): (
        ImprovementState.OPEN,
        lambda loop, given: _improvements(loop, state=given).state,
    ),
    ("interactions.record", "kind"): (InteractionKind.PURCHASE, _record),
    ("metrics.score", "bucket"): (Bucket.MONTH, _score),
    ("metrics.trend", "bucket"): (Bucket.WEEK, lambda loop, given: _trend(loop, bucket=given).asked.bucket),
    ("metrics.trend", "sense"): (Sense.AT_MOST, lambda loop, given: _trend(loop, sense=given).goal.sense),
    ("questions.answer", "customer_class"): (CustomerClass.B, _answer),
    ("questions.declare", "formula"): (Formula.MEAN, lambda loop, given: _ask(loop, formula=given).formula),
    ("questions.declare", "instrument"): (
        Instrument.RATING,
        lambda loop, given: _ask(loop, instrument=given).instrument,
    ),
    ("questions.declare", "occasion"): (Occasion.RELATIONAL, lambda loop, given: _ask(loop, occasion=given).occasion),
    ("questions.disposition", "disposition"): (Disposition.REFUSAL, _disposition),
    ("questions.invite", "customer_class"): (CustomerClass.B, _invite),
    ("reports.loop", "by"): (LoopKey.KIND, lambda loop, given: loop.reports.loop(by=given).by),
    ("reports.overdue", "by"): (LoopKey.KIND, lambda loop, given: loop.reports.overdue(by=given).by),
    ("reports.repeats", "by"): (LoopKey.KIND, lambda loop, given: loop.reports.repeats(by=given).by),
    ("staff.add", "roles"): (Role.SUPERIOR, lambda loop, given: loop.staff.add("mia", roles=[given]).roles),
}


def _arms(hint: object) -> Iterator[object]:
    """The types that an annotation is made of, those in it and in a `TypedDict` of keywords too."""
    inner = typing.get_args(hint)
    yield from (arm for one in inner for arm in _arms(one)) if inner else (hint,)


def _parameters(verb: Callable[..., object]) -> Iterator[tuple[str, object]]:
    for name, hint in typing.get_type_hints(verb).items():
        if name == "return":
            continue
        if typing.get_origin(hint) is typing.Unpack:
            (keywords,) = typing.get_args(hint)
            yield from typing.get_type_hints(keywords).items()
        else:
            yield name, hint


def _declared() -> dict[tuple[str, str], list[object]]:
    """The parameters of all verbs that have members of an enum among their types."""
    found = {}
    with ClientLoop.open("memory:", entry_points=False) as loop:
        for group in [name for name, made in vars(Verbs).items() if isinstance(made, cached_property)]:
            for name, verb in inspect.getmembers(type(getattr(loop, group)), inspect.isfunction):
                for parameter, hint in () if name.startswith("_") else _parameters(verb):
                    arms = list(_arms(hint))
                    if any(isinstance(arm, type) and issubclass(arm, StrEnum) for arm in arms):
                        found[f"{group}.{name}", parameter] = arms
    return found


DECLARED = _declared()


def test_every_verb_with_an_enum_is_tried_here() -> None:
    """A verb that takes a member of an enum stands in the table above."""
    assert DECLARED.keys() == VERBS.keys()


@pytest.mark.parametrize(("verb", "parameter"), VERBS)
def test_an_enum_is_annotated_with_the_text_that_it_takes(verb: str, parameter: str) -> None:
    """Whoever reads the signature, or checks types by it, sees that the value does as well."""
    arms = DECLARED[verb, parameter]
    assert {str, type(VERBS[verb, parameter][0])} <= {*arms}


@pytest.mark.parametrize(("verb", "parameter"), VERBS)
def test_a_verb_takes_a_member_or_its_value(verb: str, parameter: str) -> None:
    """The text of a member gives what the member gives, of the same type: what is kept and returned is the member."""
    member, call = VERBS[verb, parameter]
    came = []
    for given in (member, member.value):
        with ClientLoop.open("memory:", entry_points=False) as loop:
            came.append(call(loop, given))
    assert came[0] == came[1]
    assert type(came[0]) is type(came[1])


@pytest.mark.parametrize(("verb", "parameter"), VERBS)
def test_a_verb_refuses_a_typo_and_names_what_comes_near(verb: str, parameter: str) -> None:
    """A misspelt member is an error in the same words everywhere."""
    member, call = VERBS[verb, parameter]
    with (
        ClientLoop.open("memory:", entry_points=False) as loop,
        pytest.raises(UnknownName, match=rf"^no .+ '{member.value * 2}': (did you mean|known are) .*'{member.value}'"),
    ):
        call(loop, member.value * 2)
