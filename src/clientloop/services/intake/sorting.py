"""Of which kind a message is: its sender says so, or a rule of the firm, or a classifier; or else a person will."""

from attrs import frozen

from clientloop.errors import UnknownName
from clientloop.model.process import UNSORTED
from clientloop.model.routing import Matter
from clientloop.rules.intake.sorting import sorted_by
from clientloop.services.context import Context


@frozen
class Sorted:
    """The kind of a message, and who said so."""

    #: The kind.
    kind: str
    #: Who: "sender", "rule NAME", "classifier NAME"; None if nobody did.
    by: str | None = None
    #: Why the kind that the sender chose cannot be; None if it can, or none was chosen.
    unread: str | None = None


def sort(context: Context, matter: Matter, chosen: str | None) -> Sorted:
    """Find out of which kind a message is.

    Args:
        context: The space.
        matter: What is known of it; its kind is "unsorted".
        chosen: The kind that its sender chose, if any.
    """
    unread = None
    if chosen is not None:
        try:
            return Sorted(context.loop_of(chosen).process.kind, "sender")
        except UnknownName as error:
            unread = f"{error.message}: {error.hint}"
    rule = sorted_by(matter, context.settings.sorting)
    if rule is not None:
        return Sorted(rule.kind, f"rule {rule.name}", unread)
    told = context.parts.classify(matter)
    if told is not None:
        kind, classifier = told
        return Sorted(kind, f"classifier {classifier}", unread)
    return Sorted(UNSORTED, None, unread)
