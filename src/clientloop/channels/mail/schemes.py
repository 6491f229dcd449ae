"""The URLs that set the channel up: its SMTP server with the login, and all else by the query.

The firm's address is the user, unless the query names another. A mailbox to read is a matter of the table.
"""

from collections.abc import Mapping

from clientloop.ports.effects import Tls
from clientloop.ports.schemes import Scheme

#: How each scheme is encrypted, and its usual port (RFC 8314, RFC 6409, RFC 5321).
_USUAL: Mapping[str, tuple[Tls, int]] = {
    "smtps": (Tls.IMPLICIT, 465),
    "smtp+tls": (Tls.STARTTLS, 587),
    "smtp": (Tls.NONE, 25),
}

#: The schemes by name.
SCHEMES: Mapping[str, Scheme] = {
    name: Scheme(
        user="smtp.username",
        after_user="smtp.password",
        host="smtp.host",
        port="smtp.port",
        also={"address": "user"},
        query={"password": "smtp.password"},
        says={"smtp.tls": tls.value, "smtp.port": port},
    )
    for name, (tls, port) in _USUAL.items()
}
