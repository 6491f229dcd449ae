from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.mail.naming import Naming
from tests.channels.mail.samples import KEY, MESSAGE, OLD_KEY

NAMING = Naming(domain="firm.example", return_path="bounces+{}@firm.example", keys=(KEY,))


@given(message=st.uuids())
def test_names_lead_back_to_the_message(message: UUID) -> None:
    """Both names of any message are read back, also where a server has changed the case of an address."""
    path = NAMING.return_path_of(message)
    assert NAMING.returned(path) == NAMING.returned(path.upper()) == message
    assert NAMING.identified(NAMING.message_id(message)) == message
    assert len(path.partition("@")[0]) <= 64


@given(message=st.uuids(), place=st.integers(0, 41), letter=st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_changed_return_path_names_nothing(message: UUID, place: int, letter: str) -> None:
    """No letter of the token can be another one."""
    path = NAMING.return_path_of(message)
    at = len("bounces+") + place
    changed = path[:at] + letter + path[at + 1 :]
    assert NAMING.returned(changed) == (message if changed == path else None)


@given(address=st.text(max_size=80) | st.from_regex(r"bounces\+.{42}@firm\.example", fullmatch=True))
def test_any_address_may_be_asked_for(address: str) -> None:
    """What is none of our return paths names no message, whatever is in it."""
    assert NAMING.returned(address) is None


def test_keys_can_be_replaced() -> None:
    """Paths that an old key has signed are known as long as it is among the keys; new ones are signed by the first."""
    old = Naming(domain="firm.example", return_path=NAMING.return_path, keys=(OLD_KEY,)).return_path_of(MESSAGE)
    both = Naming(domain="firm.example", return_path=NAMING.return_path, keys=(KEY, OLD_KEY))
    assert both.returned(old) == MESSAGE
    assert both.return_path_of(MESSAGE) == NAMING.return_path_of(MESSAGE) != old
    assert NAMING.returned(old) is None


def test_one_path_for_all() -> None:
    """A return path without a place for a token is the same for all mails and names none."""
    naming = Naming(domain="firm.example", return_path="desk@firm.example")
    assert naming.return_path_of(MESSAGE) == "desk@firm.example"
    assert naming.returned("desk@firm.example") is None


@pytest.mark.parametrize("other", [f"{MESSAGE}@elsewhere.example", "7@firm.example", f"{MESSAGE.hex}@firm.example", ""])
def test_ids_of_others_name_nothing(other: str) -> None:
    """The id of a mail is ours in our form and under our domain only."""
    assert NAMING.identified(other) is None
