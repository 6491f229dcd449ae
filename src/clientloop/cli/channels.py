"""The commands on channels: how each stands, and whether the other side answers."""

from clientloop.app import ClientLoop
from clientloop.cli.options import HERE, AsJson, OnScreen, Place
from clientloop.cli.screen import Cell, Grid, Value
from clientloop.cli.times import local
from clientloop.ports.channel import Direction
from clientloop.services.intake.plan import Monitored
from clientloop.services.setup.data import as_data


def plan(*, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> int:
    """Show all channels with the last word on each, and what somebody should look after; exit code 1 if there is any.

    Args:
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = loop.channels.plan()
        if json:
            screen.json(as_data(found) | {"alarms": as_data(found.alarms)})
        elif found.channels:
            screen.table(_grid(loop, found.channels))
        else:
            screen.line("No channel is set up, and no words have come by any.")
    for remark in () if json else found.remarks:
        screen.line(remark, "yellow")
    return int(bool(found.alarms))


def probe(name: str | None = None, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> int:
    """Try whether channels are set up well and the other side answers; no message is sent. Exit code 1 if one does not.

    Args:
        name: Only this channel; all that can be tried if not given.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        plugins = loop.context.plugins
        names = [each for each in plugins.configured if plugins.can(each, Direction.PROBE)] if name is None else [name]
        found = {each: loop.channels.probe(each) for each in names}
    if json:
        screen.json(as_data(found))
    else:
        for each, health in found.items():
            screen.line(f"{'ok' if health.ok else 'wrong':<6} {each}: {health.detail}", "green" if health.ok else "red")
    return int(not all(health.ok for health in found.values()))


def _grid(loop: ClientLoop, channels: tuple[Monitored, ...]) -> Grid:
    return Grid(
        columns=("channel", "type", "ways", "last in", "last out", "refused", "repeated", "alarms"),
        rows=[_row(loop, channel) for channel in channels],
        numbers=frozenset({"refused", "repeated"}),
        spare=("repeated", "refused"),
    )


def _row(loop: ClientLoop, channel: Monitored) -> tuple[Value, ...]:
    ways = [way for way, has in {"in": channel.listens, "out": channel.sends}.items() if has]
    last = [local(at, loop.space.zone) if at else "never" for at in (channel.last_in, channel.last_out)]
    return (
        channel.name,
        channel.adapter,
        ", ".join(ways),
        last[0] if channel.listens else "",
        last[1] if channel.sends else "",
        str(channel.refused or ""),
        str(channel.repeated or ""),
        Cell(text="; ".join(channel.alarms), style="red"),
    )
