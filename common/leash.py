"""A child process that is asked to stop when the process that started it is gone, however that ended (Linux)."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""prctl(2)."""

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def follow_parent() -> None:
    """Have this process asked to stop (SIGTERM) when its parent is gone. Nothing happens outside Linux."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def leash(parent: int) -> None:
    """Runs in the child before its program: follow the parent, and end at once if it is gone already."""
    follow_parent()
    if os.getppid() != parent:
        os._exit(1)
