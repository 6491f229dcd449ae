"""Words that end: what follows from them follows at once, whoever is assessed when."""

from datetime import timedelta

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.errors import Conflict
from clientloop.model.accounts import Account
from clientloop.model.customers import Customer, CustomerClass
from clientloop.model.units import Unit
from clientloop.services import routines
from tests.services.relationships.models import START, buy, firm_with, open_loop

HOUR = timedelta(hours=1)


def _class(loop: ClientLoop, subject: Customer | Account) -> CustomerClass | None:
    found = loop.store.get(type(subject), ("main", subject.id))
    assert found is not None
    return found.customer_class


def _say(loop: ClientLoop, subject: Customer | Account, stage: str, hours: int) -> None:
    until = loop.clock.now() + hours * HOUR
    loop.relationships.set(subject, "abc", stage, by="mia", reason="tries us out", until=until)


def test_a_class_ends_with_the_word(loop: ClientLoop, clock: ManualClock) -> None:
    """On the minute, where the firm has switched reassessment off, and once; the history says as of when."""
    loop.settings.set("reassess", None)
    kim, tom = loop.customers.add(name="Kim"), loop.customers.add(name="Tom")
    for one in (kim, tom):
        buy(loop, one, days_ago=40)
    loop.relationships.reassess(["abc"])
    before = {one.id: _class(loop, one) for one in (kim, tom)}
    _say(loop, tom, "C", hours=7)
    _say(loop, kim, "C", hours=5)
    assert (_class(loop, kim), _class(loop, tom)) == (CustomerClass.C, CustomerClass.C)
    clock.set(START + 5 * HOUR - timedelta(microseconds=1))
    assert loop.run_due().routines == 0
    assert _class(loop, kim) is CustomerClass.C
    clock.set(START + 5 * HOUR + timedelta(minutes=1))
    assert [loop.run_due().routines for _ in range(3)] == [1, 0, 0]
    assert (_class(loop, kim), _class(loop, tom)) == (before[kim.id], CustomerClass.C)
    assert before[kim.id] is not CustomerClass.C
    [last, *_] = loop.relationships.history(kim, "abc")
    assert (last.as_of, last.at, last.manual) == (START + 5 * HOUR, clock.now(), False)
    clock.set(START + 7 * HOUR)
    assert loop.run_due().routines == 1
    assert _class(loop, tom) == before[tom.id]


def test_persons_of_a_company_have_its_class_again(loop: ClientLoop, clock: ManualClock) -> None:
    """Whether a word on one of them ends or is taken back, and when the word on the company itself ends."""
    kim, tom, other = (loop.customers.add(name=name) for name in ("Kim", "Tom", "Eva"))
    mill = firm_with(loop, kim, tom)
    buy(loop, kim, 100_00, days_ago=40)
    buy(loop, other, 1, days_ago=40)
    loop.relationships.reassess(["abc"])
    its = _class(loop, mill)
    assert its is not None
    assert its is not CustomerClass.C
    _say(loop, kim, "C", hours=2)
    _say(loop, tom, "C", hours=9)
    assert (_class(loop, kim), _class(loop, tom)) == (CustomerClass.C, CustomerClass.C)
    clock.advance(2 * HOUR)
    loop.run_due()
    loop.relationships.unset(tom, "abc", by="mia")
    assert (_class(loop, kim), _class(loop, tom)) == (its, its)
    _say(loop, mill, "C", hours=1)
    assert (_class(loop, kim), _class(loop, tom)) == (CustomerClass.C, CustomerClass.C)
    clock.advance(HOUR)
    loop.run_due()
    assert (_class(loop, mill), _class(loop, kim), _class(loop, tom)) == (its, its, its)


def test_an_end_that_somebody_else_is_at_is_left_to_the_next_time(clock: ManualClock) -> None:
    """It stops no other, and is looked at again when some time has passed."""
    with open_loop(clock=clock) as loop:
        kim, tom = loop.customers.add(name="Kim"), loop.customers.add(name="Tom")
        _say(loop, kim, "A", hours=1)
        _say(loop, tom, "A", hours=1)
        clock.advance(HOUR)
        context, refused = loop.context, [True]
        write = context.commit

        def once_refused(unit: Unit) -> None:
            if refused and refused.pop():
                raise Conflict("somebody was faster")
            write(unit)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(context, "commit", once_refused)
            routines.CHORES["ends"].do(context, lambda: None)
        assert sorted(str(_class(loop, one)) for one in (kim, tom)) == ["A", "None"]
        assert routines.CHORES["ends"].due(context, clock.now()) == clock.now() + routines.AGAIN
        loop.run_due()
        assert (_class(loop, kim), _class(loop, tom)) == (None, None)
