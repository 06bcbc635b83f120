"""gunicorn's threads, which wait for nobody: eight clients that say nothing must not stop the panel for everybody else.

A connection gets a thread once it has said something; a request that comes in drop by drop is cut off, and so is an answer
that nobody takes; and the loop that accepts connections never waits for one to close.
"""

import errno
import select
import selectors
import socket
import struct
import time
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

READ_WITHIN = 10.0
WRITE_WITHIN = 20
MOST_LEFT = 65_536


class BoundedSocket:
    """A client's socket from which a whole request must be read in time. All else is the socket's own."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._until = 0.0
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", WRITE_WITHIN, 0))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def begin(self) -> None:
        """A request begins."""
        self._until = time.monotonic() + READ_WITHIN

    def recv(self, size: int) -> bytes:
        """What has come; ConnectionResetError, as if the client had gone, when its time is over."""
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        if not poll.poll(max(0.0, self._until - time.monotonic()) * 1000):
            raise ConnectionResetError(errno.ECONNRESET, "The request did not come in time.")
        return self._sock.recv(size)

    def hang_up(self) -> None:
        """Without waiting. What the client has sent meanwhile is taken first: if any were left, the kernel would throw
        away what of our answer is still on its way."""
        self._sock.shutdown(socket.SHUT_WR)
        self._sock.setblocking(False)
        left = MOST_LEFT
        while left > 0 and (taken := len(self._sock.recv(4096))):
            left -= taken


class Connection(TConn):
    """One client."""

    def close(self, graceful: bool = False) -> None:
        """Called by the loop that all connections share."""
        if graceful:
            with suppress(OSError):  # gone already, or nothing is left to take
                self.sock.hang_up()
        with suppress(OSError):
            self.sock.close()


class PatientWorker(ThreadWorker):
    """Threads are for requests, not for waiting."""

    def accept(self, listener: socket.socket) -> None:
        """Nobody gets a thread before he has said something."""
        try:
            client, address = listener.accept()
        except OSError as problem:
            if problem.errno not in {errno.EAGAIN, errno.ECONNABORTED}:
                raise
            return
        self.nr_conns += 1
        connection = Connection(self.cfg, BoundedSocket(client), address, listener.getsockname())
        connection.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(connection)
        said_something = partial(self.on_pending_socket_readable, connection)
        self.poller.register(connection.sock, selectors.EVENT_READ, said_something)

    def handle(self, conn: Connection) -> Any:
        """In a thread: one request, which begins now."""
        conn.sock.begin()
        return super().handle(conn)
