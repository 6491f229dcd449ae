"""Cells that a spreadsheet would take for a formula: made harmless when they are written, and as they were when read.

A customer may write `=HYPERLINK(...)` into a form, and phone numbers begin with `+`. A spreadsheet that opens a CSV
file takes such cells for formulas. An apostrophe before them makes them text; whoever reads the file takes one away
again, so that nothing is lost: also not a text that began with an apostrophe itself.
"""

import re

#: What begins a formula, also in the full-width forms of the first four, after any number of apostrophes.
_FORMULA = re.compile("'*[-=+@\t\r\n|%\uff1d\uff0b\uff0d\uff20]")


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula.

    >>> harmless("=1+1"), harmless("+38640123456"), harmless("'=1+1"), harmless("It broke")
    ("'=1+1", "'+38640123456", "''=1+1", 'It broke')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def as_it_was(text: str) -> str:
    """A text as it was before it was made harmless.

    >>> as_it_was("'=1+1"), as_it_was("''=1+1"), as_it_was("'tis so")
    ('=1+1', "'=1+1", "'tis so")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
