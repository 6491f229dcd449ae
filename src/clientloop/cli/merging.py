"""The commands that say which customers are one person, and which customer is two."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from cyclopts import Parameter

from clientloop.app import ClientLoop
from clientloop.cli.naming import called, customer_named, item_named, names_of, read_id
from clientloop.cli.options import HERE, AsJson, ByWhom, OnScreen, Place, actor
from clientloop.cli.screen import Cell, Grid, several
from clientloop.errors import InvalidValue, NotFound
from clientloop.model.codec import Json
from clientloop.model.customers import Customer, Identity, Merge, Suggestion
from clientloop.services.setup.data import as_data


def merge(
    kept: str,
    absorbed: str,
    /,
    *,
    by: ByWhom,
    reason: str,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Show two customers as one person from now on; `customers unmerge` undoes it exactly.

    Args:
        kept: The customer that both are shown as, named as for `customers show`.
        absorbed: The other one.
        by: Who says so.
        reason: Why.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        into, other = customer_named(loop, kept), customer_named(loop, absorbed)
        merged = loop.customers.merge(into, other, by=actor(loop, by), reason=reason)
        if json:
            return screen.json(as_data(merged))
        screen.line(f"{called(other)} is shown as {called(into)} from now on", "bold")
        return screen.copied(f"clientloop customers unmerge {merged.id} --by {by}    (undoes it)")


def unmerge(merge: str, /, *, by: ByWhom, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Undo a merge: both customers are shown by themselves again, each with what is its own.

    Args:
        merge: The id of the merge, or a customer, named as for `customers show`, who was merged but once.
        by: Who says so.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        undone = loop.customers.unmerge(_merge_named(loop, merge), by=actor(loop, by))
        if json:
            return screen.json(as_data(undone))
        names = names_of(loop, (undone.kept, undone.absorbed))
        return screen.line(f"{names[undone.kept]} and {names[undone.absorbed]} are two persons again", "bold")


def _merge_named(loop: ClientLoop, text: str) -> Merge | UUID:
    """A merge by its id, or the only one of a customer that stands."""
    if (number := read_id(text)) is not None and loop.store.get(Customer, (loop.space.space, number)) is None:
        return number
    person = customer_named(loop, text)
    if number is not None and number != person.id:
        return number  # the customer that was absorbed
    standing = [each for each in loop.customers.merges(person) if each.undone_at is None]
    if not standing:
        raise NotFound(f"{called(person)} was not merged with another customer")
    if len(standing) > 1:
        told = "; ".join(f"{each.id} ({each.reason})" for each in standing)
        raise InvalidValue(f"{called(person)} was merged several times", hint=f"name the merge: {told}")
    return standing[0]


def split(
    customer: str,
    /,
    *,
    interaction: Sequence[str] = (),
    address: Sequence[str] = (),
    name: str = "",
    by: ByWhom,
    reason: str,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Give some of what is kept of a customer to a new one, as two persons were taken for one.

    Args:
        customer: The customer who is two persons, named as for `customers show`.
        interaction: What happened with the other one: the number of an item, or the id of an interaction; once each.
        address: An address of the other one; once each.
        name: What the other one is called.
        by: Who says so.
        reason: Why.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        person = customer_named(loop, customer)
        other = loop.customers.split(
            person,
            interactions=[read_id(each) or item_named(loop, each).id for each in interaction],
            identities=[_identity(loop, person, each) for each in address],
            name=name,
            by=actor(loop, by),
            reason=reason,
        )
        if json:
            return screen.json(as_data(other))
        return screen.line(f"{called(other)} is a customer of its own: {other.id}", "bold")


def _identity(loop: ClientLoop, person: Customer, text: str) -> Identity:
    """An address of a person, as it was given or as it is kept."""
    theirs = loop.customers.identities(person)
    found = next((each for each in theirs if text.strip().casefold() in {each.value, each.given.casefold()}), None)
    if found is None:
        raise NotFound(
            f"{text!r:.80} is no address of {called(person)}",
            hint=f"the addresses are {', '.join(each.value for each in theirs) or 'none'}",
        )
    return found


def suggest(*, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Look over all customers for those who may be one person, and suggest them; nobody is merged by it.

    Args:
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = loop.customers.suggest()
    if json:
        return screen.json(as_data(found))
    compared = f"{several(found.customers, 'customer')}, {several(found.compared, 'pair')} compared"
    screen.line(f"{compared}: {found.suggested:,} suggested, {found.settled:,} settled before", "bold")
    if found.crowded:
        screen.line(f"  {several(found.left_out, 'pair')} left out, as too many have the same name or address")
    return screen.copied("clientloop customers suggestions    (lists what nobody has decided on)")


def suggestions(
    *,
    limit: Annotated[int, Parameter(alias="-n")] = 20,
    after: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """List the pairs of customers who may be one person, each with what speaks for and against it.

    Args:
        limit: How many at most.
        after: What the page before gave to go on with.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        page = loop.customers.suggestions(after=after, limit=limit)
        if json:
            return screen.json({"suggestions": as_data(page.items), "next": page.next})
        if not page.items:
            return screen.line("Nobody seems to be there twice.")
        names = names_of(loop, (one for each in page for one in (each.first, each.second)))
        for each in page:
            score = each.evidence["score"]
            screen.pieces(
                Cell(text=f"{score:.0%}  ", style="bold green" if score > _SURE else "bold yellow"),
                Cell(text=f"{names[each.first]}  and  {names[each.second]}", style="bold"),
            )
            screen.table(_signs(each))
            screen.copied(f"clientloop customers merge {each.first} {each.second} --by YOU --reason WHY")
            screen.copied(f"clientloop customers dismiss {each.first} {each.second} --by YOU")
            screen.line()
        if page.next:
            screen.copied(f"There are more: --after {page.next}")
        return None


#: From which score on two customers are one person beyond much doubt.
_SURE = 0.9


def _signs(suggestion: Suggestion) -> Grid:
    """What speaks for and against two customers being one person."""
    return Grid(
        columns=("weight", "sign", "first", "second"),
        rows=[
            (f"{sign['weight']:+}", str(sign["sign"]).replace("_", " "), _shown(sign["first"]), _shown(sign["second"]))
            for sign in suggestion.evidence["signs"]
        ],
        numbers=frozenset({"weight"}),
    )


def _shown(value: Json) -> str:
    return "" if value is None else str(value)


def dismiss(first: str, second: str, /, *, by: ByWhom, place: Place = HERE, screen: OnScreen) -> None:
    """Decide that two customers who may be one person are not; they are not suggested again.

    Args:
        first: One of the two, named as for `customers show`.
        second: The other one.
        by: Who says so.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        one, other = customer_named(loop, first), customer_named(loop, second)
        keys = [(loop.space.space, *pair) for pair in ((one.id, other.id), (other.id, one.id))]
        found = next((each for key in keys if (each := loop.store.get(Suggestion, key)) is not None), None)
        if found is None:
            raise NotFound(
                f"nobody suggested that {called(one)} and {called(other)} are one person",
                hint="`clientloop customers suggestions` lists what was suggested",
            )
        loop.customers.dismiss(found, by=actor(loop, by))
        screen.line(f"{called(one)} and {called(other)} are two persons", "bold")
