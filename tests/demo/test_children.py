"""Children end when told, when the demo ends, and when they do not want to; what they leave ends too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_hub.demo.children import ChildDied, Children
from integration_hub.demo.failures import TookTooLong
from integration_hub.demo.interrupts import SIGNALS, Interrupted, Interrupts
from integration_hub.demo.processes import descendants

STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
kid = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(kid.pid, flush=True)
time.sleep(600)
"""


def wait_for(happened: object, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not happened():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"


@pytest.fixture
def interrupts() -> Iterator[Interrupts]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield Interrupts()
    for number, action in before.items():
        signal.signal(number, action)


@pytest.fixture
def children(interrupts: Interrupts, tmp_path: Path) -> Iterator[Children]:
    found = Children(interrupts, tmp_path, tmp_path)
    yield found
    found.stop()


def test_a_child_that_ignores_the_request_is_killed_with_what_it_started(
    children: Children, tmp_path: Path
) -> None:
    child = children.start("stubborn one", [sys.executable, "-c", STUBBORN], os.environ, grace=0.2)
    wait_for(lambda: child.log.read_text().strip())
    kid = int(child.log.read_text())
    assert {child.process.pid, kid} <= descendants(os.getpid())
    children.stop()
    assert gone(child.process.pid)
    wait_for(lambda: gone(kid))
    assert child.log == tmp_path / "stubborn_one.log"


def test_what_ran_before_and_what_comes_of_it_is_left_alone(interrupts: Interrupts, tmp_path: Path) -> None:
    program = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(program) as stranger:
        found = Children(interrupts, tmp_path, tmp_path)
        own = found.start("own", program, os.environ, grace=0.2)
        found.stop()
        assert gone(own.process.pid)
        assert stranger.poll() is None
        stranger.kill()


def test_a_child_that_ends_by_itself_is_reported_with_the_end_of_its_log(children: Children) -> None:
    program = "import sys; print('port 8000 is taken'); sys.exit(3)"
    child = children.start("web server", [sys.executable, "-c", program], os.environ)
    child.process.wait(20)
    with pytest.raises(ChildDied, match=r"The web server ended with code 3\..*\n  \| port 8000 is taken"):
        children.check()


def test_a_killed_child_is_reported_with_the_signal(children: Children) -> None:
    child = children.start("worker", [sys.executable, "-c", "import time; time.sleep(600)"], os.environ)
    child.process.kill()
    child.process.wait(20)
    with pytest.raises(ChildDied, match=r"The worker was killed by SIGKILL\.(?s:.*)it wrote nothing"):
        children.check()


def test_waiting_ends_with_a_sentence_when_nothing_comes(children: Children) -> None:
    with pytest.raises(TookTooLong, match="The sandbox did not answer within 0 seconds"):
        children.wait_until(lambda: False, "The sandbox did not answer", 0.1)


def send(number: signal.Signals, seconds: float) -> None:
    """Send this process a signal and stay a while, so that it arrives here."""
    os.kill(os.getpid(), number)
    time.sleep(seconds)


def test_a_signal_during_a_start_waits_until_the_child_is_known(interrupts: Interrupts) -> None:
    interrupts.install()
    reached = []

    def start() -> None:
        with interrupts.held():
            send(signal.SIGTERM, 0.01)
            reached.append("the end of the start")

    with pytest.raises(Interrupted, match="SIGTERM"):
        start()
    assert reached == ["the end of the start"]


def test_a_signal_raises_at_once_and_is_not_forgotten_when_swallowed(interrupts: Interrupts) -> None:
    interrupts.install()
    with pytest.raises(Interrupted, match="SIGINT"):
        send(signal.SIGINT, 1)
    with pytest.raises(Interrupted, match="SIGINT"):
        interrupts.check()
    interrupts.ignore()
    send(signal.SIGINT, 0.01)
