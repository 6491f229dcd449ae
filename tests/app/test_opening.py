"""What a firm is opened by: an address of a store, or a store."""

from pathlib import Path

import pytest

from clientloop import ClientLoop, InvalidValue


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (Path("shop.db"), "'shop.db' is a path, and no address of a store: write sqlite:///shop.db"),
        (Path("/srv/shop.db"), "write sqlite:////srv/shop.db"),
        ("shop.db", "begins with a scheme and a colon: write it like sqlite:///shop.db"),
        (None, "NoneType is no address of a store, and no store: write it like sqlite:///shop.db"),
        (5, "int is no address"),
    ],
)
def test_what_is_neither_is_refused_with_the_way_to_write_it(url: object, message: str) -> None:
    """A path, nothing at all or a number is told how an address is written."""
    with pytest.raises(InvalidValue, match=message):
        ClientLoop.open(url, entry_points=False)  # type: ignore[arg-type]  # this is what is tried
