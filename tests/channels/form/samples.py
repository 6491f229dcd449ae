"""A form with a field of every sort, and the posts that browsers would send to it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from clientloop.channels.form.channel import FormChannel
from clientloop.channels.form.config import FormConfig
from clientloop.channels.form.declaration import Asks, Contact, Field, Form, Option
from clientloop.channels.form.decoding import MULTIPART, URLENCODED
from clientloop.ports.events import MessageIn, Raw

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
#: A minute later, when somebody has filled the form in.
FILLED = NOW + timedelta(minutes=1)
KEY, OLD_KEY = "n" * 32, "o" * 32
URL = "https://shop.example/tell-us"


def say(en: str, sl: str = "po slovensko") -> Mapping[str, str]:
    """A text in the two languages of the form."""
    return {"en": en, "sl": sl}


def options(*values: str) -> tuple[Option, ...]:
    """Ready answers that are called what they are."""
    return tuple(Option(value=value, label=say(value.title())) for value in values)


TEXT = Field(name="text", asks=Asks.TEXT, hint=say("In your own words"))
CONTACTS = (
    Contact(label=say("Call 01 234 56 78"), url="tel:+38612345678"),
    Contact(label=say("Visit us at Market Square 1")),
)
FULL = Form(
    name="contact",
    title=say("Tell us", "Povejte nam"),
    reader=say("Mira Kos, head of customer care, reads every message.", "Vse prebere Mira Kos."),
    contacts=CONTACTS,
    fields=(
        TEXT,
        Field(name="kind", asks=Asks.KIND, options=options("complaint", "praise", "idea")),
        Field(name="stars", asks=Asks.RATING, scale="0-10", least=say("bad"), most=say("good")),
        Field(name="product", asks=Asks.PRODUCT, options=options(*"abcdefghij")),
        Field(name="topic", asks=Asks.CATEGORY),
        Field(name="who", asks=Asks.NAME),
        Field(name="email", asks=Asks.EMAIL),
        Field(name="phone", asks=Asks.PHONE),
        Field(name="branch", label=say("Which shop?")),
        Field(name="photos", asks=Asks.FILES),
    ),
)
PLAIN = Form(name="plain", title=say("Tell us"), reader=say("We do."), contacts=CONTACTS, fields=(TEXT,), kind="idea")

CONFIG = FormConfig(keys=(KEY, OLD_KEY), forms=(FULL, PLAIN))
CHANNEL = FormChannel(CONFIG)


def hidden(page: bytes, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(f'name="{name}" value="([^"]*)"', page.decode())
    assert found is not None, f"the page has no field {name}"
    return found[1]


def token(form: str = "contact", *, at: datetime = NOW, nonce: str = "f00d", url: str = URL, **headers: str) -> str:
    """The token of a page that was handed out."""
    raw = Raw(body=b"", method="GET", url=url, headers=headers)
    return hidden(CHANNEL.page(form, raw, now=at, nonce=nonce).body, "_token")


def post(form: str = "contact", *, url: str = URL, **fields: str) -> Raw:
    """What a browser sends when a form without files is filled in; a token unless one is given."""
    body = urlencode({"_token": fields.pop("_token", "") or token(form), **fields}).encode()
    return Raw(body=body, url=url, headers={"Content-Type": URLENCODED})


def multipart(*parts: bytes, boundary: str = "XX") -> Raw:
    """A multipart post of parts, each a head and a body."""
    body = b"".join(b"--XX\r\n" + part + b"\r\n" for part in parts) + b"--XX--\r\n"
    return Raw(body=body, url=URL, headers={"Content-Type": f"{MULTIPART}; boundary={boundary}"})


def part(name: str, content: bytes, *, file: bytes | None = None, media_type: str = "") -> bytes:
    """A part of a multipart post."""
    head = b'Content-Disposition: form-data; name="' + name.encode() + b'"'
    head += b"" if file is None else b'; filename="' + file + b'"'
    head += f"\r\nContent-Type: {media_type}".encode() if media_type else b""
    return head + b"\r\n\r\n" + content


def said(raw: Raw) -> MessageIn:
    """The one message of a post."""
    [event] = CHANNEL.parse(raw).events
    assert isinstance(event, MessageIn)
    return event
