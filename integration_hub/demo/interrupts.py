"""Stopping at any moment: the first signal ends the run wherever it is, further ones cannot disturb the tidying up."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """A signal asked the run to stop. `number` is the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class Interrupts:
    """Turns the first signal into `Interrupted` in the main thread."""

    def __init__(self) -> None:
        self._number: int | None = None
        self._held = False

    def install(self) -> None:
        """Take the signals over from now on."""
        for number in SIGNALS:
            signal.signal(number, self._arrive)

    def _arrive(self, number: int, frame: FrameType | None) -> None:
        self._number = self._number or number
        if not self._held:
            raise Interrupted(number)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep a signal back until the block is over: what it starts is then surely known."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        self.check()

    def check(self) -> None:
        """Raise `Interrupted` if a signal came, also one whose exception got lost in code that swallows them."""
        if self._number is not None:
            raise Interrupted(self._number)

    def ignore(self) -> None:
        """From now on signals change nothing (the run is being tidied up, in bounded time)."""
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
