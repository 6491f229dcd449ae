"""The command line: a thin face over `ClientLoop`, with the libraries that the extra `cli` brings."""

import sys


def main() -> None:
    """Run the command that the arguments of the process name, and end with its exit code."""
    try:
        from clientloop.cli.app import start
    except ImportError as error:
        sys.exit(_without(error))
    sys.exit(start(sys.argv[1:]))


def _without(error: ImportError) -> str:
    """What to say where a library of the extra is missing; anything else that is missing is a fault of ours."""
    from clientloop.errors import MissingExtra

    library = (error.name or "").partition(".")[0]
    if library not in {"cyclopts", "rich"}:
        raise error
    return f"clientloop: {MissingExtra.of('cli', library)}"
