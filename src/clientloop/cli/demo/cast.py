"""Who is in the demo: a mail-order shop for furniture in Slovenia, its staff, its customers and what it has set."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from attrs import frozen

from clientloop.model.calendar import Calendar, Hours, working_days
from clientloop.model.customers import CustomerClass
from clientloop.model.feedback import Priority
from clientloop.model.work import Role

#: What the firm is called.
FIRM = "Pohištvo Lipa, furniture by mail order, Ljubljana"

#: Where it works.
REGION, ZONE, CURRENCY = "SI", "Europe/Ljubljana", "EUR"


def at(text: str) -> datetime:
    """A time by the wall clock of the firm.

    >>> at("2026-04-01 08:00").isoformat()
    '2026-04-01T08:00:00+02:00'
    """
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


#: The month: from its first morning to the hour at which the newcomer looks.
BEGIN, END = at("2026-04-01 07:00"), at("2026-04-30 15:00")

_MORNING, _AFTERNOON = Hours.parse("08:00-12:00"), Hours.parse("12:30-16:30")

CALENDAR = Calendar(
    name="shop",
    zone=ZONE,
    week=dict.fromkeys(range(5), (_MORNING, _AFTERNOON)),
    holidays=frozenset({date(2026, 4, 6), date(2026, 4, 27), date(2026, 5, 1)}),
    special={date(2026, 4, 24): (_MORNING,)},  # stock-taking in the afternoon
)


@frozen(kw_only=True)
class Person:
    """Somebody who works for the firm."""

    #: The name that owns items.
    name: str
    #: What the person does.
    does: str
    #: Whether the person decides above the owners.
    superior: bool = False

    @property
    def roles(self) -> tuple[Role, ...]:
        """What the person may do."""
        return (Role.OWNER, Role.SUPERIOR) if self.superior else (Role.OWNER,)

    @property
    def address(self) -> str:
        """Where alerts go, by e-mail."""
        return f"{self.name}@lipa.example"


STAFF = (
    Person(name="alenka", does="owner of the firm", superior=True),
    Person(name="marko", does="head of customer service", superior=True),
    Person(name="maja", does="customer service"),
    Person(name="nejc", does="customer service"),
    Person(name="tine", does="customer service"),
)

#: Who deals with customers' words.
AGENTS = ("maja", "nejc", "tine")

#: Who deals out new items and decides; and who decides when that has been appealed against.
HEAD, APPEALS = "marko", "alenka"

#: Who was ill, from when until when; nobody had been named to stand in.
ABSENT, ABSENT_FROM, ABSENT_TO = "tine", at("2026-04-13 08:00"), at("2026-04-20 08:00")

#: The channels that the firm has, and how often customers use each.
CHANNELS = {"email": 9, "phone": 5, "form": 4}

#: The channels on which the receipt is acknowledged by itself.
ACKNOWLEDGED = frozenset({"email", "form"})

#: "Bought this, offer that".
OFFERS = {
    "dining table Bohinj": "set of wood oil",
    "armchair Soča": "footstool Soča",
    "bookcase Triglav": "lamp Zarja",
    "bed Pohorje": "mattress Oblak",
    "desk Kras": "office chair Veter",
}

#: What it sells, with the price in cents.
PRODUCTS = {
    "dining table Bohinj": 64_900,
    "armchair Soča": 38_900,
    "bookcase Triglav": 21_900,
    "bed Pohorje": 79_900,
    "desk Kras": 29_900,
    "wardrobe Nanos": 54_900,
}

#: What the firm has set, by the names of `Settings`.
SETTINGS = {
    "calendar": CALENDAR,
    "acknowledge": ACKNOWLEDGED,
    "offers": OFFERS,
    "redress_limit": 5_000,
    "class_priority": {CustomerClass.A: Priority.HIGH},
    "class_deadlines": {CustomerClass.A: {"complaint.solution": working_days(5)}},
}


@frozen(kw_only=True)
class Buyer:
    """A customer of the firm."""

    #: What the customer is called.
    name: str
    #: Attractiveness.
    customer_class: CustomerClass
    #: The address of the customer.
    email: str
    #: The number of the customer.
    phone: str
    #: Whether the customer allows marketing.
    allows_marketing: bool


def _buyers(customer_class: CustomerClass, first: int, names: str) -> tuple[Buyer, ...]:
    """Customers of one class; every second one allows marketing."""
    return tuple(
        Buyer(
            name=name.strip(),
            customer_class=customer_class,
            email=f"{_ascii(name.strip())}@example.com",
            phone=f"040 123 4{number:02}",
            allows_marketing=number % 2 == 0,
        )
        for number, name in enumerate(names.split(","), first)
    )


def _ascii(name: str) -> str:
    return name.lower().translate(str.maketrans("čćšžđ ", "ccszd."))


BUYERS = (
    *_buyers(CustomerClass.A, 0, "Irena Kovač, Bojan Zupan, Petra Golob, Andrej Kos, Silva Vidmar, Jure Turk"),
    *_buyers(
        CustomerClass.B,
        6,
        "Ana Bizjak, Gregor Kralj, Nina Hribar, Matej Oblak, Urška Kolar, Rok Mlakar, Darja Kotnik, Luka Pirc, "
        "Eva Medved, Tomaž Rozman, Katja Petek, Aleš Koren, Sonja Furlan, Igor Lesjak",
    ),
    *_buyers(
        CustomerClass.C,
        20,
        "Vesna Hočevar, Blaž Jereb, Mateja Tomšič, Simon Kavčič, Tanja Bregar, Uroš Mohorič, Barbara Logar, "
        "Peter Šuštar, Maruša Lah, David Ravnikar, Helena Cerar, Miha Dolenc, Alja Žagar, Jan Pavlin, Zala Sever, "
        "Milan Gorenc, Lidija Primc, Klemen Erjavec, Špela Uršič, Franc Zorman",
    ),
)

#: Addresses that no longer exist, which nobody knows yet.
BOUNCING = frozenset({"simon.kavcic@example.com", "lidija.primc@example.com", "+38640123431"})
