"""Reads settings from the environment. What cannot be read is kept as a problem, so that a system check says what to
write instead of a traceback; until then the safer value holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import environ

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"", "0", "false", "no", "off"})
ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")
NO_DATABASE = {"ENGINE": "django.db.backends.dummy"}
"""Refuses every query: better than working on another database than the one that was meant."""


class Environment:
    """Settings by name, each also from the file NAME_FILE names. `problems` are (name, what is wrong, what to do)."""

    def __init__(self) -> None:
        self.problems: list[tuple[str, str, str]] = []
        self._env = environ.FileAwareEnv()

    def read_file(self, path: Path) -> None:
        """Take what the environment does not say from a file of NAME=value lines."""
        self._env.read_env(path)

    def text(self, name: str, default: str) -> str:
        """A text; the default when it is not set, or its file cannot be read."""
        try:
            return str(self._env.str(name, default=default))
        except OSError as error:
            self._problem(name, f"The file {name}_FILE names cannot be read: {error.strerror}.",
                          f"Correct the path in {name}_FILE, or let the hub's user read the file.")  # fmt: skip
            return default

    def words(self, name: str, default: list[str]) -> list[str]:
        """Texts separated by commas."""
        found = self.text(name, "\0")
        return default if found == "\0" else [word.strip() for word in found.split(",") if word.strip()]

    def flag(self, name: str, *, default: bool) -> bool:
        """Yes or no; the default for anything else."""
        found = self.text(name, "1" if default else "0").strip().lower()
        if found not in TRUE | FALSE:
            self._problem(name, f"{name} is '{found}'.", f"Write {name}=1 for yes or {name}=0 for no.")
            return default
        return found in TRUE

    def number(self, name: str, default: int) -> int:
        """A whole number; the default for anything else."""
        found = self.text(name, str(default)).strip()
        try:
            return int(found)
        except ValueError:
            self._problem(name, f"{name} is '{found}'.", f"Write a whole number, e.g. {name}={default}.")
            return default

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """One of some words, in capitals; the default for anything else."""
        found = self.text(name, default).strip().upper()
        if found not in allowed:
            self._problem(name, f"{name} is '{found}'.", f"Write one of {', '.join(allowed)}.")
            return default
        return found

    def database(self, name: str, default: str) -> dict[str, Any]:
        """The database of an address, as Django wants it; one that refuses every query for an address of no kind the
        hub works with."""
        found = self.text(name, default)
        try:
            parsed: dict[str, Any] = self._env.db_url_config(found)
        except (ValueError, environ.ImproperlyConfigured):
            parsed = {}
        if parsed.get("ENGINE") not in ENGINES:
            kind = found.partition(":")[0] if ":" in found else "no address"
            self._problem(name, f"{name} is of a kind the hub does not work with ({kind}).",
                          f"Write {name}=postgresql://user:password@host:5432/database, or leave it out for "
                          "SQLite under var/.")  # fmt: skip
            return dict(NO_DATABASE)
        return parsed

    def _problem(self, name: str, what: str, remedy: str) -> None:
        self.problems.append((name, what, remedy))
