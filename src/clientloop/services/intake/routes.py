"""The web addresses of all channels of an application: `/CHANNEL/ROUTE`, below wherever that is mounted."""

import logging
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus

from clientloop.errors import Conflict, StoreError
from clientloop.ports.channel import Direction, Route
from clientloop.ports.events import Raw, Reply
from clientloop.ports.mounting import Way, plain
from clientloop.services.context import Context
from clientloop.services.intake.raws import receive

logger = logging.getLogger(__name__)

#: Seconds after which a sender should try again when nothing could be written.
_AGAIN = "30"


class Routes:
    """Leads requests to the channels that are set up and listen."""

    def __init__(self, context: Context) -> None:
        """Find all routes, so that requests find them without being able to ask for anything else."""
        self._context = context
        plugins = context.plugins
        self._routes: Mapping[str, tuple[str, Route]] = {
            f"/{name}/{route.name}": (name, route)
            for name in plugins.configured
            if plugins.can(name, Direction.RECEIVE)
            for route in plugins.channel(name).spec.routes
        }

    def find(self, method: str, path: str) -> Way | Reply:
        """Where a request goes.

        Args:
            method: The HTTP method.
            path: The path below the mount.
        """
        found = self._routes.get(path)
        if found is None:
            return plain(HTTPStatus.NOT_FOUND)
        channel, route = found
        if method not in route.methods:
            return plain(HTTPStatus.METHOD_NOT_ALLOWED, Allow=", ".join(route.methods))
        return Way(route=route.name, longest=route.max_body, answer=partial(self._answer, channel))

    def _answer(self, channel: str, raw: Raw) -> Reply:
        try:
            return receive(self._context, channel, raw).reply
        except (StoreError, Conflict) as error:  # it is taken when it comes again
            logger.error("a message of channel %s could not be written: %s", channel, type(error).__name__)
            return plain(HTTPStatus.SERVICE_UNAVAILABLE, **{"Retry-After": _AGAIN})
