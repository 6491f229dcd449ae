"""Applies unified diffs, where a machine with Python and pip alone has no program for it."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

#: "@@ -12,7 +12,8 @@": of each side, the first line and how many; one if that is not said.
_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")


class Stale(Exception):
    """A patch does not fit the file that it changes."""


def apply(patch: str, root: Path) -> None:
    """Change the files under a folder as a patch says; the first part of its paths, `a/` or `b/`, is left out.

    A hunk is found by its lines, wherever they stand, and must fit exactly one place.

    Args:
        patch: A unified diff; lines before the first file are a comment.
        root: The folder.

    Raises:
        Stale: A file or a place is not there, or a place is there more than once.
    """
    for path, before, after in _hunks(patch.splitlines()):
        file = root / path
        if not file.is_file():
            raise Stale(f"{path} is not there any more: write the patch anew")
        lines = file.read_text(encoding="utf-8").splitlines()
        places = [at for at in range(len(lines) - len(before) + 1) if lines[at : at + len(before)] == list(before)]
        if len(places) != 1:
            raise Stale(
                f"{path} has {len(places)} places that look like this, write the patch anew:\n" + "\n".join(before)
            )
        lines[places[0] : places[0] + len(before)] = after
        file.unlink()  # it may be a link to another copy's
        file.write_text("\n".join([*lines, ""]), encoding="utf-8")


def _hunks(lines: Sequence[str]) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    """The path of each hunk, with its lines before and after the change."""
    path, at = "", 0
    while at < len(lines):
        if lines[at].startswith("+++ "):
            path = lines[at].removeprefix("+++ ").partition("\t")[0].partition("/")[2]
        found = _HUNK.match(lines[at])
        at += 1
        if found is None:
            continue
        left, right = (int(count or 1) for count in found.groups())
        before: list[str] = []
        after: list[str] = []
        while len(before) < left or len(after) < right:
            if at == len(lines):
                raise Stale(f"the patch of {path} ends in the middle of a hunk")
            mark, words = lines[at][:1], lines[at][1:]
            before += [words] if mark != "+" else []
            after += [words] if mark != "-" else []
            at += 1
        yield path, before, after
