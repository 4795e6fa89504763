"""Where the demo lives: its folder, settings with secrets made once, the addresses it used last, its lock."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from integration_hub.demo.failures import InUse

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
WEB_PORT = 8000


def is_free(port: int) -> bool:
    """Whether a server could listen on a port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port(*preferred: int) -> int:
    """The first of the preferred ports that is free, else any free one."""
    for port in preferred:
        if port and is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def setting_names() -> set[str]:
    """Every setting the hub reads, as .env.example offers them."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    return set(re.findall(r"^#?([A-Z][A-Z_]+)=", example, flags=re.MULTILINE))


def _write_private(path: Path, text: str) -> None:
    """Replace a file that only its owner may read."""
    partial = path.with_name(path.name + ".part")
    partial.unlink(missing_ok=True)
    with os.fdopen(
        os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    partial.replace(path)


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports of this run."""

    web: int
    shopify: int
    netsuite: int


class Place:
    """The folder of one demo."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.logs = self.folder / "logs"
        self.sandbox = self.folder / "sandbox"
        self.announce = self.folder / "sandbox.json"
        self.settings_file = self.folder / "demo.env"
        self._kept_file = self.folder / "kept.json"
        self._lock: IO[str] | None = None

    def take(self, *, fresh: bool) -> None:
        """Make the folder and lock it; with `fresh` throw away what earlier runs left. Raises InUse."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (self.folder / "lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            where = lock.read().strip() or "it does not say where"
            lock.close()
            raise InUse(
                f"A demo is running here already ({where}). Stop it with Ctrl-C in its terminal, then start again."
            ) from error
        self._lock = lock
        if fresh:
            for entry in self.folder.iterdir():
                if entry.name != "lock":
                    shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        self.logs.mkdir(exist_ok=True)
        self.sandbox.mkdir(exist_ok=True)
        self.announce.unlink(missing_ok=True)
        self.note("starting")

    def release(self) -> None:
        """Give the folder back."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def note(self, text: str) -> None:
        """Write into the lock file what another demo would say about this one."""
        if self._lock is not None:
            self._lock.seek(0)
            self._lock.truncate()
            self._lock.write(f"process {os.getpid()}, {text}\n")
            self._lock.flush()

    def _kept(self) -> dict[str, Any]:
        try:
            found = json.loads(self._kept_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _keep(self, **values: Any) -> None:
        _write_private(self._kept_file, json.dumps({**self._kept(), **values}, indent=1))

    def ports(self, wanted_web: int | None) -> Ports:
        """Free ports, those of the last run where they are free. Raises InUse when the one asked for is taken."""
        if wanted_web and not is_free(wanted_web):
            raise InUse(
                f"Port {wanted_web} is taken. Stop what listens there, or choose another: make demo PORT=8123."
            )
        last = self._kept()
        found = Ports(
            web=wanted_web or free_port(WEB_PORT, last.get("web", 0)),
            shopify=free_port(last.get("shopify", 0)),
            netsuite=free_port(last.get("netsuite", 0)),
        )
        self._keep(web=found.web, shopify=found.shopify, netsuite=found.netsuite)
        return found

    def secret(self, name: str, length: int = 48) -> str:
        """A random text made at the first run and kept for the next ones."""
        found = self._kept().get(name)
        if not isinstance(found, str):
            found = secrets.token_urlsafe(length)
            self._keep(**{name: found})
        return found

    def write_settings(self, ports: Ports) -> None:
        """Settings of a real installation, without https: this is one machine talking to itself."""
        values = {
            "DEBUG": "0",
            "SECRET_KEY": self.secret("secret_key"),
            "HUB_SECRET_KEYS": self.secret("hub_secret_key"),
            "DATABASE_URL": f"sqlite:///{self.folder / 'hub.sqlite3'}",
            "HUB_PUBLIC_URL": f"http://{HOST}:{ports.web}",
            "ALLOWED_HOSTS": f"{HOST},localhost",
            "HTTPS_ONLY": "0",
            "HUB_EXTRA_API_HOSTS": f"{HOST}:{ports.shopify},{HOST}:{ports.netsuite}",
            "HUB_WORKERS": "2",
        }
        head = f"# Written by make demo at every start. {self.folder.name} is local: nothing here is for production.\n"
        _write_private(self.settings_file, head + "".join(f"{k}={v}\n" for k, v in values.items()))

    def environment(self) -> dict[str, str]:
        """The environment of the demo's processes: this one, without settings meant for another installation."""
        ours = setting_names()
        kept = {k: v for k, v in os.environ.items() if k not in ours and k.removesuffix("_FILE") not in ours}
        return {**kept, "HUB_ENV_FILE": str(self.settings_file), "PYTHONUNBUFFERED": "1"}
