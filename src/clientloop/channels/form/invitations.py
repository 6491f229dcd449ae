"""Signed links that prove who fills in a form: whoever has one has read what was sent to that address."""

from collections.abc import Sequence
from datetime import UTC, datetime

from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.customers import IdentityKind
from clientloop.ports.tokens import seal, unseal

#: Of the tokens; another one whenever what they hold changes.
_USE = "invitation.1"


def _aware(_: object, __: object, value: datetime) -> None:
    if value.tzinfo is None:
        raise InvalidValue(f"expires: {value!r} names no zone", hint="give an aware datetime")


@frozen(kw_only=True)
class Invitation:
    """Somebody who was sent a link."""

    #: What sort of address the link was sent to, or `EXTERNAL` for the customer's number in a system of the firm's.
    kind: IdentityKind
    #: The address or number.
    value: str = field(repr=False)
    #: What the link is for: the name of the form.
    purpose: str
    #: Until when the link proves anything, aware; to the second.
    expires: datetime = field(validator=_aware)

    def token(self, keys: Sequence[str]) -> str:
        """The token that goes into the link; whoever has it can read the address in it.

        Args:
            keys: Secrets; the first signs.

        >>> april = datetime(2026, 4, 1, tzinfo=UTC)
        >>> ana = Invitation(kind=IdentityKind.EMAIL, value="ana@example.com", purpose="contact", expires=april)
        >>> read_invitation(["secret"], "contact", ana.token(["secret"])) == ana
        True
        """
        return seal(keys, f"{_USE}:{self.purpose}", [self.kind.value, self.value, int(self.expires.timestamp())])


def read_invitation(keys: Sequence[str], purpose: str, token: str) -> Invitation | None:
    """The invitation that a token holds, expired or not; None if it was not made for this purpose with these keys.

    Args:
        keys: Secrets, any of which may have signed it.
        purpose: What it must be for.
        token: What came back with the link.
    """
    values = unseal(keys, f"{_USE}:{purpose}", token)
    if values is None:
        return None
    kind, value, expires = values
    return Invitation(
        kind=IdentityKind(kind), value=value, purpose=purpose, expires=datetime.fromtimestamp(expires, UTC)
    )
