"""The demo as a newcomer runs it: to the table, twice, and interrupted wherever it may be."""

from __future__ import annotations

import itertools
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

import pytest

from integration_hub.demo.place import free_port
from tests.journeys.expected import table

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.environ.get("HUB_TEST_DB") == "postgres", reason="the demo brings its own SQLite; once is enough"
    ),
    pytest.mark.timeout(240),
]
PATIENCE = 180.0
NUMBERS = itertools.count(1)


class Run:
    """A running demo, its output, and the processes that belong to it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.output = folder.with_name(f"{folder.name}{next(NUMBERS)}.out")
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "integration_hub.demo", "--state", str(folder), *options],
                cwd=Path(__file__).parents[2],
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while words not in self.text:
            assert self.process.poll() is None, self.text
            assert time.monotonic() < deadline, self.text
            time.sleep(0.02)

    def processes(self) -> list[str]:
        """Command lines of whatever was started with this demo's settings or names its folder."""
        found = []
        mark = str(self.folder).encode()
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                command = (entry / "cmdline").read_bytes()
                if state != "Z" and mark in command + (entry / "environ").read_bytes():
                    found.append(command.replace(b"\0", b" ").decode())
            except OSError:
                continue
        return found

    def ports(self) -> set[int]:
        return {int(port) for port in re.findall(r"http://127\.0\.0\.1:(\d+)", self.text)}

    def stop(self, number: signal.Signals) -> int:
        """Send the demo, and nothing else, a signal and wait for its end."""
        self.process.send_signal(number)
        return self.process.wait(40)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "the demo"
    for entry in Path("/proc").iterdir():  # a failed test must not leave a demo behind
        try:
            if entry.name.isdigit() and str(tmp_path).encode() in (entry / "environ").read_bytes():
                os.kill(int(entry.name), signal.SIGKILL)
        except OSError:
            continue


def nothing_is_left(run: Run) -> None:
    assert run.processes() == []
    for port in run.ports():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))


@pytest.mark.parametrize(
    ("moment", "number", "code"),
    [
        ("starting a Shopify", signal.SIGINT, 130),
        ("creating or updating", signal.SIGTERM, 130),
        ("shop Demo", signal.SIGHUP, 130),
        ("the hub answers", signal.SIGTERM, 130),
        ("the worker runs", signal.SIGINT, 130),
    ],
)
def test_interrupted_at_any_moment_it_leaves_nothing_running(
    folder: Path, moment: str, number: signal.Signals, code: int
) -> None:
    run = Run(folder, "--port", str(free_port()))
    run.wait_for(moment)
    assert run.processes()
    assert run.stop(number) == code, run.text
    nothing_is_left(run)


def sign_in(run: Run, role: str) -> str:
    """Sign in as a browser does; returns the first page."""
    address = next(line.split()[1] for line in run.text.splitlines() if line.startswith("Open http"))
    password = next(line.split()[-1] for line in run.text.splitlines() if line.startswith("The password"))
    cookies = CookieJar()
    browser = build_opener(ProxyHandler({}), HTTPCookieProcessor(cookies))
    with browser.open(f"{address}/admin/login/?next=/admin/", timeout=30):
        token = next(cookie.value for cookie in cookies if cookie.name == "csrftoken")
    form = {"username": role, "password": password, "csrfmiddlewaretoken": token, "next": "/admin/"}
    with browser.open(f"{address}/admin/login/", urlencode(form).encode(), timeout=30) as answer:
        assert answer.status == 200
        assert answer.url == f"{address}/admin/", answer.url
        return str(answer.read().decode())


def test_it_serves_every_role_until_it_is_stopped(folder: Path) -> None:
    run = Run(folder, "--port", str(free_port()))
    run.wait_for("Ctrl-C stops everything")
    for role in ("administrator", "finance", "operations", "support", "auditor"):
        assert "Log out" in sign_in(run, role)
    second = Run(folder, "--once")
    assert second.process.wait(40) == 1
    assert f"A demo is running here already (process {run.process.pid}, http://127.0.0.1:" in second.text
    assert run.stop(signal.SIGINT) == 0, run.text
    nothing_is_left(run)


def test_a_demo_that_is_killed_takes_its_children_along(folder: Path) -> None:
    run = Run(folder, "--port", str(free_port()))
    run.wait_for("the worker runs")
    run.stop(signal.SIGKILL)
    deadline = time.monotonic() + 45
    while run.processes():
        assert time.monotonic() < deadline, run.processes()
        time.sleep(0.1)
    nothing_is_left(run)


def test_a_child_that_dies_ends_the_demo_with_the_end_of_its_log(folder: Path) -> None:
    run = Run(folder, "--port", str(free_port()))
    run.wait_for("the hub answers")
    for entry in Path("/proc").iterdir():
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == run.process.pid and b"gunicorn" in (entry / "cmdline").read_bytes():
                os.kill(int(entry.name), signal.SIGKILL)
        except (OSError, ValueError):
            continue
    assert run.process.wait(40) == 1
    assert "The web server was killed by SIGKILL. The end of" in run.text
    nothing_is_left(run)


def totals() -> list[str]:
    """The lines of totals, from the tables made by hand. #1015 is in the books at the 5.00 that changed hands."""
    found: dict[str, list[Decimal]] = {}
    for row in table():
        if row.outcome == "written":
            found.setdefault(row.currency, []).append(row.total)
    assert found.keys() == {"USD", "GBP", "JPY", "KWD"}
    lines = []
    for currency, amounts in found.items():
        total = sum(amounts, Decimal(0))
        lines.append(f"{currency} ({len(amounts)} orders) {total:,} {total:,} {total - total:,}")
    return lines


def test_every_order_is_accounted_for_at_the_first_and_at_the_second_run(folder: Path) -> None:
    run = Run(folder, "--once", "--port", str(free_port()))
    assert run.process.wait(PATIENCE) == 0, run.text
    assert "Every order is accounted for" in run.text
    nothing_is_left(run)
    for line in totals():
        assert line in " ".join(run.text.split())
    again = Run(folder, "--once", "--port", str(free_port()))
    assert again.process.wait(PATIENCE) == 0, again.text
    nothing_is_left(again)
    figures = re.compile(r"^(?:Found|Staged|Written|Excluded|Blocked|    \w{3} \().*$", re.MULTILINE)
    assert figures.findall(again.text) == figures.findall(run.text) != []


def test_a_database_of_another_version_is_named_with_the_remedy(folder: Path) -> None:
    folder.mkdir()
    with closing(sqlite3.connect(folder / "hub.sqlite3")) as database:
        database.execute("CREATE TABLE shops_shop (id integer PRIMARY KEY)")
    run = Run(folder, "--once", "--port", str(free_port()))
    assert run.process.wait(60) == 1
    assert "does not fit this version of the hub" in run.text
    assert "Start over with: make demo FRESH=1" in run.text
    assert "Traceback" not in run.text
    nothing_is_left(run)
