"""A TLS server that keeps what it is told after the handshake, and whose certificate can be swapped while it runs."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading

from tests.peers.certificates import Issued


class TlsListener:
    """Listens on loopback until it is closed. `heard` is every byte that came over a finished handshake."""

    def __init__(self, certificate: Issued) -> None:
        self.heard = b""
        self.handshakes = 0
        self.show(certificate)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def show(self, certificate: Issued) -> None:
        """From the next connection on show this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.certificate, certificate.key)
        self._context = context

    def __enter__(self) -> TlsListener:
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                with contextlib.suppress(OSError), connection:
                    connection.settimeout(2)
                    self._listen_to(connection)

    def _listen_to(self, connection: socket.socket) -> None:
        with self._context.wrap_socket(connection, server_side=True) as secured:
            self.handshakes += 1
            self.heard += secured.recv(65536)
