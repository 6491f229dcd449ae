"""How far the sender of a mail is proved, by what the firm's own mail server wrote on top of it (RFC 8601)."""

import re
from collections.abc import Mapping

from attrs import field, frozen

from clientloop.channels.mail.fields import unquoted, without_comments
from clientloop.channels.mail.headers import Headers
from clientloop.channels.mail.limits import LIMITS
from clientloop.channels.mail.mailboxes import mailboxes
from clientloop.channels.mail.parts import read_header
from clientloop.errors import BadPayload
from clientloop.model.customers import Trust
from clientloop.ports.events import Verdict

#: The header field in which servers write what they found out.
FIELD = "authentication-results"

_STATEMENT = re.compile(r'((?:[^;"\\]|\\.|"(?:[^"\\]|\\.)*"?)*);?')
_PAIR = re.compile(r'([\w.-]{1,60})\s*=\s*("(?:[^"\\]|\\.)*"?|[^\s;"]+)')


@frozen(kw_only=True)
class Result:
    """What one method of authentication said."""

    #: The method, such as "dkim".
    method: str
    #: What it said, such as "pass".
    said: str
    #: About what, such as the domain that signed under "header.d".
    about: Mapping[str, str] = field(repr=False)


def results(headers: Headers, server: str) -> tuple[Result, ...]:
    r"""What the firm's own server found out about a mail.

    Servers write on top, so only the first field with its name can be the server's own: whoever sends a mail can put
    others below. A server that receives mail for others must also strip forged fields of its own name (RFC 8601, 5).

    Args:
        headers: The header fields of the mail.
        server: The name that the server gives itself in these fields (`authserv-id`).

    >>> mail = b"Authentication-Results: mx.example.org; dkim=pass header.d=example.com\n\n"
    >>> headers = read_header(mail, LIMITS)
    >>> [(each.method, each.said) for each in results(headers, "mx.example.org")], results(headers, "mx.example.net")
    ([('dkim', 'pass')], ())
    """
    for value in headers.all(FIELD):
        name, *statements = (found[1].strip() for found in _STATEMENT.finditer(without_comments(value)))
        if name.split()[:1] and unquoted(name.split()[0]).lower() == server.lower():
            return tuple(result for each in statements if (result := _result(each)))
    return ()


def _result(statement: str) -> Result | None:
    pairs = [(name.lower(), unquoted(value).lower()) for name, value in _PAIR.findall(statement)]
    if not pairs:
        return None
    (method, said), *about = pairs
    return Result(method=method.partition("/")[0], said=said, about=dict(about))


def verdict(data: bytes, server: str | None) -> Verdict:
    """How far the sender of a mail is proved; one that cannot be read is claimed, and `parse` says what is wrong.

    The provider of the sender's domain vouches for it if DMARC passed, or a signature (DKIM) or the envelope (SPF) of
    the domain or one above it. Without that, an address is only claimed.

    Args:
        data: The bytes of the mail, of which the header alone is read.
        server: The name that the firm's server gives itself; None if it writes no such fields.
    """
    if server is None:
        return Verdict(trust=Trust.CLAIMED, reason="no server of the firm is known that checks senders")
    try:
        headers = read_header(data, LIMITS)
    except BadPayload as error:
        return Verdict(trust=Trust.CLAIMED, reason=error.message)
    senders = [box for value in headers.all("from") for box in mailboxes(value)]
    if len(senders) != 1 or not senders[0].domain:
        return Verdict(trust=Trust.CLAIMED, reason="not one sender")
    domain = senders[0].domain
    found = results(headers, server)
    for result in found:
        if result.said == "pass" and _speaks_for(result, domain):
            return Verdict(trust=Trust.VOUCHED, reason=f"{result.method} passed for the sender's domain")
    said = ", ".join(f"{each.method}={each.said}" for each in found) or "nothing"
    return Verdict(trust=Trust.CLAIMED, reason=f"the firm's server says {said:.200}")


#: Of each method, what it is about.
_ABOUT = {"dmarc": ("header.from",), "dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.mail")}


def _speaks_for(result: Result, domain: str) -> bool:
    """Whether a result is about the sender's domain or one above it; one below may be somebody else's."""
    names = [
        result.about[name].rpartition("@")[2].rstrip(".")
        for name in _ABOUT.get(result.method, ())
        if name in result.about
    ]
    return any(domain == name or ("." in name and domain.endswith(f".{name}")) for name in names)
