"""A planned contact as an event or a to-do of a calendar."""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from clientloop.exchange.contentlines import escaped, folded, quoted
from clientloop.exchange.events import DONE
from clientloop.exchange.spans import Span
from clientloop.model.interactions import Precision
from clientloop.model.planning import Appointment, AppointmentState, Way

#: How the state of an event and of a to-do is called.
_STATUS = {
    "VEVENT": {
        AppointmentState.PLANNED: "CONFIRMED",
        AppointmentState.MADE: "CONFIRMED",
        AppointmentState.CALLED_OFF: "CANCELLED",
    },
    "VTODO": {
        AppointmentState.PLANNED: "NEEDS-ACTION",
        AppointmentState.MADE: "COMPLETED",
        AppointmentState.CALLED_OFF: "CANCELLED",
    },
}


def event(appointment: Appointment, *, days: tzinfo, name: str = "", email: str | None = None) -> str:
    """A planned contact as an entry of a calendar: a message to be written is a to-do, anything else an event.

    Args:
        appointment: The contact.
        days: The zone whose midnights begin a day.
        name: What the customer is called.
        email: The customer's e-mail address, if there is one.
    """
    return "".join(folded(line) for line in _lines(appointment, days, name, email))


def _lines(appointment: Appointment, days: tzinfo, name: str, email: str | None) -> Iterator[str]:
    kind = "VTODO" if appointment.way is Way.MESSAGE else "VEVENT"
    yield f"BEGIN:{kind}"
    yield f"UID:{escaped(appointment.uid)}"
    yield f"DTSTAMP:{_utc(appointment.created_at)}"
    yield f"SEQUENCE:{appointment.sequence}"
    yield from _times(appointment, days, end="DTEND" if kind == "VEVENT" else "DUE")
    yield f"SUMMARY:{escaped(appointment.title)}"
    if appointment.note:
        yield f"DESCRIPTION:{escaped(appointment.note)}"
    if appointment.place:
        yield f"LOCATION:{escaped(appointment.place)}"
    yield f"STATUS:{_STATUS[kind][appointment.state]}"
    if appointment.done_at is not None:
        is_completed = kind == "VTODO" and appointment.state is AppointmentState.MADE
        yield f"{'COMPLETED' if is_completed else DONE}:{_utc(appointment.done_at)}"
    if email is not None:
        yield f"ATTENDEE{f';CN={quoted(name)}' if name else ''}:mailto:{escaped(email)}"
    yield f"X-CLIENTLOOP-WAY:{appointment.way.value}"
    yield f"X-CLIENTLOOP-STATE:{appointment.state.value}"
    if appointment.owner:
        yield f"X-CLIENTLOOP-OWNER:{escaped(appointment.owner)}"
    yield f"END:{kind}"


def _times(appointment: Appointment, days: tzinfo, *, end: str) -> Iterator[str]:
    span = Span(appointment.starts_at, appointment.ends_at, appointment.precision)
    told = span.told(days)
    for name, at in (("DTSTART", told.starts_at), (end, told.ends_at)):
        if at is not None and told.precision is Precision.DAY:
            yield f"{name};VALUE=DATE:{at.astimezone(days):%Y%m%d}"
        elif at is not None:
            yield f"{name}:{_utc(at)}"
    for name, at in span.beside(days):
        yield f"{name}:{_utc(at)}"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S}Z"
