"""Failures that stop the demo; each message is a sentence for whoever started it."""

from __future__ import annotations


class DemoFailed(Exception):
    """The demo cannot go on."""


class InUse(DemoFailed):
    """Another demo runs in the same folder, or a port asked for is taken."""


class TookTooLong(DemoFailed):
    """Something did not come about in time."""


class SandboxRefused(DemoFailed):
    """The sandbox answered something else than was hoped for; the message has its words."""


class SetupFailed(DemoFailed):
    """The demo could not be set up; the message says what was missing."""
