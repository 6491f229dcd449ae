"""What people of the firm put on an item for one another: notes with mentions, tags, watchers.

Tags and watchers say how an item is found and who hears of it, not that somebody works on it: they leave the time alone
at which it was last touched. A note does touch it.
"""

import re
from collections.abc import Collection, Iterable

from clientloop.errors import UnknownName
from clientloop.rules.loop.draft import Draft

#: Where a name may follow: "ana@example.com" mentions nobody.
_AT = re.compile(r"(?<!\w)@(?=\w)")

#: What stands where a name was meant.
_WORD = re.compile(r"\w+(?:[.-]\w+)*")


def mentions(note: str, names: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Whom a note mentions as "@name", exactly as the name is written.

    Args:
        note: What somebody wrote.
        names: The names that there are; of two that begin alike, the longer one counts.

    Returns:
        The names mentioned, and the words after an "@" that are nobody's name; each once, in order.

    >>> mentions("@mia please ask @Ana Novak, not @bob.", {"mia", "Ana", "Ana Novak"})
    (('mia', 'Ana Novak'), ('bob',))
    """
    longest_first = sorted(names, key=len, reverse=True)
    found: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for at in _AT.finditer(note):
        name = next((name for name in longest_first if _stands_at(name, note, at.end())), None)
        if name is not None:
            found[name] = None
        elif word := _WORD.match(note, at.end()):
            unknown[word[0]] = None
    return tuple(found), tuple(unknown)


def _stands_at(name: str, note: str, start: int) -> bool:
    """Whether a whole name begins here, not the beginning of a longer word."""
    end = start + len(name)
    return note.startswith(name, start) and not (note[end - 1 : end].isalnum() and note[end : end + 1].isalnum())


#: What an item's `data` calls the time at which the customer last wrote about it, where that moved it nowhere.
WROTE = "wrote_at"


def hear(draft: Draft) -> None:
    """The customer has written: whatever the item waits for, it is not silence that comes."""
    draft.data[WROTE] = draft.case.now.isoformat()


def mention(draft: Draft) -> None:
    """Whoever is mentioned in the note watches the item from now on."""
    found, unknown = mentions(str(draft.case.value("note")), draft.case.known.staff)
    if found:
        draft.record["mentioned"] = list(found)
        _set(draft, "watchers", [*draft.case.item.watchers, *found])
    if unknown:
        draft.record["not_found"] = list(unknown)


def tag(draft: Draft) -> None:
    """The item is marked with these tags."""
    _mark(draft, "tags", [*draft.case.item.tags, *draft.case.given["tags"]])


def untag(draft: Draft) -> None:
    """The item is marked with these tags no more."""
    _mark(draft, "tags", [tag for tag in draft.case.item.tags if tag not in draft.case.given["tags"]])


def watch(draft: Draft) -> None:
    """These members hear of its moves; while a space has no members, any name may."""
    staff, names = draft.case.known.staff, draft.case.given["watchers"]
    for name in names if staff else ():
        if name not in staff:
            raise UnknownName.among(name, staff, what="member")
    _mark(draft, "watchers", [*draft.case.item.watchers, *names])


def unwatch(draft: Draft) -> None:
    """These members hear of it no more."""
    _mark(draft, "watchers", [name for name in draft.case.item.watchers if name not in draft.case.given["watchers"]])


def _mark(draft: Draft, field: str, names: Iterable[str]) -> None:
    _set(draft, field, names)
    draft.touches = False


def _set(draft: Draft, field: str, names: Iterable[str]) -> None:
    draft.changes[field] = tuple(dict.fromkeys(names))
