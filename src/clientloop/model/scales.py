"""Scales of ratings: declared, never guessed from the ratings."""

import re

from attrs import frozen

from clientloop.errors import InvalidValue, check_type

_WRITTEN = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")


@frozen
class Scale:
    """Whole numbers from the least to the greatest.

    >>> Scale.parse("1-5").check(4)
    4
    """

    #: The least rating.
    least: int
    #: The greatest rating.
    most: int

    @classmethod
    def parse(cls, text: str) -> "Scale":
        """Read a scale such as "1-5".

        Raises:
            InvalidValue: It is no scale.
        """
        check_type(text, str, hint="write it like '1-5'")
        found = _WRITTEN.fullmatch(text)
        if found is None or int(found[1]) >= int(found[2]):
            raise InvalidValue(f"{text!r:.20} is no scale", hint="write it like '1-5'")
        return cls(int(found[1]), int(found[2]))

    def check(self, rating: int) -> int:
        """A rating, if it is on the scale.

        Raises:
            InvalidValue: It is outside, or no whole number.
        """
        if type(rating) is not int:
            raise InvalidValue(f"a rating of {rating!r:.40}", hint="give a whole number")
        if not self.least <= rating <= self.most:
            raise InvalidValue(f"a rating of {rating} is outside the scale {self.least}-{self.most}")
        return rating
