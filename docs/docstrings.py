"""What Markdown needs to know of our docstrings: that a doctest and an indented drawing are code."""

import re
import textwrap
from typing import Any

import griffe

_DOCTEST = re.compile(r"^( *)>>> .*(?:\n(?! *$) *.*)*", re.MULTILINE)
_LITERAL = re.compile(r"^( *)(\S.*)?::\n\n((?:\n|\1 {4}.*(?:\n|\Z))+)", re.MULTILINE)


class Fences(griffe.Extension):
    """Puts doctests and literal blocks between fences."""

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Rewrite the docstring of the package itself, which is not told as an object."""
        _rewrite(pkg)

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of an object once it is loaded."""
        _rewrite(obj)


def _rewrite(obj: griffe.Object) -> None:
    if obj.docstring:
        obj.docstring.value = fenced(obj.docstring.value)


def fenced(text: str) -> str:
    """A docstring with its doctests and literal blocks between fences.

    Args:
        text: The docstring without its indentation.
    """
    text = _DOCTEST.sub(lambda found: _fence("pycon", found[0], indent=found[1]), text)
    return _LITERAL.sub(_literal, text)


def _literal(found: re.Match[str]) -> str:
    indent, sentence, code = found.groups(default="")
    fence = _fence("text", textwrap.indent(textwrap.dedent(code).strip("\n"), indent), indent=indent)
    return f"{indent}{sentence}:\n\n{fence}\n" if sentence else f"{fence}\n"


def _fence(language: str, code: str, *, indent: str) -> str:
    return f"{indent}```{language}\n{code}\n{indent}```\n"
