"""How far a folder was read, as one text: UIDVALIDITY and the last UID (RFC 9051, 2.3.1.1)."""

from attrs import frozen

from clientloop.errors import InvalidValue


@frozen(kw_only=True)
class Cursor:
    """A place in a folder.

    >>> str(Cursor(validity=1700000000, after=17)), Cursor.read("1700000000:17").after, Cursor.read(None)
    ('1700000000:17', 17, Cursor(validity=None, after=0))
    """

    #: UIDVALIDITY of the folder; None before the first look.
    validity: int | None = None
    #: The UID of the last mail seen.
    after: int = 0

    @classmethod
    def read(cls, text: str | None) -> "Cursor":
        """The place that a text names; the beginning for none.

        Raises:
            InvalidValue: It names no place.
        """
        if text is None:
            return cls()
        validity, _, after = text.partition(":")
        if not (validity.isascii() and validity.isdigit() and after.isascii() and after.isdigit()):
            raise InvalidValue(f"{text!r:.60} is no place in a folder", hint="it is written like 1700000000:17")
        return cls(validity=int(validity), after=int(after))

    def __str__(self) -> str:
        """The text; a cursor without a validity is none."""
        return f"{self.validity}:{self.after}"
