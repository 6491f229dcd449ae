"""The commands on the firm as a whole: make its store, do what is due."""

from attrs import evolve

from clientloop.app.addresses import without_password
from clientloop.cli.options import HERE, OnScreen, Place, enter
from clientloop.cli.screen import several
from clientloop.services.setup.config import SpaceConfig


def init(
    url: str | None = None,
    /,
    *,
    region: str | None = None,
    zone: str | None = None,
    locale: str | None = None,
    currency: str | None = None,
    change: bool = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Make a store and a firm in it; harmless where both are there.

    What the options and the configuration file say of a firm that is there must be what was said when it was made.

    Args:
        url: The address of the store, as --store.
        region: ISO 3166 code where phone numbers without a country code are read, say SI.
        zone: IANA name of the firm's zone, say Europe/Ljubljana; UTC if not given.
        locale: BCP 47 tag of the language of its texts; en if not given.
        currency: ISO 4217 code of amounts that name none; EUR if not given.
        change: Give the firm that is there the region, zone, locale and currency that are named.
        place: Where to make it.
        screen: Where to write.
    """
    config = evolve(place, store=url or place.store).read()
    firm = config.space
    given = evolve(
        firm,
        region=region or firm.region,
        zone=zone or firm.zone,
        locale=locale or firm.locale,
        currency=currency or firm.currency,
    )
    entered = SpaceConfig(name=firm.name) if change else given
    with enter(evolve(config, space=entered), place.now) as loop:
        if change:
            loop.change_space(region=given.region, zone=given.zone, locale=given.locale, currency=given.currency)
        space = loop.space
        screen.line(f"{without_password(config.store)} is ready.", "bold")
        screen.line(f"  space {space.space}, region {space.region or 'not set'}, zone {space.zone}, {space.currency}")
        screen.line(f"  kinds of feedback: {', '.join(loop.context.parts.processes.kinds)}")


def run(*, place: Place = HERE, screen: OnScreen) -> None:
    """Poll channels, hand over work, take the steps of deadlines, do what is due by night, send what waits; all once.

    Let cron or a systemd timer call it every few minutes; several at once do no harm. It works for all firms of the
    store; with --space for this one alone.

    Args:
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        ran = loop.run_due() if place.space is None else loop.run_space()
        fetched = f"{several(ran.fetched, 'message')} fetched, " if ran.polls else ""
        reread = f"{several(ran.reread, 'message')} read again, " if ran.reread else ""
        begun = f"{several(ran.absences, 'absence')} looked at, " if ran.absences else ""
        begun += f"{several(ran.routines, 'routine')} done, " if ran.routines else ""
        taken = f"{several(ran.accepted, 'message')} accepted, {ran.failed} failed"
        screen.line(f"{fetched}{reread}{begun}{several(ran.timers, 'item')} looked at, {taken}")
