"""Spaces: what is said of a firm is looked at when it is kept, held against what was kept, and changed on request."""

import pytest

from clientloop import ClientLoop, Conflict, InvalidValue, UnknownName
from clientloop.channels.desk.entries import Call
from clientloop.model.interactions import InteractionKind
from clientloop.model.money import Money
from clientloop.model.spaces import Space
from clientloop.model.units import Unit, Update
from clientloop.services.setup.spaces import change_space

FIRM = {"region": "SI", "zone": "Europe/Ljubljana", "locale": "sl", "currency": "EUR"}
OTHER = {"region": "AT", "zone": "Europe/Vienna", "locale": "de-AT", "currency": "CHF"}

MISTYPED = [
    ("region", "si", "no region 'si': did you mean 'SI'"),
    ("region", "UK", "did you mean 'GB'"),
    ("region", "Atlantis", "two letters of ISO 3166"),
    ("zone", "Europe/Lubljana", "did you mean 'Europe/Ljubljana'"),
    ("zone", "", "no time zone"),
    ("locale", "english", "no tag of a language: give one of BCP 47"),
    ("locale", "xx_YY", "did you mean 'xx-YY'"),
    ("currency", "eur", "did you mean 'EUR'"),
    ("currency", "euro", "three letters of ISO 4217"),
]


@pytest.fixture
def loop():
    """A firm in memory."""
    with ClientLoop.open("memory:", entry_points=False, **FIRM) as opened:
        yield opened


def spoken(loop, call):
    """The address of an answer to somebody who rang without the code of the country."""
    note = Call(call=call, operator="kim", kind="complaint", text="It is late", phone="040 123 456")
    [event] = loop.write_down(note).events
    return loop.feedback.get(event.became).reply_to


@pytest.mark.parametrize(("name", "value", "message"), MISTYPED)
def test_what_is_mistyped_is_not_kept(loop, name, value, message):
    """A space is not made with it, nor changed to it, nor opened by it."""
    for attempt in (
        lambda: loop.in_space("acme", **{name: value}),
        lambda: loop.change_space(**{name: value}),
        lambda: loop.in_space("main", **{name: value}),
    ):
        with pytest.raises(InvalidValue, match=message):
            attempt()
    assert loop.store.get(Space, ("acme",)) is None
    assert loop.in_space("main").space == loop.space == Space(space="main", **FIRM)


def test_a_space_is_entered_again_by_its_name_or_by_what_was_kept(loop):
    """Whoever says nothing more, or the same once more, gets it as it is."""
    assert loop.in_space("main").space == loop.in_space("main", **FIRM).space == loop.space


@pytest.mark.parametrize("name", FIRM)
def test_what_differs_from_what_was_kept_is_refused(loop, name):
    """Both are named, and the way to change it, which is true."""
    with pytest.raises(Conflict, match=f"space 'main' has the {name} '{FIRM[name]}', not '{OTHER[name]}'") as refused:
        loop.in_space("main", **{name: OTHER[name]})
    assert f"loop.change_space({name}='{OTHER[name]}')" in str(refused.value)
    loop.change_space(**{name: OTHER[name]})
    assert loop.in_space("main", **{**FIRM, name: OTHER[name]}).space == loop.space


def test_a_changed_region_reads_phone_numbers_from_then_on(loop):
    """The next number is read where the firm is now, also by who opens the space later."""
    assert spoken(loop, "1") == "+38640123456"
    loop.change_space(region="AT")
    assert spoken(loop, "2") == spoken(loop.in_space("main"), "3") == "+4340123456"


def test_what_is_not_given_stays_and_changes_are_counted(loop):
    """One change counts one, and to change nothing writes nothing."""
    assert loop.change_space(currency="CHF") == Space(space="main", version=2, **{**FIRM, "currency": "CHF"})
    assert loop.change_space(currency="CHF", region="SI") == loop.space == loop.store.get(Space, ("main",))


def test_two_changes_at_once_conflict(loop):
    """Of two who have seen the same, the slower one is refused."""

    class Slow:
        """A store in which somebody else changes the space after it was read."""

        def get(self, cls, key):
            """As it was."""
            found = loop.store.get(cls, key)
            change_space(loop.store, "main", zone="Europe/Rome")
            return found

        commit = loop.store.commit

    with pytest.raises(Conflict, match="version"):
        change_space(Slow(), "main", currency="CHF")
    assert (loop.in_space("main").space.zone, loop.in_space("main").space.currency) == ("Europe/Rome", "EUR")


def test_what_was_kept_before_it_was_looked_at_opens_and_is_mended(loop):
    """A space with a region and a currency that are none is entered by its name, and works; a change mends it."""
    loop.store.commit(Unit((Update(Space, ("main",), {"region": "si", "currency": "eur"}),)))
    old = loop.in_space("main")
    assert spoken(old, "1") is None
    old.change_space(region="SI", currency="EUR")
    assert spoken(old, "2") == "+38640123456"


def test_money_in_a_currency_that_is_none_is_read_and_reported(loop):
    """What was stored before currencies were looked at stays in reports, under its own name."""
    ana = loop.customers.add(name="Ana")
    bought = loop.interactions.record(
        kind=InteractionKind.PURCHASE, channel="shop", customer=ana, money=Money.stored(12_50, "€")
    )
    assert bought.money == Money.stored(12_50, "€")
    [row] = loop.reports.sources(touch="first")
    assert row.revenue.left_out == (Money.stored(12_50, "€"),)


def test_a_region_that_is_none_is_no_setting(loop):
    """The setting of the same name is looked at in the same way."""
    with pytest.raises(UnknownName, match="did you mean 'SI'"):
        loop.settings.set("region", "si")
    loop.settings.set("region", "AT")
    assert spoken(loop, "1") == "+4340123456"
