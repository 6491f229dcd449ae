"""Servers on this machine that do what they are told, and no good."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Generator

#: How long a peer waits for the driver, at most.
HANG = 20.0

Script = Callable[["Line"], None]


class Line:
    """One connection, as the peer sees it."""

    def __init__(self, sock: socket.socket) -> None:
        """Wait at most so long for anything."""
        sock.settimeout(HANG)
        self.socket = sock
        self.file = sock.makefile("rb")

    def read_line(self) -> bytes:
        """The next line."""
        return self.file.readline()

    def read_request(self) -> bytes:
        """A whole HTTP request: header and body."""
        header = b""
        while not header.endswith(b"\r\n\r\n"):
            got = self.file.readline()
            if not got:
                raise EOFError
            header += got
        length = [int(line.split(b":")[1]) for line in header.lower().split(b"\r\n") if line.startswith(b"content-l")]
        return header + self.file.read(length[0] if length else 0)

    def write(self, *data: bytes) -> None:
        """Send."""
        self.socket.sendall(b"".join(data))

    def drip(self, data: bytes, pause: float = 0.05) -> None:
        """Send one byte after the other, for ever if the data are."""
        for byte in data:
            self.socket.sendall(bytes([byte]))
            time.sleep(pause)

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Shake hands."""
        self.file.close()
        self.__init__(context.wrap_socket(self.socket, server_side=True))  # type: ignore[misc]  # the same line

    def reset(self) -> None:
        """Close by RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.close()

    def close(self) -> None:
        """Close."""
        self.file.close()
        self.socket.close()


class Peer:
    """A server that plays a script with everyone who connects."""

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        """Listen."""
        self._script, self._context = script, context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stopping = False
        self._lines: list[Line] = []
        self._threads = [threading.Thread(target=self._accept)]
        #: Where it listens.
        self.port: int = self._listener.getsockname()[1]
        #: How many have connected.
        self.count = 0
        self._threads[0].start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while not self._stopping:
                accepted, _ = self._listener.accept()
                self.count += 1
                line = Line(accepted)
                self._lines.append(line)
                self._threads.append(threading.Thread(target=self._play, args=(line,)))
                self._threads[-1].start()

    def _play(self, line: Line) -> None:
        with contextlib.suppress(OSError, EOFError, ValueError):
            if self._context is not None:
                line.encrypt(self._context)
            self._script(line)
        with contextlib.suppress(OSError, ValueError):
            line.close()

    def stop(self) -> None:
        """Hang up, and wait for the threads."""
        self._stopping = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in self._lines:
            with contextlib.suppress(OSError):
                line.socket.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(HANG)
            assert not thread.is_alive()


@contextlib.contextmanager
def playing(script: Script, context: ssl.SSLContext | None = None) -> Generator[Peer]:
    """A peer for the time of the block."""
    peer = Peer(script, context)
    try:
        yield peer
    finally:
        peer.stop()
