"""How much of a mail is read: what is above is refused, cut or left out, so that no mail takes long or much memory."""

from attrs import frozen


@frozen(kw_only=True)
class Limits:
    """The bounds under which a mail is read.

    >>> Limits(depth=5).depth, Limits().value
    (5, 998)
    """

    #: Bytes of a whole mail; a larger one is refused.
    size: int = 64_000_000
    #: Bytes of the value of a header field, unfolded (RFC 5322 allows a line that many); the rest is cut off.
    value: int = 998
    #: Header fields of one part; a mail with more is refused.
    headers: int = 1_000
    #: How deep multiparts may lie in one another; a mail in which they lie deeper is refused.
    depth: int = 30
    #: Parts of a mail; a mail with more is refused.
    parts: int = 1_000
    #: Bytes of a text that are read, counted before charset and HTML; the rest stays in the stored mail only.
    text: int = 1_000_000
    #: Files that are taken out of a mail; those beyond are named and stay in the stored mail.
    media: int = 100
    #: Bytes of all files that are taken out of a mail; those that would go beyond are named and stay.
    media_bytes: int = 32_000_000
    #: Recipients that one report may name; those beyond are left out.
    recipients: int = 100


#: The bounds that hold where nobody says otherwise.
LIMITS = Limits()
