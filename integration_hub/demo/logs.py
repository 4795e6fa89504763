"""Keeps the terminal for the demo's own lines: what the hub logs in this process goes to a file."""

from __future__ import annotations

import logging
from pathlib import Path

import structlog


def write_to(path: Path) -> None:
    """Send this process's log lines to a file, which is begun anew."""
    file = path.open("w", encoding="utf-8", buffering=1)
    structlog.configure(
        logger_factory=structlog.WriteLoggerFactory(file=file), cache_logger_on_first_use=False
    )
    root = logging.getLogger()
    for handler in root.handlers:
        root.removeHandler(handler)
    root.addHandler(logging.StreamHandler(file))
