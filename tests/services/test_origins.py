"""One key on a channel is one thing: brought again it is known, and nothing else gets lost behind it."""

from itertools import permutations
from uuid import UUID

import pytest

from clientloop import ClientLoop
from clientloop.errors import Duplicate
from clientloop.model.channels import RawState
from clientloop.model.interactions import Interaction, InteractionKind
from tests.services.intake.wires import Script, webhook
from tests.services.intake.wires import firm as wired
from tests.test_processes import Firm


def bring(loop: ClientLoop, kind: InteractionKind) -> UUID:
    """Bring something of a kind under one key of one channel."""
    if kind is InteractionKind.FEEDBACK:
        return loop.feedback.receive(kind="complaint", channel="shop", origin="order-17", text="It is broken").id
    return loop.interactions.record(kind=kind, channel="shop", origin="order-17").id


KINDS = (InteractionKind.PURCHASE, InteractionKind.RETURN, InteractionKind.FEEDBACK)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_thing_brought_again_is_the_one_that_is_there(firm: Firm, kind: InteractionKind) -> None:
    """A shop may deliver each of its events twice."""
    assert bring(firm.loop, kind) == bring(firm.loop, kind)
    assert len(list(firm.loop.store.pages(Interaction, "main"))) == 1


@pytest.mark.parametrize(("first", "second"), list(permutations(KINDS, 2)))
def test_another_thing_is_not_lost_behind_the_first(
    firm: Firm, first: InteractionKind, second: InteractionKind
) -> None:
    """What has the key of something of another kind is refused, whichever comes first, and told a key of its own."""
    kept = bring(firm.loop, first)
    with pytest.raises(Duplicate) as refused:
        bring(firm.loop, second)
    assert refused.value.message == f"channel 'shop' has 'order-17' already, as {first.value!r}"
    assert f"'order-17/{second.value}'" in str(refused.value.hint)
    assert [each.id for each in firm.loop.store.pages(Interaction, "main")] == [kept]


def test_a_message_is_not_lost_behind_a_purchase() -> None:
    """It is kept in quarantine with the reason, and what came with it is taken."""
    with wired("memory:", Script()) as loop:
        loop.interactions.record(kind=InteractionKind.PURCHASE, channel="wire", origin="17")
        received = loop.channels.receive("wire", webhook({"sort": "message", "key": "17"}, "visit-1"))
        assert (received.state, [event.key for event in received.events]) == (RawState.QUARANTINED, ["visit-1"])
        [kept] = loop.channels.quarantined()
        assert "channel 'wire' has '17' already, as 'purchase'" in str(kept.reason)


def test_a_message_that_the_application_has_recorded_is_known() -> None:
    """Whoever took a message by hand before the channel was set up has it once."""
    with wired("memory:", Script()) as loop:
        item = loop.feedback.receive(kind="complaint", channel="wire", text="It is late", origin="17")
        received = loop.channels.receive("wire", webhook({"sort": "message", "key": "17"}))
        assert (received.state, received.events[0].became) == (RawState.READ, item.id)
