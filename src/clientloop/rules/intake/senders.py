"""Whose words they are: what evidence is worth."""

from clientloop.model.customers import IdentityKind, Trust

_TRUSTS = tuple(Trust)


def weaker(*trusts: Trust | None) -> Trust:
    """The weakest of the proofs that there are; one that is missing takes nothing away.

    >>> weaker(Trust.VERIFIED, None, Trust.CLAIMED).value
    'claimed'
    """
    return max((trust for trust in trusts if trust is not None), key=_TRUSTS.index)


def is_anonymous(kind: IdentityKind, trust: Trust) -> bool:
    """Whether an address names a device, and so nobody."""
    return kind is IdentityKind.COOKIE or trust is Trust.DEVICE
