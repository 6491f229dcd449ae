"""The servers of the drivers' tests, for the channel over them."""

from collections.abc import Generator

import pytest

from tests.drivers import postfix as real
from tests.drivers.conftest import authorities, authority, dovecot, drivers, server_tls
from tests.drivers.mailhost import Mailhost, hosting

__all__ = ["authorities", "authority", "dovecot", "drivers", "server_tls"]


@pytest.fixture(scope="module")
def next_hop() -> Generator[Mailhost]:
    """Where postfix passes mails on to: the servers of all customers, and ours."""
    with hosting(Mailhost()) as host:
        yield host


@pytest.fixture(scope="module")
def relay(next_hop: Mailhost) -> Generator[real.Postfix]:
    """A real relay that writes reports."""
    if not real.is_possible():
        pytest.skip("needs postfix (apt-get install postfix) and root to start it: real reports not tested")
    with real.postfix(next_hop.port) as server:
        yield server
