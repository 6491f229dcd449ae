"""What is shown of an address: never a password."""

import pytest

from clientloop import ClientLoop, copy_space
from clientloop.app.addresses import without_password
from clientloop.errors import InvalidValue, Sealed


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://shop:SECRET@db:5432/shop", "postgresql://shop@db:5432/shop"),
        ("postgresql://shop:SE#CRET@db/shop", "postgresql://shop@db/shop"),
        ("postgresql://shop:SE?CRET@db/shop", "postgresql://shop@db/shop"),
        ("postgresql://shop:SE/CRET@db/shop", "postgresql://shop@db/shop"),
        ("postgresql://shop:SE@CRET:@db/shop", "postgresql://shop@db/shop"),
        ("postgresql://shop:SE\nCRET@db/shop", "postgresql://shop@db/shop"),
        ("postgresql://ana@firm:SECRET@db/shop", "postgresql://ana@firm@db/shop"),
        ("postgresql://:SECRET@db/shop", "postgresql://@db/shop"),
        ("postgresql://db/shop?password=SE#CRET&user=ana", "postgresql://db/shop?password=***&user=ana"),
        ("postgresql://db/shop?user=ana&Password=SE@CRET", "postgresql://db/shop?user=ana&Password=***"),
        ("postgresql://shop@db:5432/shop?sslmode=require", "postgresql://shop@db:5432/shop?sslmode=require"),
        ("sqlite:////srv/ana@firm/shop.db", "sqlite:////srv/ana@firm/shop.db"),
        ("memory:", "memory:"),
    ],
)
def test_no_password_is_shown(url: str, shown: str) -> None:
    """Whatever characters it has and wherever it stands; the rest of the address stays."""
    assert without_password(url) == shown


@pytest.mark.parametrize("url", ["host=db user=shop password=SECRET", "host=db password=SECRET:7 user=shop"])
def test_what_is_no_address_is_not_shown(url: str) -> None:
    """It may be one of another program, with a password: neither the error nor its hint repeats it."""
    with pytest.raises(InvalidValue) as caught:
        ClientLoop.open(url, entry_points=False)
    assert "SECRET" not in str(caught.value)
    assert "sqlite:///shop.db" in str(caught.value.hint)


def test_a_space_that_has_moved_tells_no_password(tmp_path: object) -> None:
    """What is kept of the address of the other store, and said of it, has no password."""
    here, there = (f"sqlite:///{tmp_path}/{name}.db&password=SE#CRET" for name in ("here", "there"))
    with ClientLoop.open(here, entry_points=False):
        pass
    copied = copy_space(here, there, entry_points=False)
    with pytest.raises(Sealed) as caught:
        ClientLoop.open(here, entry_points=False)
    assert "CRET" not in f"{copied} {caught.value}"
