"""The commands on messages that no channel has taken: dead letters, sending them again, giving them up."""

from clientloop.app import ClientLoop
from clientloop.cli.options import HERE, AsJson, ByWhom, OnScreen, Place
from clientloop.cli.screen import Grid, several
from clientloop.cli.times import local
from clientloop.errors import InvalidValue
from clientloop.model.messages import OutboundMessage
from clientloop.model.page import Page
from clientloop.services.setup.data import as_data


def listed(
    *,
    dead: bool = False,
    channel: str | None = None,
    limit: int = 50,
    after: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """List the messages that no channel has taken, with what the last try ran into; dead letters last.

    Args:
        dead: Only those that are not tried any more: a person has to decide.
        channel: Of these only those for this channel.
        limit: How many at most.
        after: Go on where a list ended, with what it said there.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        page, zone = _page(loop, dead=dead, channel=channel, limit=limit, after=after), loop.space.zone
    if json:
        return screen.json({"messages": as_data(page.items), "next": page.next})
    if not page.items:
        return screen.line("No message waits.")
    screen.table(
        Grid(
            columns=("id", "channel", "to", "what", "state", "tries", "next try", "reason"),
            rows=[
                (
                    str(each.id),
                    each.channel,
                    each.to,
                    each.template,
                    each.state.value,
                    str(each.attempts),
                    "" if each.wake_at is None else local(each.wake_at, zone),
                    each.error or "",
                )
                for each in page
            ],
            numbers=frozenset({"tries"}),
            cut="reason",
            spare=("what", "to", "tries"),
        )
    )
    if page.next:
        screen.copied(f"There are more: --after {page.next}")
    return None


def _page(loop: ClientLoop, *, dead: bool, channel: str | None, limit: int, after: str | None) -> Page[OutboundMessage]:
    if dead or channel is not None:
        return loop.outbox.dead_letters(channel, limit=limit, after=after)
    return loop.outbox.list(limit=limit, after=after)


def again(
    message: str | None = None,
    /,
    *,
    channel: str | None = None,
    every: bool = False,
    unknown: bool = False,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Try messages again that wait for a person, under their old keys, say after their channel was mended.

    Args:
        message: The id of one message; it may be one that may have been sent already.
        channel: All for this channel instead.
        every: All for every channel instead.
        unknown: Of all, also those that may have been sent: their recipients may get them twice.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    if (message is not None) + (channel is not None) + every != 1:
        raise InvalidValue("which messages?", hint="name one by its id, or give --channel NAME, or --every")
    with place.open() as loop:
        if message is None:
            count = loop.outbox.send_all_again(channel, unknown=unknown)
        else:
            loop.outbox.send_again(message)
            count = 1
    if json:
        return screen.json({"queued": count})
    return screen.line(f"{several(count, 'message')} queued again", "bold")


def drop(
    message: str, /, *, reason: str, by: ByWhom, json: AsJson = False, place: Place = HERE, screen: OnScreen
) -> None:
    """Give a message up: for its item that is as if the address had refused it.

    Args:
        message: The id of the message.
        reason: Why.
        by: Who decides that.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = loop.outbox.get(message)
        loop.outbox.give_up(found, by=by, reason=reason)
    if json:
        return screen.json(as_data(found))
    return screen.line(f"{found.id} is given up", "bold")


def redeliver(message: str, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Tell a webhook once more of a fact that it was told, by the same body under the same id.

    Args:
        message: The id of the webhook, as the receiver knows it.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        loop.outbox.redeliver(message)
        found = loop.outbox.get(message)
    if json:
        return screen.json(as_data(found))
    return screen.line(f"{found.id} is queued again for {found.to}", "bold")
