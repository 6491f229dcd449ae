"""Spaces: one firm's data in a store, made when it is first entered."""

from collections.abc import Callable, Iterator, Mapping

from attrs import evolve

from clientloop.errors import Conflict, Duplicate, InvalidValue, NotFound, UnknownName, near_matches
from clientloop.model.languages import check_language
from clientloop.model.money import check_currency
from clientloop.model.spaces import Space
from clientloop.model.units import Insert, Unit, Update
from clientloop.model.zones import zone_named
from clientloop.ports.store import Store
from clientloop.rules.people.contacts import check_region
from clientloop.services.keeping.seals import refuse_sealed

#: What the firm says of its space, and what refuses that which cannot be meant.
_CHECKS: Mapping[str, Callable[[str], object]] = {
    "region": check_region,
    "zone": zone_named,
    "locale": check_language,
    "currency": check_currency,
}


def enter_space(
    store: Store,
    name: str,
    *,
    region: str | None = None,
    zone: str | None = None,
    locale: str | None = None,
    currency: str | None = None,
    make: bool = True,
) -> Space:
    """The space of this name, made if it is not there; one that is there must be as it is said to be.

    Args:
        store: Where it is.
        name: Its name.
        region: ISO 3166 code where phone numbers without a country code are read.
        zone: IANA name of its zone; a new space has UTC if not given.
        locale: BCP 47 tag of the language of its texts; a new space has "en" if not given.
        currency: ISO 4217 code of amounts that name none; a new space has "EUR" if not given.
        make: Whether to make one that is not there.

    Raises:
        UnknownName: There is no such region or zone, or no such space, and none is to be made.
        InvalidValue: The name is empty, or the locale or the currency has not the form of one.
        Conflict: The space is there, and has something else than what is given.
        Sealed: The space is on its way to another store.
    """
    refuse_sealed(store, name)
    given = _given(region=region, zone=zone, locale=locale, currency=currency)
    found = store.get(Space, (name,))
    if found is not None:
        _refuse_others(found, given)
        return found
    if not name:
        raise InvalidValue("a space without a name", hint="give it lower-case words, say 'acme'")
    if not make:
        known = store.spaces()
        hint = near_matches(name, known) if known else "there is none yet: `clientloop init` makes one"
        raise UnknownName(f"no space {name!r}", hint=hint)
    _check(given)
    space = Space(space=name, version=1, **given)
    try:
        store.commit(Unit((Insert(space),)))
    except Duplicate:  # another process was faster
        return enter_space(store, name, make=make, **given)
    return space


def change_space(
    store: Store,
    name: str,
    *,
    region: str | None = None,
    zone: str | None = None,
    locale: str | None = None,
    currency: str | None = None,
) -> Space:
    """Change what a space says of its firm; what is not given stays.

    Args:
        store: Where it is.
        name: Its name.
        region: As of `enter_space`.
        zone: As of `enter_space`.
        locale: As of `enter_space`.
        currency: As of `enter_space`.

    Returns:
        The space as it is then.

    Raises:
        NotFound: There is no such space.
        UnknownName: There is no such region or zone.
        InvalidValue: The locale or the currency has not the form of one.
        Conflict: Somebody else has changed it at the same time.
    """
    space = store.get(Space, (name,))
    if space is None:
        raise NotFound(f"there is no space {name!r}", hint="it is made when it is first opened")
    changes = _others(space, _given(region=region, zone=zone, locale=locale, currency=currency))
    if not changes:
        return space
    _check(changes)
    store.commit(Unit((Update(Space, (name,), changes, space.version),)))
    return evolve(space, **changes, version=space.version + 1)


def wrong_in(space: Space) -> Iterator[tuple[str, InvalidValue]]:
    """What a space says that nobody could say today: the name of each field, and why it is refused.

    Args:
        space: The space, as it is stored.
    """
    for name, check in _CHECKS.items():
        value = getattr(space, name)
        try:
            if value is not None:
                check(value)
        except InvalidValue as error:
            yield name, error


def _given(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def _check(given: Mapping[str, str]) -> None:
    for name, value in given.items():
        _CHECKS[name](value)


def _others(space: Space, given: Mapping[str, str]) -> dict[str, str]:
    """What is given and not so in the space."""
    return {name: value for name, value in given.items() if getattr(space, name) != value}


def _refuse_others(space: Space, given: Mapping[str, str]) -> None:
    others = _others(space, given)
    if not others:
        return
    _check(others)
    differing = ", ".join(f"the {name} {getattr(space, name)!r}, not {value!r}" for name, value in others.items())
    call = ", ".join(f"{name}={value!r}" for name, value in others.items())
    options = " ".join(f"--{name} {value}" for name, value in others.items())
    raise Conflict(
        f"space {space.space!r} has {differing}",
        hint=f"open it without that; to change it, `loop.change_space({call})` or `clientloop init --change {options}`",
    )
