"""Which processes come from which: from /proc where there is one, else from `ps`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Iterator
from pathlib import Path

PROC = Path("/proc")


def descendants(ancestor: int, but: Collection[int] = ()) -> set[int]:
    """Ids of all processes that come from one, itself not included; neither are those of `but` and what comes from
    them."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    open_ends = [ancestor]
    while open_ends:
        fresh = [pid for pid in children.get(open_ends.pop(), []) if pid not in found and pid not in but]
        found.update(fresh)
        open_ends += fresh
    return found


def _parents() -> Iterator[tuple[int, int]]:
    """(process, its parent) for every process."""
    if (PROC / "self" / "stat").exists():
        yield from _from_proc()
        return
    lister = subprocess.Popen(["/bin/ps", "-axo", "pid=,ppid="], stdout=subprocess.PIPE, text=True)
    for line in lister.communicate()[0].splitlines():
        pid, parent = map(int, line.split())
        if pid != lister.pid:
            yield pid, parent


def _from_proc() -> Iterator[tuple[int, int]]:
    for entry in os.scandir(PROC):
        if entry.name.isdigit():
            try:
                stat = Path(entry.path, "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue  # it ended meanwhile
            # The program's name, in brackets, may hold blanks and brackets: what follows the last one is regular.
            yield int(entry.name), int(stat.rpartition(")")[2].split()[1])
