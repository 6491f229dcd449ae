"""What people and workers do in a small firm: use cases through the public API, and what each acknowledges.

A use case is done by its number, and may be done again from its beginning, as by a caller who never heard how the first
try ended: what was written then is found, and not written twice. The firm of `house` has what those of number 1 go on
with; those of other numbers make it.
"""

import io
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from clientloop import ClientLoop
from clientloop.channels.desk.entries import Call
from clientloop.errors import Conflict
from clientloop.exchange.mapping import CustomersMapping, PurchasesMapping
from clientloop.model.codec import Json
from clientloop.model.customers import Customer, Purpose
from clientloop.model.feedback import Feedback
from clientloop.model.improvements import ImprovementState
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.messages import Delivery
from clientloop.model.money import Money
from clientloop.model.staff import Absence
from clientloop.model.where import eq
from clientloop.model.work import Actor
from clientloop.ports.events import Raw
from tests.faults.acks import Acks
from tests.faults.house import SPACE, START
from tests.faults.sink import SINK, SURE, WELL, Sender

#: What is done, and by which number; after each call that writes, the records that it has returned are acknowledged.
UseCase = Callable[[ClientLoop, Acks, int], None]

MIA, ANYBODY = Actor.superior("mia"), Actor.customer()


def found(loop: ClientLoop, kind: str, number: int, channel: str = SINK) -> Feedback | None:
    """What somebody has said under a number, if anybody has."""
    where = eq("channel", channel) & eq("origin", f"{kind}-{number}")
    said = loop.store.page(Interaction, SPACE, where=where, order="by_origin", limit=1).items
    return loop.feedback.get(said[0].id) if said else None


def _item(loop: ClientLoop, acks: Acks, kind: str, number: int, channel: str = SINK) -> Feedback:
    """The same, or what is then said."""
    item = found(loop, kind, number, channel) or loop.feedback.receive(
        kind="question" if kind == "plain" else kind, channel=channel, text=f"My {kind}",
        reply_to=f"somebody-{number}@example.com", origin=f"{kind}-{number}",
    )  # fmt: skip
    acks.note(item)
    return item


def _person(loop: ClientLoop, acks: Acks, name: str, number: int) -> Customer:
    """A customer, found or added."""
    email = f"{name.lower()}-{number}@example.com"
    person = next(iter(loop.customers.find(email=email)), None) or loop.customers.add(name=name, email=email)
    acks.note(person)
    return person


def _move(loop: ClientLoop, acks: Acks, item: Feedback, name: str, by: Actor = MIA, **given: Json) -> Feedback:
    moved = loop.feedback.move(item, name, by=by, **given)
    acks.note(moved)
    acks.note(*loop.feedback.outbox(moved))
    return moved


def _receive(loop: ClientLoop, acks: Acks, number: int) -> None:
    ana = _person(loop, acks, "Ana", number)
    words = {"kind": "complaint", "channel": SINK, "text": "It is late", "subject": "Late"}
    acks.note(loop.feedback.receive(**words, customer=ana, origin=f"post-{number}"))


def _work(loop: ClientLoop, acks: Acks, number: int) -> None:
    """From a complaint to its solution, which the customer is told."""
    item = _item(loop, acks, "complaint", number)
    if item.state == "new":
        item = _move(loop, acks, item, "assign", to="mia")
    if item.state == "assigned":
        item = _move(loop, acks, item, "start")
    for task in loop.tasks.of(item) if item.state == "working" else ():
        if task.is_open:
            acks.note(loop.tasks.done(task, result="Sent another"))
    if item.state == "working":
        item = _move(loop, acks, item, "resolve", cause="carrier", action="Sent another")
    if item.state == "resolved" and item.pending is None:
        _move(loop, acks, item, "inform")


def _answer(loop: ClientLoop, acks: Acks, number: int) -> None:
    item = _item(loop, acks, "question", number)
    if item.state == "new":
        _move(loop, acks, item, "answer", text="Until six.")


def _run(loop: ClientLoop, acks: Acks) -> None:
    """As one worker that looks once."""
    loop.run_due()
    acks.note(*loop.store.pages(Delivery, SPACE))


def _escalate(loop: ClientLoop, acks: Acks, _number: int) -> None:
    """Nobody has done anything for more than a day."""
    _pass(loop, timedelta(hours=26))
    _run(loop, acks)


def _pass(loop: ClientLoop, time: timedelta) -> None:
    """Let time pass, where the clock is ours to move."""
    advance = getattr(loop.clock, "advance", None)
    if advance is not None:
        advance(time)


def _retry(loop: ClientLoop, acks: Acks, _number: int) -> None:
    """A channel refuses; some messages come again by themselves, others wait for a person who has it mended."""
    _run(loop, acks)
    tend(loop)
    _pass(loop, timedelta(minutes=5))
    _run(loop, acks)


def tend(loop: ClientLoop) -> None:
    """What a person does about messages that wait for one: ask the channel for it, and send again what it has not."""
    for message in loop.outbox.dead_letters().items:
        sender = loop.channels.channel(message.channel)
        if not isinstance(sender, Sender):
            continue  # it sends nothing, whatever anybody does
        if (message.channel, message.id) in sender.sent.taken():
            loop.channels.receive(message.channel, Raw(body=str(message.id).encode()))
        else:
            loop.outbox.send_again(message)


def _confirm(loop: ClientLoop, acks: Acks, number: int) -> None:
    """The customer says that an answer was one."""
    item = _item(loop, acks, "plain", number)
    if item.state == "answered":
        _move(loop, acks, item, "confirm", by=ANYBODY)


def _customers(loop: ClientLoop, acks: Acks, number: int) -> None:
    eva = _person(loop, acks, "Eva", number)
    if eva.locale is None:
        acks.note(loop.customers.change(eva, locale="sl"))
    loop.consent.forbid(eva, Purpose.SURVEY, proof="call")
    acks.note(*loop.consent.words(eva))
    mill = next(iter(loop.accounts.find(f"Mill {number}").items), None) or loop.accounts.add(f"Mill {number}")
    acks.note(mill)
    acks.note(loop.accounts.link(mill, eva, post="buyer"))


def _merge(loop: ClientLoop, acks: Acks, number: int) -> None:
    kept, other = _person(loop, acks, "Bor", number), _person(loop, acks, "Boris", number)
    if loop.customers.get(kept).id != loop.customers.get(other).id:
        acks.note(loop.customers.merge(kept, other, by=MIA, reason="called"))
    acks.note(*loop.customers.merges(kept))


def _unmerge(loop: ClientLoop, acks: Acks, number: int) -> None:
    kept, other = _person(loop, acks, "Cene", number), _person(loop, acks, "Vinko", number)
    if not loop.customers.merges(kept):
        acks.note(loop.customers.merge(kept, other, by=MIA, reason="called"))
    for merge in loop.customers.merges(kept):
        if merge.undone_at is None:
            acks.note(loop.customers.unmerge(merge, by=MIA))


def _purchase(loop: ClientLoop, acks: Acks, number: int) -> None:
    ana = _person(loop, acks, "Ana", number)
    sort, price = InteractionKind.PURCHASE, Money(30_00, "EUR")
    acks.note(loop.interactions.record(kind=sort, channel="shop", customer=ana, money=price, origin=f"till-{number}"))


def _survey(loop: ClientLoop, acks: Acks, number: int) -> None:
    """Somebody is asked, and answers with a complaint."""
    ana, origin = _person(loop, acks, "Ana", number), f"asked-{number}"
    invited = loop.questions.invite("delivery", channel=SURE, customer=ana, origin=origin)
    acks.note(invited)
    acks.note(
        loop.questions.answer(
            "delivery", 2, channel=SURE, customer=ana, invitation=invited, text="Late", kind="complaint", origin=origin
        )
    )


def _deal(loop: ClientLoop, acks: Acks, number: int) -> None:
    ana, title = _person(loop, acks, "Ana", number), f"Mill {number}"
    mine = [deal for deal in loop.deals.of(customer=ana) if deal.title == title]
    deal = mine[0] if mine else loop.deals.open(title, customer=ana, amount=Money(900_00, "EUR"), by="mia")
    acks.note(deal)
    if deal.is_open:
        acks.note(loop.deals.win(deal, by="mia"))
    acks.note(*loop.deals.journal(deal))


def _tasks(loop: ClientLoop, acks: Acks, number: int) -> None:
    item = _item(loop, acks, "idea", number, SURE)
    mine = [task for task in loop.tasks.of(item) if task.kind == "executor"]
    task = mine[0] if mine else loop.tasks.add(
        item, title="Look", kind="executor", owner="tim", checklist=["Ask"], due=loop.clock.now() + timedelta(days=1)
    )  # fmt: skip
    acks.note(task)
    if task.is_open:
        task = loop.tasks.tick(task, 1)
        acks.note(task)
        acks.note(loop.tasks.done(task, result="Looked"))


def _plan(loop: ClientLoop, acks: Acks, number: int) -> None:
    eva = _person(loop, acks, "Eva", number)
    mine = loop.appointments.of(eva)
    call = mine[0] if mine else loop.appointments.plan(
        "Offer", customer=eva, starts_at=loop.clock.now() + timedelta(days=1), owner="mia"
    )  # fmt: skip
    acks.note(call)
    if call.is_open:
        acks.note(loop.appointments.done(call, text="She wants two"))


def _import(loop: ClientLoop, acks: Acks, number: int) -> None:
    """Two files with a bad row each; the same rows again add nothing."""
    people = io.StringIO(f"No,Name,Mail\n{number}0,Ina,ina-{number}@example.com\n{number}1,Jan,jan\n{number}2,Jon,\n")
    columns = {"customer": "No", "name": "Name", "email": "Mail"}
    loop.imports.customers(people, CustomersMapping(source="shop", columns=columns))
    sales = io.StringIO(f"Id,No,Sum\n{number}a,{number}0,10.00\n{number}b,{number}0,many\n{number}c,{number}2,7.50\n")
    columns = {"id": "Id", "customer": "No", "amount": "Sum"}
    loop.imports.purchases(sales, PurchasesMapping(source="shop", columns=columns, default={"channel": "shop"}))
    acks.note(*loop.customers.find(external=f"shop:{number}0"))


def _poll(loop: ClientLoop, acks: Acks, _number: int) -> None:
    with suppress(Conflict):  # whoever was lost while it polled holds the channel for a while
        loop.channels.poll(WELL)
    acks.note(*loop.store.pages(Interaction, SPACE, where=eq("channel", WELL)))


def _write_down(loop: ClientLoop, acks: Acks, number: int) -> None:
    received = loop.write_down(Call(call=f"{number}", operator="tim", kind="complaint", text="Late", phone="040123456"))
    [event] = received.events
    assert event.became is not None
    acks.note(loop.feedback.get(event.became))


def _settings(loop: ClientLoop, acks: Acks, number: int) -> None:
    loop.settings.set("redress_limit", 5_000 + number)
    acks.note()
    loop.settings.set("offers", {"chair": f"cushion {number}"})


def _reassess(loop: ClientLoop, acks: Acks, number: int) -> None:
    loop.relationships.reassess()
    ana = _person(loop, acks, "Ana", number)
    stands = loop.relationships.standing(ana, "abc")
    if stands is None or stands.manual is None:
        acks.note(loop.relationships.set(ana, "abc", "A", by=MIA, reason="a friend"))


def _absence(loop: ClientLoop, acks: Acks, number: int) -> None:
    """Somebody's work goes to the deputy."""
    item = _item(loop, acks, "praise", number, SURE)
    if item.owner is None and "assign" in loop.feedback.next_moves(item):
        _move(loop, acks, item, "assign", to="tim")
    since = START - timedelta(minutes=number)
    if loop.store.get(Absence, (SPACE, "tim", since)) is None:
        acks.note(loop.staff.away("tim", since=since, deputy="mia"))
    _run(loop, acks)
    if any(absence.member == "tim" for absence in loop.staff.absences()):
        loop.staff.back("tim")


def _improve(loop: ClientLoop, acks: Acks, number: int) -> None:
    """Several items have one cause, and all who said so are told the same."""
    items = [_item(loop, acks, kind, number, channel) for kind, channel in (("complaint", SINK), ("idea", SURE))]
    title = f"Better parcels {number}"
    known = [each for each in loop.improvements.list(state=None, limit=100).items if each.title == title]
    improvement = known[0] if known else loop.improvements.add(title)
    acks.note(improvement)
    if improvement.state is not ImprovementState.OPEN:
        return
    loop.improvements.link(improvement, [item.id for item in items], by=MIA)
    loop.feedback.answer([item.id for item in items], answer=f"parcels-{number}", by=MIA, text="Thicker boxes")
    acks.note(*[loop.feedback.get(item.id) for item in items])
    acks.note(loop.improvements.done(improvement, done="Thicker boxes", lesson="Ask the carrier", by=MIA))


#: All of them by name.
USE_CASES: Mapping[str, UseCase] = {
    "receive": _receive, "work": _work, "answer": _answer, "escalate": _escalate, "retry": _retry,
    "confirm": _confirm, "customers": _customers, "merge": _merge, "unmerge": _unmerge, "purchase": _purchase,
    "survey": _survey, "deal": _deal, "tasks": _tasks, "plan": _plan, "import": _import, "poll": _poll,
    "write down": _write_down, "settings": _settings, "reassess": _reassess, "absence": _absence, "improve": _improve,
}  # fmt: skip

#: Those of which one call is several units by design; each call of the others happens as a whole or not at all.
IN_PIECES = frozenset({"escalate", "retry", "survey", "import", "poll", "write down", "reassess", "absence", "improve"})
