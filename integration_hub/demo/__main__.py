"""`python -m integration_hub.demo`: the whole product with sandbox systems, on this machine only."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from django.core.management.base import CommandError
from django.db import DatabaseError
from django.db.migrations.exceptions import InconsistentMigrationHistory

from common.errors import HubError
from common.leash import follow_parent
from integration_hub.demo.children import Children, adopt_orphans
from integration_hub.demo.failures import DemoFailed
from integration_hub.demo.interrupts import Interrupted, Interrupts
from integration_hub.demo.place import ROOT, Place
from integration_hub.demo.session import Options, Session

STOPPED = 130


def _options() -> Options:
    parser = argparse.ArgumentParser(
        prog="make demo", description="The whole product with sandbox systems, on this machine only."
    )
    parser.add_argument(
        "--once", action="store_true", help="stop after the table; 0 only if every order is accounted for"
    )
    parser.add_argument("--fresh", action="store_true", help="throw away what earlier demos left")
    parser.add_argument("--port", type=int, help="port of the web pages (8000 when free)")
    parser.add_argument("--state", type=Path, default=ROOT / "var" / "demo", help="folder of the demo")
    given = parser.parse_args()
    return Options(once=given.once, fresh=given.fresh, port=given.port, folder=given.state)


def _failed(sentence: str) -> int:
    print(f"demo: {sentence}", file=sys.stderr, flush=True)
    return 1


def main() -> int:
    """Run, and whatever happens leave nothing running."""
    options = _options()
    interrupts = Interrupts()
    interrupts.install()
    adopt_orphans()
    if os.environ.get("MAKELEVEL"):
        follow_parent()
    place = Place(options.folder)
    children = Children(interrupts, place.logs, ROOT)
    session = Session(place, children, options)
    try:
        return session.run()
    except Interrupted as signal:
        print(f"\ndemo: {signal}, stopping everything", flush=True)
        return 0 if session.serving else STOPPED
    except (DemoFailed, CommandError) as error:
        return _failed(str(error))
    except (DatabaseError, InconsistentMigrationHistory) as error:
        return _failed(
            f"The database in {place.folder} does not fit this version of the hub ({error}). "
            "Start over with: make demo FRESH=1"
        )
    except HubError as error:
        return _failed(" ".join(filter(None, (f"{error.code}: {error.message}", error.detail))))
    finally:
        interrupts.ignore()
        children.stop()
        place.release()


if __name__ == "__main__":
    raise SystemExit(main())
