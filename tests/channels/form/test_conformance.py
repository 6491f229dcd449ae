"""The channel, judged by the suite for all channels."""

import hashlib
from datetime import datetime, timedelta
from urllib.parse import urlencode

from clientloop.channels.form.decoding import URLENCODED
from clientloop.model.customers import IdentityKind, Trust
from clientloop.ports.events import Address, MessageIn, Raw
from clientloop.testing import ChannelSuite, Sample
from tests.channels.form.samples import CHANNEL, CONFIG, URL, token

#: How long somebody takes to fill the form in.
TYPING = timedelta(seconds=CONFIG.min_age)


def nonce(body: bytes) -> str:
    """The random text of the page that is filled in with this body."""
    return hashlib.sha256(body).hexdigest()[:16]


def filled(**fields: str) -> bytes:
    """The fields that somebody fills in."""
    return urlencode(fields).encode()


WORDS = filled(text="It is broken", lang="en")
ALL = filled(text="Where is it?", stars="3", email="ana@example.com", who="Ana Kos")


class TestForm(ChannelSuite):
    """The conformance suite."""

    channel = CHANNEL
    window = timedelta(seconds=CONFIG.max_age)
    signs_body = False  # the page is signed, and its number is the key of what is typed
    samples = (
        Sample(
            name="words alone",
            body=WORDS,
            events=[
                MessageIn(
                    key=nonce(WORDS),
                    sender=Address(kind=IdentityKind.COOKIE, value=f"form:{nonce(WORDS)}", trust=Trust.DEVICE),
                    text="It is broken",
                    locale="en",
                    source={"page": URL},
                    extra={"form": "contact"},
                )
            ],
        ),
        Sample(
            name="everything",
            body=ALL,
            events=[
                MessageIn(
                    key=nonce(ALL),
                    sender=Address(
                        kind=IdentityKind.EMAIL, value="ana@example.com", name="Ana Kos", trust=Trust.CLAIMED
                    ),
                    text="Where is it?",
                    locale="en",
                    source={"page": URL},
                    extra={"form": "contact", "rating": 3, "scale": "0-10"},
                )
            ],
        ),
    )

    def sign(self, body: bytes, at: datetime) -> Raw:
        """A post to a page that was handed out some seconds before."""
        sealed = f"_token={token(at=at - TYPING, nonce=nonce(body))}&".encode()
        return Raw(body=sealed + body, route="post", url=URL, headers={"Content-Type": URLENCODED})
