"""Money: integer minor units with a currency; currencies never mix."""

import re

from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import integer

#: Decimal places of the currencies that do not have two (ISO 4217).
EXPONENTS = {
    "BHD": 3, "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KMF": 0, "KRW": 0,
    "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0,
    "XOF": 0, "XPF": 0,
}  # fmt: skip


def check_currency(code: str) -> None:
    """Refuse what has not the form of an ISO 4217 code.

    Args:
        code: The code, three capital letters. No list is asked: codes come and go.

    Raises:
        InvalidValue: It has another form.

    >>> check_currency("eur")
    Traceback (most recent call last):
    clientloop.errors.InvalidValue: 'eur' is no currency: did you mean 'EUR'?
    """
    text = str(code)
    if not _CODE.fullmatch(text):
        near = text.upper()
        hint = f"did you mean {near!r}?" if _CODE.fullmatch(near) else "give the three letters of ISO 4217, say 'EUR'"
        raise InvalidValue(f"{text!r:.40} is no currency", hint=hint)


def _check_minor(_: object, __: object, minor: int) -> None:
    if not isinstance(minor, int):
        hint = 'give whole minor units, or read a decimal number by Money.parse("12.50", "EUR")'
        raise InvalidValue(f"{minor!r:.40} is no number of minor units", hint=hint)


@frozen
class Money:
    """An amount in minor units of one currency.

    Raises:
        InvalidValue: The minor units are no whole number, or the currency has not the form of a code.

    >>> str(Money(123456, "EUR")), str(Money(500, "JPY"))
    ('1234.56 EUR', '500 JPY')
    """

    #: Whole minor units (cents).
    minor: int = field(validator=_check_minor)
    #: ISO 4217 code.
    currency: str = field(validator=lambda _, __, code: check_currency(code))

    @classmethod
    def stored(cls, minor: int, currency: str) -> "Money":
        """An amount as a record has it: what was written before codes were checked stays readable.

        Args:
            minor: Whole minor units.
            currency: Whatever was stored for a code.

        >>> print(Money.stored(1250, "eur"))
        12.50 eur
        """
        money = cls.__new__(cls)
        object.__setattr__(money, "minor", minor)
        object.__setattr__(money, "currency", currency)
        return money

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
        return Money.stored(self.minor + other.minor, self.currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """Read a decimal number exactly, with a point as its decimal mark.

        Args:
            text: Such as `1234.56`, `-3` or `12.5`.
            currency: ISO 4217 code.

        Raises:
            InvalidValue: It is no number, has more decimal places than the currency, or does not fit 64 bits; or the
                currency has not the form of a code.

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


#: The form of an ISO 4217 code.
_CODE = re.compile("[A-Z]{3}")

#: Read by a pattern and not by `decimal`, whose precision the application may have set to anything.
_AMOUNT = re.compile(r"([+-]?)([0-9]{1,20})(?:\.([0-9]{0,20}))?")
