"""Spaces: one firm's data in a store, made when it is first entered."""

from clientloop.errors import Duplicate, InvalidValue
from clientloop.model.spaces import Space
from clientloop.model.units import Insert, Unit
from clientloop.model.zones import zone_named
from clientloop.ports.store import Store
from clientloop.services.keeping.seals import refuse_sealed


def enter_space(
    store: Store,
    name: str,
    *,
    region: str | None = None,
    zone: str | None = None,
    locale: str | None = None,
    currency: str | None = None,
) -> Space:
    """The space of this name, made if it is not there; the rest counts only when it is made.

    Args:
        store: Where it is.
        name: Its name.
        region: ISO 3166 code where phone numbers without a country code are read.
        zone: IANA name of its zone; UTC if not given.
        locale: BCP 47 tag of the language of its texts; "en" if not given.
        currency: ISO 4217 code of amounts that name none; "EUR" if not given.

    Raises:
        UnknownName: There is no such zone.
        InvalidValue: The name is empty.
        Sealed: The space is on its way to another store.
    """
    refuse_sealed(store, name)
    found = store.get(Space, (name,))
    if found is not None:
        return found
    if not name:
        raise InvalidValue("a space without a name", hint="give it lower-case words, say 'acme'")
    zone_named(zone or "UTC")
    space = Space(space=name, region=region, zone=zone or "UTC", locale=locale or "en", currency=currency or "EUR")
    try:
        store.commit(Unit((Insert(space),)))
    except Duplicate:  # another process was faster
        return enter_space(store, name)
    return space
