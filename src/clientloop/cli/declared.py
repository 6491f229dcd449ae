"""The commands on what the installed code declares: processes and plugins. They need no store."""

from clientloop.app import ClientLoop
from clientloop.cli.options import AsJson, OnScreen
from clientloop.cli.screen import Cell, Grid
from clientloop.plugins.reports import PluginReport, Status
from clientloop.rules.loop.drawing import DEADLINE_HEADINGS, MOVE_HEADINGS, deadline_table, table
from clientloop.rules.loop.drawing import mermaid as drawn
from clientloop.services.setup.data import as_data

#: A store that leaves nothing behind.
_NO_STORE = "memory:"


def processes(*, screen: OnScreen) -> None:
    """List the kinds of feedback that are declared.

    Args:
        screen: Where to write.
    """
    with ClientLoop.open(_NO_STORE) as loop:
        declared = loop.context.parts.processes
        newest = [declared.newest(kind) for kind in declared.kinds]
    screen.table(
        Grid(
            columns=("kind", "title", "version", "states", "ends"),
            rows=[
                (
                    found.process.kind,
                    found.process.title,
                    str(found.process.version),
                    ", ".join(filter(found.is_open, found.states)),
                    ", ".join(found.process.ends),
                )
                for found in newest
            ],
            numbers=frozenset({"version"}),
        )
    )


def show_process(kind: str, /, *, mermaid: bool = False, screen: OnScreen) -> None:
    """Show the process of a kind: its moves and its deadlines, the firm's standard.

    Args:
        kind: The kind of feedback.
        mermaid: Draw it as a state diagram of Mermaid instead.
        screen: Where to write.
    """
    with ClientLoop.open(_NO_STORE) as loop:
        found = loop.context.loop_of(kind)
    if mermaid:
        return screen.line(drawn(found).rstrip("\n"))
    screen.line(f"{found.process.title}, version {found.process.version}", "bold")
    screen.line("who: o owner, s superior, y the system, c the customer; T: the customer is told")
    screen.line()
    screen.table(Grid(columns=MOVE_HEADINGS, rows=table(found)))
    screen.line()
    return screen.table(Grid(columns=DEADLINE_HEADINGS, rows=deadline_table(found.deadlines)))


def plugins(*, json: AsJson = False, screen: OnScreen) -> None:
    """List the plugins: whether each works, what it adds, and why a broken one is not used.

    Args:
        json: Write JSON, for a program.
        screen: Where to write.
    """
    with ClientLoop.open(_NO_STORE) as loop:
        report = loop.registry.report()
    if json:
        return screen.json(as_data(report))
    return screen.table(
        Grid(
            columns=("plugin", "version", "status", "provides", "cause"),
            rows=[
                (
                    plugin.name,
                    " ".join(filter(None, (plugin.distribution, plugin.version))),
                    Cell(text=plugin.status, style="red" if plugin.status is Status.BROKEN else "green"),
                    _provided(plugin),
                    plugin.cause or plugin.last_failure,
                )
                for plugin in report
            ],
        )
    )


def _provided(plugin: PluginReport) -> str:
    added = [f"{sort.words} {', '.join(names)}" for sort, names in plugin.provides.items()]
    return "; ".join([*added, *(f"hears {fact}" for fact in plugin.observes)])
