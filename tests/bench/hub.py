"""The hub's side of the benchmark, in a process of its own, so that its CPU and memory are the hub's alone.

Reads one JSON object from standard input (addresses, counts), writes one JSON object with the figures.
"""

from __future__ import annotations

import os

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integration_hub.settings")
    django.setup()
    from tests.bench.phases import main

    main()
