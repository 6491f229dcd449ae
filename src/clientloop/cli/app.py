"""The program: its commands as one table, and what becomes of errors."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from io import TextIOWrapper

from cyclopts import App, CycloptsError, Group, Parameter

from clientloop.cli import (
    absences,
    accounts,
    analyses,
    appointments,
    channels,
    consent,
    customers,
    deals,
    declared,
    desk,
    exchanging,
    firm,
    importing,
    improvements,
    items,
    linking,
    listings,
    marks,
    members,
    merging,
    metrics,
    outbox,
    person,
    quarantine,
    questions,
    ranking,
    relationships,
    reporting,
    searching,
    settings,
    tasks,
    teams,
    timeline,
    trends,
)
from clientloop.cli.answering import answer
from clientloop.cli.causes import causes
from clientloop.cli.demo.command import demo
from clientloop.cli.doctor import doctor
from clientloop.cli.inbox import inbox
from clientloop.cli.low_scorers import low_scorers
from clientloop.cli.overdue import overdue
from clientloop.cli.repeats import repeats
from clientloop.cli.screen import Screen
from clientloop.cli.sent import messages
from clientloop.errors import ClientLoopError

#: Exit codes, besides 0: something went wrong; it was called wrongly; it was interrupted.
FAILED, MISUSED, INTERRUPTED = 1, 2, 130


#: Every command, in the order in which help lists them.
COMMANDS: Mapping[str, Callable[..., int | None]] = {
    "demo": demo,
    "init": firm.init,
    "import customers": importing.customers,
    "import purchases": importing.purchases,
    "import feedback": importing.feedback,
    "import vcard": exchanging.import_vcard,
    "import ical": exchanging.import_ical,
    "export vcard": exchanging.export_vcard,
    "export ical": exchanging.export_ical,
    "import answers": importing.answers,
    "inbox": inbox,
    "search": searching.search,
    "show": items.show,
    "move": items.move,
    "note": marks.note,
    "tag": marks.tag,
    "tasks list": tasks.listed,
    "tasks add": tasks.add,
    "tasks tick": tasks.tick,
    "tasks done": tasks.done,
    "answer": answer,
    "desk call": desk.call,
    "desk book": desk.book,
    "desk poll": desk.poll,
    "customers find": customers.find,
    "customers show": person.show,
    "customers add": customers.add,
    "customers change": customers.change,
    "customers learn": customers.learn,
    "customers timeline": timeline.timeline,
    "customers merge": merging.merge,
    "customers unmerge": merging.unmerge,
    "customers split": merging.split,
    "customers suggest": merging.suggest,
    "customers suggestions": merging.suggestions,
    "customers dismiss": merging.dismiss,
    "customers export": customers.export,
    "accounts list": accounts.listed,
    "accounts show": accounts.show,
    "accounts add": accounts.add,
    "accounts link": accounts.link,
    "accounts learn": accounts.learn,
    "deals list": deals.listed,
    "deals show": deals.show,
    "deals add": deals.add,
    "deals move": deals.move,
    "deals win": deals.win,
    "deals lose": deals.lose,
    "appointments list": appointments.listed,
    "appointments plan": appointments.plan,
    "appointments done": appointments.done,
    "appointments off": appointments.off,
    "appointments remind": appointments.remind,
    "relationships stages": relationships.stages,
    "relationships holding": relationships.holding,
    "relationships show": relationships.show,
    "relationships history": relationships.history,
    "relationships set": relationships.set_stage,
    "relationships unset": relationships.unset,
    "relationships reassess": relationships.reassess,
    "may-write": consent.may_write,
    "consent show": consent.show,
    "consent allow": consent.allow,
    "consent forbid": consent.forbid,
    "consent suppress": consent.suppress,
    "consent unsuppress": consent.unsuppress,
    "consent suppressed": consent.suppressed,
    "members list": members.listed,
    "members add": members.add,
    "members change": members.change,
    "members away": absences.away,
    "members back": absences.back,
    "members absences": absences.listed,
    "members cancel": absences.cancel,
    "members leave": absences.leave,
    "members reassign": absences.reassign,
    "teams list": teams.listed,
    "teams add": teams.add,
    "teams change": teams.change,
    "route": teams.route,
    "improvements list": improvements.listed,
    "improvements show": improvements.show,
    "improvements add": improvements.add,
    "improvements change": improvements.change,
    "improvements link": linking.link,
    "improvements accept": linking.accept,
    "improvements dismiss": improvements.dismiss,
    "improvements done": improvements.done,
    "improvements rank": ranking.rank,
    "improvements effect": ranking.effect,
    "questions list": questions.listed,
    "questions declare": questions.declare,
    "questions show": questions.show,
    "questions answer": questions.answer,
    "report loop": reporting.loop,
    "report overdue": overdue,
    "report low-scorers": low_scorers,
    "report repeats": repeats,
    "report messages": messages,
    "report causes": causes,
    "report abc": analyses.abc,
    "report xyz": analyses.xyz,
    "report sources": analyses.sources,
    "report calls": analyses.calls,
    "report funnel": analyses.funnel,
    "report contacts": listings.contacts,
    "report events": listings.events,
    "report feedback": listings.feedback,
    "report answers": listings.answers,
    "metrics list": metrics.listed,
    "metrics score": metrics.score,
    "metrics trend": trends.trend,
    "metrics compare": metrics.compare,
    "metrics correlate": metrics.correlate,
    "metrics targets": trends.targets,
    "run": firm.run,
    "channels": channels.plan,
    "channels probe": channels.probe,
    "channels quarantine": quarantine.quarantine,
    "channels replay": quarantine.replay,
    "channels discard": quarantine.discard,
    "channels poll": quarantine.poll,
    "outbox list": outbox.listed,
    "outbox again": outbox.again,
    "outbox drop": outbox.drop,
    "outbox redeliver": outbox.redeliver,
    "settings show": settings.show,
    "settings set": settings.set_from,
    "processes": declared.processes,
    "processes show": declared.show_process,
    "plugins": declared.plugins,
    "doctor": doctor,
}

#: The headings under which help lists the commands.
PANELS = {
    "Begin": ("demo", "init", "import", "export"),
    "Daily work": ("inbox", "search", "show", "move", "note", "tag", "tasks", "answer", "desk"),
    "Customers": ("customers", "accounts", "deals", "appointments", "relationships", "may-write", "consent"),
    "People": ("members", "teams", "route"),
    "What the firm learns": ("improvements", "questions", "report", "metrics"),
    "Upkeep": ("run", "channels", "outbox", "settings", "processes", "plugins", "doctor"),
}

#: Commands that do nothing by themselves.
GROUPS = {
    "import": "Import a file of customers, purchases, feedback or answers, cards of an address book, or a calendar.",
    "export": "Write customers as cards of an address book, and planned contacts as a calendar.",
    "tasks": "See what is to be done inside loops, and say what was done.",
    "desk": "Write down what customers said: on the telephone, in a complaints book, in an oral poll.",
    "customers": "Find customers, see all that happened with them, and say who is one person.",
    "accounts": "Keep the companies that customers belong to, and what is known of them.",
    "deals": "Keep what may be sold to whom, and how far it has come.",
    "appointments": "Plan contacts with customers, remind them, and say what became of it.",
    "relationships": "See what customers are to the firm, how they came to it and why, and say it by hand.",
    "consent": "Note what customers allow and forbid, and which addresses are left alone.",
    "members": "Keep the staff list, say who is away, and give work to others.",
    "teams": "Keep the teams.",
    "improvements": "Keep what many items point to: causes, ideas and incidents, and what the firm makes of them.",
    "questions": "Say what customers are asked, and see and write down what they answer.",
    "outbox": "See which messages no channel has taken, try them again, or give them up.",
    "settings": "See and set what the firm decides: its hours, its rules of routing, its texts, who may do what.",
    "metrics": "Measure how well the firm does: scores with their intervals, over time and against targets.",
    "report": "Report how well the firm closes its loops, what customers bring, and what they said.",
}


def program(screen: Screen) -> App:
    """What reads the command line.

    Args:
        screen: Where help and complaints about the usage go.
    """
    app = App(
        name="clientloop",
        help="Every word a customer says becomes one item with an owner, a deadline, an answer and a measured outcome.",
        console=screen.out,
        error_console=screen.err,
        default_parameter=Parameter(negative=(), show_default=_worth_telling),
    )
    panels = {
        name: panel
        for number, heading in enumerate(PANELS)
        for panel in [Group(heading, sort_key=number)]
        for name in PANELS[heading]
    }
    app["--help"].group = app["--version"].group = Group("Help", sort_key=len(PANELS))
    for name, words in GROUPS.items():
        app.command(App(name=name, help=words, sort_key=_place(name), group=panels[name]))
    for path in COMMANDS:
        group, _, name = path.rpartition(" ")
        if group:
            app[group].command(COMMANDS[path], name=name, sort_key=_place(path))
        else:
            app.command(COMMANDS[path], name=name, sort_key=_place(path), group=panels[name])
    return app


def _worth_telling(default: object) -> str | None:
    """A default as help tells it; None, if it says no more than that nothing was said."""
    return str(default) if default else None


def _place(path: str) -> int:
    """Where help lists a command: in the order of the table."""
    return next(number for number, each in enumerate(COMMANDS) if each.startswith(path))


def start(arguments: Sequence[str]) -> int:
    """Run the command of a process, which writes to the streams of this process.

    Args:
        arguments: What follows the name of the program.

    Returns:
        The exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8", newline="\n")  # the same bytes on every machine
    try:
        code = execute(arguments, Screen())
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read along has seen enough; what is left must not fail again at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def execute(arguments: Sequence[str], screen: Screen) -> int:
    """Run a command.

    Args:
        arguments: What follows the name of the program.
        screen: Where to write.

    Returns:
        The exit code.
    """
    try:
        command, bound, wanted = program(screen).parse_args(arguments, exit_on_error=False)
        ours = {"screen": screen, "console": screen.out}
        return int(command(*bound.args, **bound.kwargs, **{name: ours[name] for name in wanted}) or 0)
    except CycloptsError:  # cyclopts has said what was wrong
        return MISUSED
    except ClientLoopError as error:
        screen.fail(error)
        return FAILED
