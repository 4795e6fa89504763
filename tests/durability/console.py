"""A door into an installation under test: a process with the installation's own settings and database.

Reads one JSON object per line from standard input ({"do": name, ...arguments}), answers each with one line: {"answer":
...}, or {"error": ...} when the deed failed. Deeds that report on their way write {"progress": ...} lines before.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Any


def serve() -> None:
    """Answer until standard input ends. What the hub itself prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)

    def say(kind: str, what: Any) -> None:
        answers.write(json.dumps({kind: what}, default=str) + "\n")

    from tests.durability.deeds import DEEDS

    for line in sys.stdin:
        asked = json.loads(line)
        deed = DEEDS[asked.pop("do")]
        try:
            say("answer", deed(lambda what: say("progress", what), **asked))
        except Exception:  # noqa: BLE001 - the test that asked shall see it
            say("error", traceback.format_exc())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integration_hub.settings")
    import django

    django.setup()
    serve()
