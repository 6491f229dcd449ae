"""The commands on what channels brought: what nobody could read, and polling by hand."""

from attrs import asdict

from clientloop.app import ClientLoop
from clientloop.cli.options import HERE, AsJson, ByWhom, OnScreen, Place
from clientloop.cli.screen import Grid, Screen, several
from clientloop.cli.times import local
from clientloop.errors import Refused
from clientloop.model.channels import StoredRaw
from clientloop.services.setup.data import as_data

#: How many characters of a message are shown.
_SHOWN = 4_000


def quarantine(
    message: str | None = None,
    /,
    *,
    limit: int = 50,
    after: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """List the messages that nobody could read, the oldest first; or show one of them as it came.

    Args:
        message: The id of a message: show this one, with its bytes.
        limit: How many at most.
        after: Go on where a list ended, with what it said there.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        if message is not None:
            return _show(screen, loop, loop.channels.stored(message), json=json)
        page, zone = loop.channels.quarantined(limit=limit, after=after), loop.space.zone
    if json:
        return screen.json({"messages": as_data(page.items), "next": page.next})
    if not page.items:
        return screen.line("Nothing is in quarantine.", "bold")
    screen.table(
        Grid(
            columns=("id", "channel", "came", "bytes", "reason"),
            rows=[
                (str(each.id), each.channel, local(each.received_at, zone), str(each.size), each.reason)
                for each in page
            ],
            numbers=frozenset({"bytes"}),
            cut="reason",
        )
    )
    if page.next:
        screen.copied(f"more: --after {page.next}")
    return None


def _show(screen: Screen, loop: ClientLoop, stored: StoredRaw, *, json: bool) -> None:
    raw = loop.channels.raw(stored)
    if json:
        return screen.json({"message": as_data(stored), "body": as_data(raw.body)})
    screen.line(f"{stored.id} by {stored.channel}, {stored.state.value}", "bold")
    screen.facts(
        [
            ("came", local(stored.received_at, loop.space.zone)),
            ("reason", stored.reason),
            ("trust", stored.trust.value),
            ("address", f"{stored.method} {stored.url}" if stored.url else None),
            *((name, str(value)) for name, value in stored.headers.items()),
        ]
    )
    screen.line()
    screen.line(raw.body[:_SHOWN].decode(errors="replace"))
    if stored.size > _SHOWN:
        screen.line(f"and {stored.size - _SHOWN:,} bytes more", "dim")
    return None


def replay(message: str | None = None, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Read the messages in quarantine again, after what could not read them was mended.

    Args:
        message: The id of one message, also of one that was read or discarded; all in quarantine if not given.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        replayed = loop.channels.replay(message)
    if json:
        return screen.json(asdict(replayed))
    return screen.line(
        f"{several(replayed.read, 'message')} read, {replayed.quarantined:,} still in quarantine", "bold"
    )


def discard(
    message: str, /, *, reason: str, by: ByWhom, json: AsJson = False, place: Place = HERE, screen: OnScreen
) -> None:
    """Take a message off the quarantine that is not worth reading; it stays stored.

    Args:
        message: The id of the message.
        reason: Why.
        by: Who decides that.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        loop.channels.discard(message, by=by, reason=reason)
        stored = loop.channels.stored(message)
    if json:
        return screen.json(as_data(stored))
    return screen.line(f"{stored.id} is discarded", "bold")


def poll(channel: str, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Fetch what has come by a channel now, whether it is due or not; the cron job of `run` does so by itself.

    Args:
        channel: Name of the channel.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        polled = loop.channels.poll(channel)
    if polled.error is not None:
        raise Refused(f"channel {channel!r} cannot be polled: {polled.error}", hint="mend it, then poll it again")
    if json:
        return screen.json(asdict(polled))
    return screen.line(f"{several(polled.messages, 'message')} fetched", "bold")
