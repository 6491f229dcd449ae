"""What a channel is sent, and what it reads out of it."""

from collections.abc import Callable
from datetime import datetime

import pytest
from attrs import evolve

from clientloop.errors import InvalidValue
from clientloop.model.customers import IdentityKind, Trust
from clientloop.model.messages import DeliveryStep
from clientloop.ports.events import (
    LONGEST_KEY,
    Address,
    ConsentEvent,
    DeliveryEvent,
    Event,
    Ignored,
    MessageIn,
    Raw,
    Verdict,
    Visit,
)

SENDER = Address(kind=IdentityKind.EMAIL, value="pat@example.com", name="Pat")
NAIVE = datetime(2026, 3, 2)  # noqa: DTZ001  # what is to be refused

MAKERS: list[Callable[..., Event]] = [
    lambda **given: MessageIn(sender=SENDER, text="It is broken", **given),
    lambda **given: DeliveryEvent(provider_id="m1", step=DeliveryStep.READ, **given),
    lambda **given: ConsentEvent(sender=SENDER, allowed=False, proof="the word STOP", **given),
    lambda **given: Visit(visitor=SENDER, page="/", **given),
]


@pytest.mark.parametrize("make", [*MAKERS, lambda key: Ignored(key=key, reason="typing")])
def test_an_event_has_a_key(make: Callable[..., Event]) -> None:
    """Without one a redelivered event could not be told from a new one; one that is too long fits no index."""
    for key in ("e1", "e" * LONGEST_KEY):
        assert make(key=key).key == key
    for key in ("", " ", "e" * (LONGEST_KEY + 1), 7, None):
        with pytest.raises(InvalidValue, match="key"):
            make(key=key)


@pytest.mark.parametrize("make", MAKERS)
def test_an_event_refuses_a_time_without_a_zone(make: Callable[..., Event]) -> None:
    """A naive time is refused where the adapter made it, by the name of the field."""
    with pytest.raises(InvalidValue, match=r"at: .* names no zone"):
        make(key="e1", at=NAIVE)


def test_what_customers_say_is_not_shown() -> None:
    """The words, the address and the name do not come out by `repr`."""
    shown = repr([make(key="e1") for make in MAKERS])
    assert not [said for said in ("broken", "pat@", "Pat", "STOP") if said in shown]


def test_a_raw_message_is_known_by_all_that_its_reading_depends_on() -> None:
    """Two messages with equal bodies are two where anything else that `parse` may read differs."""
    plain = Raw(body=b"{}", headers={"a": "1", "b": "2"})
    assert plain.digest == Raw(body=b"{}", headers={"B": "2", "A": "1"}).digest
    others = [{"body": b"{ }"}, {"route": "in"}, {"method": "GET"}, {"url": "/x"}, {"headers": {"a": "12", "b": ""}}]
    assert len({plain.digest, *(evolve(plain, **other).digest for other in others)}) == 1 + len(others)


def test_header_fields_are_found_by_lower_case_names() -> None:
    """HTTP does not tell upper from lower case in names of fields; adapters need not either."""
    assert Raw(body=b"", headers={"X-Signature": "AbC"}).headers["x-signature"] == "AbC"


def test_a_verdict_is_accepted_with_a_trust() -> None:
    """A failed verification has no trust, and says why."""
    failed = Verdict.failed("too old")
    assert (failed.accepted, failed.trust, failed.reason) == (False, None, "too old")
    assert Verdict(trust=Trust.CLAIMED).accepted
