"""Where everybody stands: written down, said by hand, looked back upon."""

from collections import Counter
from datetime import date, timedelta

import pytest

from clientloop import Actor, ClientLoop, ManualClock
from clientloop.errors import Conflict, InvalidValue, NotAllowed, NotFound, UnknownName
from clientloop.model.customers import Customer, CustomerClass
from clientloop.model.facts import FactName
from clientloop.model.feedback import Priority
from clientloop.model.relationships import Assessment, Direction, Standing, Subject
from clientloop.model.units import Unit, Update
from tests.services.relationships.models import START, buy, firm_with, open_loop

DAY = timedelta(days=1)


def _stages(loop: ClientLoop, model: str, *customers: Customer) -> list[str | None]:
    found = [loop.relationships.standing(customer, model) for customer in customers]
    return [each.stage if each else "nobody" for each in found]


def _written(loop: ClientLoop) -> tuple[list[Standing], list[Assessment]]:
    return list(loop.store.pages(Standing, "main")), list(loop.store.pages(Assessment, "main"))


def test_a_reassessment_writes_what_has_changed(loop: ClientLoop, clock: ManualClock) -> None:
    """A row of the history comes with each change of the stage, and none without; the arrows say where it went."""
    kim = loop.customers.add(name="Kim")
    buy(loop, kim, 5_00, days_ago=1)
    for amount in (0, 20_00, 0, 100_00, -100_00):
        if amount:
            buy(loop, kim, amount, days_ago=1)
        loop.relationships.reassess(["spenders"])
        clock.advance(DAY)
    history = list(loop.relationships.history(kim, "spenders"))
    assert [(row.number, row.previous, row.stage, row.direction) for row in history] == [
        (4, "high", "middle", Direction.DOWN),
        (3, "middle", "high", Direction.UP),
        (2, "low", "middle", Direction.UP),
        (1, None, "low", Direction.SAME),
    ]
    stood = loop.relationships.standing(kim, "spenders")
    assert stood is not None
    assert (stood.stage, stood.previous, stood.direction, stood.number) == ("middle", "high", Direction.DOWN, 4)
    assert (stood.since, stood.as_of) == (START + 4 * DAY, START + 4 * DAY)
    assert [loop.relationships.as_of(kim, "spenders", START + days * DAY) for days in (-1, 0, 2, 3, 9)] == [
        None, "low", "middle", "high", "middle",
    ]  # fmt: skip
    assert loop.relationships.as_of(kim, "spenders", date(2026, 3, 5)) == "middle"
    first = loop.relationships.history(kim, "spenders", limit=3)
    assert [row.number for row in loop.relationships.history(kim, "spenders", after=first.next)] == [1]


def test_a_stage_explains_itself(loop: ClientLoop) -> None:
    """The model tells the stage again from what is kept of its reasons."""
    kim, tom = loop.customers.add(name="Kim"), loop.customers.add(name="Tom")
    buy(loop, kim, 20_00, days_ago=1)
    loop.relationships.reassess(["spenders"])
    why = loop.relationships.explain(kim.id, "spenders")
    assert (why.recomputed, why.standing.automatic, why.explanation["total"]) == ("middle", "middle", 20_00)
    assert loop.relationships.explain(tom, "spenders").recomputed is None
    loop.relationships.set(kim, "recent", "here", by="mia", reason="saw her")
    assert loop.relationships.explain(kim, "recent").recomputed is None
    with pytest.raises(NotFound, match="was not asked yet"):
        loop.relationships.explain(tom, "recent")


def test_a_word_survives_reassessments_and_expires_by_time(loop: ClientLoop, clock: ManualClock) -> None:
    """It stands beside the model's stage until its end, and then no longer, also before the next reassessment."""
    kim = loop.customers.add(name="Kim")
    buy(loop, kim, 5_00, days_ago=1)
    loop.relationships.reassess(["spenders"])
    word = loop.relationships.set(kim, "spenders", "high", by="mia", reason="large firm", until=START + 3 * DAY)
    assert (word.stage, word.automatic, word.manual_by, word.manual_reason) == ("high", "low", "mia", "large firm")
    clock.advance(DAY)
    buy(loop, kim, 10_00, days_ago=1)
    loop.relationships.reassess(["spenders"])
    stood = loop.relationships.standing(kim, "spenders")
    assert stood is not None
    assert (stood.stage, stood.automatic, stood.since) == ("high", "middle", START)
    assert loop.relationships.stages("spenders") == {"low": 0, "middle": 0, "high": 1}
    clock.advance(2 * DAY)
    stood = loop.relationships.standing(kim, "spenders")
    assert stood is not None
    assert (stood.stage, stood.manual, stood.direction, stood.since) == (
        "middle", None, Direction.DOWN, START + 3 * DAY,
    )  # fmt: skip
    assert loop.relationships.of(kim)["spenders"] == stood
    assert loop.relationships.stages("spenders") == {"low": 0, "middle": 1, "high": 0}
    assert [each.stage for each in loop.relationships.holding("spenders", "middle")] == ["middle"]
    assert len(loop.relationships.holding("spenders", "high")) == 0
    clock.advance(DAY)
    assert loop.relationships.as_of(kim, "spenders", START + 3 * DAY) == "middle"
    loop.relationships.reassess(["spenders"])
    last = loop.relationships.history(kim, "spenders").items[0]
    assert (last.stage, last.previous, last.manual, last.as_of) == ("middle", "high", False, START + 3 * DAY)
    assert loop.relationships.as_of(kim, "spenders", START + 3 * DAY - timedelta(seconds=1)) == "high"


def test_what_cannot_be_said_is_refused(loop: ClientLoop) -> None:
    """Wrong names, no reason, an end that has passed, somebody who is not of the firm: nothing is written."""
    kim = loop.customers.add(name="Kim")
    verbs = loop.relationships
    with pytest.raises(UnknownName, match="no stage of spenders 'hihg': did you mean 'high'"):
        verbs.set(kim, "spenders", "hihg", by="mia", reason="so")
    with pytest.raises(UnknownName, match="did you mean 'spenders'"):
        verbs.set(kim, "spender", "high", by="mia", reason="so")
    with pytest.raises(InvalidValue, match="no reason"):
        verbs.set(kim, "spenders", "high", by="mia", reason=" ")
    with pytest.raises(InvalidValue, match="still to come"):
        verbs.set(kim, "spenders", "high", by="mia", reason="so", until=START)
    with pytest.raises(InvalidValue, match="names no zone"):
        verbs.set(kim, "spenders", "high", by="mia", reason="so", until=(START + DAY).replace(tzinfo=None))
    with pytest.raises(NotAllowed):
        verbs.set(kim, "spenders", "high", by=Actor.customer(), reason="so")
    with pytest.raises(NotFound, match="no customer or account"):
        verbs.set("019cadc6-9a80-7000-afc9-f175ac04b180", "spenders", "high", by="mia", reason="so")
    with pytest.raises(InvalidValue, match="spenders knows no companies: say it of a person; companies stand in"):
        verbs.set(loop.accounts.add("Mill"), "spenders", "high", by="mia", reason="so")
    with pytest.raises(NotFound, match="nobody has said"):
        verbs.unset(kim, "spenders", by="mia")
    with pytest.raises(UnknownName, match="no stage of spenders"):
        verbs.holding("spenders", "top")
    assert verbs.of(kim) == {}


def test_a_word_is_taken_back(loop: ClientLoop) -> None:
    """The model's stage stands again, and both are in the history with whoever said so."""
    kim = loop.customers.add(name="Kim")
    buy(loop, kim, 5_00, days_ago=1)
    loop.relationships.reassess(["spenders"])
    loop.relationships.set(kim, "spenders", "high", by="mia", reason="large firm")
    assert loop.relationships.unset(kim, "spenders", by="tim", reason="was another").stage == "low"
    told = [(row.stage, row.manual, row.by, row.reason) for row in loop.relationships.history(kim, "spenders")]
    assert told == [
        ("low", False, "tim", "was another"), ("high", True, "mia", "large firm"), ("low", False, "system", None)
    ]  # fmt: skip


def test_merged_customers_stand_as_one(loop: ClientLoop) -> None:
    """The absorbed one stands nowhere, a word on it goes over, and an unmerge makes two of them again."""
    kim, double = loop.customers.add(name="Kim"), loop.customers.add(name="K.")
    for customer in (kim, double):
        buy(loop, customer, 5_00, days_ago=1)
    loop.relationships.set(double, "recent", "gone", by="mia", reason="moved away")
    loop.relationships.reassess(["spenders", "recent"])
    loop.customers.merge(kim, double, by="mia", reason="she said so")
    loop.relationships.reassess(["spenders", "recent"])
    assert [standing.subject for standing in loop.relationships.holding("spenders", "middle")] == [kim.id]
    assert loop.relationships.stages("spenders") == {"low": 0, "middle": 1, "high": 0}
    for one in (kim.id, double.id):
        assert _stages(loop, "spenders", loop.customers.get(one)) == ["middle"]
    word = loop.relationships.standing(double.id, "recent")
    assert word is not None
    assert (word.subject, word.stage, word.automatic, word.manual_by) == (kim.id, "gone", "here", "mia")
    loop.relationships.unset(kim.id, "recent", by="mia")
    loop.relationships.reassess(["recent"])
    assert _stages(loop, "recent", loop.customers.get(kim)) == ["here"]
    loop.customers.unmerge(double.id, by="mia")
    loop.relationships.reassess(["spenders", "recent"])
    both = [loop.customers.get(each) for each in (kim.id, double.id)]
    assert (_stages(loop, "spenders", *both), _stages(loop, "recent", *both)) == (["low", "low"], ["here", "gone"])


def test_whoever_is_merged_counts_once_at_once(loop: ClientLoop, clock: ManualClock) -> None:
    """The word on the absorbed one goes over in the same moment, and back when the merge is undone, the class too."""
    kim, double, third = (loop.customers.add(name=name) for name in ("Kim", "K.", "Kimberly"))
    for customer in (kim, double, third):
        buy(loop, customer, 5_00, days_ago=1)
    loop.relationships.set(double, "abc", "C", by="mia", reason="moved away")
    loop.relationships.reassess(["spenders", "abc"])
    clock.advance(DAY)
    loop.customers.merge(kim.id, double.id, by="mia", reason="she said so")
    loop.customers.merge(third.id, kim.id, by="mia", reason="she said so")
    assert loop.relationships.stages("spenders") == {"low": 1, "middle": 0, "high": 0}
    assert loop.relationships.stages("abc") == {"C": 1, "B": 0, "A": 0}
    word = loop.relationships.standing(third.id, "abc")
    assert word is not None
    assert (word.stage, word.manual_by, word.manual_of) == ("C", "mia", double.id)
    assert loop.customers.get(third.id).customer_class is CustomerClass.C
    loop.customers.unmerge(double.id, by="tim")
    assert _stages(loop, "abc", loop.customers.get(third.id)) == [word.automatic] != ["C"]
    loop.relationships.reassess(["spenders", "abc"])
    found = [loop.customers.get(each.id) for each in (third, double)]
    assert [each.customer_class for each in found] == [CustomerClass.A, CustomerClass.C]
    assert _stages(loop, "abc", *found) == ["A", "C"]
    assert [row.by for row in loop.relationships.history(third.id, "abc")][:2] == ["tim", "mia"]


def test_a_company_stands_in_place_of_its_persons(loop: ClientLoop) -> None:
    """Who joins one stands nowhere in models of companies, and says whom one counts for."""
    kim, tom, ann = (loop.customers.add(name=name) for name in ("Kim", "Tom", "Ann"))
    for customer in (kim, tom, ann):
        buy(loop, customer, 5_00, days_ago=1)
    loop.relationships.reassess(["firms"])
    mill = firm_with(loop, kim, tom)
    loop.relationships.reassess(["firms", "spenders"])
    stood = loop.relationships.standing(mill, "firms")
    assert stood is not None
    assert (stood.stage, stood.sort) == ("middle", Subject.ACCOUNT)
    assert _stages(loop, "firms", kim, tom, ann) == ["middle", "middle", "low"]
    assert loop.relationships.stages("firms") == {"low": 1, "middle": 1, "high": 0}
    why = loop.relationships.explain(kim, "firms")
    assert (why.standing.subject, why.explanation["total"], why.recomputed) == (mill.id, 10_00, "middle")
    assert _stages(loop, "spenders", kim, tom, ann) == ["low", "low", "low"]
    assert loop.relationships.of(mill.id).keys() == {"firms"}
    loop.accounts.unlink(mill, kim)
    loop.relationships.reassess(["firms"])
    assert _stages(loop, "firms", kim, tom) == ["low", "low"]


def test_a_person_stood_where_the_company_stood_that_it_counted_for(loop: ClientLoop, clock: ManualClock) -> None:
    """From the day on which it is found to count for it to the day on which it no longer does, a word excepted."""
    kim, tom = loop.customers.add(name="Kim"), loop.customers.add(name="Tom")
    buy(loop, kim, 5_00, days_ago=1)
    verbs = loop.relationships
    verbs.reassess(["firms"])
    clock.advance(DAY)
    mill = firm_with(loop, kim, tom)
    verbs.set(mill, "firms", "high", by="mia", reason="large", until=START + 3 * DAY)
    verbs.reassess(["firms"])
    clock.advance(DAY)
    verbs.set(tom, "firms", "middle", by="mia", reason="decides", until=START + 4 * DAY)
    clock.advance(3 * DAY)
    assert verbs.of(kim)["firms"] == verbs.standing(tom, "firms") == verbs.standing(mill, "firms")
    loop.accounts.unlink(mill, kim)
    loop.accounts.unlink(mill, tom)
    verbs.set(mill, "firms", "high", by="mia", reason="large")
    verbs.reassess(["firms"])
    stood = [[verbs.as_of(each, "firms", START + days * DAY) for days in range(6)] for each in (kim, tom, mill)]
    assert stood == [
        ["low", "high", "high", "low", "low", "low"],
        [None, "high", "middle", "middle", "low", None],
        [None, "high", "high", "low", "low", "high"],
    ]


def test_a_night_on_which_nothing_changed_writes_nothing(loop: ClientLoop, clock: ManualClock) -> None:
    """Also where the reasons have changed: these are told of any time by asking the model."""
    kim, tom, ann = (loop.customers.add(name=name) for name in ("Kim", "Tom", "Ann"))
    buy(loop, kim, 5_00, days_ago=1)
    firm_with(loop, tom)
    loop.customers.merge(kim, ann, by="mia", reason="she said so")
    loop.relationships.set(tom, "recent", "here", by="mia", reason="saw him")
    models = ("spenders", "firms", "recent")
    loop.relationships.reassess(models)
    kept = _written(loop)
    clock.advance(DAY)
    buy(loop, kim, 1_00)
    clock.advance(DAY)
    done = loop.relationships.reassess(models)
    assert {each.changed for each in done.values()} == {0}
    assert _written(loop) == kept
    why = loop.relationships.explain(kim, "spenders")
    assert (why.standing.as_of, why.explanation["total"]) == (START, 5_00)
    assert loop.relationships.explain(kim, "spenders", as_of=clock.now()).explanation["total"] == 6_00


def test_the_class_is_the_stage_of_one_model(loop: ClientLoop) -> None:
    """It sets priorities as soon as anybody stands somewhere else, is set by hand in one way, and given ones stand."""
    loop.settings.set("class_priority", {CustomerClass.A: Priority.HIGH})
    kim, tom = loop.customers.add(name="Kim"), loop.customers.add(name="Tom")
    ann = loop.customers.add(name="Ann", customer_class=CustomerClass.B)
    buy(loop, kim, 99_00, days_ago=1)
    buy(loop, tom, 1_00, days_ago=1)
    loop.relationships.reassess(["abc"])
    classes = [loop.customers.get(each).customer_class for each in (kim, tom, ann)]
    assert classes == [CustomerClass.A, CustomerClass.C, CustomerClass.B]
    assert loop.feedback.receive(kind="idea", channel="form", text="x", customer=kim.id).priority is Priority.HIGH
    assert loop.customers.set_class(tom.id, CustomerClass.A).customer_class is CustomerClass.A
    loop.relationships.reassess(["abc"])
    word = loop.relationships.standing(tom, "abc")
    assert word is not None
    assert (word.stage, word.automatic) == ("A", "C")
    assert loop.customers.get(tom).customer_class is CustomerClass.A
    loop.relationships.unset(tom, "abc", by="mia")
    assert loop.customers.get(tom).customer_class is CustomerClass.C
    given = loop.relationships.standing(ann, "abc")
    assert given is not None
    assert (given.stage, given.automatic, given.manual_by) == ("B", None, "system")
    assert loop.customers.set_class(ann.id, None).customer_class is None


def test_a_class_that_came_by_a_merge_is_no_word(loop: ClientLoop) -> None:
    """Whoever takes over the class of an assessed customer is classed by the model; a class that was given is kept."""
    old = loop.customers.add(name="K.")
    buy(loop, old, 5_00, days_ago=1)
    loop.relationships.reassess(["abc"])
    kim, ann = loop.customers.add(name="Kim"), loop.customers.add(name="Ann", customer_class=CustomerClass.C)
    loop.customers.merge(kim, old, by="mia", reason="she said so")
    loop.customers.merge(ann, loop.customers.add(name="A."), by="mia", reason="she said so")
    assert loop.customers.get(kim).customer_class is CustomerClass.A
    loop.relationships.reassess(["abc"])
    stood = [loop.relationships.standing(each.id, "abc") for each in (kim, ann)]
    assert [(each.stage, each.manual) for each in stood if each] == [("A", None), ("C", "C")]


def test_persons_have_the_class_of_their_company(loop: ClientLoop, clock: ManualClock) -> None:
    """Unless somebody has said another of them; who leaves has the own one again."""
    kim, tom, ann = (loop.customers.add(name=name) for name in ("Kim", "Tom", "Ann"))
    buy(loop, tom, 90_00, days_ago=1)
    buy(loop, ann, 10_00, days_ago=1)
    mill = firm_with(loop, kim, tom)
    loop.customers.set_class(kim.id, CustomerClass.B)
    loop.relationships.reassess(["abc"])

    def classes() -> list[CustomerClass | None]:
        persons = [loop.customers.get(each).customer_class for each in (kim, tom, ann)]
        return [loop.accounts.get(mill).customer_class, *persons]

    assert classes() == [CustomerClass.A, CustomerClass.B, CustomerClass.A, CustomerClass.B]
    loop.relationships.set(mill, "abc", "C", by="mia", reason="closing", until=START + 2 * DAY)
    assert classes() == [CustomerClass.C, CustomerClass.B, CustomerClass.C, CustomerClass.B]
    clock.advance(2 * DAY)
    loop.accounts.unlink(mill, kim)
    loop.relationships.unset(kim, "abc", by="mia")
    loop.relationships.reassess(["abc"])
    assert classes() == [CustomerClass.A, None, CustomerClass.A, CustomerClass.B]


def test_a_class_given_to_a_person_of_a_company_is_a_word(loop: ClientLoop) -> None:
    """It stands beside that of the company, whatever is said of the company first, and in the history."""
    kim = loop.customers.add(name="Kim", customer_class=CustomerClass.B)
    tom = loop.customers.add(name="Tom")
    buy(loop, tom, 90_00, days_ago=1)
    mill = firm_with(loop, kim, tom)
    for stage in ("A", "C"):
        loop.relationships.set(mill, "abc", stage, by="mia", reason="so")
        classes = [loop.customers.get(each.id).customer_class for each in (kim, tom)]
        assert classes == [CustomerClass.B, CustomerClass(stage)]
    loop.relationships.reassess(["abc"])
    assert [loop.customers.get(each.id).customer_class for each in (kim, tom)] == [CustomerClass.B, CustomerClass.C]
    [row] = loop.relationships.history(kim, "abc").items[-1:]
    assert (row.stage, row.manual, row.by) == ("B", True, "system")
    assert _stages(loop, "abc", kim, tom) == ["B", "C"]
    loop.relationships.unset(kim, "abc", by="mia")
    assert loop.customers.get(kim.id).customer_class is CustomerClass.C


def test_changes_are_told_and_listed(clock: ManualClock) -> None:
    """Each change of the stage is a fact once, and a page of changes lists them by time."""
    from tests.plugins.test_facts import Listener

    listener = Listener()
    with open_loop(clock=clock, plugins=[listener]) as loop:
        kim, tom = loop.customers.add(name="Kim"), loop.customers.add(name="Tom")
        for customer in (kim, tom):
            buy(loop, customer, 5_00, days_ago=1)
        for _ in range(2):
            loop.relationships.reassess(["spenders"])
            clock.advance(DAY)
        loop.relationships.set(kim, "spenders", "high", by="mia", reason="large firm")
        heard = listener.heard[FactName.RELATIONSHIP_CHANGED]
        assert [(fact.subject, fact.data["stage"], fact.data["direction"], fact.data["manual"]) for fact in heard] == [
            (kim.id, "low", "same", False), (tom.id, "low", "same", False), (kim.id, "high", "up", True)
        ]  # fmt: skip
        listed = loop.relationships.changes("spenders", since=START)
        assert [(row.subject, row.stage) for row in listed] == [(fact.subject, fact.data["stage"]) for fact in heard]
        assert len(loop.relationships.changes("spenders", since=START, until=START + DAY)) == 2
        assert len(loop.relationships.changes("spenders", since=date(2026, 3, 3))) == 1


def test_a_conflict_on_one_does_not_stop_the_others(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is changed by somebody else at the same time is loaded anew; who is changed always is left for later."""
    persons = [loop.customers.add(name=f"P{number}") for number in range(5)]
    for person in persons:
        buy(loop, person, 5_00, days_ago=1)
    loop.relationships.reassess(["spenders"])
    commit, victim, times = loop.store.commit, persons[2].id, [1]

    def disturbed(unit: Unit) -> None:
        theirs = [each for each in unit.changes if isinstance(each, Update) and each.key[1] == victim]
        if theirs and times[0]:
            times[0] -= 1
            commit(Unit((Update(Standing, theirs[0].key, {"manual_reason": "somebody else"}),)))
        commit(unit)

    monkeypatch.setattr(loop.store, "commit", disturbed)
    for person in persons:
        buy(loop, person, 20_00, days_ago=1)
    [told] = loop.relationships.reassess(["spenders"]).values()
    assert (told.subjects, told.changed, told.skipped) == (5, 5, 0)
    times[0] = 100
    for person in persons:
        buy(loop, person, 90_00, days_ago=1)
    [told] = loop.relationships.reassess(["spenders"]).values()
    assert (told.subjects, told.changed, told.skipped) == (5, 4, 1)
    assert _stages(loop, "spenders", *persons) == ["high", "high", "middle", "high", "high"]


def test_whoever_says_something_of_a_stale_customer_is_told_so(loop: ClientLoop) -> None:
    """The class and the standing change together or not at all."""
    kim = loop.customers.add(name="Kim")
    loop.customers.change(kim, name="Kim Li")
    with pytest.raises(Conflict):
        loop.customers.set_class(kim, CustomerClass.A)
    assert loop.relationships.of(kim.id) == {}
    assert loop.store.page(Assessment, "main").items == ()


def test_a_reassessment_asks_little_for_many(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Subjects are read and written a hundred at a time."""
    for number in range(250):
        loop.customers.add(name=f"P{number}")
    loop.settings.get()  # read once
    asked: Counter[str] = Counter()

    def counted(name: str) -> None:
        verb = getattr(loop.store, name)

        def ask(*args: object, **options: object) -> object:
            asked[name] += 1
            return verb(*args, **options)

        monkeypatch.setattr(loop.store, name, ask)

    counted("page")
    counted("commit")
    loop.relationships.reassess(["recent"])
    assert asked == {"commit": 3, "page": 3}
