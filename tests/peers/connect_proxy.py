"""A small HTTP proxy on loopback that tunnels (CONNECT), and may look inside: then it shows a certificate of its own.

with ConnectProxy() as proxy:
    proxy.address      # for `proxy` under [azure]
    proxy.tunnels      # "host:port" of every tunnel that was asked for
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from types import TracebackType

from tests.peers.certificates import Issued

PATIENCE = 10.0  # seconds


class ConnectProxy:
    """Serves until it is left. With `inspecting`, it ends the TLS of both sides and relays what it reads."""

    def __init__(self, inspecting: Issued | None = None) -> None:
        self.tunnels: list[str] = []
        self.read = b""
        self._context: ssl.SSLContext | None = None
        if inspecting is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(inspecting.certificate, inspecting.key)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> ConnectProxy:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._tunnel, args=(client,), daemon=True).start()

    def _tunnel(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            target = head.split()[1].decode()
            self.tunnels.append(target)
            host, _, port = target.rpartition(":")
            with socket.create_connection((host, int(port)), 5) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self._relay(*self._opened(client, server))

    def _opened(self, client: socket.socket, server: socket.socket) -> tuple[socket.socket, socket.socket]:
        if self._context is None:
            return client, server
        outward = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        outward.check_hostname = False
        outward.verify_mode = ssl.CERT_NONE  # it is the program that is tested, not this proxy
        return self._context.wrap_socket(client, server_side=True), outward.wrap_socket(server)

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        """Carry bytes both ways in this one thread: two threads must not read and write one TLS socket at a time."""
        ways = {client: server, server: client}
        while True:
            for source in select.select(list(ways), [], [], PATIENCE)[0]:
                for data in _what_came(source):
                    if not data:
                        return
                    if source is client:
                        self.hear(data)
                    ways[source].settimeout(PATIENCE)
                    ways[source].sendall(data)

    def hear(self, data: bytes) -> None:
        """Keep what went through, as it was read here."""
        self.read += data


def _what_came(source: socket.socket) -> Iterator[bytes]:
    """Yield what can be read now without waiting, at the end of the stream an empty piece."""
    source.settimeout(0)
    with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError):
        while True:
            data = source.recv(65536)
            yield data
            if not data:
                return
            source.settimeout(0)
