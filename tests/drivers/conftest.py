"""A certificate authority of our own, and drivers that trust it."""

import ssl
from collections.abc import Generator
from functools import cache
from pathlib import Path

import pytest
import trustme

from clientloop.drivers import performing
from clientloop.drivers.performing import Drivers
from clientloop.drivers.sockets import tls_context
from tests.drivers import dovecot as real


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Who signs the certificates of the servers."""
    return trustme.CA()


@pytest.fixture(scope="session")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    """How a server on this machine encrypts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="session")
def other_tls(authority: trustme.CA) -> ssl.SSLContext:
    """How a server of another name encrypts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example.com").configure_cert(context)
    return context


@pytest.fixture(scope="session")
def authorities(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that names the authority."""
    path = tmp_path_factory.mktemp("authorities") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


#: The same for all tests, as all authorities of the system are read for it.
_tls_context_once = cache(tls_context)


@pytest.fixture
def drivers(authorities: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Drivers]:
    """Drivers that trust the authority, and take little."""
    monkeypatch.setattr(performing, "tls_context", _tls_context_once)
    with Drivers(authorities=authorities, largest_answer=100_000, largest_mail=100_000) as made:
        yield made


@pytest.fixture(scope="module")
def dovecot(authority: trustme.CA) -> Generator[real.Dovecot]:
    """A real mail server with IMAP."""
    if not real.is_installed():
        pytest.skip("needs dovecot (apt-get install dovecot-imapd): real IMAP not tested")
    with real.dovecot(authority) as server:
        yield server
