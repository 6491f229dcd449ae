"""Addresses that mails are written to and from: strict, where those that come in are read as they are."""

import re

from clientloop.errors import InvalidValue

#: RFC 5321, 4.5.3.1: octets of a path, of the part before the @, and of a label.
_LONGEST, _LONGEST_LOCAL = 254, 64

#: Words with dots in between (RFC 5322 `dot-atom`, RFC 6532); letters beyond ASCII need a server with SMTPUTF8.
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*", re.IGNORECASE)


def checked(address: str) -> str:
    """An address in the form in which it stands in a mail and in SMTP, the domain in ASCII.

    Args:
        address: One address, without a name around it.

    Raises:
        InvalidValue: No mail can be written to it.

    >>> checked("ana@žito.example")
    'ana@xn--ito-b3a.example'
    """
    local, at, domain = address.rpartition("@")
    host = domain if domain.isascii() else _in_ascii(domain)
    written = f"{local}{at}{host}"
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(host) or not _is_short(local, written):
        raise InvalidValue(
            f"{address!r:.80} is no address that a mail can be sent to", hint='write it like "ana@example.com"'
        )
    return written


def _is_short(local: str, written: str) -> bool:
    return len(local.encode(errors="replace")) <= _LONGEST_LOCAL and len(written.encode(errors="replace")) <= _LONGEST


def _in_ascii(domain: str) -> str:
    import idna  # comes with email-validator

    try:
        return idna.encode(domain[:_LONGEST], uts46=True).decode()
    except idna.IDNAError:
        return ""
