"""What a page has to keep to, checked without anything of what made it: well-formed, labelled, without scripts."""

from collections import Counter
from html.parser import HTMLParser

VOID = {"input", "link", "meta", "br", "img", "hr"}
CONTROLS = {"input", "select", "textarea"}
#: What a strict content security policy forbids, or what loads and runs.
FORBIDDEN = {"script", "style", "iframe", "object", "embed", "base", "svg", "math"}
#: Attributes that name ids of the page.
REFERENCES = ("for", "aria-labelledby", "aria-describedby")


class Checker(HTMLParser):
    """Reads one page and collects what is wrong with it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self._ids: Counter[str] = Counter()
        self._references: list[str] = []
        self._labelled: set[str] = set()
        self._controls: list[str | None] = []
        self._groups: dict[str, set[bool]] = {}
        self._headings: list[int] = []
        self._legends: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See an element begin."""
        found = dict(attrs)
        if len(found) != len(attrs):
            self.faults.append(f"{tag} has an attribute twice")
        if tag in FORBIDDEN:
            self.faults.append(f"{tag} is not allowed")
        self.faults += [f"{tag} has {name}" for name in found if name.startswith("on") or name == "style"]
        self._see_references(found)
        if tag in CONTROLS and found.get("type") != "hidden":
            self._controls.append(found.get("id"))
        if found.get("type") == "radio":
            self._groups.setdefault(found["name"] or "", set()).add("fieldset" in self._open)
        if tag == "fieldset":
            self._legends.append(False)
        if tag == "legend":
            self._legends[-1] = True
        if tag in {"h1", "h2", "h3"}:
            self._headings.append(int(tag[1]))
        if tag == "html" and (not found.get("lang") or found.get("dir") not in {"ltr", "rtl"}):
            self.faults.append("html says no language or direction")
        if tag not in VOID:
            self._open.append(tag)

    def _see_references(self, found: dict[str, str | None]) -> None:
        if "id" in found:
            self._ids[found["id"] or ""] += 1
        for name in REFERENCES:
            self._references += (found.get(name) or "").split()
        self._labelled |= {found["for"] or ""} if "for" in found else set()
        target = found.get("href") or ""
        if target.startswith("#"):
            self._references.append(target[1:])
        elif target.lower().lstrip().startswith(("javascript:", "data:")):
            self.faults.append(f"a link to {target}")

    def handle_endtag(self, tag: str) -> None:
        """See an element end."""
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"{tag} ends where it was not open")

    def handle_data(self, data: str) -> None:
        """See text."""
        self.text += data

    def all_faults(self) -> list[str]:
        """Everything that is wrong with the page."""
        self.close()
        faults = self.faults + [f"{tag} does not end" for tag in self._open]
        faults += [f"the id {name!r} is there {count} times" for name, count in self._ids.items() if count != 1]
        faults += [f"nothing has the id {name!r}" for name in self._references if name not in self._ids]
        faults += [f"the control {name!r} has no label" for name in self._controls if name not in self._labelled]
        faults += [f"the choice {name!r} is in no group" for name, inside in self._groups.items() if inside != {True}]
        faults += ["a group has no legend"] * self._legends.count(False)
        if self._headings[:1] != [1] or self._headings.count(1) != 1:
            faults.append("the page has no one first heading")
        return faults


def faults(page: str) -> list[str]:
    """What is wrong with a page."""
    checker = Checker()
    checker.feed(page)
    return checker.all_faults()


def text(page: str) -> str:
    """What people read on a page."""
    checker = Checker()
    checker.feed(page)
    return checker.text
