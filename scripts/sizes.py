"""Refuses files over 400 lines, functions over 60, and modules named after nothing in particular.

Usage: ``python scripts/sizes.py``. Exits 1 when something is too long, naming it.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 60
REFUSED_NAMES = frozenset({"utils", "helpers", "misc", "manager", "handler", "processor"})


def tracked_files() -> list[Path]:
    """The project's own Python files: those in git and those about to be added."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [Path(line) for line in listed.stdout.splitlines()]
    return [path for path in paths if path.exists() and "migrations" not in path.parts]


def faults(path: Path) -> Iterator[str]:
    """What is too long or badly named in one file, as lines for people."""
    text = path.read_text(encoding="utf-8")
    lines = len(text.splitlines())
    if lines > FILE_LINES:
        yield f"{path}: {lines} lines, {FILE_LINES} at most: split it by what its parts are about"
    if path.stem in REFUSED_NAMES:
        yield f"{path}: a module is named after what is in it, not {path.stem!r}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            length = node.end_lineno - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines, {FUNCTION_LINES} at most"


def main() -> int:
    """Print every fault; 0 when there is none."""
    found = [fault for path in tracked_files() for fault in faults(path)]
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
