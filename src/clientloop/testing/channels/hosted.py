"""What a channel does in an application: every event is taken once, and what is too long or not proved is not taken."""

from collections.abc import Iterator
from http import HTTPStatus
from itertools import islice, permutations
from uuid import UUID

import pytest

from clientloop.app import ClientLoop
from clientloop.model.channels import RawState, StoredRaw
from clientloop.model.customers import Purpose
from clientloop.model.messages import Delivery, DeliveryReport, DeliveryState
from clientloop.ports.channel import Direction
from clientloop.ports.events import DeliveryEvent, Raw
from clientloop.rules.outgoing.deliveries import standing
from clientloop.testing.channels.kit import Sample, Suite, only_if
from clientloop.testing.hosting import Host
from clientloop.testing.samples import sample as sample_of

#: How many orders of receipts are tried.
MOST_ORDERS = 120


class Hosted(Suite):
    """Tests of the channel in a `ClientLoop`, by `loop.channels.receive`."""

    @staticmethod
    def judges(suite: type[Suite]) -> bool:
        """Whether the channel receives, and there are samples."""
        return suite.does(Direction.RECEIVE) and bool(suite.samples)

    @pytest.fixture
    def host(self) -> Iterator[ClientLoop]:
        """An application in memory that has the channel under its own name."""
        with Host(self.channel, now=self.now) as host:
            yield host.loop

    def test_every_event_is_taken_once(self, host: ClientLoop, sample: Sample) -> None:
        """However often it comes: again at once, and again later as the service repeats it; what is news, each time."""
        name, raw = self.channel.spec.name, self.made(sample)
        first = host.channels.receive(name, raw)
        assert first.state is RawState.READ, host.channels.stored(first.raw or UUID(int=0)).reason
        assert len(first.events) == len(sample.events)
        if sample.always_news:
            news = {event.key for event in host.channels.receive(name, raw).events}
            assert len(news) == len(sample.events), "the route says `always_news`, and keys follow from the digest"
            assert news.isdisjoint(event.key for event in first.events)
            return
        assert [event.key for event in first.events] == [event.key for event in sample.events]
        for again in (raw, *sample.again):
            assert host.channels.receive(name, again).events == first.events

    @only_if(lambda suite: bool(suite.channel.spec.routes))
    def test_what_is_too_long_is_refused_before_it_is_read(self, host: ClientLoop) -> None:
        """A byte more than a route takes, and nothing of it is stored."""
        for route in self.channel.spec.routes:
            long = Raw(body=b"a" * (route.max_body + 1), route=route.name, method=route.methods[0])
            received = host.channels.receive(self.channel.spec.name, long)
            assert received.reply.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        assert not list(host.store.pages(StoredRaw, host.space.space))

    @only_if(lambda suite: suite.signs())
    def test_what_is_not_proved_is_not_stored(self, host: ClientLoop) -> None:
        """Nobody fills the store of an application who cannot sign."""
        for raw in self.proved():
            received = host.channels.receive(self.channel.spec.name, Raw(body=b"", route=raw.route, method=raw.method))
            assert received.reply.status == HTTPStatus.FORBIDDEN
        assert not list(host.store.pages(StoredRaw, host.space.space))

    @only_if(lambda suite: any(isinstance(each, DeliveryEvent) for said in suite.samples for each in said.events))
    def test_receipts_end_equal_in_any_order(self) -> None:
        """Whichever of them comes first, and however often: what became of a message is the same at the end."""
        for reports in self._receipts().values():
            ends = {_end(order) for order in islice(permutations(reports), MOST_ORDERS)}
            ends |= {_end((*order, *order)) for order in islice(permutations(reports), MOST_ORDERS)}
            assert len(ends) == 1
            keys = [report.key for report in reports]
            assert len(set(keys)) == len(keys), "each step of a message has a key of its own"

    def _receipts(self) -> dict[object, list[DeliveryReport]]:
        found: dict[object, list[DeliveryReport]] = {}
        for sample in self.samples:
            for event in self.channel.parse(self.made(sample)).events:
                if isinstance(event, DeliveryEvent):
                    report = sample_of(
                        DeliveryReport, channel=self.channel.spec.name, key=event.key, step=event.step,
                        failure=event.failure, detail=event.detail, at=event.at or self.now,
                    )  # fmt: skip
                    found.setdefault(event.message or event.provider_id, []).append(report)
        return found


def _end(reports: tuple[DeliveryReport, ...]) -> DeliveryState:
    delivery = sample_of(Delivery, state=DeliveryState.ACCEPTED, purpose=Purpose.SERVICE)
    for report in reports:
        delivery = standing(delivery, [report])
    return delivery.state
