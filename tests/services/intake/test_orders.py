"""Messages in any order, brought again and again, come to the same: each once, in its thread, with its person."""

from typing import Any
from uuid import UUID

import pytest
from attrs import frozen
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from clientloop.model.customers import Trust
from clientloop.model.interactions import Interaction
from clientloop.ports.events import MessageIn
from clientloop.services.intake.messages import take_message
from tests.services.intake.mailing import Firm, email


@frozen
class Mail:
    """A mail of a thread: the first, or an answer to an earlier one."""

    number: int
    parent: int | None
    sender: str
    trust: Trust
    automatic: bool

    def event(self, mails: list["Mail"]) -> MessageIn:
        """As the channel reads it, with the names of all mails before it."""
        names, before = [], self.parent
        while before is not None:
            names.append(f"{before}@example.com")
            before = mails[before].parent
        extra: dict[str, Any] = {"message_id": f"{self.number}@example.com", "references": names[::-1]}
        return MessageIn(
            key=f"key {self.number}", sender=email(self.sender), text=f"Words {self.number}",
            in_reply_to=names[0] if names else None, automatic=self.automatic, extra=extra,
        )  # fmt: skip


@st.composite
def threads(draw: st.DrawFn) -> list[Mail]:
    """Some threads of some mails; a machine writes only what nobody answers."""
    mails: list[Mail] = []
    for number in range(draw(st.integers(1, 6))):
        answered = [mail.number for mail in mails if not mail.automatic]
        parent = draw(st.none() | st.sampled_from(answered)) if answered else None
        mails.append(
            Mail(
                number=number,
                parent=parent,
                sender=draw(st.sampled_from(["ana@example.com", "bor@example.com", "MAILER-DAEMON"])),
                trust=draw(st.sampled_from([Trust.VOUCHED, Trust.CLAIMED])),
                automatic=draw(st.integers(0, 4)) == 0,
            )
        )
    return mails


def outcome(mails: list[Mail], order: list[Mail]) -> tuple[object, ...]:
    """What comes of mails in an order."""
    firm = Firm("memory:")
    taken: dict[str, set[UUID | None]] = {}
    for mail in order:
        event = mail.event(mails)
        became = take_message(firm.loop.context, "email", event, trust=mail.trust, raw=None)
        taken.setdefault(event.key, set()).add(became)
    rows = {row.origin: row for row in firm.loop.store.pages(Interaction, "main")}
    people = {key: firm.item(row.id).customer if "item" not in row.extra and not row.extra.get("automatic")
              else row.customer for key, row in rows.items()}  # fmt: skip
    items = firm.items()
    firm.loop.close()
    assert all(len(ids) == 1 for ids in taken.values())
    return (
        {(row.channel, row.origin) for row in rows.values()},
        _groups({mail.event(mails).key: _item_of(rows[mail.event(mails).key]) for mail in mails if not mail.automatic}),
        _groups({key: person for key, person in people.items() if not mails[int(key.split()[1])].automatic}),
        [item.is_open for item in items],
    )


def _item_of(row: Interaction) -> str:
    return row.extra.get("item") or str(row.id)


def _groups(of: dict[str, Any]) -> set[frozenset[str]]:
    """Which keys have the same value, whatever it is."""
    return {frozenset(key for key in of if of[key] == value) for value in of.values()}


@given(data=st.data(), mails=threads())
@settings(phases=[Phase.explicit, Phase.reuse, Phase.generate])  # to shrink what takes firms takes long
def test_order_and_redelivery_change_nothing(data: st.DataObject, mails: list[Mail]) -> None:
    """The interactions, what belongs together, who wrote what and what is open are the same in every order."""
    order = data.draw(st.permutations(mails))
    again = data.draw(st.lists(st.sampled_from(mails), max_size=4))
    assert outcome(mails, [*order, *again]) == outcome(mails, mails)


@pytest.mark.parametrize("kills", range(3))
def test_who_is_killed_before_the_commit_has_done_nothing(mailing: Firm, kills: int) -> None:
    """A worker that is lost while it writes leaves nothing, and the next one takes the message whole."""
    commit, left = mailing.loop.store.commit, [kills]

    def dying(unit: Any) -> None:
        if left[0]:
            left[0] -= 1
            raise KeyboardInterrupt
        commit(unit)

    mailing.loop.store.commit = dying  # type: ignore[method-assign]  # as a process that ends
    for _ in range(kills):
        with pytest.raises(KeyboardInterrupt):
            mailing.take("1")
    assert mailing.items() == []
    number = mailing.take("1")
    assert mailing.take("1") == number
    assert [item.id for item in mailing.items()] == [number]
