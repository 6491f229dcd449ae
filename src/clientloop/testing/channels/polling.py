"""What a channel fetches: every message once, in its order, whatever comes between two polls."""

from collections.abc import Sequence

from clientloop.errors import ClientLoopError
from clientloop.ports.channel import Direction
from clientloop.ports.effects import Effect, NoAnswer, Result, drive
from clientloop.ports.events import Batch, Raw
from clientloop.testing.channels.kit import Suite
from clientloop.testing.channels.watching import impure, watched
from clientloop.testing.service import Service

#: How many polls may be needed to fetch the samples.
MOST_POLLS = 100


class Polls(Suite):
    """Tests of `poll`, against a service that holds the samples that came by no route."""

    @staticmethod
    def judges(suite: type[Suite]) -> bool:
        """Whether the channel is polled."""
        return suite.does(Direction.POLL)

    def test_everything_is_fetched_in_its_order(self) -> None:
        """Batch by batch from the first poll on, until there is no more; nothing twice, nothing left."""
        held = self._held()
        assert held, "give samples without a route: what is fetched"
        raws, _ = self._all(held, None)
        assert [raw.body for raw in raws] == held
        assert all(not raw.route for raw in raws), "what is fetched has come by no route"

    def test_what_comes_between_two_polls_is_fetched(self) -> None:
        """After each message the next poll goes on where the last one ended, and finds only the next."""
        held, cursor = self._held(), None
        for count in range(1, len(held) + 1):
            raws, cursor = self._all(held[:count], cursor)
            assert [raw.body for raw in raws] == held[count - 1 : count]

    def test_a_poll_that_finds_nothing_keeps_its_place(self) -> None:
        """Else the next one would fetch everything again, or miss what comes."""
        held = self._held()
        _, cursor = self._all(held, None)
        for _ in range(3):
            raws, cursor = self._all(held, cursor)
            assert not raws

    def test_a_poll_from_the_same_place_brings_the_same(self) -> None:
        """Whoever polled may be lost before it has stored anything: nothing is taken off the service."""
        held = self._held()
        _, middle = self._all(held[:1], None)
        assert self._poll(held, middle) == self._poll(held, middle)
        assert self._poll(held, None) == self._poll(held, None)

    def test_a_service_that_does_not_answer_loses_nothing(self) -> None:
        """Either the poll ends with an error of ours, or it brings nothing and keeps its place."""
        held = self._held()
        for place in (None, self._all(held[:1], None)[1]):
            for reached in (True, False):
                answer = NoAnswer(detail="cut", reached=reached)
                try:
                    batch = drive(self.channel.poll(place), Service([answer], self.now))
                except ClientLoopError:
                    continue  # the host lists why, and polls from the same place later
                assert batch == Batch(cursor=place)

    def test_polling_touches_nothing(self) -> None:
        """Between its calls `poll` opens no file or socket, draws no lots, looks at no clock: it asks the host."""
        held = self._held()
        self._poll(held, None)
        with watched(impure) as calls:
            self._poll(held, None)
        assert not calls, f"yield an effect instead of calling {calls}"

    def _held(self) -> list[bytes]:
        return [raw.body for raw in self.raws() if not raw.route]

    def _poll(self, held: Sequence[bytes], cursor: str | None) -> Batch:
        def perform(effect: Effect) -> Result:
            return self.serve(effect, held)

        return drive(self.channel.poll(cursor), perform)

    def _all(self, held: Sequence[bytes], cursor: str | None) -> tuple[list[Raw], str | None]:
        """All that polls bring from one place on, and the place after it."""
        raws: list[Raw] = []
        for _ in range(MOST_POLLS):
            batch = self._poll(held, cursor)
            assert batch.cursor is None or isinstance(batch.cursor, str)
            moved, cursor = batch.cursor != cursor, batch.cursor
            raws += batch.raws
            if not batch.more or not moved:  # as the host does it
                return raws, cursor
        raise AssertionError(f"after {MOST_POLLS} polls there is more still")
