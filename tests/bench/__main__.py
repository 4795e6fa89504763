"""`make bench`: what an order costs, and whether the ERP's slots are kept busy. SHORT=1 for the form CI runs.

The sandbox and the hub run in processes of their own on this machine; CPU and memory counted are the hub's. Prints a
table, writes bench-results/latest.json, and ends non-zero when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.targets import Figure, judge, table

ROOT = Path(__file__).resolve().parents[2]
Json = dict[str, Any]
SLOTS = 15


@contextmanager
def sandbox(folder: Path) -> Iterator[dict[str, str]]:
    """Both sandbox systems, empty of orders."""
    announce = folder / "addresses.json"
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "--state",
        str(folder / "sandbox"),
        "--announce",
        str(announce),
    ]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not announce.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("The sandbox did not start.")
            time.sleep(0.1)
        yield json.loads(announce.read_text(encoding="utf-8"))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def run_hub(database_url: str, given: Json) -> Json:
    """One benchmark process of the hub on a fresh database."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder, sandbox(Path(folder)) as addresses:
        url = database_url or f"sqlite:///{folder}/hub.sqlite3"
        environment = {
            **os.environ,
            "HUB_ENV_FILE": os.devnull, "DEBUG": "0", "HTTPS_ONLY": "0", "DATABASE_URL": url, "LOG_LEVEL": "ERROR",
            "SECRET_KEY": "only-for-the-benchmark-only-for-the-benchmark-only-for-it",
            "HUB_SECRET_KEYS": "only-for-the-benchmark-only-for-the-benchmark",
            "HUB_EXTRA_API_HOSTS": ",".join(a.split("//")[1] for a in addresses.values()),
            "DJANGO_SETTINGS_MODULE": "integration_hub.settings",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.hub"],
            input=json.dumps({**addresses, **given}), capture_output=True, text=True, cwd=ROOT, env=environment,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"The benchmark process failed:\n{done.stderr[-4000:]}")
        result: Json = json.loads(done.stdout)
        return result


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL that the tests' own keeper starts (without fsync), stopped at the end."""
    keeper = subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "pg" / "hubpg.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert keeper.stdout is not None
        address = keeper.stdout.readline().strip()
        if not address.startswith("postgresql://"):
            raise SystemExit(f"No PostgreSQL for the benchmark: {address}")
        yield address
    finally:
        keeper.communicate()


def figures_of(run: Json, latency_s: float) -> list[Figure]:
    """The figures of one run, each with its target where the product promises one."""
    whole, fetch, mapped = run["whole"], run.get("fetch"), run.get("map")
    count = max(whole["orders"], 1)
    found = []
    if fetch and mapped:
        found += [
            Figure("fetch + normalize", fetch["orders"] / fetch["wall_s"], "orders/s"),
            Figure("fetch + normalize, CPU", fetch["cpu_s"] / fetch["orders"] * 1000, "ms/order"),
            Figure(
                "points, three-line order", fetch["points"] / fetch["orders"], "points/order", at_most=2.0
            ),
            Figure("points asked for, the same", fetch["points_requested"] / fetch["orders"], "points/order"),
            Figure("map + check", mapped["orders"] / mapped["wall_s"], "orders/s"),
            Figure("map + check, CPU", mapped["cpu_s"] / mapped["orders"] * 1000, "ms/order"),
        ]
    ceiling = SLOTS / latency_s
    found += [
        Figure("whole way, CPU", whole["cpu_s"] / count * 1000, "ms/order", at_most=40.0),
        Figure("whole way, steady", whole["steady_per_s"], "orders/s"),
        Figure("share of the slot ceiling", whole["steady_per_s"] / ceiling * 100, "%", at_least=95.0),
        Figure("ERP requests", whole["erp_requests"] / count, "per order", at_most=1.2),
        Figure("database queries", whole["queries"] / count, "per order"),
        Figure("peak requests at once", whole["peak_concurrency"], "requests", at_most=SLOTS),
        Figure("orders not finished", whole["unfinished"] + whole["blocked"], "orders", at_most=0),
        Figure("peak memory", run["peak_mb"], "MB"),
    ]
    return found


def _full(runs: dict[str, Json]) -> list[Figure]:
    """What only the full form measures: ten thousand orders, and the same thousand on PostgreSQL. Adds to `runs`."""
    unhindered = {"slots": SLOTS, "latency": None, "only_whole": True, "sample": 0}
    big = runs["sqlite_10000"] = run_hub("", {**unhindered, "orders": 10_000})
    with postgres() as address:
        other = runs["postgresql"] = run_hub(address, {**unhindered, "orders": 1000})
    whole, there = big["whole"], other["whole"]
    grown = big["peak_mb"] / runs["sqlite"]["peak_mb"]
    return [
        Figure("peak memory, 10,000 orders", big["peak_mb"], "MB"),
        Figure("memory, 10,000 against 1,000", grown, "times", at_most=1.3),
        Figure("whole way without waiting", whole["orders"] / whole["wall_s"], "orders/s"),
        Figure("the same on PostgreSQL", there["orders"] / there["wall_s"], "orders/s"),
        Figure("whole way on PostgreSQL, CPU", there["cpu_s"] / there["orders"] * 1000, "ms/order"),
        Figure("peak memory on PostgreSQL", other["peak_mb"], "MB"),
    ]


def main() -> int:
    """Run, print, keep, judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="the form CI runs: under a minute and a half")
    options = parser.parse_args()
    short = options.short
    # Fixed latency in the short form: few orders, so the spread of a lognormal would be mostly chance.
    latency: Any = 1000 if short else {"median_ms": 1500, "sigma": 0.4, "seed": 1}
    mean_s = 1.0 if short else 1.5 * 2.718281828 ** (0.4**2 / 2)
    orders = 300 if short else 1000
    print(
        f"bench: {platform.python_version()} on {os.cpu_count()} cores, {orders} orders of 3 lines, {SLOTS} slots"
    )
    run = run_hub("", {"orders": orders, "sample": min(orders, 500), "slots": SLOTS, "latency": latency})
    figures = figures_of(run, mean_s)
    runs = {"sqlite": run}
    if not short:
        figures += _full(runs)
    print(table(figures))
    kept = ROOT / "bench-results"
    kept.mkdir(exist_ok=True)
    (kept / "latest.json").write_text(json.dumps(runs, indent=2), encoding="utf-8")
    missed = judge(figures)
    for line in missed:
        print(f"bench: MISSED {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
