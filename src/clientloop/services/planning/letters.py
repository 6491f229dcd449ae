"""Letters that remind of a planned contact: written by a template, mended by whoever sends them."""

from uuid import UUID

from attrs import frozen

from clientloop.errors import InvalidValue, NotFound
from clientloop.model.customers import Customer, Purpose
from clientloop.model.facts import Fact, FactName
from clientloop.model.interactions import Precision
from clientloop.model.messages import OutboundMessage
from clientloop.model.planning import Appointment
from clientloop.model.units import Insert, Unit
from clientloop.model.zones import zone_named
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.people.customers import Customers

#: Name of the template.
APPOINTMENT = "appointment"


@frozen(kw_only=True)
class Letter:
    """A draft: change what you like by `attrs.evolve`, then send it."""

    #: To whom.
    customer: UUID
    #: Name of the channel.
    channel: str
    #: The address on it.
    to: str
    #: One line on top.
    subject: str
    #: The words.
    body: str
    #: BCP 47 tag of the language that it is written in; None where that is not known.
    locale: str | None = None


class Letters:
    """The part of `loop.appointments` that writes to customers."""

    def __init__(self, context: Context, customers: Customers) -> None:
        """Work in one space."""
        self._context = context
        self._customers = customers

    def get(self, appointment: Appointment | UUID | str) -> Appointment:
        """The planned contact as it is now.

        Raises:
            NotFound: There is none in this space.
        """
        found = self._context.store.get(Appointment, (self._context.space.space, id_of(appointment)))
        if found is None:
            raise NotFound(f"no appointment {id_of(appointment)}", hint="appointments.agenda() lists the open ones")
        return found

    def letter(self, appointment: Appointment | UUID | str, *, channel: str = "email") -> Letter:
        """A letter that reminds of an appointment, with its address, subject and words filled in; nothing is sent.

        The words are those of the template "appointment" in the customer's language; times are by the clocks where the
        customer lives, if the firm knows that.

        Args:
            appointment: Of which.
            channel: By which channel it is to go.

        Raises:
            NotFound: There is no such appointment, or its customer has no address that the channel writes to.
            InvalidValue: It is with nobody who is known.

        >>> from datetime import UTC, datetime
        >>> from clientloop import ClientLoop
        >>> from clientloop.testing.fakes import FakeChannels
        >>> with ClientLoop.open("memory:", plugins=[FakeChannels("email")], entry_points=False) as loop:
        ...     eva = loop.customers.add(name="Eva", email="eva@example.com")
        ...     talk = loop.appointments.plan("A mill", customer=eva, starts_at=datetime(2026, 3, 2, 9, tzinfo=UTC))
        ...     letter = loop.appointments.letter(talk)
        ...     queued = loop.appointments.send(letter)
        >>> letter.to, letter.subject
        ('eva@example.com', 'Reminder: A mill')
        """
        found = self.get(appointment)
        if found.customer is None:
            raise InvalidValue(f"appointment {found.id} is with nobody who is known", hint="change(customer=...) first")
        customer = self._customers.get(found.customer)
        address = self._customers.address(customer, channel)
        if address is None:
            raise NotFound(
                f"customer {customer.id} has no address that {channel} writes to", hint="name another channel"
            )
        kit = self._context.kit
        values = {
            "title": found.title,
            "name": customer.name,
            "date": self._date(found, customer),
            "place": found.place or "-",
            "text": found.note,
        }
        subject, body = kit.render(APPOINTMENT, customer.locale, values)
        return Letter(
            customer=customer.id, channel=channel, to=address, subject=subject, body=body,
            locale=kit.language(APPOINTMENT, customer.locale),
        )  # fmt: skip

    def send(self, letter: Letter) -> OutboundMessage:
        """Put a letter into the outbox, which asks at the moment of sending whether the customer may be written to.

        Args:
            letter: The letter, as it is to be sent.

        Raises:
            InvalidValue: It says nothing.
            UnknownName: There is no such channel.
            NotSupported: The channel cannot send.
        """
        if not letter.body.strip():
            raise InvalidValue("a letter that says nothing", hint="write its body")
        context, now = self._context, self._context.now()
        context.plugins.check_sender(letter.channel)
        message = OutboundMessage(
            space=context.space.space, id=context.new_id(), customer=letter.customer, channel=letter.channel,
            to=letter.to, purpose=Purpose.SERVICE, template=APPOINTMENT, locale=letter.locale,
            subject=letter.subject, body=letter.body, wake_at=now, created_at=now,
        )  # fmt: skip
        data = {"item": None, "template": message.template, "channel": message.channel}
        context.commit(Unit((Insert(message),), (Fact(FactName.MESSAGE_QUEUED, message.space, message.id, now, data),)))
        return message

    def _date(self, appointment: Appointment, customer: Customer) -> str:
        if appointment.precision is Precision.DAY:
            return f"{appointment.starts_at.astimezone(zone_named(self._context.space.zone)):%Y-%m-%d}"
        zone = customer.zone or self._context.space.zone
        return f"{appointment.starts_at.astimezone(zone_named(zone)):%Y-%m-%d %H:%M} ({zone})"
