"""Several workers and one cap: however they race, no customer gets one message too many."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest

from clientloop.model.calendar import days
from clientloop.model.customers import Purpose
from clientloop.model.permission import Cap
from clientloop.services.outgoing import batch, handover
from clientloop.services.outgoing.permission import Permission
from tests.conftest import Size
from tests.services.outgoing.mailing import Mailing
from tests.stores.test_sqlite_processes import at_once

#: Ten times what one of them took.
HANG = 60


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers claim one message at a time, so that no one of them gets all."""
    monkeypatch.setattr(batch, "BATCH", 1)


@pytest.fixture
def face_to_face(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers ask for permission, and both have it before either goes on; whoever has to ask anew does so alone."""
    permit, barrier = handover.permit, Barrier(2, timeout=HANG)

    def both(*given: object) -> Permission:
        permission = permit(*given)  # type: ignore[arg-type]  # as given
        try:
            barrier.wait()
        except BrokenBarrierError:
            return permission
        barrier.abort()
        return permission

    monkeypatch.setattr(handover, "permit", both)


@contextmanager
def workers(mailing: Mailing, url: str) -> Iterator[tuple[Mailing, Mailing]]:
    """Two workers on the same data: of a file, each opens its own; what is in memory they share."""
    other = mailing if url == "memory:" else Mailing(url, channel=mailing.post)
    yield mailing, other
    if other is not mailing:
        other.loop.close()


def run_both(pair: tuple[Mailing, Mailing]) -> None:
    """Let both workers send what is due."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda mailing: mailing.loop.run_due(), pair, timeout=HANG))


@pytest.mark.usefixtures("one_by_one", "face_to_face")
@pytest.mark.parametrize("purpose", [Purpose.SURVEY, Purpose.MARKETING])
def test_two_workers_and_a_cap_of_one(url: str, purpose: Purpose) -> None:
    """Each has found that the customer got nothing yet; one sends, and the other learns of it in time."""
    mailing = Mailing(url)
    mailing.loop.settings.set("caps", {purpose: Cap(most=1, within=days(7))})
    ana = mailing.ana()
    queued = [mailing.queue(ana, purpose, channel=channel) for channel in ("email", "sms")]
    with workers(mailing, url) as pair:
        run_both(pair)
    assert len(mailing.post.sent) == 1
    assert not list(mailing.loop.outbox.list())
    assert {message.id for message in mailing.post.sent} < {message.id for message in queued}
    mailing.loop.close()


@pytest.mark.usefixtures("one_by_one", "face_to_face")
def test_two_workers_and_two_answers(url: str) -> None:
    """What has no cap is sent by both: a guard that somebody else was faster at is only asked for anew."""
    mailing = Mailing(url)
    ana = mailing.ana()
    for _ in range(2):
        mailing.queue(ana, Purpose.SERVICE)
    with workers(mailing, url) as pair:
        run_both(pair)
    assert len(mailing.post.sent) == 2
    mailing.loop.close()


WORKER = """
import sys
from clientloop.services.outgoing import batch
from tests.services.outgoing.mailing import Mailing

batch.BATCH = 1
mailing = Mailing(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
mailing.loop.run_due()
with open(sys.argv[2], "w") as file:
    file.writelines(f"{message.customer}\\n" for message in mailing.post.sent)
mailing.loop.close()
"""


def test_processes_on_one_file(tmp_path: Path, size: Size) -> None:
    """Several processes, three surveys for each customer: every customer gets one."""
    url = f"sqlite:///{tmp_path / 'firm.db'}"
    mailing = Mailing(url)
    many = size.pick(small=20, ci=200, night=2_000)
    customers = [mailing.willing(f"C{n}", email=f"c{n}@example.com") for n in range(many)]
    for _ in range(3):
        for customer in customers:
            mailing.queue(customer, to="c@example.com")
    mailing.loop.close()
    outcomes = [tmp_path / f"{number}.txt" for number in range(size.pick(small=2, ci=4, night=4))]
    assert not any(at_once(WORKER, [(url, outcome) for outcome in outcomes]))
    got = Counter(line for outcome in outcomes for line in outcome.read_text().splitlines())
    assert got == {str(customer.id): 1 for customer in customers}
