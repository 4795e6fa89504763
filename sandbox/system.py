"""One sandbox system in a process of its own (a module by itself, so that a spawned process can import it)."""

from __future__ import annotations

import importlib
import signal
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sandbox.serving import Server


def _application(name: str, state: Path, seed: bool) -> Any:
    app = importlib.import_module(f"sandbox.{name}.app").create_app(state / name)
    if name == "shopify":
        seeding = importlib.import_module("sandbox.shopify.seeding")
        seeding.seed_stores(app)
        if seed:
            seeding.seed_demo(app)
    return app


def serve_system(name: str, state: Path, port: int, seed: bool, parent: Connection) -> None:
    """Run one system until told to stop or until the parent is gone; sends its address when it answers."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    app = _application(name, state, seed)
    server = Server(app, port)
    server.start()
    parent.send(server.base_url)

    def watch() -> None:
        try:
            parent.recv()
        except (EOFError, OSError):
            stop.set()

    threading.Thread(target=watch, daemon=True).start()
    stop.wait()
    server.stop()
    close = getattr(app, "close", None)
    if close is not None:
        close()
