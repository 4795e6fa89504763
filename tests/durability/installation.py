"""A whole installation for one test: sandbox, database, consoles and workers, each a process that can be killed."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Self
from urllib.request import ProxyHandler, Request, build_opener

from common.leash import leash

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0
MARK = "HUB_DURABILITY_TEST"
Json = dict[str, Any]


def wait_until(
    happened: Callable[[], Any], what: str | Callable[[], str], seconds: float = PATIENCE, pause: float = 0.1
) -> Any:
    """Wait for something true and return it; the test fails, saying what did not come, after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        found = happened()
        if found:
            return found
        if time.monotonic() > deadline:
            missing = what if isinstance(what, str) else what()
            raise AssertionError(f"{missing}: not within {seconds:.0f} seconds")
        time.sleep(pause)


class Console:
    """A process of the hub that does what it is asked (tests/durability/deeds.py)."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.durability.console"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=ROOT,
                env=dict(environment),
                start_new_session=True,
                preexec_fn=partial(leash, os.getpid()),  # noqa: PLW1509 - the child is a program of its own
            )
        self._rest = b""

    def send(self, do: str, **arguments: Any) -> None:
        """Ask for a deed without waiting for it."""
        assert self.process.stdin is not None
        self.process.stdin.write((json.dumps({"do": do, **arguments}) + "\n").encode())
        self.process.stdin.flush()

    def line(self, seconds: float = PATIENCE) -> Json:
        """The next line it says."""
        assert self.process.stdout is not None
        descriptor, deadline = self.process.stdout.fileno(), time.monotonic() + seconds
        while b"\n" not in self._rest:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"the console said nothing for {seconds:.0f} seconds"
            chunk = os.read(descriptor, 1 << 20)
            assert chunk, "the console ended"
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        found: Json = json.loads(line)
        assert "error" not in found, found["error"]
        return found

    def answer(self, seconds: float = PATIENCE) -> Any:
        """The answer to what was asked, past whatever is told on the way."""
        while "answer" not in (found := self.line(seconds)):
            continue
        return found["answer"]

    def __call__(self, do: str, **arguments: Any) -> Any:
        """Ask and wait for the answer."""
        self.send(do, **arguments)
        return self.answer()

    def kill(self) -> None:
        """SIGKILL, in the middle of whatever it does."""
        self.process.kill()
        self.close()

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class Installation:
    """Sandbox and hub of one test. Everything it starts carries a mark in its environment and is gone at the end."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self.consoles: list[Console] = []
        self._http = build_opener(ProxyHandler({}))
        self._announce = folder / "sandbox.json"
        self.environment = {
            **os.environ,
            MARK: str(folder),
            "HUB_ENV_FILE": os.devnull,
            "DEBUG": "0",
            "HTTPS_ONLY": "0",
            "LOG_LEVEL": "INFO",
            "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-only-for-tests",
            "HUB_SECRET_KEYS": "only-for-tests-only-for-tests-only-for-tests",
            "DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "integration_hub.settings",
            "HUB_WORKERS": "2",
            "HUB_LEASE_SECONDS": "3",
            "HUB_BATCH_SIZE": "10",
        }
        self.addresses: dict[str, str] = {}
        self.console: Console

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, *, demo_orders: bool, limit: int = 8) -> None:
        """Start the sandbox and set the hub up on it; the database has its tables already."""
        command = [sys.executable, "-m", "sandbox", "--state", str(self.folder / "sandbox")]
        command += ["--announce", str(self._announce), *(["--seed-demo"] if demo_orders else [])]
        self.start_process("sandbox", command)
        wait_until(self._announce.exists, "the sandbox's addresses")
        self.addresses = json.loads(self._announce.read_text(encoding="utf-8"))
        hosts = ",".join(address.partition("//")[2] for address in self.addresses.values())
        self.environment["HUB_EXTRA_API_HOSTS"] = hosts
        self.console = self.new_console()
        self.console("seed", **self.addresses, limit=limit)

    def start_process(self, name: str, command: list[str], **settings: str) -> subprocess.Popen[bytes]:
        """Start a program of this Python environment; its output goes to a log of its own."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env={**self.environment, **settings},
                start_new_session=True,
                preexec_fn=partial(leash, os.getpid()),  # noqa: PLW1509 - the child is a program of its own
            )
        self.processes.append(process)
        return process

    def worker(self, name: str, *options: str) -> subprocess.Popen[bytes]:
        """One `manage.py worker`: the watchdog and its cluster of two worker processes."""
        return self.start_process(name, [sys.executable, "manage.py", "worker", *options])

    def log(self, name: str) -> str:
        """What a process has said so far."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def new_console(self) -> Console:
        """Another process of the hub."""
        console = Console(self.environment, self.folder / "console.log")
        self.consoles.append(console)
        return console

    def call(self, system: str, path: str, body: Any = None, method: str = "") -> Any:
        """Speak to a control address of the sandbox: `system` is shopify or netsuite."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.addresses[system]}/{path}", data, {"Content-Type": "application/json"})
        request.method = method or ("GET" if data is None else "POST")
        with self._http.open(request, timeout=60) as answer:
            return json.load(answer)

    def buy(self, sku: str, times: int) -> None:
        """Place paid orders of one piece on the demo store's page, now."""
        form = f"qty_{sku}=1&shipping=standard&pay=paid".encode()
        for _ in range(times):
            with self._http.open(
                f"{self.addresses['shopify']}/demo-store/orders/new", form, timeout=60
            ) as page:
                assert page.status == 200

    def generate(self, count: int, *, seed: int = 7) -> None:
        """So many paid orders of three lines in the demo store."""
        made = self.call(
            "shopify", "demo-store/_sandbox/generate", {"count": count, "seed": seed, "lines": 3}
        )
        assert made == {"generated": count}

    def stop(self) -> None:
        """End everything: consoles, then processes the youngest first, then whatever still carries the mark."""
        for console in self.consoles:
            console.close()
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 8
        for process in reversed(self.processes):
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pid in self.remaining():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        wait_until(lambda: not self.remaining(), "the end of every process", 10)

    def remaining(self) -> list[int]:
        """Living processes that carry this installation's mark."""
        mark, found = f"{MARK}={self.folder}\0".encode(), []
        for entry in Path("/proc").iterdir():
            try:
                if not entry.name.isdigit() or mark not in (entry / "environ").read_bytes():
                    continue
                if (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                    found.append(int(entry.name))
            except OSError:
                continue
        return found


def busiest_process(group: int) -> int:
    """The process of a cluster that has most threads: the one that drains, with a thread for each request."""
    threads: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.getpgid(int(entry.name)) == group:
                threads[int(entry.name)] = len(list((entry / "task").iterdir()))
        except OSError:
            continue
    return max(threads, key=lambda pid: threads[pid])
