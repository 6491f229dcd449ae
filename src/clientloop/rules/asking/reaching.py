"""What becomes of an invitation: it arrives or does not, and is answered or not."""

from collections.abc import Iterable
from datetime import datetime

from attrs import evolve

from clientloop.model.asking import Disposition, Invitation
from clientloop.model.messages import DeliveryReport, DeliveryState, DeliveryStep
from clientloop.model.units import Update

#: What a message on its way can still change: what somebody has done stands.
_UNDECIDED = frozenset({Disposition.OPEN, Disposition.NON_CONTACT})


#: What a message has come to whose channel says that it arrived: what was merely taken may still be lost.
ARRIVED = frozenset({DeliveryState.DELIVERED, DeliveryState.READ})
_ARRIVING = frozenset({DeliveryStep.DELIVERED, DeliveryStep.READ})


def settled(
    invitation: Invitation, state: DeliveryState, reports: Iterable[DeliveryReport], now: datetime
) -> Invitation:
    """What becomes of an invitation by what became of the message that carries it.

    A message that a channel has taken has not arrived by that: of a channel without receipts, nobody knows.

    Args:
        invitation: As it stands.
        state: What became of the message.
        reports: What its channel has reported.
        now: The present, UTC.
    """
    if state in ARRIVED:
        return arrived(invitation, min((each.at for each in reports if each.step in _ARRIVING), default=now))
    return lost(invitation) if state is DeliveryState.FAILED else invitation


def arrived(invitation: Invitation, at: datetime) -> Invitation:
    """An invitation that reached whom it went to; the first time counts.

    Args:
        invitation: As it stands.
        at: When it arrived, UTC.
    """
    reached = invitation.disposition is Disposition.NON_CONTACT
    return evolve(
        invitation,
        delivered_at=invitation.delivered_at or at,
        disposition=Disposition.OPEN if reached else invitation.disposition,
    )


def lost(invitation: Invitation) -> Invitation:
    """An invitation that did not arrive, unless somebody has answered or refused it all the same."""
    if invitation.disposition not in _UNDECIDED:
        return invitation
    return evolve(invitation, delivered_at=None, disposition=Disposition.NON_CONTACT)


def answered(invitation: Invitation, at: datetime, *, rated: bool) -> Invitation:
    """An invitation that was answered; a complete answer counts for more than a partial one, and the first time stands.

    Args:
        invitation: As it stands.
        at: When the answer was given, UTC.
        rated: Whether there is a rating: words alone are a part.
    """
    complete = rated or invitation.disposition is Disposition.COMPLETE
    return evolve(
        invitation,
        answered_at=invitation.answered_at or at,
        disposition=Disposition.COMPLETE if complete else Disposition.PARTIAL,
    )


def change(was: Invitation, now: Invitation) -> tuple[Update, ...]:
    """What is written when an invitation has come from one state to another, guarded by its version."""
    names = ("delivered_at", "answered_at", "disposition")
    changes = {name: getattr(now, name) for name in names if getattr(now, name) != getattr(was, name)}
    return (Update(Invitation, (was.space, was.id), changes, was.version),) if changes else ()
