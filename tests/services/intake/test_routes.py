"""The web addresses of all channels, under WSGI and ASGI."""

import asyncio
import io
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from clientloop import ClientLoop
from clientloop.channels.sms.signature import sign
from clientloop.errors import StoreFull
from clientloop.model.channels import EventSort, RawState, StoredRaw, TakenEvent
from clientloop.model.customers import Purpose
from clientloop.model.units import Unit
from tests.channels.sms.samples import CONFIG, FORM, MESSAGE, TOKEN, many
from tests.services.intake.test_raws import keys, rows
from tests.services.intake.wires import Script, body, firm

BASE = "https://shop.example/hooks/"

Headers = Mapping[str, str]
HEADERS: Headers = {"Host": "127.0.0.1", "Content-Type": FORM}
SIGNED: Headers = {"Signature": "ok"}

#: Sends a request to the channels of a firm: method, path, body, headers; gives status, headers and body.
Call = Callable[..., tuple[int, Mapping[str, str], bytes]]


def by_wsgi(
    loop: ClientLoop, path: str, sent: bytes = b"", *, method: str = "POST", headers: Headers = SIGNED, **more: Any
) -> tuple[int, Mapping[str, str], bytes]:
    """A request to the WSGI application, checked by the validator of the standard library."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method, "SCRIPT_NAME": "/mounted", "PATH_INFO": path, "QUERY_STRING": "a=1&b=%20",
        "CONTENT_LENGTH": str(len(sent)), "wsgi.input": io.BytesIO(sent), "CONTENT_TYPE": FORM,
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }  # fmt: skip
    setup_testing_defaults(environ)
    answered: list[Any] = []
    pieces = validator(loop.channels.wsgi(**more))(environ, lambda *said: answered.append(said))
    content = b"".join(pieces)
    pieces.close()
    [(status, headers)] = answered
    return int(status[:3]), {name.lower(): value for name, value in headers}, content


def by_asgi(
    loop: ClientLoop, path: str, sent: bytes = b"", *, method: str = "POST", headers: Headers = SIGNED, **more: Any
) -> tuple[int, Mapping[str, str], bytes]:
    """A request to the ASGI application."""
    answered: list[Any] = []
    scope = {
        "type": "http", "method": method, "scheme": "http", "path": f"/mounted{path}", "root_path": "/mounted",
        "query_string": b"a=1&b=%20",
        "headers": [(name.lower().encode(), value.encode()) for name, value in ({**HEADERS, **headers}).items()],
    }  # fmt: skip

    async def receive() -> Any:
        return {"type": "http.request", "body": sent}

    async def send(event: Any) -> None:
        answered.append(event)

    asyncio.run(loop.channels.asgi(**more)(scope, receive, send))
    start, end = answered
    return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, end["body"]


@pytest.fixture
def loop(script: Script) -> Iterator[ClientLoop]:
    """A firm with both channels; where its data live makes no difference here."""
    with firm("memory:", script) as loop:
        yield loop


@pytest.fixture(params=[by_wsgi, by_asgi])
def call(request: pytest.FixtureRequest, loop: ClientLoop) -> Call:
    """Sends requests to the firm."""
    return partial(request.param, loop)


def test_a_webhook_reaches_its_channel(call: Call, loop: ClientLoop) -> None:
    """It is stored with its route, method, address and headers, read, and answered by the channel."""
    status, _, content = call("/wire/in", body("a"))
    assert (status, content, keys(loop)) == (200, b"thanks", {"a": 1})
    [stored] = rows(loop, StoredRaw)
    assert (stored.channel, stored.route, stored.method) == ("wire", "in", "POST")
    assert stored.url == "http://127.0.0.1/mounted/wire/in?a=1&b=%20"
    assert stored.headers["signature"] == "ok"


def test_behind_a_proxy_the_address_is_the_one_that_the_sender_called(call: Call, loop: ClientLoop) -> None:
    """Providers sign the address that they call, which a proxy hides; the firm says what it is."""
    call("/wire/in", body("a"), base=BASE)
    [stored] = rows(loop, StoredRaw)
    assert stored.url == "https://shop.example/hooks/wire/in?a=1&b=%20"


@pytest.fixture
def texts() -> Iterator[ClientLoop]:
    """A firm that customers send text messages to."""
    with ClientLoop.open("memory:", entry_points=False, channels={"sms": CONFIG}) as loop:
        yield loop


@pytest.mark.parametrize("send", [by_wsgi, by_asgi])
def test_a_provider_that_signs_the_address_is_believed_behind_a_proxy(send: Call, texts: ClientLoop) -> None:
    """A text message becomes an item, and a STOP a word, where the firm says under which address it is called."""
    called = "https://shop.example/hooks/sms/in?a=1&b=%20"
    for fields in (MESSAGE, {**MESSAGE, "Body": "STOP", "MessageSid": "SM2", "SmsMessageSid": "SM2", "SmsSid": "SM2"}):
        headers = {"X-Twilio-Signature": sign(TOKEN, called, many(fields))}
        sent = urlencode(fields).encode()
        assert send(texts, "/sms/in", sent, headers=headers)[0] == 403
        assert send(texts, "/sms/in", sent, headers=headers, base=BASE)[0] == 200
    [item] = texts.inbox()
    assert (item.title, item.reply_to) == ("It is broken", "+38640123456")
    assert not texts.consent.may_send(str(item.customer), Purpose.SERVICE, "sms").allowed
    assert {event.sort for event in rows(texts, TakenEvent)} == {EventSort.MESSAGE, EventSort.CONSENT}


@pytest.mark.parametrize(
    "path", ["/", "/wire", "/wire/in/", "/wire/out", "/box/in", "/fax/in", "/../wire/in", "/wire%2Fin"]
)
def test_other_addresses_are_not_found(call: Call, loop: ClientLoop, path: str) -> None:
    """What no channel listens on is 404, and nothing is stored."""
    assert (call(path, body("a"))[0], rows(loop, StoredRaw)) == (404, [])


def test_other_methods_are_refused(call: Call) -> None:
    """The answer says which the route takes."""
    status, headers, _ = call("/wire/in", method="DELETE")
    assert (status, headers["allow"]) == (405, "GET, POST")


def test_a_get_brings_no_body(call: Call, loop: ClientLoop) -> None:
    """What a GET brings besides its address is not read."""
    assert call("/wire/in", b"x" * 9, method="GET")[0] == 200
    [stored] = rows(loop, StoredRaw)
    assert (stored.method, stored.size, stored.state) == ("GET", 0, RawState.QUARANTINED)


def test_a_forged_webhook_is_refused(call: Call, loop: ClientLoop) -> None:
    """Whose signature fails gets 403."""
    assert (call("/wire/in", body("a"), headers={"Signature": "forged"})[0], rows(loop, StoredRaw)) == (403, [])


def test_no_more_is_read_than_the_route_takes(call: Call, loop: ClientLoop) -> None:
    """A longer body is refused while it is read, not after."""
    assert call("/wire/in", b"x" * 2_001)[0] == 413
    assert rows(loop, StoredRaw) == []


def test_a_full_disk_asks_the_sender_to_come_again(
    call: Call, loop: ClientLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be stored is not lost: a sender who hears 503 sends it again."""

    def full(unit: Unit) -> None:
        raise StoreFull

    monkeypatch.setattr(loop.store, "commit", full)
    status, headers, _ = call("/wire/in", body("a"))
    assert (status, int(headers["retry-after"]) > 0) == (503, True)


def test_a_plugin_that_raises_is_answered_without_a_trace(call: Call, script: Script) -> None:
    """Nothing of an error reaches who sent the message."""
    script.raises[body("a")] = RuntimeError("secret")
    status, _, content = call("/wire/in", body("a"))
    assert (status, content) == (200, b"")
