"""`loop.channels`: what comes in, by hand or from the web; what nobody could read; and whether channels work."""

import asyncio
from collections.abc import Iterator
from uuid import UUID

from attrs import frozen

from clientloop.errors import InvalidValue, NotFound, NotSupported
from clientloop.model.channels import RawBody, RawState, StoredRaw
from clientloop.model.page import Page
from clientloop.model.units import Unit, Update
from clientloop.model.where import eq
from clientloop.plugins.loading import cause_of, harmless
from clientloop.ports.channel import Channel, Health
from clientloop.ports.effects import drive
from clientloop.ports.events import Raw
from clientloop.ports.mounting import AsgiApp, WsgiApp
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.intake.plan import ChannelPlan, channel_plan
from clientloop.services.intake.polling import Polled, poll
from clientloop.services.intake.raws import read_again, receive
from clientloop.services.intake.reading import Received
from clientloop.services.intake.repetition import as_raw
from clientloop.services.intake.routes import Routes


@frozen(kw_only=True)
class Replayed:
    """What became of messages that were read again."""

    #: How many were read.
    read: int = 0
    #: How many are in quarantine still.
    quarantined: int = 0


class ChannelDesk:
    """The channels of an application, and what they bring into one space."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all channels that plugins have added."""
        return self._context.plugins.names

    def channel(self, name: str) -> Channel:
        """The channel of this name, set up.

        Raises:
            UnknownName: No plugin has added such a channel.
            PluginError: The plugin is broken.
            InvalidValue: Its settings are wrong.
        """
        return self._context.plugins.channel(name)

    def plan(self) -> ChannelPlan:
        """How all channels stand: the last word on each, what went wrong, which is silent, and are they too few.

        The more channels a firm has, the more often one of them breaks unseen: ask for this once a day.
        """
        return channel_plan(self._context)

    def receive(self, name: str, raw: Raw) -> Received:
        """Take a message that came in: verify it, store it, read it, and take each of its events once.

        Args:
            name: Name of the channel.
            raw: The message.

        Returns:
            What became of it, with what its sender is to be answered.

        Raises:
            UnknownName: There is no such channel.
            NotSupported: The channel does not receive.
            StoreError: It could not be written: it should be sent again.
        """
        return receive(self._context, name, raw)

    async def receive_async(self, name: str, raw: Raw) -> Received:
        """As `receive`, in a thread, for a host on asyncio."""
        return await asyncio.to_thread(self.receive, name, raw)

    def wsgi(self, *, base: str | None = None) -> WsgiApp:
        """A WSGI application that takes what is sent to `/CHANNEL/ROUTE` of all channels that are set up.

        Args:
            base: The address under which senders reach it, such as "https://shop.example/hooks", where a proxy hides
                that; some providers sign the address that they call.
        """
        return WsgiApp(Routes(self._context).find, base=base)

    def asgi(self, *, base: str | None = None) -> AsgiApp:
        """As `wsgi`, an ASGI application."""
        return AsgiApp(Routes(self._context).find, base=base)

    def quarantined(self, *, after: str | None = None, limit: int = 50) -> Page[StoredRaw]:
        """A page of the messages that nobody could read, the oldest first, without their bytes."""
        where = eq("state", RawState.QUARANTINED)
        return self._context.store.page(
            StoredRaw, self._context.space.space, where=where, order="by_state", after=after, limit=limit
        )

    def stored(self, message: UUID | str | StoredRaw) -> StoredRaw:
        """The stored message with this id, as it is now.

        Raises:
            NotFound: There is none.
        """
        found = self._context.store.get(StoredRaw, (self._context.space.space, id_of(message)))
        if found is None:
            raise NotFound(f"no stored message {id_of(message)}", hint="its id is in the list of the quarantine")
        return found

    def raw(self, message: UUID | str | StoredRaw) -> Raw:
        """A stored message as it came, with its bytes.

        Raises:
            NotFound: There is none.
        """
        stored = self.stored(message)
        body = self._context.store.get(RawBody, (stored.space, stored.id))
        if body is None:
            raise NotFound(f"message {stored.id} has no bytes any more")
        return as_raw(stored, body.content)

    def replay(self, message: UUID | str | StoredRaw | None = None) -> Replayed:
        """Read messages again, say after the channel was mended; events are taken once all the same.

        Args:
            message: Which, wherever it stands: also one that was read, or discarded. All that are in quarantine, if not
                given.

        Raises:
            NotFound: There is no such message.
            StoreError: What it says could not be written.
        """
        chosen = self._all_quarantined() if message is None else iter([self.stored(message)])
        states = [found.state for stored in chosen if (found := read_again(self._context, stored)) is not None]
        quarantined = states.count(RawState.QUARANTINED)
        return Replayed(read=len(states) - quarantined, quarantined=quarantined)

    def _all_quarantined(self) -> Iterator[StoredRaw]:
        page = self.quarantined()
        yield from page
        while page.next:
            page = self.quarantined(after=page.next)
            yield from page

    def discard(self, message: UUID | str | StoredRaw, *, by: str, reason: str) -> None:
        """Take a message off the quarantine that is not worth reading; its bytes stay, and `replay` still reads it.

        Args:
            message: Which.
            by: Who decides that.
            reason: Why.

        Raises:
            NotFound: There is no such message.
            InvalidValue: It is not in quarantine, or there is no reason.
            Conflict: Somebody has read it meanwhile.
        """
        stored = self.stored(message)
        if stored.state is not RawState.QUARANTINED:
            raise InvalidValue(f"message {stored.id} is not in quarantine", hint=f"it is {stored.state.value}")
        if not by.strip() or not reason.strip():
            raise InvalidValue("nobody says who discards a message, or why", hint="give `by` and `reason`")
        changes = {"state": RawState.DISCARDED, "reason": f"{by}: {reason}"}
        self._context.commit(Unit((Update(StoredRaw, (stored.space, stored.id), changes, stored.version),)))

    def poll(self, name: str) -> Polled:
        """Poll a channel now, whether it is due or not, until it has no more to fetch or fails.

        Raises:
            UnknownName: There is no such channel.
            NotSupported: It cannot be polled.
            Conflict: A worker polls it just now.
        """
        return poll(self._context, name)

    def probe(self, name: str) -> Health:
        """Try whether a channel is set up well and the other side answers; no message is sent.

        Raises:
            UnknownName: There is no such channel.
            NotSupported: It cannot be probed.
        """
        channel = self.channel(name)
        try:
            health: object = drive(channel.probe(), self._context.parts.perform)
        except NotSupported:
            raise
        except harmless() as error:
            return Health(ok=False, detail=cause_of(error))
        if isinstance(health, Health):
            return health
        return Health(ok=False, detail=f"the channel found a {type(health).__name__}")
