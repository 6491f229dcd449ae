"""HTML in which nothing is left to escape: text becomes text, whatever it holds."""

import html


class Html(str):
    """Markup that is safe to write as it is; only `element` and `document` make it of plain text."""

    __slots__ = ()


#: Elements without content and end (WHATWG HTML, 13.1.2).
_VOID = frozenset({"input", "link", "meta"})


def element(name: str, /, *content: str, **attributes: str | bool | None) -> Html:
    """One element.

    Args:
        name: Its name.
        content: What is in it: markup as it is, text escaped.
        attributes: Its attributes, `aria_label` for `aria-label` and `for_` for `for`; True for one without a value,
            False and None for none.

    >>> element("label", "Rock & roll", for_="cl-text", hidden=True)
    '<label for="cl-text" hidden>Rock &amp; roll</label>'
    """
    head = "".join([f"<{name}", *map(_attribute, attributes, attributes.values()), ">"])
    return Html(head if name in _VOID else f"{head}{joined(*content)}</{name}>")


def joined(*content: str) -> Html:
    """Pieces one after the other: markup as it is, text escaped."""
    return Html("".join([piece if isinstance(piece, Html) else html.escape(piece) for piece in content]))


def document(root: Html) -> Html:
    """A whole page."""
    return Html(f"<!DOCTYPE html>\n{root}\n")


def _attribute(name: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    written = name.rstrip("_").replace("_", "-")
    return f" {written}" if value is True else f' {written}="{html.escape(value)}"'
