"""Processes of the demo: started on a leash, watched, and surely gone at the end.

Each child has a session of its own, so that Ctrl-C in the terminal reaches only the demo, which then stops them in
order. On Linux a child is told to stop when the demo dies, however it dies, and processes that lose their parent come
to the demo (`common.leash`, prctl(2) PR_SET_CHILD_SUBREAPER), so that nothing can get away.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from common.leash import leash
from integration_hub.demo.failures import DemoFailed, TookTooLong
from integration_hub.demo.interrupts import Interrupts
from integration_hub.demo.processes import descendants

PR_SET_CHILD_SUBREAPER = 36
LOOK = 0.05
TAIL_LINES = 15

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class ChildDied(DemoFailed):
    """A child ended by itself; the message shows the end of its log."""

    def __init__(self, child: Child) -> None:
        code = child.process.returncode
        how = f"ended with code {code}" if code >= 0 else f"was killed by {signal.Signals(-code).name}"
        super().__init__(
            f"The {child.name} {how}. The end of {child.log}:\n"
            + "\n".join(f"  | {line}" for line in child.tail())
        )


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent is gone (Linux)."""
    if _libc is not None:
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


@dataclass(slots=True)
class Child:
    """A running child and the file its output goes to. `grace`: seconds it has for an orderly end."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    grace: float

    def tail(self) -> list[str]:
        """The last lines of its log."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return text.splitlines()[-TAIL_LINES:] or ["(it wrote nothing)"]


class Children:
    """All children of one demo."""

    def __init__(self, interrupts: Interrupts, logs: Path, root: Path) -> None:
        self._interrupts = interrupts
        self._logs = logs
        self._root = root
        self._running: list[Child] = []
        self._strangers = frozenset(descendants(os.getpid()))  # there before, so not of the demo

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], *, grace: float = 5
    ) -> Child:
        """Start a program of this Python environment; its output goes to a log of its own."""
        parent = os.getpid()
        log = self._logs / f"{name.replace(' ', '_')}.log"
        with self._interrupts.held(), log.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._root,
                env=dict(environment),
                start_new_session=True,
                preexec_fn=lambda: leash(parent),  # noqa: PLW1509 - the demo has one thread when it starts children
            )
            child = Child(name, process, log, grace)
            self._running.append(child)
        return child

    def check(self) -> None:
        """Raise ChildDied when a child is gone that should be there, Interrupted when a signal came."""
        self._interrupts.check()
        for child in self._running:
            if child.process.poll() is not None:
                raise ChildDied(child)

    def wait_until(self, happened: Callable[[], bool], what: str, seconds: float) -> None:
        """Wait for something while all children live. Raises TookTooLong, saying what did not come."""
        deadline = time.monotonic() + seconds
        while not happened():
            self.check()
            if time.monotonic() > deadline:
                raise TookTooLong(f"{what} within {seconds:.0f} seconds. Logs: {self._logs}")
            time.sleep(LOOK)

    def stop(self) -> None:
        """Ask the children to end, the youngest first, and kill whatever is left of them and of their children."""
        known = descendants(os.getpid(), self._strangers)
        while self._running:
            self._end(self._running.pop())
        known |= descendants(os.getpid(), self._strangers)
        for pid in known:
            _kill(pid)
        _reap(known, self._strangers)

    def _end(self, child: Child) -> None:
        if child.process.poll() is None:
            child.process.terminate()
            try:
                child.process.wait(child.grace)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        _kill_group(child.process.pid)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _reap(known: set[int], strangers: Collection[int]) -> None:
    """Collect what ended, so that no zombie keeps a name; orphans of killed children come in while this runs."""
    deadline = time.monotonic() + 5
    left = set(known)
    while left and time.monotonic() < deadline:
        left = {pid for pid in left if not _is_over(pid)}
        for late in descendants(os.getpid(), strangers) - known:
            known.add(late)
            left.add(late)
            _kill(late)
        if left:
            time.sleep(0.02)


def _is_over(pid: int) -> bool:
    """Whether a process is gone; a child of ours that ended is collected."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:  # another's child, or none any more
        return pid not in descendants(os.getpid())
