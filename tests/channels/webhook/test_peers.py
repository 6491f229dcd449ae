"""What the reference library of Standard Webhooks signs is taken, and what is signed here passes it.

The library belongs to the group `peers`; it reads the clock of the machine, so that these tests do as well.
"""

import json
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.webhook.signature import ID, SIGNATURE, TIMESTAMP, fault, headers
from clientloop.ports.events import Raw
from tests.channels.webhook.samples import OTHER, SECRET

KEYS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", min_size=1, max_size=40)
BODIES = st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=4)


@pytest.fixture(scope="module")
def peer() -> ModuleType:
    """The reference library."""
    return pytest.importorskip("standardwebhooks.webhooks", reason="needs the group 'peers'")


@given(KEYS, BODIES)
def test_it_takes_what_we_sign(peer: ModuleType, key: str, said: dict[str, str]) -> None:
    """Any id and body, and under either secret while one is being changed; nothing that was changed on the way."""
    body = json.dumps(said, ensure_ascii=False).encode()
    fields = headers([OTHER, SECRET], key, datetime.now(UTC), body)
    for secret in (SECRET, OTHER):
        assert peer.Webhook(secret).verify(body, fields) == said
    with pytest.raises(peer.WebhookVerificationError):
        peer.Webhook(SECRET).verify(body + b" ", fields)


@given(KEYS, BODIES)
def test_we_take_what_it_signs(peer: ModuleType, key: str, said: dict[str, str]) -> None:
    """Any id and body; nothing that was changed on the way."""
    now, body = datetime.now(UTC), json.dumps(said, ensure_ascii=False)
    fields = {ID: key, TIMESTAMP: str(int(now.timestamp())), SIGNATURE: peer.Webhook(SECRET).sign(key, now, body)}
    raw = Raw(body=body.encode(), headers=fields)
    assert fault(raw, [SECRET], now) is None
    assert fault(raw, [OTHER], now)
    assert fault(Raw(body=raw.body + b" ", headers=fields), [SECRET], now)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_both_refuse_what_is_too_old_or_too_new(peer: ModuleType, minutes: int) -> None:
    """By the same window."""
    now = datetime.now(UTC)
    fields = headers([SECRET], "msg_1", now + timedelta(minutes=minutes), b"{}")
    with pytest.raises(peer.WebhookVerificationError, match="too"):
        peer.Webhook(SECRET).verify(b"{}", fields)
    assert fault(Raw(body=b"{}", headers=fields), [SECRET], now)
