"""Stands between a client and a server on this machine, and does with what they say whatever a test wants.

``python -m tests.proxy SOCKET MILLISECONDS`` delays every answer by so much and prints its port.
"""

import contextlib
import ctypes
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Generator
from enum import StrEnum
from typing import TypeAlias

#: Of Linux: the option that has a socket look at packets by a program, and the program's statement that ends it.
_ATTACH_FILTER, _BPF_RETURN = 26, 0x06


class Side(StrEnum):
    """Who speaks."""

    CLIENT = "client"
    SERVER = "server"


#: Told who said what, returns how much of it is passed on: less than all, and the rest is lost with the connection.
Watch: TypeAlias = Callable[[Side, bytes], int]


def _all(_: Side, said: bytes) -> int:
    return len(said)


class Proxy:
    """Passes on what clients and a server say to each other, on a port of 127.0.0.1.

    Args:
        server: The path of the server's socket.
        watch: Sees everything first, in the thread of its direction and connection.
    """

    def __init__(self, server: str, watch: Watch = _all) -> None:
        """Listen."""
        self._server, self.watch = server, watch
        #: Whether clients that come find nobody.
        self.is_away = False
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self) -> int:
        """Where clients connect to."""
        return self._listening.getsockname()[1]

    def vanish(self) -> None:
        """Be gone from all connections without a word: whatever clients send is not even acknowledged any more."""
        drop = ctypes.create_string_buffer(struct.pack("HBBI", _BPF_RETURN, 0, 0, 0))
        program = struct.pack("HL", 1, ctypes.addressof(drop))
        for end in self._sockets[::2]:
            end.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, program)

    def hang_up(self) -> None:
        """End all connections."""
        while self._sockets:
            _close(self._sockets.pop())

    def close(self) -> None:
        """Listen no more, and end all connections."""
        _close(self._listening)
        self.hang_up()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                self._sockets += [client, server]
                try:
                    if self.is_away:
                        raise ConnectionRefusedError
                    server.connect(self._server)
                except OSError:  # it is not there: the client sees its connection close
                    _close(client)
                    continue
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for side, source, target in ((Side.CLIENT, client, server), (Side.SERVER, server, client)):
                    threading.Thread(target=self._pass_on, args=(side, source, target), daemon=True).start()

    def _pass_on(self, side: Side, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while said := source.recv(1 << 16):
                passed = self.watch(side, said)
                target.sendall(said[:passed])
                if passed < len(said):
                    break
        _close(source)
        _close(target)


def _close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextlib.contextmanager
def a_proxy(server: str, watch: Watch = _all) -> Generator[Proxy]:
    """A proxy that listens as long as the block."""
    with contextlib.closing(Proxy(server, watch)) as proxy:
        yield proxy


def _main(server: str, milliseconds: str) -> None:
    def delay(side: Side, said: bytes) -> int:
        if side is Side.SERVER:
            time.sleep(float(milliseconds) / 1000)
        return len(said)

    with a_proxy(server, delay) as proxy:
        sys.stdout.write(f"{proxy.port}\n")
        sys.stdout.flush()
        sys.stdin.read()  # until whoever started this closes it


if __name__ == "__main__":
    _main(*sys.argv[1:])
