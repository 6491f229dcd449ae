"""Our own links in mails. What each leads to stands in its signed token and nowhere else, so nobody can change it."""

from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from attrs import field, frozen

from clientloop.model.customers import Purpose
from clientloop.ports.events import Raw
from clientloop.ports.tokens import seal, unseal

#: The parameter of the URL that has the token.
_PARAMETER = "t"

#: Longer addresses are not read.
_LONGEST_URL = 12_000


class Link(StrEnum):
    """What a link is for; its value is the name of the route that it leads to."""

    #: Leads on to an address of the firm's.
    CLICK = "click"
    #: A picture that a program fetches when it shows the mail.
    OPEN = "open"
    #: Asks whether to write no more.
    UNSUBSCRIBE = "unsubscribe"


@frozen(kw_only=True)
class Ticket:
    """What a link says. Whoever has the link can read it: the recipient, and whom they pass it on to."""

    #: The message that it stands in.
    message: UUID
    #: To whom that was sent.
    address: str = field(repr=False)
    #: What for.
    purpose: Purpose
    #: Where the link leads; empty if nowhere.
    target: str = ""
    #: BCP 47 tag of the language of the message; empty if that is not known.
    language: str = ""

    def token(self, keys: Sequence[str], link: Link) -> str:
        """The token that goes into a link.

        Args:
            keys: Secrets; the first signs.
            link: What the link is for: a token for another link is none.
        """
        return seal(keys, _use(link), [self.message.hex, self.address, self.purpose.value, self.target, self.language])

    def url(self, base: str, keys: Sequence[str], link: Link) -> str:
        """A link.

        Args:
            base: The public address of the routes.
            keys: Secrets; the first signs.
            link: What it is for.

        >>> ticket = Ticket(message=UUID(int=7), address="ana@example.com", purpose=Purpose.SURVEY)
        >>> url = ticket.url("https://firm.example/mail/", ["secret"], Link.UNSUBSCRIBE)
        >>> url.partition("?")[0]
        'https://firm.example/mail/unsubscribe'
        >>> read_ticket(Raw(body=b"", route="unsubscribe", url=url), ["secret"]) == ticket
        True
        >>> read_ticket(Raw(body=b"", route="click", url=url), ["secret"])
        """
        return f"{base.rstrip('/')}/{link.value}?{_PARAMETER}={self.token(keys, link)}"


def read_ticket(raw: Raw, keys: Sequence[str]) -> Ticket | None:
    """What the link says by which a request came; None if we have not signed it for this route.

    Args:
        raw: The request.
        keys: Secrets, any of which may have signed it.
    """
    values = unseal(keys, _use(Link(raw.route)), _token_in(raw.url))
    if values is None:
        return None
    message, address, purpose, target, language = values
    return Ticket(
        message=UUID(hex=message), address=address, purpose=Purpose(purpose), target=target, language=language
    )


def _token_in(url: str) -> str:
    try:
        query = urlsplit(url[:_LONGEST_URL]).query
        return dict(parse_qsl(query, max_num_fields=10)).get(_PARAMETER, "")
    except ValueError:
        return ""


def _use(link: Link) -> str:
    # another number whenever what a token holds changes
    return f"mail.{link.value}.1"
