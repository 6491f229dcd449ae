"""Which answers are superseded, worked out from neighbours alone, against all of them in a row."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.asking import Answer, Instrument, Occasion
from clientloop.model.record import record_of
from clientloop.model.where import Where, compile_test
from clientloop.rules.asking.superseding import after, before, in_row, joined, place_of, regrouped, row_of, time_of

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANA, BOR = UUID(int=1), UUID(int=2)


def answer(
    number: int, hours: int | None, *, question: str = "nps", customer: UUID = ANA, rating: int | None = 9
) -> Answer:
    """An answer of Ana, so many hours after nine."""
    at = None if hours is None else NINE + timedelta(hours=hours)
    return Answer(
        space="main", id=UUID(int=number), question=question, number=1, instrument=Instrument.NPS,
        occasion=Occasion.RELATIONAL, customer=customer, channel="form", scale="0-10", answered_at=at,
        rating=rating, recorded_at=NINE + timedelta(days=9),
    )  # fmt: skip


def beside(new: Answer, there: Sequence[Answer]) -> list[Answer]:
    """What a store finds next to an answer by its conditions."""
    found = []
    for places, pick in ((before(new), max), (after(new), min)):
        for place in places:
            if fitting := [each for each in there if holds(place, each)]:
                found.append(pick(fitting, key=place_of))
                break
    return found


def holds(place: Where, one: Answer) -> bool:
    """Whether a condition is true of an answer."""
    record = record_of(Answer)
    return compile_test(place, record)(record.encode(one))


@given(st.lists(st.lists(st.none() | st.integers(0, 5), min_size=1, max_size=4), max_size=5))
def test_only_the_latest_is_not_superseded(batches: list[list[int | None]]) -> None:
    """In whatever order and batches answers come, each says when the next one was given, and the last one nothing."""
    there: dict[UUID, Answer] = {}
    for batch in batches:
        new = [answer(len(there) + number, hours) for number, hours in enumerate(batch, 1)]
        near = [found for each in new for found in beside(each, list(there.values()))]
        result = joined(new, near)
        for update in result.updates:
            changed = next(each for each in there.values() if each.id == update.key[1])
            there[changed.id] = record_of(Answer).replace(changed, update.changes)
        there |= {each.id: evolve(each, superseded_at=result.superseded.get(each.id)) for each in new}
    dated = sorted((each for each in there.values() if each.answered_at), key=lambda each: (each.answered_at, each.id))
    ordered = sorted((each for each in there.values() if not each.answered_at), key=lambda each: each.id) + dated
    following = [each.answered_at or each.recorded_at for each in ordered[1:]]
    assert [each.superseded_at for each in ordered] == ([*following, None] if ordered else [])
    assert list(regrouped(there.values())) == []


def test_one_that_comes_late_changes_the_one_before_alone() -> None:
    """Between an earlier and a later answer, only the earlier one learns what follows it now."""
    first, last = answer(1, 1), answer(2, 5)
    first = evolve(first, superseded_at=last.answered_at)
    late = answer(3, 3)
    result = joined([late], [first, last])
    assert result.superseded == {late.id: last.answered_at}
    assert [(update.key[1], update.changes) for update in result.updates] == [
        (first.id, {"superseded_at": late.answered_at})
    ]


def test_an_answer_of_unknown_time_supersedes_none_with_a_time() -> None:
    """It is known to be no later than its record, and that is all."""
    dated, undated = answer(1, 1), answer(2, None)
    assert joined([undated], [dated]).superseded == {undated.id: dated.answered_at}
    assert joined([dated], [undated]).updates[0].changes == {"superseded_at": dated.answered_at}
    assert time_of(undated) == undated.recorded_at


def test_who_becomes_another_takes_the_answers_along() -> None:
    """Regrouped under another id, answers change hands, question by question, and what is as it was is left alone."""
    mine, hers, other = answer(1, 1), answer(2, 2, customer=BOR), answer(3, 3, question="csat")
    changed = {update.key[1]: update.changes for update in regrouped([mine, hers, other])}
    assert changed == {mine.id: {"superseded_at": hers.answered_at}}
    moved = {update.key[1]: update.changes for update in regrouped([mine, hers], customer=BOR)}
    assert moved == {mine.id: {"superseded_at": hers.answered_at, "customer": BOR}}


def test_words_alone_stand_in_a_row_of_their_own() -> None:
    """A rating is followed by the next rating, words alone by the next words alone, and each is found in its row."""
    rated, words, again, more = answer(1, 1), answer(2, 2, rating=None), answer(3, 3), answer(4, 4, rating=None)
    changed = {update.key[1]: update.changes for update in regrouped([rated, words, again, more])}
    assert changed == {
        rated.id: {"superseded_at": again.answered_at},
        words.id: {"superseded_at": more.answered_at},
    }
    for one, other in ((rated, words), (words, rated)):
        assert holds(in_row(row_of(one)), one)
        assert not holds(in_row(row_of(one)), other)
