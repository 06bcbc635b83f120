"""gunicorn's threads, which wait for nobody: eight clients that say nothing must not stop the panel for everybody else.

A connection gets a thread once it has said something; a request that comes in drop by drop is cut off, and so is an answer
that nobody takes; and the loop that accepts connections never waits for one to close. Calls from platforms have threads of
their own: while pages are slow and connection tests hang, they are answered all the same.
"""

import errno
import select
import selectors
import socket
import struct
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

READ_WITHIN = 10.0
WRITE_WITHIN = 20
MOST_LEFT = 65_536
HOOK_THREADS = 32
"""They wait for the disk, many for one commit; what waits costs next to nothing."""
HOOKS = b" /hooks/"
LONGEST_METHOD = 8
SWITCH_SECONDS = 0.001
"""How long a thread may compute before another has its turn; with the usual 5 ms, a few busy pages make every call slow."""


class BoundedSocket:
    """A client's socket from which a whole request must be read in time. All else is the socket's own."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._until = 0.0
        self.is_forgotten = False
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

    def asks_for_hook(self) -> bool:
        """True when what has come begins like a call from a platform. Nothing is taken, nothing is waited for."""
        try:
            begun = self._sock.recv(LONGEST_METHOD + len(HOOKS), socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except OSError:
            return False
        return HOOKS in begun

    def forget(self) -> None:
        """What is left of the request is not worth reading: hang up after the answer."""
        self.is_forgotten = True

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

    hook_threads: ThreadPoolExecutor

    def init_process(self) -> None:
        """In the process that serves; ends with it."""
        sys.setswitchinterval(SWITCH_SECONDS)
        self.hook_threads = ThreadPoolExecutor(HOOK_THREADS, thread_name_prefix="hook")
        super().init_process()

    def enqueue_req(self, conn: Connection) -> None:
        """Which threads answer, by how the request begins."""
        threads = self.hook_threads if conn.sock.asks_for_hook() else self.tpool
        answered = threads.submit(self.handle, conn)
        answered.add_done_callback(partial(self.method_queue.defer, self.finish_request, conn))

    def handle_request(self, req: Any, conn: Connection) -> Any:
        """The process is renewed after so many pages; a flood of calls must not have it renewed in the midst of it."""
        if req.path.startswith("/hooks/"):
            self.nr -= 1
        return super().handle_request(req, conn)

    def _keepalive_after(self, conn: Connection, keepalive: Any) -> bool:
        return not conn.sock.is_forgotten and super()._keepalive_after(conn, keepalive)

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
