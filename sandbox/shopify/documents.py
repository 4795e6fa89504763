"""Where the sandbox keeps its objects: one JSON document per object in one SQLite file.

Documents are in the shape the Admin GraphQL API returns. They are never changed in place: a
change is a new document put under the same id, so readers need no lock. A short summary of each
document stays in memory for searching and sorting; bodies are read when asked for.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Summarize = Callable[[Json], Json]
Link = Callable[[Json, Callable[[str], "Json | None"]], None]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
  store TEXT NOT NULL, gid TEXT NOT NULL, kind TEXT NOT NULL,
  summary TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (store, gid)
) WITHOUT ROWID;
"""
_CACHED = 1500


def number_of(gid: str) -> int:
    """The number at the end of a global id; 0 when there is none.

    >>> number_of("gid://shopify/Order/1001")
    1001
    """
    tail = gid.rsplit("/", 1)[-1].split("?", maxsplit=1)[0]
    return int(tail) if tail.isdigit() else 0


class Documents:
    """All documents of all stores in one state directory; safe to use from many threads."""

    def __init__(self, state_dir: Path) -> None:
        state_dir.mkdir(parents=True, exist_ok=True)
        self.folder = state_dir
        self._path = state_dir / "shopify.sqlite3"
        self._lock = threading.RLock()
        self._db = sqlite3.connect(self._path, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)
        self._bodies: OrderedDict[tuple[str, str], Json] = OrderedDict()
        self._summaries: dict[tuple[str, str], dict[str, Json]] = {}
        self._owners: dict[tuple[str, str], str] = {}
        self._batch = 0
        self.version = 0
        self._summarize: dict[str, Summarize] = {}
        self._link: dict[str, Link] = {}
        for store, gid, kind, summary in self._db.execute("SELECT store, gid, kind, summary FROM documents"):
            self._remember(store, kind, gid, json.loads(summary))

    def summarize(self, kind: str, function: Summarize) -> None:
        """Say what the summary of a kind holds; `children` in it lists ids found inside the document."""
        self._summarize[kind] = function

    def link(self, kind: str, function: Link) -> None:
        """Say how references inside a document of this kind are joined to what they name, on reading."""
        self._link[kind] = function

    def _linked(self, store: str, kind: str, document: Json) -> Json:
        function = self._link.get(kind)
        if function is not None:
            function(document, lambda gid: self.get(store, gid))
        return document

    def _remember(self, store: str, kind: str, gid: str, summary: Json) -> None:
        self._summaries.setdefault((store, kind), {})[gid] = summary
        for child in summary.get("children", ()):
            self._owners[store, child] = gid

    def get(self, store: str, gid: str) -> Json | None:
        """The document with this id, or None. Treat it as frozen."""
        key = (store, gid)
        body = self._bodies.get(key)
        if body is not None:
            return body
        with self._lock:
            row = self._db.execute(
                "SELECT body, kind FROM documents WHERE store = ? AND gid = ?", (store, gid)
            ).fetchone()
            if row is None:
                return None
            body = self._linked(store, row[1], json.loads(row[0]))
            self._cache(key, body)
        return body

    def editable(self, store: str, gid: str) -> Json | None:
        """A private copy to change and `put` again; references in it are bare, as stored."""
        with self._lock:
            row = self._db.execute(
                "SELECT body FROM documents WHERE store = ? AND gid = ?", (store, gid)
            ).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def _cache(self, key: tuple[str, str], body: Json) -> None:
        self._bodies[key] = body
        self._bodies.move_to_end(key)
        while len(self._bodies) > _CACHED:
            self._bodies.popitem(last=False)

    def put(self, store: str, kind: str, document: Json) -> None:
        """Store the document under its `id`, replacing what was there. The caller must not use it after."""
        gid = document["id"]
        make = self._summarize.get(kind)
        summary = make(document) if make else {}
        with self._lock:
            self._db.execute(
                "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?)",
                (store, gid, kind, json.dumps(summary), json.dumps(document, ensure_ascii=False)),
            )
            self._remember(store, kind, gid, summary)
            self._cache((store, gid), self._linked(store, kind, document))
            self._changed()

    def delete(self, store: str, kind: str, gid: str) -> bool:
        """Remove a document; false when it was not there."""
        with self._lock:
            found = self._summaries.get((store, kind), {}).pop(gid, None)
            self._bodies.pop((store, gid), None)
            self._db.execute("DELETE FROM documents WHERE store = ? AND gid = ?", (store, gid))
            self._changed()
        return found is not None

    def _changed(self) -> None:
        self.version += 1
        if not self._batch:
            self._db.commit()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Hold the lock and commit once at the end: for read-change-write and for loading many."""
        with self._lock:
            self._batch += 1
            try:
                yield
            finally:
                self._batch -= 1
                if not self._batch:
                    self._db.commit()

    def summaries(self, store: str, kind: str) -> dict[str, Json]:
        """A copy of the summaries of one kind, by id."""
        with self._lock:
            return dict(self._summaries.get((store, kind), {}))

    def summary(self, store: str, kind: str, gid: str) -> Json | None:
        """The summary of one document, or None."""
        return self._summaries.get((store, kind), {}).get(gid)

    def owner(self, store: str, child: str) -> str | None:
        """The id of the document that contains this child (a refund's order), or None."""
        return self._owners.get((store, child))

    def all(self, store: str, kind: str) -> list[Json]:
        """Every document of a kind, by ascending number."""
        found = (self.get(store, gid) for gid in sorted(self.summaries(store, kind), key=number_of))
        return [document for document in found if document is not None]

    def stores(self) -> list[str]:
        """Names of the stores that have any document."""
        with self._lock:
            return sorted({store for store, _ in self._summaries})

    def clear(self) -> None:
        """Remove everything."""
        with self._lock:
            self._db.execute("DELETE FROM documents")
            self._db.commit()
            self._bodies.clear()
            self._summaries.clear()
            self._owners.clear()
            self.version += 1

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()
