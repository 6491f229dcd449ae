"""Money: integer minor units with a currency; currencies never mix."""

import re

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import integer

#: Decimal places of the currencies that do not have two (ISO 4217).
EXPONENTS = {
    "BHD": 3, "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KMF": 0, "KRW": 0,
    "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0,
    "XOF": 0, "XPF": 0,
}  # fmt: skip


@frozen
class Money:
    """An amount in minor units of one currency.

    >>> str(Money(123456, "EUR")), str(Money(500, "JPY"))
    ('1234.56 EUR', '500 JPY')
    """

    #: Whole minor units (cents).
    minor: int
    #: ISO 4217 code.
    currency: str

    def __str__(self) -> str:
        """The amount with all its decimal places, and the currency."""
        places = EXPONENTS.get(self.currency, 2)
        whole, minor = divmod(abs(self.minor), 10**places)
        decimals = f".{minor:0{places}d}" if places else ""
        return f"{'-' if self.minor < 0 else ''}{whole}{decimals} {self.currency}"

    def __add__(self, other: "Money") -> "Money":
        """The sum.

        Raises:
            InvalidValue: The currencies differ.
        """
        if other.currency != self.currency:
            raise InvalidValue(
                f"{self} and {other} are two currencies", hint="convert one by a rate table of yours first"
            )
        return Money(self.minor + other.minor, self.currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """Read a decimal number exactly, with a point as its decimal mark.

        Args:
            text: Such as `1234.56`, `-3` or `12.5`.
            currency: ISO 4217 code.

        Raises:
            InvalidValue: It is no number, has more decimal places than the currency, or does not fit 64 bits.

        >>> Money.parse("11.77", "USD")
        Money(minor=1177, currency='USD')
        """
        places = EXPONENTS.get(currency, 2)
        found = _AMOUNT.fullmatch(text.strip())
        if found is None:
            raise InvalidValue(f"{text!r:.40} is no amount of money", hint="write it like 1234.56")
        sign, whole, decimals = found[1], found[2], (found[3] or "").rstrip("0")
        if len(decimals) > places:
            raise InvalidValue(f"{text!r:.40} has more than the {places} decimal places of {currency}")
        return cls(integer(int(sign + whole + decimals.ljust(places, "0"))), currency)


#: Read by a pattern and not by `decimal`, whose precision the application may have set to anything.
_AMOUNT = re.compile(r"([+-]?)([0-9]{1,20})(?:\.([0-9]{0,20}))?")
