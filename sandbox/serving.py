"""A small threaded WSGI server with HTTP/1.1 keep-alive, and counters of what it served.

Werkzeug's own development server closes every connection after one answer, which would make
a client's connection pool look useless. This one keeps connections open, sends each answer in
one write with TCP_NODELAY set, and lets the application drop a connection on purpose.
"""

from __future__ import annotations

import io
import socket
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn
from typing import Any, cast
from urllib.parse import unquote, urlsplit

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]

_DROPPED = "sandbox.dropped"


def drop_connection(environ: Environ) -> None:
    """Cut the client's connection now: it sees the connection end without an answer."""
    environ[_DROPPED] = True
    connection = environ.get("werkzeug.socket")
    if connection is not None:
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


class _RequestHandler(BaseHTTPRequestHandler):
    """Turn one HTTP request into one WSGI call and write the answer in a single packet if it fits."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _ThreadingServer

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name the base class gives it
        """Stay silent: the sandbox counts requests instead of printing them."""

    def _serve(self) -> None:
        environ = self._environ()
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> None:
            started[:] = [status, headers]

        try:
            result = self.server.app(environ, start_response)
            try:
                body = b"".join(result)
            finally:
                close = getattr(result, "close", None)
                if close is not None:
                    close()
        except Exception:  # noqa: BLE001 - a bug in the sandbox must answer 500, not hang the client
            traceback.print_exc(file=sys.stderr)
            started[:] = ["500 Internal Server Error", [("Content-Type", "text/plain")]]
            body = b"The sandbox failed; see its console."
        if environ.get(_DROPPED):
            self.close_connection = True
            return
        self._write(started[0], started[1], body)

    def _environ(self) -> Environ:
        parts = urlsplit(self.path)
        host, port = self.server.server_address[:2]
        environ: Environ = {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self._body()),
            "wsgi.input_terminated": True,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "werkzeug.socket": self.connection,
            "SERVER_SOFTWARE": "sandbox",
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(parts.path, "latin-1"),
            "QUERY_STRING": parts.query,
            "REQUEST_URI": self.path,
            "REMOTE_ADDR": self.client_address[0],
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            if key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                environ[key] = value
            else:
                key = f"HTTP_{key}"
                environ[key] = f"{environ[key]},{value}" if key in environ else value
        if "CONTENT_LENGTH" not in environ:
            environ["CONTENT_LENGTH"] = str(len(environ["wsgi.input"].getvalue()))
        return environ

    def _body(self) -> bytes:
        """Read the whole request body, so that the next request on the connection starts clean."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            chunks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                continue
            return b"".join(chunks)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _write(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response_only(int(code), reason)
        names = set()
        for name, value in headers:
            names.add(name.lower())
            self.send_header(name, value)
        if "date" not in names:
            self.send_header("Date", self.date_time_string())
        if "content-length" not in names and code not in ("204", "304"):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            if self.command != "HEAD":
                self.wfile.write(body)
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve


class _ThreadingServer(ThreadingMixIn, HTTPServer):
    """Remember open connections so that stopping the server leaves none behind."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], app: WsgiApp) -> None:
        self.app = app
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _RequestHandler)

    def server_bind(self) -> None:
        """Bind without the reverse name look-up of HTTPServer, which can take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Register the connection, then handle it in its own thread."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection when its thread is done with it."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is not news; anything else is printed."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, OSError, ValueError)):
            super().handle_error(request, client_address)

    def close_connections(self) -> None:
        """Close every connection that is still open (keep-alive clients)."""
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class Server:
    """Runs a WSGI application on a loopback port in a background thread.

    `port` 0 takes a free port; `base_url` names the address after construction.
    """

    def __init__(self, app: WsgiApp | Any, port: int = 0, host: str = "127.0.0.1") -> None:
        self._server = _ThreadingServer((host, port), cast(WsgiApp, app))
        self._thread: threading.Thread | None = None
        self.host = host
        self.port: int = self._server.server_port
        self.base_url = f"http://{host}:{self.port}"

    def start(self) -> None:
        """Begin to answer; returns at once."""
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop answering, close all connections and free the port."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.close_connections()
        self._server.server_close()


@contextmanager
def serve(app: WsgiApp | Any, port: int = 0) -> Iterator[str]:
    """Run the application for the length of a `with` block; yields its base URL (no trailing slash)."""
    server = Server(app, port)
    server.start()
    try:
        yield server.base_url
    finally:
        server.stop()


class RequestStats:
    """Counters behind `GET /_sandbox/stats`; thread-safe.

    `counts` holds any named figure (points used, throttled answers, status codes);
    operations and concurrency come from `track`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._operations: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._now = 0
        self._peak = 0

    @contextmanager
    def track(self, operation: str) -> Iterator[int]:
        """Count one request of this operation while it runs; yields how many run now, itself included."""
        with self._lock:
            self._operations[operation] += 1
            self._now += 1
            self._peak = max(self._peak, self._now)
            now = self._now
        try:
            yield now
        finally:
            with self._lock:
                self._now -= 1

    def add(self, name: str, amount: int = 1) -> None:
        """Raise the figure `name` by `amount`."""
        with self._lock:
            self._counts[name] += amount

    def clear(self) -> None:
        """Forget everything counted so far."""
        with self._lock:
            self._operations.clear()
            self._counts.clear()
            self._peak = self._now

    def as_json(self) -> dict[str, Any]:
        """All figures: requests, requests by operation, peak concurrency, and each named figure."""
        with self._lock:
            return {
                "requests": sum(self._operations.values()),
                "operations": dict(sorted(self._operations.items())),
                "peak_concurrency": self._peak,
                "in_progress": self._now,
                **dict(sorted(self._counts.items())),
            }
