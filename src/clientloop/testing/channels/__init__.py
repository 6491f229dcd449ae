"""The conformance suite of channels: what every adapter reads, proves, sends and withstands."""

from typing import Any

from clientloop.testing.channels.calling import Calls
from clientloop.testing.channels.declared import Declared
from clientloop.testing.channels.hosted import Hosted
from clientloop.testing.channels.hostile import Endures
from clientloop.testing.channels.kit import Sample, Sending, left_out
from clientloop.testing.channels.mailing import Mails
from clientloop.testing.channels.polling import Polls
from clientloop.testing.channels.probing import Probes
from clientloop.testing.channels.proofs import Proves
from clientloop.testing.channels.reading import Reads
from clientloop.testing.channels.responding import Responds
from clientloop.testing.channels.sending import Sends

__all__ = ["ChannelSuite", "Sample", "Sending"]


class ChannelSuite(Declared, Reads, Proves, Endures, Responds, Sends, Calls, Mails, Probes, Polls, Hosted):
    """Judges a channel; subclass it and give the channel, what its service sends, and what it answers.

    Only what the channel does is tested: tests of anything else are not even collected. Tests that draw cases take as
    many as the active Hypothesis profile says, and one of a hundred or more makes them try longer messages.

    >>> from clientloop.channels.desk.channel import Desk
    >>> from clientloop.channels.desk.entries import Call
    >>> from clientloop.ports.events import MessageIn
    >>> note = Desk.raw(Call(call="117", operator="kim", text="It is late again"))
    >>> class TestDesk(ChannelSuite):
    ...     channel = Desk()
    ...     samples = [Sample(raw=note, events=Desk().parse(note).events)]
    >>> TestDesk.test_a_message_is_taken is None  # a desk sends nothing
    True
    """

    def __init_subclass__(cls, **given: Any) -> None:  # Any: keyword arguments of further bases
        """Leave out what the channel does not do."""
        super().__init_subclass__(**given)
        if hasattr(cls, "channel"):
            for part in ChannelSuite.__bases__:
                for name in left_out(part, cls):
                    setattr(cls, name, None)
