"""What a mapping says is checked before any row is read, with the nearest names in the hint."""

from collections.abc import Callable
from pathlib import Path

import pytest

from clientloop.errors import InvalidValue, NotFound, UnknownName
from clientloop.exchange.dialect import Dialect
from clientloop.exchange.mapping import (
    CustomersMapping,
    FeedbackMapping,
    FileMapping,
    PurchasesMapping,
    read_mapping,
)
from clientloop.model.customers import Trust

FEEDBACK = {"kind": "complaint", "channel": "email"}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CustomersMapping(source="", columns={}), "no name of a source"),
        (lambda: CustomersMapping(source="a:b", columns={}), "no name of a source"),
        (lambda: CustomersMapping(source=" shop", columns={}), "no name of a source"),
        (lambda: CustomersMapping(source="shop", columns={"emial": "Mail"}), "did you mean 'email'"),
        (lambda: CustomersMapping(source="shop", default={"naem": "x"}), "did you mean 'name'"),
        (lambda: CustomersMapping(source="shop", columns={"state": "x"}), "no field of a row 'state'"),
        (lambda: FeedbackMapping(source="desk", default=FEEDBACK, values={"stat": {}}), "did you mean 'state'"),
        (lambda: FeedbackMapping(source="desk", columns={"text": "Words"}), "no column for 'kind', 'channel'"),
        (lambda: FeedbackMapping(source="desk", default=FEEDBACK, columns={"rating": "R"}), "ratings on no scale"),
        (lambda: FeedbackMapping(source="desk", default=FEEDBACK | {"rating": "3"}), "ratings on no scale"),
        (lambda: PurchasesMapping(source="till", default={"channel": "shop"}), "no column for 'amount'"),
        (lambda: PurchasesMapping(source="till", default={"channel": "x", "amount": "1"}, decimal=""), "no marks"),
        (
            lambda: PurchasesMapping(source="till", default={"channel": "x", "amount": "1"}, thousands="."),
            "no marks of decimals and thousands",
        ),
        (lambda: CustomersMapping(source="shop", dates=()), "no format of dates"),
        (lambda: CustomersMapping(source="shop", delimiter="x"), "separates no cells"),
        (lambda: CustomersMapping(source="shop", delimiter=";;"), "separates no cells"),
        (lambda: CustomersMapping(source="shop", delimiter='"'), "separates no cells"),
        (lambda: CustomersMapping(source="shop", encoding="utf-88"), "did you mean 'utf"),
        (lambda: CustomersMapping(source="shop", encoding="hex"), "no encoding 'hex'"),
        (lambda: CustomersMapping(source="shop", encoding="utf\0"), "no encoding"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(make: Callable[[], FileMapping], message: str) -> None:
    """Each fault of a declaration is an error when it is made, and says what is meant."""
    with pytest.raises(InvalidValue, match=message):
        make()


def test_a_mapping_is_read_from_a_file(tmp_path: Path) -> None:
    """TOML gives what the keywords give; options go before it."""
    path = tmp_path / "customers.toml"
    path.write_text(
        'source = "shop"\ntrust = "claimed"\ndelimiter = "tab"\nkeep = ["Age"]\ndates = ["%d.%m.%Y"]\n'
        '[columns]\nname = "Name"\n[values.customer_class]\ngold = "A"\n',
        encoding="utf-8",
    )
    wanted = CustomersMapping(
        source="shop",
        trust=Trust.CLAIMED,
        delimiter="tab",
        keep=("Age",),
        dates=("%d.%m.%Y",),
        columns={"name": "Name"},
        values={"customer_class": {"gold": "A"}},
    )
    assert read_mapping(path, CustomersMapping) == wanted
    assert read_mapping(path, CustomersMapping, source="other").source == "other"
    assert wanted.dialect == Dialect(delimiter="tab")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("source = 'x'\ncolums = {}", UnknownName, "did you mean 'columns'"),
        ("source = 'x'\ntrust = 'voched'", UnknownName, "did you mean 'vouched'"),
        ("source = 3", InvalidValue, "no text"),
        ("columns = {}", InvalidValue, "source: is missing"),
        ("source = 'x'\n[columns]\nemial = 'Mail'", InvalidValue, "did you mean 'email'"),
        ("source =", InvalidValue, "cannot be read as TOML"),
        ("source = '\udcff'", InvalidValue, "cannot be read as TOML"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(
    tmp_path: Path, text: str, error: type[InvalidValue], message: str
) -> None:
    """Unknown keys, wrong types, missing values and broken TOML each say what is wrong and where."""
    path = tmp_path / "mapping.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(error, match=message):
        read_mapping(path, CustomersMapping)


def test_a_missing_mapping_is_not_found(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(NotFound, match=r"none\.toml"):
        read_mapping(tmp_path / "none.toml", CustomersMapping)
