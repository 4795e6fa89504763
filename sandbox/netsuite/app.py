"""The HTTP face of the sandbox NetSuite: authentication, governance, faults, then the services.

`create_app(state_dir)` gives a WSGI application for `sandbox.serving.Server`. A request runs in this order:
credential (401), concurrency slot (429), fault plan, latency, service. Everything a service does happens in one
database transaction, so that an answer other than 2xx leaves nothing behind.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.faults import Fault, FaultPlan, RequestInfo
from sandbox.netsuite import auth, control, seeding, sqlfunctions
from sandbox.netsuite.account import Account
from sandbox.netsuite.errors import RestError, invalid_login, unexpected
from sandbox.netsuite.metering import Meter
from sandbox.netsuite.page import front_page
from sandbox.netsuite.services import Answer, Call, serve_call
from sandbox.netsuite.settings import Settings
from sandbox.netsuite.store import Store, dumps
from sandbox.serving import Environ, StartResponse, drop_connection

log = logging.getLogger(__name__)
_REST = "/services/rest/"
_TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 - a path


class NetSuite(Account):
    """One account as a WSGI application."""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI entry."""
        response = self.answer(Request(environ))
        return response(environ, start_response)

    def answer(self, request: Request) -> Response:
        """The response to any request: services, token endpoint, controls, or the page."""
        if request.path == "/":
            return front_page(self.store, self.settings)
        if request.path.startswith("/_sandbox/"):
            return control.serve(self, request)
        if not request.path.startswith(_REST):
            return Response("Not found\n", 404, content_type="text/plain")
        try:
            return self._token(request) if request.path == _TOKEN_PATH else self._service(request)
        except RestError as error:
            return _error(error)
        except Exception:  # a fault of the sandbox looks like NetSuite's own 500, and is told on the console
            reference = secrets.token_hex(10)
            log.exception("the sandbox failed; error id %s", reference)
            return _error(unexpected(reference))

    def _service(self, request: Request) -> Response:
        self._authenticate(request)
        call = Call.read(request)
        with self.meter.slot(self.settings["concurrency_limit"], call.kind):
            return self._governed(request, call)

    def _token(self, request: Request) -> Response:
        fault = self.faults.decide(RequestInfo(request.path, request.method, "token"))
        if fault is not None:
            fault.sleep()
            if fault.action in ("status_500", "timeout_before"):
                return self._broken(request, fault)
        try:
            with self.store.writing() as db:
                body = auth.issue_token(db, self.settings, request.form.to_dict(), request.base_url)
        except auth.TokenError as error:
            self.meter.stats.add(f"token_{error.code}")
            headers = (
                {"WWW-Authenticate": f'Basic realm="{self.settings["account_id"]}"'}
                if error.status == 401
                else {}
            )
            return Response(
                dumps({"error": error.code}),
                error.status,
                headers,
                content_type="application/json;charset=UTF-8",
            )
        self.meter.stats.add("tokens")
        return Response(dumps(body), 200, content_type="application/json;charset=UTF-8")

    def _authenticate(self, request: Request) -> None:
        header = request.headers.get("Authorization", "")
        kind = header.split(" ", 1)[0].lower()
        if kind == "bearer":
            with self.store.reading() as db:
                auth.bearer(db, header)
        elif kind == "oauth":
            query = request.query_string.decode()
            with self.store.writing() as db:
                auth.tba(db, self.settings, header, (request.method, request.base_url, query))
        else:
            raise invalid_login()

    def _governed(self, request: Request, call: Call) -> Response:
        fault = self.faults.decide(RequestInfo(call.path, call.method, call.kind, call.rectype))
        if fault is None:
            return self._execute(call)
        fault.sleep()
        if fault.action == "expire_token":
            with self.store.writing() as db:
                auth.expire(db, request.headers.get("Authorization", ""))
            raise invalid_login()
        if fault.action in ("status_429", "throttled_body", "status_500", "timeout_before"):
            return self._broken(request, fault)
        if fault.action == "commit_late":
            timer = threading.Timer(fault.after_s, self._execute_late, (call,))
            timer.daemon = True
            timer.start()
            return self._broken(request, fault)
        if fault.action == "answer_twice":
            self._execute(call)
        response = self._execute(call)
        if fault.action == "drop_after_commit":
            drop_connection(request.environ)
        return response

    def _broken(self, request: Request, fault: Fault) -> Response:
        """An answer that is a failure; nothing was executed (yet)."""
        self.meter.stats.add(f"fault_{fault.action}")
        if fault.action in ("status_429", "throttled_body"):
            return _error(
                RestError(
                    429, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded. Request blocked."
                )
            )
        if fault.action == "timeout_before" or (fault.action == "commit_late" and not fault.status):
            drop_connection(request.environ)
            return Response(status=504)
        if fault.status in (500, 0):
            return _error(unexpected(secrets.token_hex(10)))
        return Response(f"{fault.status}\n", fault.status, content_type="text/plain")

    def _execute_late(self, call: Call) -> None:
        try:
            self._execute(call)
        except RestError as error:
            log.info("a late request was refused: %s", error.detail)

    def _execute(self, call: Call) -> Response:
        name = "latency_query" if call.kind == "suiteql" else "latency_write" if call.method != "GET" else ""
        if name:
            self.meter.wait(name, self.settings[name])
        reads = call.kind == "suiteql" or call.method == "GET"
        with self.store.reading() if reads else self.store.writing() as db:
            answer = serve_call(db, self.settings, call)
        return _response(answer)


def _response(answer: Answer) -> Response:
    headers = {**_standard_headers(), **answer.headers}
    if answer.body is None:
        response = Response(status=answer.status, headers=headers)
        response.headers.pop("Content-Type", None)
        return response
    content_type = f"application/vnd.oracle.resource+json; type={answer.kind}; charset=UTF-8"
    return Response(dumps(answer.body), answer.status, headers, content_type=content_type)


def _error(error: RestError) -> Response:
    content_type = "application/vnd.oracle.resource+json; type=error; charset=UTF-8"
    headers = {**_standard_headers(), **error.headers}
    return Response(dumps(error.body()), error.status, headers, content_type=content_type)


def _standard_headers() -> dict[str, str]:
    return {
        "Cache-Control": "No-Cache",
        "Expires": "0",
        "Pragma": "No-Cache",
        "X-NetSuite-JobId": secrets.token_hex(16),
        "X-N-OperationId": secrets.token_hex(16),
    }


def create_app(state_dir: str | Path, **options: Any) -> NetSuite:
    """The application over `state_dir` (made when absent, seeded once).

    `options` are settings (see settings.DEFAULTS), stored with the state. Raises SettingsError.
    """
    store = Store(Path(state_dir) / "netsuite.sqlite3")
    with store.writing() as db:
        settings = Settings.load(db)
        settings.update(db, options)
        sqlfunctions.set_zone(settings["time_zone"])
        if not seeding.is_seeded(db):
            seeding.seed(db, settings)
        elif "closed_through" in options:
            seeding.close_periods(db, settings["closed_through"])
    return NetSuite(store, settings, Meter(), FaultPlan())
