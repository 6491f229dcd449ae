"""HTTP calls against a server on this machine that does everything wrong; all of it synchronously and awaited."""

import asyncio
import logging
import multiprocessing
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable

import pytest

from clientloop.drivers import sockets
from clientloop.drivers.performing import AsyncDrivers, Drivers
from clientloop.errors import ClientLoopError, InvalidValue
from clientloop.ports.effects import HttpCall, HttpResult, NoAnswer, Result
from clientloop.ports.reach import Reach
from tests.drivers.peers import Line, Script, playing

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Perform = Callable[[HttpCall], Result]


@pytest.fixture(params=["sync", "async"])
def perform(drivers: Drivers, request: pytest.FixtureRequest) -> Perform:
    """Makes one call, in one of the two ways."""

    async def awaited(call: HttpCall) -> Result:
        async with AsyncDrivers(drivers) as asynchronous:
            return await asynchronous.perform(call)

    return drivers.perform if request.param == "sync" else lambda call: asyncio.run(awaited(call))


def _post(port: int, path: str = "/hook", *, scheme: str = "http", timeout: float = 5.0, **more: object) -> HttpCall:
    return HttpCall(
        method="POST",
        url=f"{scheme}://localhost:{port}{path}",
        body=b"secret body",
        timeout=timeout,
        **more,  # type: ignore[arg-type]  # fields of HttpCall
    )


def _each(*answers: bytes) -> Script:
    """Answer one request after the other, then hang up."""

    def script(line: Line) -> None:
        for answer in answers:
            line.read_request()
            line.write(answer)

    return script


def test_a_call_arrives_as_it_was_asked_for(perform: Perform) -> None:
    """Method, path, query, header fields and body are what the adapter said; the host's own fields cannot be forged."""
    got: list[bytes] = []

    def script(line: Line) -> None:
        got.append(line.read_request())
        line.write(b"HTTP/1.1 201 Created\r\nX-Two: a\r\nx-two: b\r\nContent-Length: 4\r\n\r\n\x00\xffok")

    with playing(script) as peer:
        headers = {"X-Key": "café", "Host": "evil.example.com", "Content-Length": "1", "Transfer-Encoding": "chunked"}
        result = perform(_post(peer.port, "/a%20b?x=1&y=é", headers=headers))
    assert isinstance(result, HttpResult)
    assert (result.status, result.body) == (201, b"\x00\xffok")
    assert result.headers == {"x-two": "a, b", "content-length": "4"}
    lines = got[0].split(b"\r\n")
    assert lines[0] == b"POST /a%20b?x=1&y=%C3%A9 HTTP/1.1"
    assert lines[-1] == b"secret body"
    named = dict(line.split(b": ", 1) for line in lines[1:-2])
    assert named.pop(b"User-Agent").startswith(b"clientloop/")
    assert named == {
        b"Host": b"localhost:%d" % peer.port,
        b"Accept": b"*/*",
        b"Accept-Encoding": b"identity",
        b"X-Key": "café".encode(),
        b"Content-Length": b"11",
    }


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_results(perform: Perform, status: int) -> None:
    """A redirect is told and not followed: it could lead anywhere."""
    with playing(_each(b"HTTP/1.1 %d X\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n" % status)) as peer:
        result = perform(_post(peer.port))
    assert isinstance(result, HttpResult)
    assert (result.status, peer.count) == (status, 1)


def _cut_before_answer(line: Line) -> None:
    line.read_request()


def _cut_in_request(line: Line) -> None:
    line.read_line()
    line.reset()


def _cut_in_header(line: Line) -> None:
    line.read_request()
    line.write(b"HTTP/1.1 200 OK\r\nContent-")


def _cut_in_body(line: Line) -> None:
    line.read_request()
    line.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")


def _reset_in_body(line: Line) -> None:
    line.read_request()
    line.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
    time.sleep(0.1)
    line.reset()


def _no_http(line: Line) -> None:
    line.read_request()
    line.write(b"220 mail.example.com ESMTP\r\n")


def _two_lengths(line: Line) -> None:
    line.read_request()
    line.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")


def _endless_header(line: Line) -> None:
    line.read_request()
    line.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        line.write(b"X-More: %b\r\n" % (b"x" * 1000))


def _endless_body(line: Line) -> None:
    line.read_request()
    line.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        line.write(b"x" * 1000)


def _endless_chunks(line: Line) -> None:
    line.read_request()
    line.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        line.write(b"3e8\r\n", b"x" * 1000, b"\r\n")


NO_HTTP = "its answer was no HTTP"
CUTS: list[tuple[Script, set[str]]] = [
    (_cut_before_answer, {NO_HTTP}),
    (_cut_in_request, {NO_HTTP, "reset the connection", "broke the connection"}),
    (_cut_in_header, {NO_HTTP}),
    (_cut_in_body, {NO_HTTP}),
    (_reset_in_body, {"reset the connection", "broke the connection", NO_HTTP}),
    (_no_http, {NO_HTTP}),
    (_two_lengths, {NO_HTTP}),
    (_endless_header, {NO_HTTP}),
    (_endless_body, {"it answered too much"}),
    (_endless_chunks, {"it answered too much"}),
]


@pytest.mark.parametrize(("script", "details"), CUTS)
def test_what_breaks_after_the_request_may_have_arrived(perform: Perform, script: Script, details: set[str]) -> None:
    """Whatever the server does once the request is on its way, the driver says that it may have arrived."""
    with playing(script) as peer:
        result = perform(_post(peer.port))
    assert isinstance(result, NoAnswer)
    assert result.reached
    assert result.detail in details


def _silent(line: Line) -> None:
    line.read_request()
    line.read_line()  # nothing comes


def _dripping_header(line: Line) -> None:
    line.read_request()
    line.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 400)


def _dripping_body(line: Line) -> None:
    line.read_request()
    line.write(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n")
    line.drip(b"x" * 400)


def _dripping_continue(line: Line) -> None:
    line.read_request()
    for _ in range(400):
        line.write(b"HTTP/1.1 102 Processing\r\n\r\n")
        time.sleep(0.05)


@pytest.mark.parametrize("script", [_silent, _dripping_header, _dripping_body, _dripping_continue])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_nobody_holds_a_worker(perform: Perform, script: Script, scheme: str, server_tls: ssl.SSLContext) -> None:
    """The timeout is for the whole answer: one byte now and then does not prolong it."""
    with playing(script, server_tls if scheme == "https" else None) as peer:
        began = time.monotonic()
        result = perform(_post(peer.port, scheme=scheme, timeout=0.5))
        took = time.monotonic() - began
    assert result == NoAnswer(detail="timed out", reached=True)
    assert took < 5


def test_a_call_that_is_cancelled_ends_at_once(drivers: Drivers) -> None:
    """An asynchronous host need not wait for a call that it no longer wants; the next goes over a new connection."""
    asked: list[bytes] = []

    def script(line: Line) -> None:
        asked.append(line.read_request())
        if len(asked) > 1:
            line.write(OK)
        line.read_line()

    async def cancel() -> Result:
        async with AsyncDrivers(drivers) as asynchronous:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asynchronous.perform(_post(peer.port, timeout=60)), 0.3)
            return await asynchronous.perform(_post(peer.port))

    with playing(script) as peer:
        began = time.monotonic()
        assert isinstance(asyncio.run(cancel()), HttpResult)
        assert time.monotonic() - began < 10
        assert peer.count == 2


def test_nobody_is_there(perform: Perform) -> None:
    """A refused connection is certain: nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert perform(_post(port)) == NoAnswer(detail="refused the connection", reached=False)


def test_a_name_that_nobody_has(perform: Perform) -> None:
    """A name that cannot be looked up is certain likewise."""
    result = perform(HttpCall(method="GET", url="http://nobody.invalid/"))
    assert result == NoAnswer(detail="its name could not be looked up", reached=False)


def test_a_server_that_accepts_nobody(perform: Perform) -> None:
    """Where the queue of connections is full, the time for the call ends it, and nothing was sent."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(8)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        result = perform(_post(address[1], timeout=0.5))
        for each in waiting:
            each.close()
    assert result == NoAnswer(detail="timed out", reached=False)


def test_a_resolver_that_hangs(perform: Perform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up the name is part of the time of the call."""
    released = threading.Event()

    def hang(*_arguments: object, **_options: object) -> list[object]:
        released.wait(10)
        return []

    monkeypatch.setattr(sockets.socket, "getaddrinfo", hang)
    began = time.monotonic()
    try:
        result = perform(HttpCall(method="GET", url="http://slow.example.com/", timeout=0.3))
    finally:
        released.set()
    assert result == NoAnswer(detail="timed out", reached=False)
    assert time.monotonic() - began < 5


def test_a_trusted_server_is_called(perform: Perform, server_tls: ssl.SSLContext) -> None:
    """A server is talked to whose certificate has the name that was called, from an authority that we trust."""
    with playing(_each(OK), server_tls) as peer:
        assert isinstance(perform(_post(peer.port, scheme="https")), HttpResult)


def test_a_server_of_another_name_is_not(perform: Perform, other_tls: ssl.SSLContext) -> None:
    """A certificate for another name proves nothing about this one; nothing is sent."""
    with playing(_each(OK), other_tls) as peer:
        result = perform(_post(peer.port, scheme="https"))
    assert result == NoAnswer(detail="its certificate was not accepted: Hostname mismatch", reached=False)


def test_a_server_that_nobody_vouches_for_is_not(server_tls: ssl.SSLContext) -> None:
    """A certificate of an authority that is not trusted is refused; nothing is sent."""
    with playing(_each(OK), server_tls) as peer, Drivers() as strangers:
        call = _post(peer.port, scheme="https")
        for result in (strangers.perform(call), asyncio.run(AsyncDrivers(strangers).perform(call))):
            assert isinstance(result, NoAnswer)
            assert not result.reached
            assert result.detail.startswith("its certificate was not accepted: ")


def test_a_server_that_speaks_no_tls(perform: Perform) -> None:
    """Where TLS fails nothing has been sent."""
    with playing(lambda line: line.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as peer:
        result = perform(_post(peer.port, scheme="https"))
    assert isinstance(result, NoAnswer)
    assert not result.reached


def test_only_addresses_that_may_be_called_are(perform: Perform) -> None:
    """A call under a rule goes to permitted addresses only; this machine is none, by whatever name."""
    with playing(_each(OK)) as peer:
        for host in ["localhost", "127.0.0.1", "127.1", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0"]:
            call = HttpCall(method="GET", url=f"http://{host}:{peer.port}/", reach=Reach(ports=[peer.port]))
            assert perform(call) == NoAnswer(detail="no address of it may be called", reached=False, forbidden=True)
        assert peer.count == 0
        allowed = Reach(ports=[peer.port], networks=["127.0.0.0/8"])
        assert isinstance(perform(_post(peer.port, reach=allowed)), HttpResult)


def test_the_address_that_was_checked_is_the_one_that_is_called(
    perform: Perform, monkeypatch: pytest.MonkeyPatch, server_tls: ssl.SSLContext
) -> None:
    """A name is looked up once: a second answer of the resolver plays no part. Host and TLS keep the name."""
    asked: list[str] = []
    got: list[bytes] = []
    real = socket.getaddrinfo

    def rebind(host: str, port: int, *arguments: int, **options: int) -> object:
        if host != "localhost":
            return real(host, port, *arguments, **options)
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(sockets.socket, "getaddrinfo", rebind)

    def script(line: Line) -> None:
        got.append(line.read_request())
        line.write(OK)

    with playing(script, server_tls) as peer:
        reach = Reach(ports=[peer.port], networks=["127.0.0.1/32"])
        assert isinstance(perform(_post(peer.port, scheme="https", reach=reach)), HttpResult)
    assert asked == ["localhost"]
    assert b"Host: localhost:%d\r\n" % peer.port in got[0]


def test_the_first_of_several_addresses_may_be_dead(perform: Perform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a name has several addresses, each is tried within its share of the time."""

    def two(_host: str, port: int, *_arguments: int, **_options: int) -> object:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("127.0.0.2", "127.0.0.1")]

    with playing(_each(OK)) as peer, monkeypatch.context() as patched:
        patched.setattr(sockets.socket, "getaddrinfo", two)
        call = HttpCall(method="GET", url=f"http://two.example.com:{peer.port}/", timeout=5)
        assert isinstance(perform(call), HttpResult)


@pytest.mark.parametrize(
    "call",
    [
        HttpCall(method="GET", url="ftp://s3cret.example.com/"),
        HttpCall(method="GET", url="/s3cret"),
        HttpCall(method="GET", url="http://user:s3cret@localhost/"),
        HttpCall(method="GET", url="http://localhost:s3cret/"),
        HttpCall(method="GET", url="http://localhost/ s3cret\r\nX: y"),
        HttpCall(method="GET", url="http://xn--s3cret\u20ac..localhost/"),
        HttpCall(method="GE T\r\ns3cret", url="http://localhost:{port}/"),
        HttpCall(method="GET", url="http://localhost:{port}/", headers={"X-Key": "s3cret\r\nX: y"}),
        HttpCall(method="GET", url="http://localhost:{port}/", headers={"X-Key": "s3cret\ud800"}),
        HttpCall(method="GET", url="http://localhost:{port}/", headers={"s3crét": "x"}),
    ],
)
def test_what_is_no_call_is_refused_without_repeating_it(perform: Perform, call: HttpCall) -> None:
    """A call that cannot be sent is a fault of the adapter or its settings; the error holds none of it."""
    with playing(_each(OK)) as peer:
        asked = HttpCall(method=call.method, url=call.url.replace("{port}", str(peer.port)), headers=call.headers)
        with pytest.raises(InvalidValue) as caught:
            perform(asked)
    assert "s3c" not in str(caught.value).replace("'s3c", "")
    assert caught.value.__cause__ is None


def test_connections_are_used_again(drivers: Drivers) -> None:
    """Calls one after the other share a connection; a call under another rule does not."""
    with playing(_each(OK, OK, OK, OK)) as peer:
        for _ in range(3):
            assert isinstance(drivers.perform(_post(peer.port)), HttpResult)
        assert peer.count == 1
        reach = Reach(ports=[peer.port], hosts=["localhost"])
        assert isinstance(drivers.perform(_post(peer.port, reach=reach)), HttpResult)
        assert peer.count == 2


def test_a_connection_that_the_server_has_closed_is_not_used_again(perform: Perform, drivers: Drivers) -> None:
    """A server may close an idle connection; the next call goes over a new one."""
    with playing(_each(OK)) as peer:
        for count in (1, 2, 3):
            assert isinstance(drivers.perform(_post(peer.port)), HttpResult)
            time.sleep(0.1)
            assert peer.count == count


def test_many_threads_call_at_once(drivers: Drivers) -> None:
    """Each call gets its own answer, whoever else is calling."""

    def echo(line: Line) -> None:
        while True:
            path = line.read_request().split(b" ")[1]
            line.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(path), path))

    wrong: list[object] = []

    def call(thread: int) -> None:
        for count in range(20):
            result = drivers.perform(_post(peer.port, f"/{thread}/{count}", timeout=20))
            if not isinstance(result, HttpResult) or result.body != f"/{thread}/{count}".encode():
                wrong.append(result)

    with playing(echo) as peer:
        threads = [threading.Thread(target=call, args=(index,)) for index in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        drivers.close()
    assert wrong == []
    assert peer.count <= 8


def _in_child(drivers: Drivers, call: HttpCall, answers: "multiprocessing.connection.Connection") -> None:
    answers.send((os.getpid(), drivers.perform(call)))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_opens_connections_of_its_own(drivers: Drivers) -> None:
    """Two processes never write into one connection."""
    if "fork" not in multiprocessing.get_all_start_methods():
        pytest.skip("this system has no fork")
    with playing(_each(OK, OK, OK)) as peer:
        call = _post(peer.port)
        drivers.perform(call)
        ours, theirs = multiprocessing.Pipe()
        child = multiprocessing.get_context("fork").Process(target=_in_child, args=(drivers, call, theirs))
        child.start()
        pid, result = ours.recv()
        child.join(10)
        assert pid != os.getpid()
        assert isinstance(result, HttpResult)
        assert peer.count == 2
        assert isinstance(drivers.perform(call), HttpResult)
        assert peer.count == 2


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"])
def test_no_proxy_is_taken_from_the_environment(
    perform: Perform, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """A proxy would look names up where no rule is asked."""
    monkeypatch.setenv(variable, "http://127.0.0.1:1")
    with playing(_each(OK)) as peer:
        assert isinstance(perform(_post(peer.port)), HttpResult)


def test_cookies_are_not_kept(drivers: Drivers) -> None:
    """What a server sets in one call is not sent in another, which may be another account's."""
    got: list[bytes] = []

    def script(line: Line) -> None:
        for _ in range(2):
            got.append(line.read_request())
            line.write(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")

    with playing(script) as peer:
        drivers.perform(_post(peer.port))
        drivers.perform(_post(peer.port))
    assert b"cookie" not in got[1].lower()


def test_a_server_may_refuse_before_it_has_read_all(perform: Perform) -> None:
    """An answer that comes while the body is still being sent is the answer."""

    def script(line: Line) -> None:
        while line.read_line() != b"\r\n":
            pass
        line.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        line.file.read(5_000_000)

    with playing(script) as peer:
        result = perform(HttpCall(method="POST", url=f"http://localhost:{peer.port}/", body=b"x" * 5_000_000))
    assert isinstance(result, HttpResult)
    assert result.status == 413


@pytest.mark.parametrize("script", [_each(OK), *(script for script, _ in CUTS), _silent])
def test_no_secret_is_logged_or_told(perform: Perform, script: Script, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the result nor any log, at whatever level, shows the URL's path, a header field or the body."""
    caplog.set_level(logging.DEBUG)
    with playing(script) as peer:
        call = _post(peer.port, "/s3cret?key=s3cret", timeout=1, headers={"Authorization": "s3cret"})
        try:
            shown = repr(perform(call))
        except ClientLoopError as error:
            shown = repr(error)
    for secret in ("s3cret", "secret body"):
        assert secret not in shown
        assert secret not in caplog.text
