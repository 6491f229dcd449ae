"""How a message of ours is named in mails: the id of the mail, and the address to which reports on it go (VERP).

Whoever has received a mail of ours can write its id. The return path is signed besides, so that a mail to it is known
to come from somebody who had ours, whatever else is in it: most reports without the id of the mail they are on come
this way, and so do absence notices.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from uuid import UUID

from attrs import field, frozen

#: Where the token stands in the pattern of a return path.
PLACE = "{}"

#: Bytes of the signature; together with the id, the token has 42 letters, and 64 is what an address may have there.
_SIGNED = 10

#: Letters of a token.
TOKEN = 42


@frozen(kw_only=True)
class Naming:
    """How the messages of one firm are named.

    >>> naming = Naming(domain="firm.example", return_path="bounces+{}@firm.example", keys=("secret",))
    >>> path = naming.return_path_of(UUID(int=7))
    >>> path
    'bounces+aaaaaaaaaaaaaaaaaaaaaaaaa54nvxz7l3legnmxui@firm.example'
    >>> naming.returned(path.upper()), naming.returned(path.replace("a5", "b5"))
    (UUID('00000000-0000-0000-0000-000000000007'), None)
    """

    #: The domain that ids of mails end with.
    domain: str
    #: Where reports go, with `{}` where the token stands; without it, all reports go to one address.
    return_path: str = field(repr=False)
    #: Secrets; the first signs, all prove.
    keys: Sequence[str] = field(default=(), repr=False)

    def message_id(self, message: UUID) -> str:
        """The id of a mail, without angle brackets; the same in every try, whatever the settings."""
        return f"{message}@{self.domain}"

    def identified(self, message_id: str) -> UUID | None:
        """The message that the id of a mail names; None if it is none of ours.

        >>> Naming(domain="firm.example", return_path="x@firm.example").identified("7@elsewhere.example")
        """
        local, _, domain = message_id.partition("@")
        return _uuid(local) if domain.lower() == self.domain.lower() else None

    def return_path_of(self, message: UUID) -> str:
        """The address to which reports on a message go."""
        if PLACE not in self.return_path:
            return self.return_path
        return self.return_path.replace(PLACE, _token(message, self.keys[0]))

    def returned(self, address: str) -> UUID | None:
        """The message that a return path names; None if it is none of ours, or nobody has signed it.

        Args:
            address: Any address; servers may have changed its case.
        """
        head, _, tail = self.return_path.lower().partition(PLACE)
        given = address.lower()
        middle = given[len(head) : len(given) - len(tail)]
        if len(middle) != TOKEN or given != f"{head}{middle}{tail}":
            return None
        message = _id_in(middle)
        if message is None:
            return None
        # a list, so that the time does not tell which key it was
        signed = [hmac.compare_digest(middle.encode(), _token(message, key).encode()) for key in self.keys]
        return message if any(signed) else None


def _token(message: UUID, key: str) -> str:
    mac = hmac.new(key.encode(), b"return-path.1\0" + message.bytes, hashlib.sha256).digest()[:_SIGNED]
    return base64.b32encode(message.bytes + mac).decode().rstrip("=").lower()


def _id_in(token: str) -> UUID | None:
    try:
        return UUID(bytes=base64.b32decode(token.upper() + "=" * (-len(token) % 8))[:16])
    except ValueError:
        return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == len(str(UUID(int=0))) else None
    except ValueError:
        return None
