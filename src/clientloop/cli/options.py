"""The options that every command on a store has, and how they open it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from json import JSONDecodeError, loads
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from attrs import evolve, frozen
from cyclopts import Group, Parameter, Token

from clientloop.app import ClientLoop
from clientloop.cli.screen import Screen
from clientloop.errors import InvalidValue, NotFound
from clientloop.model.codec import Json
from clientloop.model.staff import Member
from clientloop.model.work import Actor, Role
from clientloop.ports.clock import ManualClock
from clientloop.services.setup.config import Config, SpaceConfig, read_config

#: Where the data live if nobody says otherwise.
DEFAULT_STORE = "sqlite:///clientloop.db"

#: The configuration file that is read if it is there.
DEFAULT_CONFIG = "clientloop.toml"

#: The variable of the environment that says where.
STORE_VARIABLE = "CLIENTLOOP_STORE"

#: The variable of the environment that says who types.
MEMBER_VARIABLE = "CLIENTLOOP_MEMBER"

#: The screen, which the program gives to a command; nobody types it.
OnScreen = Annotated[Screen, Parameter(parse=False)]

#: Whether a command writes for a program.
AsJson = Annotated[bool, Parameter(name="--json", help="Write JSON, for a program.")]


_BY = Parameter(name="--by", env_var=MEMBER_VARIABLE, help="Who does it: your name, as the staff list has it.")

#: Who does what a command does.
ByWhom = Annotated[str, _BY]

#: Who types, where a command may do without knowing.
Me = Annotated[str | None, _BY]


def _read_moment(_: type, tokens: Sequence[Token]) -> datetime:
    return datetime.fromisoformat(tokens[0].value)


#: A time as somebody types it: a date, or a date and a time, with or without an offset.
Moment = Annotated[datetime, Parameter(converter=_read_moment)]

_WHERE = Group("Where", sort_key=9)


@Parameter(name="*")
@frozen(kw_only=True)
class Place:
    """Which firm a command is about, and when; what is None is left to the configuration file."""

    #: The address of the store.
    store: Annotated[
        str | None,
        Parameter(
            env_var=STORE_VARIABLE, group=_WHERE, help=f"The address of the store; {DEFAULT_STORE} if not given."
        ),
    ] = None
    #: The firm, where a store holds several.
    space: Annotated[str | None, Parameter(group=_WHERE, help="The firm, where a store holds several.")] = None
    #: The file with the settings of channels.
    config: Annotated[
        Path | None,
        Parameter(
            group=_WHERE, help=f"The configuration file; {DEFAULT_CONFIG} if there is one. Options go before it."
        ),
    ] = None
    #: The present, where it is not the machine's.
    now: Annotated[
        datetime | None,
        Parameter(
            converter=_read_moment,
            group=_WHERE,
            help="Take this time for the present; without an offset it is in the firm's zone.",
        ),
    ] = None

    def read(self) -> Config:
        """What the configuration file says, and the options before it.

        Raises:
            InvalidValue: The file cannot be read, or says what nobody declared.
        """
        path = self.config or (Path(DEFAULT_CONFIG) if Path(DEFAULT_CONFIG).exists() else None)
        config = Config(store=DEFAULT_STORE) if path is None else read_config(path)
        # what the file says of its own firm is not true of another
        named = self.space or config.space.name
        firm = config.space if named == config.space.name else SpaceConfig(name=named)
        return evolve(config, store=self.store or config.store, space=firm)

    def found(self) -> Config:
        """What the configuration file and the options say, of a store that is there.

        Raises:
            NotFound: There is no such file: a misspelt name must not make an empty store.
        """
        config = self.read()
        scheme, found, path = config.store.partition(":///")
        if scheme == "sqlite" and found and not Path(path.partition("?")[0]).exists():
            hint = f"make it by `clientloop init {config.store}`, or name another by --store"
            raise NotFound(f"there is no store {config.store}", hint=hint)
        return config

    def open(self) -> ClientLoop:
        """The firm in its store; neither is made, as a misspelt name would make an empty one.

        Raises:
            NotFound: There is no such file.
            UnknownName: There is no such firm in it.
        """
        return enter(self.found(), self.now, make=False)


def enter(config: Config, now: datetime | None, *, make: bool = True) -> ClientLoop:
    """The firm of a configuration in its store.

    Args:
        config: What to open.
        now: The present, where it is not the machine's; without an offset it is in the firm's zone.
        make: Whether to make the firm if it is not there.

    Raises:
        UnknownName: The firm is not there, and is not to be made.
    """
    firm = config.space
    # the zone of a firm that is there already is in its store: until it is open, the time may be some hours off
    clock = None if now is None else ManualClock(in_zone(now, firm.zone or "UTC"))
    loop = ClientLoop.from_config(config, clock=clock, make=make)
    if clock is not None and now is not None:
        clock.set(in_zone(now, loop.space.zone))
    return loop


#: Where a command looks if nobody says otherwise.
HERE = Place()


def in_zone(at: datetime, zone: str) -> datetime:
    """A time that somebody typed: without an offset it is by the wall clock of the zone."""
    return at if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(zone))


def pairs(texts: Sequence[str], example: str) -> Iterator[tuple[str, str]]:
    """What was typed as NAME=TEXT, once for each.

    Args:
        texts: What was typed.
        example: How it is written, for messages.

    Raises:
        InvalidValue: There is no name before a sign of equality.
    """
    for text in texts:
        name, sign, value = text.partition("=")
        if not (sign and name):
            raise InvalidValue(f"{text!r:.60} has no name before a sign of equality", hint=f"write it like {example}")
        yield name, value


def read_json(what: str, text: str, *, hint: str = "quote it for the shell") -> Json:
    """What was typed as JSON.

    Args:
        what: What it is, for messages.
        text: What was typed.
        hint: What to do if it is none.

    Raises:
        InvalidValue: It is no JSON.
    """
    try:
        return loads(text)
    except JSONDecodeError as error:
        raise InvalidValue(f"{what}: {text!r:.60} is no JSON ({error.msg})", hint=hint) from None


#: Who acts in a role that was named.
_ROLES: Mapping[str, Callable[[str], Actor]] = {
    "owner": Actor.of,
    "superior": Actor.superior,
    "customer": Actor.customer,
}


def actor(loop: ClientLoop, name: str, role: str | None = None) -> Actor:
    """Who does something.

    Args:
        loop: The firm.
        name: The name of who does.
        role: The role, if it was named; else those that the staff list knows of.
    """
    if role is not None:
        return _ROLES[role](name)
    member = loop.store.get(Member, (loop.space.space, name))
    return Actor.of(name) if member is None else Actor(name=name, roles=frozenset(map(Role, member.roles)))


def asking(loop: ClientLoop, me: str | None) -> Actor | None:
    """Who wants to see something, if anybody said so."""
    return None if me is None else actor(loop, me)
