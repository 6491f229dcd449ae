"""Forms under an address of a site: a WSGI and an ASGI application that any framework can mount.

A GET hands the form out; a POST goes to the handler of the application, which verifies, stores and parses it, and
answers. Where `verify` refused it, the handler answers 403, and the customer gets the form once more, filled in.
"""

import secrets
from collections.abc import Callable
from http import HTTPStatus

from clientloop.channels.form.channel import FormChannel
from clientloop.ports.clock import Clock, SystemClock
from clientloop.ports.events import Raw, Reply
from clientloop.ports.mounting import AsgiApp, Way, WsgiApp, plain

#: Takes a post and answers it.
Handler = Callable[[Raw], Reply]

_METHODS = ("GET", "HEAD", "POST")


class _Desk:
    """What both applications do with a request."""

    def __init__(self, channel: FormChannel, form: str, handler: Handler, clock: Clock | None) -> None:
        self._channel, self._handler, self._clock = channel, handler, clock or SystemClock()
        self._form = channel.config.form(form).name

    def find(self, method: str, path: str) -> Way | Reply:
        """All addresses below the mount are the form's."""
        if method not in _METHODS:
            return plain(HTTPStatus.METHOD_NOT_ALLOWED, Allow=", ".join(_METHODS))
        return Way(route="post", longest=self._channel.config.limits.body, answer=self._answer)

    def _answer(self, raw: Raw) -> Reply:
        if raw.method != "POST":
            return self._channel.page(self._form, raw, now=self._clock.now(), nonce=secrets.token_hex(16))
        reply = self._handler(raw)
        if reply.status == HTTPStatus.FORBIDDEN:
            return self._channel.again(self._form, raw, now=self._clock.now(), nonce=secrets.token_hex(16))
        return reply


class WsgiForm(WsgiApp):
    """The form as a WSGI application (PEP 3333).

    Args:
        channel: Has the form.
        form: Name of the form.
        handler: Takes the posts.
        clock: Tells the time.

    Raises:
        UnknownName: The channel has no such form.
    """

    def __init__(self, channel: FormChannel, form: str, handler: Handler, *, clock: Clock | None = None) -> None:
        """Find the form, so that a misspelt name fails at the start."""
        super().__init__(_Desk(channel, form, handler, clock).find)


class AsgiForm(AsgiApp):
    """The form as an ASGI 3 application; the handler runs in a thread. Arguments and errors as of `WsgiForm`."""

    def __init__(self, channel: FormChannel, form: str, handler: Handler, *, clock: Clock | None = None) -> None:
        """Find the form, so that a misspelt name fails at the start."""
        super().__init__(_Desk(channel, form, handler, clock).find)
