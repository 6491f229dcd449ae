"""What Markdown needs to know of our docstrings: that a doctest and an indented drawing are code."""

import re
import textwrap
from typing import Any

import griffe

_DOCTEST = re.compile(r"^( *)>>> .*(?:\n(?! *$) *.*)*", re.MULTILINE)
_LITERAL = re.compile(r"^ *::\n\n((?:(?: {4}.*)?\n)+)", re.MULTILINE)


class Fences(griffe.Extension):
    """Puts doctests and literal blocks between fences."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of an object once it is loaded."""
        if obj.docstring:
            obj.docstring.value = fenced(obj.docstring.value)


def fenced(text: str) -> str:
    """A docstring with its doctests and literal blocks between fences.

    Args:
        text: The docstring without its indentation.
    """
    text = _DOCTEST.sub(lambda found: _fence("pycon", found[0], indent=found[1]), text)
    return _LITERAL.sub(lambda found: _fence("text", textwrap.dedent(found[1]).rstrip(), indent=""), text)


def _fence(language: str, code: str, *, indent: str) -> str:
    return f"{indent}```{language}\n{code}\n{indent}```\n"
