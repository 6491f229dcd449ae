"""Answers: once, on the declared scale, with what is known of the person at that time."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from clientloop import ClientLoop
from clientloop.errors import InvalidValue, MissingReference, NotFound, UnknownName
from clientloop.model.asking import Disposition
from clientloop.model.customers import CustomerClass
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Text
from clientloop.model.relationships import Assessment
from clientloop.model.units import Insert, Unit
from clientloop.rules.relationship.standing import COUNTS_FOR
from tests.services.asking.model import all_answers
from tests.services.persons import NINE


def stood(loop: ClientLoop, customer: UUID, model: str, *stages: tuple[int, str]) -> None:
    """A customer came to stages of a model, each so many days before nine."""
    history = [
        Assessment(
            space="main", subject=customer, model=model, number=number, stage=stage, as_of=NINE - timedelta(days=ago),
            at=NINE, by="system",
        )
        for number, (ago, stage) in enumerate(stages, 1)
    ]  # fmt: skip
    loop.store.commit(Unit(tuple(map(Insert, history))))


def test_an_answer_is_what_was_said(loop: ClientLoop) -> None:
    """It has the version, instrument, occasion and scale of the question, and all that was given."""
    asked = loop.questions.get("delivery")
    ana = loop.customers.add(name="Ana", locale="sl")
    answer = loop.questions.answer(
        "delivery", 2, channel="form", text="Late", customer=ana, domain="Shop.example.com", country="si",
        product="chair", employee="Tim", variant="b", extra={"order": 7},
    )  # fmt: skip
    assert answer == loop.questions.given(answer.id)
    assert (answer.number, answer.instrument, answer.occasion, answer.scale) == (
        1, asked.instrument, asked.occasion, "1-5",
    )  # fmt: skip
    assert (answer.rating, answer.text, answer.answered_at, answer.recorded_at) == (2, "Late", NINE, NINE)
    assert (answer.domain, answer.country, answer.locale) == ("shop.example.com", "SI", "sl")
    assert (answer.product, answer.employee, answer.variant, answer.extra) == ("chair", "Tim", "b", {"order": 7})


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"rating": 6}, InvalidValue, "a rating of 6 is outside the scale 1-5"),
        ({"rating": 0}, InvalidValue, "outside the scale"),
        ({"rating": None, "text": " "}, InvalidValue, "an answer that says nothing"),
        ({"channel": None}, InvalidValue, "an answer by no channel"),
        ({"channel": "Web form"}, InvalidValue, "no name of a channel"),
        ({"country": "Slovenia"}, InvalidValue, "no country"),
        ({"contry": "SI"}, UnknownName, "did you mean 'country'"),
        ({"answered_at": NINE + timedelta(days=1)}, InvalidValue, "nobody answers at 2026-03-03"),
        ({"customer": UUID(int=9)}, NotFound, "no customer"),
        ({"item": UUID(int=9)}, MissingReference, "answer"),
        ({"invitation": UUID(int=9)}, NotFound, "no invitation"),
        ({"kind": "complant"}, UnknownName, "complaint"),
    ],
)
def test_what_cannot_be_an_answer_is_refused(
    loop: ClientLoop, given: dict[str, object], error: type[Exception], words: str
) -> None:
    """Nothing of it is kept, and the error says what to do."""
    with pytest.raises(error, match=words):
        loop.questions.answer("delivery", **{"rating": 3, "channel": "form", **given})  # type: ignore[arg-type]  # meant
    assert all_answers(loop) == []


def test_there_is_no_answer_to_what_nobody_asked(loop: ClientLoop) -> None:
    """The nearest question is named."""
    with pytest.raises(UnknownName, match="did you mean 'delivery'"):
        loop.questions.answer("delivry", 3, channel="form")


def test_the_same_key_is_one_answer(loop: ClientLoop) -> None:
    """A redelivered answer is the one that is there; the same key on another channel is another."""
    ana = loop.customers.add(name="Ana")
    for customer in (None, ana):
        first = loop.questions.answer("delivery", 3, channel="form", origin=f"7-{customer}", customer=customer)
        again = loop.questions.answer("delivery", 5, channel="form", origin=f"7-{customer}", customer=customer)
        assert again == first
    loop.questions.answer("delivery", 3, channel="email", origin="7-None")
    assert len(all_answers(loop)) == 3


def test_one_key_may_answer_several_questions(loop: ClientLoop) -> None:
    """A form with one key answers each question once, and what it says to each begins a loop of its own."""
    said = {"recommend": "Never again", "delivery": "Late"}
    for _ in range(2):
        for question, text in said.items():
            loop.questions.answer(question, 1, channel="form", origin="7", text=text, kind="complaint")
    answers = {each.question: each for each in all_answers(loop)}
    assert len(all_answers(loop)) == 2
    assert {name: each.text for name, each in answers.items()} == said
    texts = {text.id: text.body for text in loop.store.pages(Text, "main")}
    assert {name: texts[each.item] for name, each in answers.items() if each.item} == said


def test_times_are_moments_or_days(loop: ClientLoop) -> None:
    """A day begins at midnight by the clocks of the space; a time without a zone is refused."""
    day, bare = date(2026, 3, 1), NINE.replace(tzinfo=None)
    midnight = datetime(2026, 3, 1, tzinfo=ZoneInfo(loop.space.zone))
    assert loop.questions.answer("delivery", 3, channel="form", answered_at=day).answered_at == midnight
    assert len(loop.questions.answers("delivery", since=day).items) == 1
    assert len(loop.questions.answers("delivery", until=day).items) == 0
    refused: list[Callable[[], object]] = [
        lambda: loop.questions.answer("delivery", 3, channel="form", answered_at=bare),
        lambda: loop.questions.answers("delivery", since=bare),
        lambda: loop.questions.answers("delivery", until=bare),
    ]
    for ask in refused:
        with pytest.raises(InvalidValue, match="names no zone"):
            ask()


def test_an_answer_to_an_invitation_completes_it(loop: ClientLoop) -> None:
    """What the invitation says of person, channel and dimensions is the answer's; it is complete by a rating alone."""
    ana = loop.customers.add(name="Ana")
    invited = loop.questions.invite(
        "delivery", channel="email", customer=ana, product="chair", country="SI", variant="a"
    )
    loop.questions.declare("delivery", instrument="csat", occasion="transactional", scale="1-5", survey="spring")
    words = loop.questions.answer("delivery", text="Late", invitation=invited, answered_at=NINE - timedelta(hours=1))
    assert (words.customer, words.channel, words.product, words.country) == (ana.id, "email", "chair", "SI")
    assert (words.number, words.scale, words.invitation, words.rating) == (1, "1-5", invited.id, None)
    assert loop.questions.invitation(invited).disposition is Disposition.PARTIAL
    rated = loop.questions.answer("delivery", 5, invitation=invited, channel="form", variant="b")
    assert (rated.channel, rated.variant, rated.product) == ("form", "b", "chair")
    found = loop.questions.invitation(invited)
    assert (found.disposition, found.answered_at) == (Disposition.COMPLETE, NINE - timedelta(hours=1))
    with pytest.raises(InvalidValue, match="was to 'delivery'"):
        loop.questions.answer("recommend", 5, invitation=invited)


def test_stage_and_class_are_those_of_the_time(loop: ClientLoop) -> None:
    """Of an answer of some time ago, what stood then, and nothing that came later; what is given goes first."""
    ana = loop.customers.add(name="Ana", customer_class=CustomerClass.C)
    stood(loop, ana.id, "purchases", (20, "one_time"), (10, "regular"))
    stood(loop, ana.id, "abc", (20, "B"), (5, "unclassed"))
    stood(loop, ana.id, "funnel", (20, "lead"))
    seen = {
        ago: loop.questions.answer("delivery", 3, channel="form", customer=ana, answered_at=NINE - timedelta(days=ago))
        for ago in (30, 15, 7, 1)
    }
    assert {ago: (each.stage, each.customer_class) for ago, each in seen.items()} == {
        30: (None, None),
        15: ("one_time", CustomerClass.B),
        7: ("regular", CustomerClass.B),
        1: ("regular", None),
    }
    said = loop.questions.answer(
        "delivery", 3, channel="form", customer=ana, stage="lost", customer_class=CustomerClass.A
    )
    assert (said.stage, said.customer_class) == ("lost", CustomerClass.A)


def test_a_class_that_was_given_stands_where_nobody_was_assessed(loop: ClientLoop) -> None:
    """Of a customer without a history, the class is the one that somebody gave; once there is one, it tells."""
    ana = loop.customers.add(name="Ana", customer_class=CustomerClass.C)
    given = loop.questions.answer("delivery", 3, channel="form", customer=ana)
    stood(loop, ana.id, "abc", (1, "A"))
    late = loop.questions.answer("delivery", 3, channel="form", customer=ana, answered_at=NINE - timedelta(days=2))
    assert (given.customer_class, late.customer_class) == (CustomerClass.C, None)


def test_a_word_stands_until_its_end(loop: ClientLoop) -> None:
    """From the end of somebody's word on, an answer is in the model's class again, whoever has looked meanwhile."""
    ana = loop.customers.add(name="Ana")
    word = Assessment(
        space="main", subject=ana.id, model="abc", number=1, stage="A", automatic="C", manual=True, by="mia", at=NINE,
        as_of=NINE - timedelta(days=20), until=NINE - timedelta(days=10),
    )  # fmt: skip
    loop.store.commit(Unit((Insert(word),)))
    seen = [
        loop.questions.answer("delivery", 3, channel="form", customer=ana, answered_at=NINE - timedelta(days=ago))
        for ago in (15, 5)
    ]
    assert [each.customer_class for each in seen] == [CustomerClass.A, CustomerClass.C]


def test_who_counts_for_a_company_has_its_class(loop: ClientLoop) -> None:
    """An answer of a company's person is in the class that the company had then; before that, in the person's own."""
    ana, company = loop.customers.add(name="Ana"), loop.accounts.add(name="Chairs Ltd")
    stood(loop, ana.id, "abc", (30, "C"))
    stood(loop, company.id, "abc", (40, "B"), (10, "A"))
    joins = Assessment(
        space="main", subject=ana.id, model="abc", number=2, stage=None, as_of=NINE - timedelta(days=20), at=NINE,
        by="system", explanation={COUNTS_FOR: str(company.id)},
    )  # fmt: skip
    loop.store.commit(Unit((Insert(joins),)))
    seen = {
        ago: loop.questions.answer("delivery", 3, channel="form", customer=ana, answered_at=NINE - timedelta(days=ago))
        for ago in (25, 15, 5)
    }
    assert {ago: each.customer_class for ago, each in seen.items()} == {
        25: CustomerClass.C, 15: CustomerClass.B, 5: CustomerClass.A,
    }  # fmt: skip


def test_words_can_become_feedback(loop: ClientLoop) -> None:
    """What a detractor says is received as a complaint with the rating, and the answer names the item; once."""
    ana = loop.customers.add(name="Ana", email="ana@example.com")
    answer, again = (
        loop.questions.answer(
            "recommend", 2, channel="email", customer=ana, text="Never again", kind="complaint", origin="<1@example>",
            product="chair",
        )
        for _ in range(2)
    )  # fmt: skip
    assert again == answer
    [item] = loop.store.pages(Feedback, "main")
    assert (answer.item, item.kind, item.rating, item.scale, item.product) == (
        item.id, "complaint", 2, "0-10", "chair",
    )  # fmt: skip
    assert item.reply_to == "ana@example.com"
    assert len(all_answers(loop)) == 1


def test_answers_are_found_by_person_and_by_question(loop: ClientLoop) -> None:
    """A person's under every id, the latest first; a question's by time, page by page, of a period or the latest."""
    ana, anna = loop.customers.add(name="Ana"), loop.customers.add(name="Anna")
    for number, who in enumerate([ana, anna, ana, None]):
        at = NINE - timedelta(days=10 - number)
        loop.questions.answer("recommend", number, channel="form", customer=who, answered_at=at)
    loop.questions.answer("delivery", 1, channel="form", customer=ana)
    loop.customers.merge(ana, anna, by="mia", reason="called")
    for named in (ana, anna, str(ana.id)):
        assert [answer.rating for answer in loop.questions.of(named)] == [1, 2, 1, 0]
    page = loop.questions.answers("recommend", limit=3)
    assert [answer.rating for answer in page] == [0, 1, 2]
    assert [answer.rating for answer in loop.questions.answers("recommend", limit=3, after=page.next)] == [3]
    period = loop.questions.answers("recommend", since=NINE - timedelta(days=9), until=NINE - timedelta(days=7))
    assert [answer.rating for answer in period] == [1, 2]
    assert [answer.rating for answer in loop.questions.answers("recommend", latest=True)] == [2, 3]
    as_of = loop.questions.answers("recommend", latest=True, until=NINE - timedelta(days=8))
    assert [answer.rating for answer in as_of] == [1]
    with pytest.raises(NotFound):
        loop.questions.given(ana.id)
