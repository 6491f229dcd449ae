"""The channel of the operators. An address that one wrote down is asserted: it suggests who somebody is, no more."""

import json
from datetime import datetime

from attrs import asdict

from clientloop.channels.desk.entries import ENTRIES, Entry
from clientloop.errors import BadPayload, InvalidValue
from clientloop.model.codec import Json, write_json
from clientloop.model.customers import IdentityKind, Trust
from clientloop.ports.channel import Capabilities, Channel, Side, Spec
from clientloop.ports.events import Address, MessageIn, Parsed, Raw, Verdict

#: An entry is written by hand: longer ones are none.
_LONGEST = 1_000_000

#: Where an entry has an address, in the order in which they tell who somebody is.
_ADDRESSES = {"customer": IdentityKind.EXTERNAL, "email": IdentityKind.EMAIL, "phone": IdentityKind.PHONE}


class Desk(Channel):
    """Entries of operators. It has no web address: an application that knows its operators hands their entries in.

    >>> from clientloop.channels.desk.entries import Call
    >>> note = Call(call="117", operator="kim", centre="Callers Ltd", text="Late again", phone="+38640123456")
    >>> [said] = Desk().parse(Desk.raw(note)).events
    >>> said.sender.trust.value, said.extra["operator"], said.extra["centre"]
    ('asserted', 'kim', 'Callers Ltd')
    """

    spec = Spec(name="desk")

    @staticmethod
    def raw(entry: Entry) -> Raw:
        """An entry as a message that the channel reads, to be stored like any other."""
        written: dict[str, Json] = asdict(entry, filter=lambda _, value: value is not None)
        if entry.at is not None:
            written["at"] = entry.at.isoformat()
        return Raw(body=write_json({"sort": entry.sort} | written).encode())

    def capabilities(self) -> Capabilities:
        """Customers speak; nothing is sent."""
        return Capabilities(starts=frozenset({Side.CUSTOMER}))

    def verify(self, raw: Raw, now: datetime) -> Verdict:
        """The application answers for the operator, and the operator only for having heard it."""
        return Verdict(trust=Trust.ASSERTED)

    def parse(self, raw: Raw) -> Parsed:
        """One message; in `extra` are `entry`, `operator`, `centre` and what is known of the item."""
        entry = _read(raw.body)
        sender, contacts = _sender(entry)
        message = MessageIn(
            key=entry.key,
            sender=sender,
            text=entry.words,
            at=entry.at,
            locale=entry.locale,
            extra={**entry.about, **({"contacts": contacts} if contacts else {})},
        )
        return Parsed(events=(message,))


def _read(body: bytes) -> Entry:
    if len(body) > _LONGEST:
        raise BadPayload(f"the entry has {len(body)} bytes", hint=f"at most {_LONGEST} are taken")
    try:
        data = json.loads(body)
        cls = ENTRIES[data.pop("sort")]
        if data.get("at") is not None:
            data["at"] = datetime.fromisoformat(data["at"])
        return cls(**data)
    except InvalidValue as error:
        raise BadPayload(f"the entry cannot be meant: {error}") from error
    # no JSON, nested too deeply, no object, no such sort, no time, a field too many or too few
    except (ValueError, RecursionError, AttributeError, KeyError, TypeError) as error:
        raise BadPayload("this is no entry", hint=f"the sorts are {', '.join(ENTRIES)}") from error


def _sender(entry: Entry) -> tuple[Address, dict[str, Json]]:
    """Whose words they are, and what else was written down to reach that person."""
    name = entry.name or ""
    known = {kind: value for field, kind in _ADDRESSES.items() if (value := getattr(entry, field))}
    if not known:
        # nobody is known by it, and two entries are never taken for one person's
        return Address(kind=IdentityKind.EXTERNAL, value=entry.key, name=name, trust=Trust.DEVICE), {}
    kind = next(iter(known))
    sender = Address(kind=kind, value=known.pop(kind), name=name, trust=Trust.ASSERTED)
    return sender, {kind.value: value for kind, value in known.items()}
