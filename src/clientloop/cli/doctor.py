"""The command that looks for what is wrong, and says what to do about it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from enum import StrEnum

from attrs import evolve, frozen

from clientloop.app import ClientLoop
from clientloop.app.addresses import without_password
from clientloop.cli.options import HERE, AsJson, OnScreen, Place
from clientloop.cli.screen import Screen, several
from clientloop.errors import ClientLoopError, UnknownName
from clientloop.model.feedback import Feedback, Timer
from clientloop.model.messages import OutboundMessage
from clientloop.model.plan import Key, Plan
from clientloop.model.where import Where, eq, lt, ne
from clientloop.plugins.reports import Status
from clientloop.services.setup.data import as_data
from clientloop.services.setup.spaces import wrong_in
from clientloop.services.staff.routing import check_routes, deserted

#: How long something may have been due before it looks as if nobody ran what is due.
_PATIENCE = timedelta(hours=1)

_OPEN = eq("is_open", True)


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    #: Worth a look; the installation works.
    NOTE = "note"
    #: Has to be mended.
    WRONG = "wrong"


@frozen
class Finding:
    """What was found."""

    #: How bad it is.
    level: Level
    #: What it is.
    what: str
    #: What to do about it.
    do: str = ""


def doctor(*, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> int:
    """Look for what is wrong with the store, the plugins and the work; exit code 1 if something is.

    Args:
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    findings = tuple(examine(place))
    if json:
        screen.json(as_data(findings))
    else:
        for finding in findings:
            _tell(screen, finding)
    return int(any(finding.level is Level.WRONG for finding in findings))


def examine(place: Place) -> Iterator[Finding]:
    """Everything that is found."""
    try:
        loop = place.open()
    except ClientLoopError as error:
        yield Finding(Level.WRONG, error.message, error.hint or "")
        return
    with loop:
        store = without_password(place.read().store)
        yield Finding(Level.OK, f"the store {store} can be opened, and its schema is up to date")
        for check in CHECKS:
            yield from check(loop)


def _firm(loop: ClientLoop) -> Iterator[Finding]:
    """What was said of the firm before it was looked at as it is today."""
    for name, fault in wrong_in(loop.space):
        what = f"the {name} of the firm is none: {fault}"
        yield Finding(Level.WRONG, what, f"`clientloop init --change --{name} ...` gives it another")


def _plugins(loop: ClientLoop) -> Iterator[Finding]:
    report = loop.registry.report()
    broken = [plugin for plugin in report if plugin.status is Status.BROKEN]
    for plugin in broken:
        what = f"the plugin {plugin.name!r} of {plugin.distribution} is broken: {plugin.cause}"
        yield Finding(Level.WRONG, what, f"mend it, or `pip uninstall {plugin.distribution}`")
    yield Finding(Level.OK, f"{several(len(report) - len(broken), 'plugin')} in use")


def _channels(loop: ClientLoop) -> Iterator[Finding]:
    """Channels by which customers came and nobody can answer, and those that somebody should look after."""
    plan = Plan(cls=Feedback, where=_OPEN & ne("reply_to", None), keys=(Key("channel"),))
    for group in loop.store.aggregate(loop.space.space, plan):
        [name], [count] = group.keys, group.values
        if not _is_answered(loop, str(name)):
            yield Finding(
                Level.WRONG,
                f"{several(count or 0, 'open item')} came by {name!r}, and no channel that is set up can answer there",
                "set one up in clientloop.toml (`clientloop plugins` lists what there is), "
                "or call `run_due` in the application that brings it",
            )
    configured = loop.context.plugins.configured
    if configured:
        yield Finding(Level.OK, f"{several(len(configured), 'channel')} set up: {', '.join(configured)}")
    for channel in loop.channels.plan().channels:
        alarms = evolve(channel, parked=0).alarms  # these are counted below
        if alarms:
            yield Finding(Level.NOTE, f"channel {channel.name!r}: {'; '.join(alarms)}", _LOOK_AFTER)


#: What to do about a channel that alarms.
_LOOK_AFTER = "`clientloop channels` shows all, `clientloop channels probe` tries whether the other side answers"


def _is_answered(loop: ClientLoop, name: str) -> bool:
    """Whether words that came by a channel can be answered: by itself, or by one that writes to such addresses."""
    plugins = loop.context.plugins
    kind = plugins.address_kind(name)
    return name in plugins.senders or (
        kind is not None and any(plugins.address_kind(each) is kind for each in plugins.senders)
    )


def _parked(loop: ClientLoop) -> Iterator[Finding]:
    count = _count(loop, OutboundMessage, eq("wake_at", None))
    if count:
        yield Finding(
            Level.WRONG,
            f"{several(count, 'message')} parked until a person looks, as no channel took them",
            "`clientloop outbox list --dead` says why; mend the channel, then `clientloop outbox again --every`",
        )


def _idle(loop: ClientLoop) -> Iterator[Finding]:
    """Nobody runs what is due."""
    long_due = lt("wake_at", loop.clock.now() - _PATIENCE)
    timers, messages = _count(loop, Timer, long_due), _count(loop, OutboundMessage, long_due)
    if timers or messages:
        yield Finding(
            Level.WRONG,
            f"{several(timers, 'deadline')} and {several(messages, 'message')} due for over an hour, and not seen to",
            "let cron call `clientloop run` every few minutes",
        )


def _endless(loop: ClientLoop) -> Iterator[Finding]:
    count = _count(loop, Feedback, _OPEN & eq("due", None))
    if count:
        yield Finding(
            Level.WRONG,
            f"{several(count, 'open item')} without a deadline",
            "their process lets them lie: declare a deadline for every open state",
        )


def _routes(loop: ClientLoop) -> Iterator[Finding]:
    """Rules that name who has left since they were set, or a team in which nobody works: others get their work."""
    routes = loop.settings.get().routing
    for route in deserted(loop.context, routes):
        what = f"route {route.name!r}: nobody works in the team {route.team!r}; others get the work"
        yield Finding(Level.NOTE, what, "put somebody into the team, or mend the setting `routing`")
    try:
        check_routes(loop.context, routes)
    except UnknownName as fault:
        yield Finding(Level.NOTE, f"{fault.message} by now; others get the work", "mend the setting `routing`")


def _overdue(loop: ClientLoop) -> Iterator[Finding]:
    every = _count(loop, Feedback, _OPEN)
    late = _count(loop, Feedback, _OPEN & lt("due", loop.clock.now()))
    if late:
        yield Finding(
            Level.NOTE, f"{late} of {several(every, 'open item')} overdue", "`clientloop inbox` lists them first"
        )
    else:
        yield Finding(Level.OK, f"{several(every, 'open item')}, none overdue")


def _count(loop: ClientLoop, cls: type, where: Where) -> int:
    [group] = loop.store.aggregate(loop.space.space, Plan(cls=cls, where=where))
    return group.values[0] or 0


#: What is looked at, besides the store itself.
CHECKS: tuple[Callable[[ClientLoop], Iterator[Finding]], ...] = (
    _firm,
    _plugins,
    _channels,
    _parked,
    _idle,
    _endless,
    _routes,
    _overdue,
)

_STYLES = {Level.OK: "green", Level.NOTE: "yellow", Level.WRONG: "red"}


def _tell(screen: Screen, finding: Finding) -> None:
    screen.line(f"{finding.level:<6} {finding.what}", _STYLES[finding.level])
    if finding.do:
        screen.line(f"       {finding.do}")
