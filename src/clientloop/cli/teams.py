"""The commands on teams, and on routing, which gives them work."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

from attrs import fields, frozen
from cyclopts import Group, Parameter

from clientloop.app import ClientLoop
from clientloop.cli.many import tell_many
from clientloop.cli.members import said
from clientloop.cli.options import HERE, AsJson, Me, Moment, OnScreen, Place, actor, in_zone
from clientloop.cli.screen import Grid, Screen, several
from clientloop.cli.settings import read_table
from clientloop.errors import InvalidValue
from clientloop.model.routing import Route
from clientloop.model.staff import Member, Team
from clientloop.model.work import SYSTEM
from clientloop.services.setup.data import as_data
from clientloop.services.setup.plain import read
from clientloop.services.staff.rerouting import Trial

_TEAM = Group("The team", sort_key=1)


def _of_team(words: str) -> Parameter:
    return Parameter(group=_TEAM, help=words, show_default=False)


@Parameter(name="*")
@frozen(kw_only=True)
class Traits:
    """What is known of a team; what is None is not said. An empty text takes a value away."""

    #: Title.
    title: Annotated[str | None, _of_team("What people call it.")] = None
    #: Lead.
    lead: Annotated[str | None, _of_team("The member who decides in it, and hears first of what is late.")] = None
    #: Calendar.
    calendar: Annotated[str | None, _of_team("Name of the calendar by which it works and its deadlines count.")] = None
    #: Outside.
    outside: Annotated[bool | None, _of_team("It is of another firm, such as a call centre.")] = None
    #: Channel.
    channel: Annotated[str | None, _of_team("Where alerts to the whole team go: name of a channel.")] = None
    #: Address.
    address: Annotated[str | None, _of_team("And the address there.")] = None


#: Nothing is said.
NOTHING = Traits()


def listed(*, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """List the teams and who works in each.

    Args:
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        teams = loop.staff.teams()
        if json:
            return screen.json({"teams": as_data(teams)})
        if not teams:
            return screen.line("There is no team.")
        members = tuple(loop.store.pages(Member, loop.space.space))
        return screen.table(
            Grid(
                columns=("name", "title", "lead", "members", "calendar", "outside"),
                rows=[
                    (
                        team.name,
                        team.title,
                        team.lead,
                        ", ".join(member.name for member in members if team.name in member.teams),
                        team.calendar,
                        "yes" if team.outside else "",
                    )
                    for team in teams
                ],
                spare=("outside", "calendar", "title"),
            )
        )


def add(name: str, /, *, traits: Traits = NOTHING, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Add a team.

    Args:
        name: Its name; lower-case words.
        traits: What is known of it.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        _tell(screen, loop.staff.add_team(name, **said(traits, Team)), json=json)


def change(
    name: str, /, *, traits: Traits = NOTHING, json: AsJson = False, place: Place = HERE, screen: OnScreen
) -> None:
    """Change what is known of a team; what is not given stays, and an empty text takes a value away.

    Args:
        name: Which.
        traits: What is known of it from now on.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        _tell(screen, loop.staff.change_team(name, **said(traits, Team)), json=json)


def _tell(screen: Screen, team: Team, *, json: bool) -> None:
    if json:
        return screen.json(as_data(team))
    screen.line(team.name, "bold")
    for field in fields(Traits):
        if value := getattr(team, field.name):
            screen.line(f"  {field.name:<10} {'yes' if value is True else value}")
    return None


def route(
    *,
    dry_run: bool = False,
    since: Moment | None = None,
    until: Moment | None = None,
    rules: Path | None = None,
    by: Me = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> int:
    """Route the open items that nobody owns by the rules of the firm, or say what the rules would decide.

    Args:
        dry_run: Write nothing, and count what the rules would have decided about all items of a period.
        since: Of a dry run: only items recorded at this time or later, in the firm's zone.
        until: Of a dry run: only items recorded before this time.
        rules: Of a dry run: a TOML file with other rules to try, each a table [[routing]] as the setting has them.
        by: Who says so; the system if not given.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    if not dry_run and (since, until, rules) != (None, None, None):
        raise InvalidValue("--since, --until and --rules are for a dry run", hint="add --dry-run")
    with place.open() as loop:
        if not dry_run:
            routed = loop.staff.route(by=SYSTEM if by is None else actor(loop, by))
            return tell_many(screen, loop, routed, done="routed", json=json)
        begin, end = (None if at is None else in_zone(at, loop.space.zone) for at in (since, until))
        trial = _tried(loop, rules, begin, end)
        if json:
            screen.json(as_data(trial))
        else:
            _tell_trial(screen, trial)
        return 0


def _tried(loop: ClientLoop, rules: Path | None, since: datetime | None, until: datetime | None) -> Trial:
    routes = loop.settings.get().routing if rules is None else _read_rules(rules)
    return loop.staff.try_routing(routes, since=since, until=until)


def _read_rules(file: Path) -> Sequence[Route]:
    routes: tuple[Route, ...] = read(read_table(file).get("routing", []), tuple[Route, ...], file.name)
    return routes


def _tell_trial(screen: Screen, trial: Trial) -> None:
    screen.line(f"{several(trial.items, 'item')} tried", "bold")
    screen.line(f"  {trial.nowhere:,} would be given to nobody, {trial.grave:,} would be grave")
    if trial.routes:
        screen.title("Rules")
        screen.table(
            Grid(
                columns=("rule", "applies to", "decides"),
                rows=[(name, str(count), str(trial.decided.get(name, 0))) for name, count in trial.routes.items()],
                numbers=frozenset({"applies to", "decides"}),
            )
        )
    if trial.teams:
        screen.title("Teams")
        screen.table(
            Grid(
                columns=("team", "items"),
                rows=[(name, str(count)) for name, count in trial.teams.items()],
                numbers=frozenset({"items"}),
            )
        )
