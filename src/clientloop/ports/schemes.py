"""URLs that set a channel up, declared as data: which part of one fills which field of the settings."""

from collections.abc import Mapping

from attrs import field, frozen

from clientloop.model.codec import Json


@frozen(kw_only=True)
class Scheme:
    """How a URL sets a channel up: which field of the settings each part of it fills, nested ones with dots.

    The query may name every field of the settings; what is not named here must not stand in the URL.

    >>> Scheme(user="smtp.username", host="smtp.host", query={"password": "smtp.password"}).query["password"]
    'smtp.password'
    """

    #: What stands before the last `@`.
    user: str | None = None
    #: A password, behind the user and a colon; it is taken only where the whole URL is a secret.
    after_user: str | None = None
    #: Name or address of the machine, or whatever else stands there.
    host: str | None = None
    #: The TCP port.
    port: str | None = None
    #: What follows the first slash after these.
    path: str | None = None
    #: All of that together as a web address, in place of its parts.
    link: str | None = None
    #: Further fields that a part fills where the query does not: field to "user" or "host".
    also: Mapping[str, str] = field(factory=dict)
    #: Short names of fields in the query, with the fields.
    query: Mapping[str, str] = field(factory=dict)
    #: What the scheme says by itself, by field.
    says: Mapping[str, Json] = field(factory=dict)
