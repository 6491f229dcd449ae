import pytest

from clientloop.channels.mail.flowed import unflowed
from clientloop.channels.mail.markup import to_plain


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>Two<br/><br />Three", "One\nTwo\n\nThree"),
        ("<div>One</div>\n<div>Two</div>", "One\nTwo"),
        ("a &lt;b&gt; &amp; &#381; &nope; &", "a <b> & Ž &nope; &"),
        ("a&nbsp;&nbsp; b\n\n c", "a b c"),
        ("<ul><li>One<li>Two</ul>", "- One\n- Two"),
        ("<table><tr><td>One<td>Two<tr><td>Three</table>", "One Two\nThree"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        (
            "Yes<blockquote>Really?<br>Sure?<blockquote>Old</blockquote></blockquote>No",
            "Yes\n\n> Really?\n> Sure?\n\n> > Old\n\nNo",
        ),
        ("<head><title>T</title></head><style>p{}</style><script>if (a<b) {}</script>a<!-- c > d -->b", "ab"),
        ("<a href='x'>link</a> <b>bold</b>", "link bold"),
        ('<img alt="a > b">text', "text"),
        ("<STYLE>x</STYLE >a<![CDATA[x]]>b<?xml y?>c<!DOCTYPE z>d", "abcd"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("1 <2 <3", "1 <2 <3"),
        ("text <b", "text <b"),
        ("a <!-- b", "a <!-- b"),
        ("a <style>b", "a b"),
        ("</p></p>a</blockquote>b", "a\n\nb"),
        ("", ""),
        ("<>a</>", "<>a</>"),
    ],
)
def test_html_is_reduced_to_its_text(markup: str, text: str) -> None:
    """Blocks are lines, quotations are marked, what is not shown is left out, and broken HTML keeps its words."""
    assert to_plain(markup) == text


def test_quotes_within_quotes_are_not_indented_without_end() -> None:
    """However many quotations lie in one another, a line is at most so much longer."""
    assert to_plain("<blockquote>" * 1_000 + "x") == "> " * 10 + "x"


@pytest.mark.parametrize(
    ("text", "delete", "joined"),
    [
        ("a \nb\nc", False, "a b\nc"),
        ("a \nb", True, "ab"),
        ("> a \n> b\nc", False, "> a b\nc"),
        ("> a \nb", False, "> a \nb"),
        (" From me\n >x", False, "From me\n>x"),
        ("a\n-- \nAna \nNovak", False, "a\n-- \nAna Novak"),
        ("ends ", False, "ends "),
        (">> a \n>> b", False, ">> a b"),
    ],
)
def test_soft_line_breaks_are_undone(text: str, delete: bool, joined: str) -> None:
    """Lines are joined within one depth of quotation, never with a signature."""
    assert unflowed(text, delete_space=delete) == joined
