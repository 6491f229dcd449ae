"""Imports of the same people that run at the same moment: each person is added once, and no row of a file is lost."""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from clientloop.app import ClientLoop
from clientloop.exchange import run
from clientloop.exchange.mapping import AnswersMapping, CustomersMapping, FeedbackMapping, PurchasesMapping
from clientloop.exchange.report import ImportReport
from clientloop.model.asking import Answer
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction
from clientloop.testing.failing import Call, FailingStore
from tests.conftest import FIGURES, Size

if TYPE_CHECKING:
    from tests.postgres import Server

#: Seconds after which somebody waits for ever.
HANGS = 60


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store of each sort."""
    if request.param == "postgres":
        server: Server = request.getfixturevalue("postgres")
        return server.empty_database()
    return {"memory": "memory:", "sqlite": f"sqlite:///{tmp_path}/shop.db"}[request.param]


@pytest.fixture
def loop(url: str) -> Iterator[ClientLoop]:
    """A space in it that asks one question."""
    with ClientLoop.open(url, entry_points=False) as loop:
        loop.questions.declare("recommend", instrument="nps", occasion="relational")
        yield loop


#: Of the files of all systems.
PERSON = {"name": "name", "email": "email"}


def people(loop: ClientLoop, *names: str) -> ImportReport:
    """The address book of a shop."""
    return loop.imports.customers(_file(*names), CustomersMapping(source="shop", columns=PERSON))


def purchases(loop: ClientLoop, *names: str) -> ImportReport:
    """What they bought at the till."""
    mapping = PurchasesMapping(source="till", columns=PERSON, default={"channel": "shop", "amount": "9.90"})
    return loop.imports.purchases(_file(*names), mapping)


def tickets(loop: ClientLoop, *names: str) -> ImportReport:
    """What they wrote to the help desk."""
    default = {"channel": "email", "kind": "complaint", "text": "The parcel came broken"}
    return loop.imports.feedback(_file(*names), FeedbackMapping(source="desk", columns=PERSON, default=default))


def answers(loop: ClientLoop, *names: str) -> ImportReport:
    """What they answered to a survey."""
    default = {"channel": "email", "question": "recommend", "rating": "9"}
    return loop.imports.answers(_file(*names), AnswersMapping(source="survey", columns=PERSON, default=default))


def cards(loop: ClientLoop, *names: str) -> ImportReport:
    """Their cards in an address book."""
    lines = (("BEGIN:VCARD", "VERSION:4.0", f"UID:{name}", f"FN:{name}", "END:VCARD", "") for name in names)
    return loop.imports.vcard(io.StringIO("".join(map("\r\n".join, lines)), newline=""))


def _file(*names: str) -> io.StringIO:
    return io.StringIO("name,email\n" + "".join(f"{name},{name}@example.com\n" for name in names), newline="")


def meanwhile(loop: ClientLoop, *others: Callable[[], object]) -> ClientLoop:
    """The same space, where each of the others comes in before a commit, the first before the first, and is through."""
    left = iter(others)

    def plan(call: Call) -> None:
        if call.method == "commit":
            next(left, lambda: None)()

    return FailingStore(loop.store, plan).view(loop)


def everybody(loop: ClientLoop) -> list[str]:
    """The names of all customers, sorted."""
    return [customer.name for customer in loop.store.pages(Customer, "main", order="by_name")]


def said(loop: ClientLoop, cls: type[Interaction] | type[Answer] | type[Feedback]) -> list[str]:
    """Whose the records of a class are."""
    names = {customer.id: customer.name for customer in loop.store.pages(Customer, "main")}
    return sorted(names[found.customer] for found in loop.store.pages(cls, "main") if found.customer is not None)


@pytest.mark.parametrize("known", [(), ("Mia",)], ids=["first", "later"])
def test_a_person_in_two_files_is_added_once(loop: ClientLoop, known: tuple[str, ...]) -> None:
    """Each has looked and not found her: the second to write is refused, looks anew, and loses none of its rows."""
    people(loop, *known)
    first = meanwhile(loop, lambda: tickets(loop, "Ana", "Ivo"))
    report = purchases(first, "Ana", "Eva", "Ana")
    assert (report.added, report.customers_added, report.customers_matched) == (3, 1, 2)
    assert everybody(loop) == ["Ana", "Eva", "Ivo", *known]
    assert said(loop, Feedback) == ["Ana", "Ivo"]
    assert said(loop, Interaction) == ["Ana", "Ana", "Ana", "Eva", "Ivo"]
    assert list(loop.check()) == []


@pytest.mark.parametrize("url", ["memory"], indirect=True)
@pytest.mark.parametrize("take", [people, purchases, tickets, answers, cards])
def test_one_file_twice_at_once_is_one_file(loop: ClientLoop, take: Callable[..., ImportReport]) -> None:
    """Whatever it holds: of two imports one adds it all, and the other finds it all there."""
    reports = []
    reports.append(take(meanwhile(loop, lambda: reports.append(take(loop, "Ana", "Eva"))), "Ana", "Eva"))
    assert [(report.added, report.duplicates, report.customers_added) for report in reports] == [(2, 0, 2), (0, 2, 0)]
    assert everybody(loop) == ["Ana", "Eva"]
    for cls in (Interaction, Answer):
        assert said(loop, cls) in (["Ana", "Eva"], [])


def test_many_imports_at_once_add_each_person_once(
    loop: ClientLoop,
    url: str,
    size: Size,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    """However their chunks meet, all rows of all files are there, each with the one person of its name."""
    monkeypatch.setattr(run, "CHUNK", size.pick(small=4, ci=50, night=50))
    names = [f"P{number:05d}" for number in range(size.pick(small=20, ci=2_000, night=20_000))]
    takes = (people, purchases, tickets, answers)
    barrier = Barrier(len(takes), timeout=HANGS)

    def begin(take: Callable[..., ImportReport]) -> int:
        barrier.wait()
        return take(loop, *names).rejected

    with ThreadPoolExecutor(len(takes)) as pool:
        assert list(pool.map(begin, takes)) == [0] * len(takes)
    found = everybody(loop)
    record_property(
        FIGURES, f"{len(takes)} imports at once, {url.partition(':')[0]}: {len(found)} of {len(names)} people"
    )
    assert found == names
    assert said(loop, Interaction) == sorted(names * 2)
    assert said(loop, Answer) == names


@pytest.mark.parametrize("url", ["memory"], indirect=True)
def test_cards_of_ours_that_come_back_twice_at_once(loop: ClientLoop) -> None:
    """Of customers whose cards clientloop has written, each import finds all, also where another knew one before."""
    ana, _ = (loop.customers.add(name=name) for name in ("Ana", "Eva"))
    one, both = io.StringIO(newline=""), io.StringIO(newline="")
    loop.exports.vcard(one, [ana])
    loop.exports.vcard(both)
    one.seek(0)
    both.seek(0)
    report = meanwhile(loop, lambda: loop.imports.vcard(one)).imports.vcard(both)
    assert (report.added, report.duplicates) == (0, 2)
    assert everybody(loop) == ["Ana", "Eva"]
