"""Breaks every import contract on purpose, in a temporary copy, and shows that import-linter notices.

A contract that cannot fail protects nothing: one with a misspelt module name passes for ever. Usage::

    python scripts/contracts_trial.py

Exits 1 when a contract is broken before anything is touched, when a break goes unnoticed, or when a contract
of ``pyproject.toml`` has no break below.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Break:
    """One forbidden import: ``line`` is added to ``file``, which is created when it is not there."""

    contract: str
    file: str
    line: str


BREAKS = [
    Break("layers", "canonical/money.py", "import mappings.models"),
    Break("layers", "mappings/models.py", "import syncflows.models"),
    Break("layers", "syncflows/models.py", "import monitoring.apps"),
    Break("layers", "monitoring/apps.py", "import integration_hub.settings"),
    Break("layers", "monitoring/apps.py", "import configuration.apps"),
    Break("layers", "shops/models.py", "import erps.models"),
    Break("layers", "erps/models.py", "import shops.models"),
    Break("layers", "common/clock.py", "import canonical.money"),
    Break("syncflows-layers", "syncflows/models.py", "import syncflows.pipeline"),
    Break("syncflows-layers", "syncflows/flows/orders.py", "import syncflows.jobs"),
    Break("syncflows-layers", "syncflows/states.py", "import syncflows.models"),
    Break("flows", "syncflows/flows/trial_one.py", "import syncflows.flows.orders"),
    Break("sandbox-imports-none-of-ours", "sandbox/faults.py", "import common.clock"),
    Break("sandbox-is-imported-by-none", "integration_hub/urls.py", "import sandbox.faults"),
    Break("canonical", "canonical/money.py", "import django.conf"),
    Break("http", "shops/shopify/client.py", "import requests"),
    Break("http", "erps/netsuite/client.py", "import urllib3"),
    Break("http", "sandbox/serving.py", "import requests"),
    Break("django-q", "syncflows/pipeline.py", "import django_q.tasks"),
    Break("django-q", "shops/models.py", "import django_q.models"),
    Break("adapters", "syncflows/flows/orders.py", "import erps.netsuite.client"),
    Break("adapters", "erps/port.py", "import erps.netsuite.client"),
    Break("models", "shops/models.py", "import shops.shopify.client"),
    Break("models", "erps/models.py", "import common.http"),
    Break("models", "syncflows/models.py", "import syncflows.flows.orders"),
    Break("no-cycles", "common/clock.py", "import common.trial_two"),
]
COMPANIONS = {"common/trial_two.py": "import common.clock\n", "syncflows/flows/orders.py": ""}
"""Files a break needs beside the one it changes."""


def lint(folder: Path, contract: str | None) -> tuple[bool, str]:
    """Run import-linter in ``folder``, over one contract or all: whether all were kept, and its output."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    if contract is not None:
        command += ["--contract", contract]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def file_of(folder: Path, name: str) -> str:
    """``models.py`` may be the package ``models`` by now; then its ``__init__`` is meant."""
    package = Path(name).with_suffix("") / "__init__.py"
    return str(package) if (folder / package).exists() else name


def noticed(folder: Path, trial: Break) -> tuple[bool, str]:
    """Apply one break to the copy, lint, and take it back: whether its contract was reported as broken."""
    changed = file_of(folder, trial.file)
    touched = {changed, *COMPANIONS}
    before = {name: (folder / name).read_text() if (folder / name).exists() else None for name in touched}
    for name, text in COMPANIONS.items():
        if before[name] is None:
            (folder / name).write_text(text)
    target = folder / changed
    target.write_text(f"{target.read_text() if target.exists() else ''}\n{trial.line}\n")
    kept, said = lint(folder, trial.contract)
    for name, original in before.items():
        if original is None:
            (folder / name).unlink(missing_ok=True)
        else:
            (folder / name).write_text(original)
    # An import that cannot be resolved ends with an error too; that is not a broken contract.
    return not kept and "0 kept, 1 broken" in said, said


def main() -> int:
    """Try every break and print one line each; the number of failures is the exit code's reason."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    contracts = {entry["id"]: entry["name"] for entry in config["contracts"]}
    untried = set(contracts) - {trial.contract for trial in BREAKS}
    failures = [f"no break is written for the contract {name!r}" for name in sorted(untried)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(ROOT / "pyproject.toml", folder)
        for package in config["root_packages"]:
            shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
        kept, said = lint(folder, None)
        if not kept:
            print(said)
            print("contracts: broken before any trial; mend that first", file=sys.stderr)
            return 1
        for trial in BREAKS:
            caught, said = noticed(folder, trial)
            print(f"{'noticed' if caught else 'MISSED ':8} {trial.contract:30} {trial.file}: {trial.line}")
            if not caught:
                failures.append(f"{trial.contract}: {trial.file} with {trial.line!r} went unnoticed:\n{said}")
    for failure in failures:
        print(f"contracts: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
