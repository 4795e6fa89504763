"""`python -m sandbox`: both systems, each in a process of its own, until told to stop.

Writes {"shopify": url, "netsuite": url} to the announce file once both answer. SIGTERM and SIGINT stop
everything; a child also ends by itself when its parent is gone, however it went.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import signal
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sandbox.system import serve_system

_START_SECONDS = 60.0
_STOP_SECONDS = 5.0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="A Shopify and a NetSuite to play with."
    )
    parser.add_argument("--state", type=Path, required=True, help="folder in which both keep their state")
    parser.add_argument("--shopify-port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--netsuite-port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--no-netsuite", action="store_true", help="start the Shopify side only")
    parser.add_argument("--seed-demo", action="store_true", help="put the demo orders into empty stores")
    parser.add_argument("--announce", type=Path, help="file to write the addresses to when both answer")
    return parser.parse_args()


def main() -> int:
    """The command line; 0 after a clean stop, 1 when a system did not start."""
    options = _options()
    options.state.mkdir(parents=True, exist_ok=True)
    ports = {"shopify": options.shopify_port}
    if not options.no_netsuite:
        ports["netsuite"] = options.netsuite_port
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    context = multiprocessing.get_context("spawn")
    running: list[Any] = []
    pipes: dict[str, Connection] = {}
    try:
        for name, port in ports.items():
            ours, theirs = context.Pipe()
            process = context.Process(
                target=serve_system, args=(name, options.state, port, options.seed_demo, theirs), name=name
            )
            process.start()
            theirs.close()
            running.append(process)
            pipes[name] = ours
        addresses = _addresses(pipes)
        if addresses is None:
            return 1
        _announce(options.announce, addresses)
        while not stop.wait(0.2):
            if any(not process.is_alive() for process in running):
                sys.stderr.write("One of the sandbox systems ended by itself; stopping the other.\n")
                return 1
        return 0
    finally:
        _stop(running)
        if options.announce is not None:
            options.announce.unlink(missing_ok=True)


def _addresses(pipes: dict[str, Connection]) -> dict[str, str] | None:
    found = {}
    for name, pipe in pipes.items():
        try:
            ready = pipe.poll(_START_SECONDS)
            found[name] = str(pipe.recv()) if ready else ""
        except (EOFError, OSError):
            found[name] = ""
        if not found[name]:
            sys.stderr.write(f"The sandbox {name} did not start; its message is above.\n")
            return None
    return found


def _announce(path: Path | None, addresses: dict[str, str]) -> None:
    text = json.dumps(addresses)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
    if path is not None:
        partial = path.with_suffix(path.suffix + ".part")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)


def _stop(running: list[Any]) -> None:
    for process in running:
        process.terminate()
    for process in running:
        process.join(_STOP_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()


if __name__ == "__main__":
    raise SystemExit(main())
