"""What a firm can set, with the defaults."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Self

from attrs import evolve, field, frozen

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.calendar import Calendar, Clock, Hours, Span, days, hours
from clientloop.model.codec import Json
from clientloop.model.customers import CustomerClass, Purpose
from clientloop.model.feedback import Priority
from clientloop.model.improvements import Burst, Urgency
from clientloop.model.permission import Cap
from clientloop.model.routing import Route
from clientloop.model.sorting import SortRule
from clientloop.model.targets import Target
from clientloop.rules.outgoing.consent import NEED_CONSENT
from clientloop.rules.staff.rights import UNRESTRICTED, Rights
from clientloop.rules.words import Sought


def _check_lengths(_: object, __: object, of_class: Mapping[CustomerClass, Mapping[str, Span]]) -> None:
    for spans in of_class.values():
        for name, span in spans.items():
            if not span.amount:
                raise InvalidValue(f"{name} in no time at all", hint="give a length of more than nothing")


def _check_routes(_: object, __: object, routes: tuple[Route, ...]) -> None:
    names = Counter(route.name for route in routes)
    for name, times in names.items():
        if times > 1:
            raise InvalidValue(f"{times} routes are called {name!r}", hint="journals tell them apart by their names")


def _check_sorting(_: object, __: object, rules: tuple[SortRule, ...]) -> None:
    for name, times in Counter(rule.name for rule in rules).items():
        if times > 1:
            raise InvalidValue(f"{times} rules are called {name!r}", hint="interactions name the rule that sorted them")
    for words in (words for rule in rules for words in rule.words):
        Sought.read(words)


def _check_targets(_: object, __: object, targets: tuple[Target, ...]) -> None:
    for name, times in Counter(target.name for target in targets).items():
        if times > 1:
            raise InvalidValue(f"{times} targets are called {name!r}", hint="alerts tell them apart by their names")


def _check_window(_: object, __: object, window: Span) -> None:
    if window.clock is not Clock.ELAPSED or not window.amount:
        raise InvalidValue(f"one automatic reply in {window}", hint='give minutes, hours or days, as in "24 hours"')


def _check_bursts(_: object, __: object, bursts: tuple[Burst, ...]) -> None:
    for name, times in Counter(burst.name for burst in bursts).items():
        if times > 1:
            raise InvalidValue(
                f"{times} bursts are called {name!r}", hint="incidents name the burst that proposed them"
            )


def _check_rights(_: object, __: object, rights: Rights) -> None:
    for role in rights.keys() & UNRESTRICTED:
        raise InvalidValue(
            f"rights of the {role}", hint="rights are of people of the firm: of the owner or the superior"
        )


def _check_caps(_: object, __: object, caps: Mapping[Purpose, Cap]) -> None:
    for purpose in caps.keys() - NEED_CONSENT:
        raise InvalidValue(
            f"a cap on {purpose.value} messages", hint="answers are never too many: cap survey and marketing"
        )


#: What others hold good: see "Whom the firm writes to" in the documentation.
_CAPS = {Purpose.SURVEY: Cap(most=1, within=days(30)), Purpose.MARKETING: Cap(most=2, within=days(7))}


def _check_silence(_: object, __: object, silence: Mapping[str, Span]) -> None:
    for name, span in silence.items():
        if not span.amount:
            raise InvalidValue(f"{name} silent for no time at all", hint="give a length of more than nothing")


def _check_rates(_: object, __: object, rates: Mapping[str, str]) -> None:
    for name, rate in rates.items():
        if not (_RATE.fullmatch(rate) and rate.strip("0.")):
            raise InvalidValue(f"{rate!r:.40} is no rate of {name}", hint='write a decimal number, as "0.92"')


#: An exact number of more than nothing.
_RATE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


def _check_reassess(_: object, __: object, every: Span | None) -> None:
    if every is not None and (every.clock is not Clock.ELAPSED or not every.amount):
        raise InvalidValue(f"reassessed every {every}", hint='give hours or days, as in "1 day"')


@frozen(kw_only=True)
class Settings:
    """What a firm has set; every field is one setting, stored under its name.

    >>> Settings(calendar=Calendar.standard("UTC")).redress_limit
    """

    #: When the firm works.
    calendar: Calendar
    #: Calendars by name, for the teams and members that work other hours than the firm.
    calendars: Mapping[str, Calendar] = field(factory=dict)
    #: Where phone numbers without a country code are read: ISO 3166.
    region: str | None = None
    #: Redress above this many minor units needs a superior; None: no limit.
    redress_limit: int | None = None
    #: The priority of items from customers of a class, where nobody gave one.
    class_priority: Mapping[CustomerClass, Priority] = field(factory=dict)
    #: Deadlines of a class: class to "kind.deadline" to length.
    class_deadlines: Mapping[CustomerClass, Mapping[str, Span]] = field(factory=dict, validator=_check_lengths)
    #: "Bought this, offer that": product to product.
    offers: Mapping[str, str] = field(factory=dict)
    #: With how many persons of a company the firm wants to be in contact where a large deal is at stake.
    contacts_wanted: int = 5
    #: Channels on which the receipt of feedback is acknowledged at once, automatically.
    acknowledge: frozenset[str] = frozenset()
    #: How long an address gets no second automatic reply on a channel, in elapsed time.
    automatic_reply_window: Span = field(default=hours(24), validator=_check_window)
    #: How long a channel may be silent before the plan of channels alarms, by its name; others are measured by
    #: themselves.
    silence: Mapping[str, Span] = field(factory=dict, validator=_check_silence)
    #: When customers are left in peace, by their own clocks: nobody writes then but to answer them.
    quiet_hours: tuple[Hours, ...] = (Hours.parse("00:00-08:00"), Hours.parse("21:00-24:00"))
    #: How many messages of a purpose a customer gets at most, over all channels and all that is sent for it.
    caps: Mapping[Purpose, Cap] = field(factory=_CAPS.copy, validator=_check_caps)
    #: Who of the firm may see, move and decide what, by role; what is not named may be done with all items.
    rights: Rights = field(factory=dict, validator=_check_rights)
    #: Texts in place of the built-in ones: "en.received" to {"subject": ..., "body": ...}.
    texts: Mapping[str, Mapping[str, str]] = field(factory=dict)
    #: When items come so close together that an incident is proposed.
    bursts: tuple[Burst, ...] = field(default=(), validator=_check_bursts)
    #: What makes an improvement urgent.
    urgency: Urgency = field(factory=Urgency)
    #: Who gets which matters, rule by rule; the first that names somebody decides who.
    routing: tuple[Route, ...] = field(default=(), validator=_check_routes)
    #: Of which kind the messages are that do not say so themselves, rule by rule; the first that fits decides.
    sorting: tuple[SortRule, ...] = field(default=(), validator=_check_sorting)
    #: Parameters of relationship models that are not as the models have them: by model and field.
    relationships: Mapping[str, Mapping[str, Json]] = field(factory=dict)
    #: What a unit of each other currency is worth in that of the space, as a decimal number: {"USD": "0.92"}.
    rates: Mapping[str, str] = field(factory=dict, validator=_check_rates)
    #: How often all customers are assessed anew, in elapsed time: whole days at three in the morning of the space's
    #: zone. None: never by itself.
    reassess: Span | None = field(default=days(1), validator=_check_reassess)
    #: What metrics are to reach, period by period.
    targets: tuple[Target, ...] = field(default=(), validator=_check_targets)

    def calendar_named(self, name: str | None) -> Calendar:
        """A calendar by its name; None means the firm's.

        Raises:
            UnknownName: The firm has set no such calendar.
        """
        if name is None:
            return self.calendar
        try:
            return self.calendars[name]
        except KeyError:
            raise UnknownName.among(name, self.calendars, what="calendar") from None

    def by_calendar(self, name: str | None) -> Self:
        """The same settings for items whose deadlines count by a calendar of its own; None means the firm's.

        An old item outlives its calendar: one that the firm has taken away since is the firm's own from then on.
        """
        found = None if name is None else self.calendars.get(name)
        return self if found is None else evolve(self, calendar=found)

    def span(self, kind: str, deadline: str, customer_class: CustomerClass | None) -> Span | None:
        """The length of a deadline that is set for a class, if any."""
        if customer_class is None or not self.class_deadlines:
            return None
        return self.class_deadlines.get(customer_class, {}).get(f"{kind}.{deadline}")
