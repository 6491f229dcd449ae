"""The channel, judged by the suite for all channels."""

from datetime import UTC, datetime

from clientloop.channels.desk.channel import Desk
from clientloop.channels.desk.entries import BookEntry, Call, Poll
from clientloop.model.customers import IdentityKind, Trust
from clientloop.ports.events import Address, MessageIn
from clientloop.testing import ChannelSuite, Sample

CALL = Call(
    call="117",
    operator="kim",
    centre="Callers Ltd",
    text="It is late again",
    phone="+38640123456",
    at=datetime(2026, 3, 2, 9, tzinfo=UTC),
)
BOOK = BookEntry(book="Shop 3", page=12, entry=2, operator="kim", text="The queue is long")
POLL = Poll(project="P-7", respondent="Ana Kos", operator="kim", answers={"Again?": "Yes"})


class TestDesk(ChannelSuite):
    """The conformance suite."""

    channel = Desk()
    samples = (
        Sample(
            name="a call",
            raw=Desk.raw(CALL),
            events=[
                MessageIn(
                    key='["call","117"]',
                    sender=Address(kind=IdentityKind.PHONE, value="+38640123456", trust=Trust.ASSERTED),
                    text="It is late again",
                    at=datetime(2026, 3, 2, 9, tzinfo=UTC),
                    extra={"entry": ["call", "117"], "operator": "kim", "centre": "Callers Ltd"},
                )
            ],
        ),
        Sample(
            name="an entry in the book",
            raw=Desk.raw(BOOK),
            events=[
                MessageIn(
                    key='["book","Shop 3",12,2]',
                    sender=Address(kind=IdentityKind.EXTERNAL, value='["book","Shop 3",12,2]', trust=Trust.DEVICE),
                    text="The queue is long",
                    extra={"entry": ["book", "Shop 3", 12, 2], "operator": "kim"},
                )
            ],
        ),
        Sample(
            name="an answer to a poll",
            raw=Desk.raw(POLL),
            events=[
                MessageIn(
                    key='["poll","P-7","Ana Kos"]',
                    sender=Address(kind=IdentityKind.EXTERNAL, value='["poll","P-7","Ana Kos"]', trust=Trust.DEVICE),
                    text="Again? Yes",
                    extra={"entry": ["poll", "P-7", "Ana Kos"], "operator": "kim", "answers": {"Again?": "Yes"}},
                )
            ],
        ),
    )
