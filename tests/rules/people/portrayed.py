"""Portraits of people, in one line each."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from clientloop.model.customers import Identity, IdentityKind, Trust
from clientloop.rules.people.portraits import Portrait, portrait

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def person(*names: str, trust: Trust = Trust.CLAIMED, **addresses: Any) -> Portrait:
    """Somebody of some names with addresses by kind: one, or a tuple of several. Any: so that a kind can be a value."""
    identities = [
        Identity(space="main", kind=IdentityKind(kind), value=value, customer=UUID(int=1), trust=trust, created_at=AT)
        for kind, values in addresses.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    return portrait(names, identities)
