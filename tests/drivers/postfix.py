"""Debian's postfix on this machine, for the time of a block: a relay that writes reports as firms get them."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

#: What it relays: everything but its own domain, which it delivers into a mailbox of its own.
HERE = "here.example"

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = relay.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
relayhost = [127.0.0.1]:{next_hop}
disable_dns_lookups = yes
smtp_host_lookup = native
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = {here}
virtual_mailbox_base = {folder}/boxes
virtual_mailbox_maps = static:all
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
delay_warning_time = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
smtp_connect_timeout = 5s
"""

_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
smtp unix - - n - - smtp
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """A running relay."""

    def __init__(self, folder: Path, port: int) -> None:
        """Know where it is."""
        self.folder, self.port = folder, port

    @property
    def log(self) -> str:
        """What it has written down."""
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else "nothing"

    def start(self) -> None:
        """Start, and wait until it answers."""
        started = subprocess.run(
            ["postfix", "-c", str(self.folder / "etc"), "start"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as greeting:
                greeting.settimeout(5)
                if greeting.recv(100).startswith(b"220"):
                    return
            time.sleep(0.05)
        raise AssertionError(started.stdout + started.stderr + self.log)

    def stop(self) -> None:
        """Stop its first process, by the id that it wrote down, and wait until it has gone."""
        path = self.folder / "spool/pid/master.pid"
        if not path.exists():
            return
        process = int(path.read_text().strip())
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, sign)
                for _ in range(100):
                    os.kill(process, 0)
                    time.sleep(0.05)


def is_possible() -> bool:
    """Whether there is a postfix, and whoever runs the tests may start it: only root may."""
    return shutil.which("postfix") is not None and os.geteuid() == 0


@contextlib.contextmanager
def postfix(next_hop: int) -> Generator[Postfix]:
    """The relay, for the time of the block.

    Args:
        next_hop: The port on this machine to which it passes on what is for elsewhere.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for each in ("etc", "spool", "data", "boxes"):
            (folder / each).mkdir()
        shutil.chown(folder / "data", "postfix")
        shutil.chown(folder / "boxes", "mail", "mail")
        mail = (folder / "boxes").stat()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        main = _MAIN.format(folder=folder, next_hop=next_hop, here=HERE, uid=mail.st_uid, gid=mail.st_gid)
        (folder / "etc/main.cf").write_text(main)
        (folder / "etc/master.cf").write_text(_MASTER.format(port=port))
        relay = Postfix(folder, port)
        try:
            relay.start()
            yield relay
        finally:
            relay.stop()
