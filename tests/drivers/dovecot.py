"""Debian's dovecot on this machine, for the time of a block: a server as firms run it."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

import imapclient
import trustme

USER, PASSWORD = "desk", "s3crétpass"

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
default_internal_user = {internal}
default_internal_group = {internal}
default_login_user = {login}
mail_location = maildir:{folder}/mail
mailbox_idle_check_interval = 1 secs
first_valid_uid = 0
first_valid_gid = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={reader} gid={reader} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """A running server."""

    def __init__(self, folder: Path, plain: int, tls: int) -> None:
        """Know where it is."""
        self.folder, self.plain, self.tls = folder, plain, tls
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def mails(self) -> Path:
        """Where its mails lie."""
        return self.folder / "mail"

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._process = subprocess.Popen(["dovecot", "-F", "-c", str(self.folder / "dovecot.conf")])
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.plain), 1) as greeting:
                greeting.settimeout(5)
                if greeting.recv(100).startswith(b"* OK"):
                    return
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text(errors="replace"))

    def stop(self) -> None:
        """Stop, and wait until it has."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(20)
            self._process = None

    @contextlib.contextmanager
    def visit(self) -> Generator[imapclient.IMAPClient]:
        """Another user of the mailbox, by the library itself."""
        with imapclient.IMAPClient("127.0.0.1", self.plain, ssl=False, timeout=20) as client:
            client.plain_login(USER, PASSWORD)
            yield client

    def deliver(self, *mails: bytes, folder: str = "INBOX") -> None:
        """Put mails into a folder."""
        with self.visit() as client:
            for mail in mails:
                client.append(folder, mail)


def is_installed() -> bool:
    """Whether there is a dovecot with IMAP."""
    return shutil.which("dovecot") is not None and Path("/usr/lib/dovecot/imap").exists()


#: As whom dovecot does its parts: nobody but root may be anybody else.
_AS_ROOT = {"internal": "dovecot", "login": "dovenull", "reader": "mail"}


@contextlib.contextmanager
def dovecot(authority: trustme.CA) -> Generator[Dovecot]:
    """The server, for the time of the block."""
    with tempfile.TemporaryDirectory() as name:  # not below pytest's, where only its own user may look
        folder = Path(name)
        account = pwd.getpwuid(os.getuid()).pw_name
        accounts = _AS_ROOT if account == "root" else dict.fromkeys(_AS_ROOT, account)
        for each in (folder, folder / "home", folder / "mail"):
            each.mkdir(exist_ok=True)
            each.chmod(0o755)
            shutil.chown(each, accounts["reader"])
        certificate = authority.issue_cert("localhost")
        certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
        for index, pem in enumerate(certificate.cert_chain_pems):
            pem.write_to_path(str(folder / "cert.pem"), append=index > 0)
        with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
            plain, tls = one.getsockname()[1], two.getsockname()[1]
        config = _CONFIG.format(folder=folder, password=PASSWORD, plain=plain, tls=tls, **accounts)
        (folder / "dovecot.conf").write_text(config, encoding="utf-8")
        server = Dovecot(folder, plain, tls)
        try:
            server.start()
            yield server
        finally:
            server.stop()
