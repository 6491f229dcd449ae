"""What a message becomes that begins a matter: its kind, what is known of it, and who looks at it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.customers import Trust
from clientloop.model.interactions import InteractionKind
from clientloop.model.routing import Matter, Route
from clientloop.model.sorting import SortRule
from clientloop.model.where import eq, ge
from clientloop.plugins import hookimpl
from clientloop.ports.classifier import Classifier
from clientloop.ports.events import Media
from tests.services.intake.mailing import NINE, Firm, email

RULES = [
    SortRule(name="thanks", kind="praise", words=["thank*", '"well done"'], where=ge("rating", 4)),
    SortRule(name="faults", kind="complaint", words=["broke*", "слома*"]),
    SortRule(name="shop", kind="question", where=eq("page", "/shop")),
]


@pytest.mark.parametrize(
    ("text", "more", "kind", "by"),
    [
        ("It BROKE.", {}, "complaint", "rule faults"),
        ("Всё СЛОМАЛОСЬ", {}, "complaint", "rule faults"),
        ("Thanks!", {"extra": {"rating": 5, "scale": "1-5"}}, "praise", "rule thanks"),
        ("Thanks!", {"extra": {"rating": 2, "scale": "1-5"}}, "unsorted", None),
        ("Hm", {"source": {"page": "/shop"}}, "question", "rule shop"),
        ("Hm", {"subject": "Broken"}, "complaint", "rule faults"),
        ("It broke", {"extra": {"kind": "idea"}}, "idea", "sender"),
        ("It broke", {"extra": {"kind": "compliant"}}, "complaint", "rule faults"),
        ("Unbroken", {}, "unsorted", None),
    ],
)
def test_the_kind_is_chosen_or_told_by_a_rule(
    mailing: Firm, text: str, more: Mapping[str, Any], kind: str, by: str | None
) -> None:
    """The sender's choice goes before the firm's rules, the first of which decides; what fits none is not sorted."""
    mailing.loop.settings.set("sorting", RULES)
    item = mailing.item(mailing.take("1", text, **more))
    assert (item.kind, mailing.interaction(item.id).extra.get("sorted")) == (kind, by)


def test_a_kind_that_nobody_declared_is_told(mailing: Firm) -> None:
    """A slip in the choice loses no message, and the interaction says what comes near."""
    item = mailing.take("1", extra={"kind": "complant"})
    assert mailing.item(item).kind == "unsorted"
    assert "did you mean 'complaint'" in mailing.interaction(item).extra["unread"]["kind"]


def test_what_is_not_sorted_has_a_day(mailing: Firm) -> None:
    """A person sees to it within a working day: by then the superiors hear of it."""
    mailing.loop.settings.set("routing", [Route(name="triage", where=eq("kind", "unsorted"), member="mia")])
    item = mailing.item(mailing.take("1"))
    assert (item.kind, item.state, item.owner) == ("unsorted", "new", "mia")
    assert item.due == NINE + timedelta(days=1)
    assert set(mailing.loop.feedback.next_moves(item)) >= {"rekind", "not_feedback", "duplicate", "wait"}
    mailing.clock.advance(timedelta(days=1))
    assert "alert" in mailing.heard("head")
    assert mailing.sorted_as(item.id, "question").kind == "question"


def test_rules_are_checked_when_they_are_set(mailing: Firm) -> None:
    """Kinds that nobody declared, fields that messages do not have and words that are none are refused, with hints."""
    settings = mailing.loop.settings
    with pytest.raises(UnknownName, match="did you mean 'complaint'"):
        settings.set("sorting", [SortRule(name="a", kind="complant")])
    with pytest.raises(UnknownName, match=r"sorting\[0\].where: no field of matter 'word': did you mean 'words'"):
        settings.read("sorting", [{"name": "a", "kind": "idea", "where": {"word": "x"}}])
    with pytest.raises(InvalidValue, match="no word to search for"):
        settings.set("sorting", [SortRule(name="a", kind="idea", words=["?!"])])
    with pytest.raises(InvalidValue, match="2 rules are called 'a'"):
        settings.set("sorting", [SortRule(name="a", kind="idea")] * 2)
    with pytest.raises(InvalidValue, match="is one text"):
        SortRule(name="a", kind="idea", words="refund")


class Raises(Classifier):
    """Cannot be relied on."""

    def kind_of(self, matter: Matter) -> str | None:
        """Raise."""
        raise RuntimeError(matter.words)


class Invents(Classifier):
    """Tells what there is not."""

    def kind_of(self, matter: Matter) -> str | None:
        """A kind that nobody declared."""
        return "rant"


class Knows(Classifier):
    """Knows ideas."""

    def kind_of(self, matter: Matter) -> str | None:
        """An idea, if it says so."""
        return "idea" if "why not" in matter.words.lower() else None


class Plugin:
    """Adds classifiers."""

    @hookimpl
    def clientloop_register_classifiers(self) -> Mapping[str, type[Classifier]]:
        """One that raises, one that invents, one that knows."""
        return {"raises": Raises, "invents": Invents, "knows": Knows}


def test_a_classifier_is_asked_where_no_rule_fits() -> None:
    """The first that knows decides; one that raises or invents is passed over and counted, and says nothing aloud."""
    firm = Firm("memory:", Plugin())
    firm.loop.settings.set("sorting", RULES)
    by_rule, told, unknown = (firm.take(text, text) for text in ("Why not? It broke", "Why not paint it?", "Hm"))
    assert [firm.item(each).kind for each in (by_rule, told, unknown)] == ["complaint", "idea", "unsorted"]
    assert firm.interaction(told).extra["sorted"] == "classifier knows"
    report = next(each for each in firm.loop.registry.report() if each.name == "Plugin")
    assert report.failures == 4
    firm.loop.close()


def test_all_that_came_is_kept(mailing: Firm) -> None:
    """Words, files, language, source, rating and what it is about are in the item, and all else in the interaction."""
    mailing.clock.advance(timedelta(hours=1))
    number = mailing.take(
        "1", "Nul\0l \udc80", subject="Chair", at=NINE, locale="sl", source={"campaign": "spring"},
        media=(Media(name="a.png", media_type="image/png", content=b"1"),),
        extra={
            "rating": 4, "scale": "1-5", "product": "chair", "category": "delivery", "employee": "tim", "segments": 0,
        },
    )  # fmt: skip
    item, found = mailing.item(number), mailing.interaction(number)
    words = mailing.loop.feedback.words(number)
    assert (words.subject, words.body, item.title) == ("Chair", "Null ?", "Chair")
    assert (item.locale, item.received_at, item.recorded_at) == ("sl", NINE, NINE + timedelta(hours=1))
    assert (item.rating, item.scale, item.product, item.category, item.employee) == (
        4, "1-5", "chair", "delivery", "tim",
    )  # fmt: skip
    assert [each.name for each in mailing.loop.feedback.files(number)] == ["a.png"]
    assert (found.kind, found.source, found.extra["segments"]) == (InteractionKind.FEEDBACK, {"campaign": "spring"}, 0)


def test_fields_that_the_kind_declares_go_into_the_item(mailing: Firm) -> None:
    """Of the other answers of a form, those that the kind has fields for are the item's."""
    extra = {"kind": "referral", "fields": {"friend": "Eva", "shop": "Koper"}}
    number = mailing.take("1", extra=extra)
    assert mailing.item(number).data == {"friend": "Eva"}
    assert mailing.interaction(number).extra["fields"] == {"friend": "Eva", "shop": "Koper"}


@pytest.mark.parametrize(
    ("ahead", "doubtful"), [(timedelta(minutes=5), False), (timedelta(days=400), True), (-timedelta(days=40_000), True)]
)
def test_a_time_that_cannot_be_is_flagged_and_not_believed(mailing: Firm, ahead: timedelta, doubtful: bool) -> None:
    """What comes from the future was said when it came; where no clock goes wrong by so much, the item says so."""
    item = mailing.item(mailing.take("1", at=NINE + ahead))
    assert item.received_at == NINE
    flagged = {"doubtful": {"received_at": (NINE + ahead).isoformat()}} if doubtful else {}
    assert item.data == flagged


def test_an_operator_s_entry_is_in_the_operator_s_name(mailing: Firm) -> None:
    """The journal says who wrote it down, the interaction for which call centre, and the address suggests only."""
    ana = mailing.loop.customers.add(name="Ana", email="ana@example.com")
    extra = {"operator": "kim", "centre": "Callers Ltd", "entry": ["call", "117"], "kind": "complaint"}
    number = mailing.take("1", trust=Trust.ASSERTED, channel="phone", extra=extra)
    (row,) = mailing.loop.feedback.history(number)
    assert (row.move, row.by) == ("receive", "kim")
    assert mailing.interaction(number).extra["centre"] == "Callers Ltd"
    assert mailing.suggested() == [(ana.id, mailing.item(number).customer)]


def test_answers_go_where_the_sender_wants_them(mailing: Firm) -> None:
    """A mail that names another address for answers is answered there, unless that is none."""
    there = mailing.take("1", extra={"reply_to": "Office@Example.com"})
    here = mailing.take("2", extra={"reply_to": "nowhere"})
    assert [mailing.item(each).reply_to for each in (there, here)] == ["office@example.com", "ana@example.com"]


def test_nothing_said_is_still_something(mailing: Firm) -> None:
    """A mail with no words, such as one of a picture alone, waits for a person like any other."""
    item = mailing.item(mailing.take("1", "", sender=email("")))
    assert (item.kind, item.is_open, item.title) == ("unsorted", True, "")
