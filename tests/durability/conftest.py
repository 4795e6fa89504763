"""Installations for the durability tests, each on a database of its own with its tables made already."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.durability.installation import Installation

TEMPLATE = f"hub_durability_{uuid.uuid4().hex[:8]}"


def sibling(name: str) -> str:
    """The address of another database on the test run's PostgreSQL server."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def on_server(statement: str) -> None:
    """Run one statement outside of a transaction."""
    with psycopg.connect(sibling("postgres"), autocommit=True) as connection:
        connection.execute(statement.encode())


def make_tables(folder: Path, url: str) -> None:
    """Migrate a database in a process of its own."""
    with Installation(folder, url) as installation:
        installation.new_console()("migrate")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL database with all tables, to be copied."""
    on_server(f"CREATE DATABASE {TEMPLATE}")
    make_tables(tmp_path_factory.mktemp("template"), sibling(TEMPLATE))
    yield TEMPLATE
    on_server(f"DROP DATABASE {TEMPLATE} WITH (FORCE)")


@pytest.fixture
def on_postgres(template: str, tmp_path: Path) -> Iterator[Installation]:
    """An installation on PostgreSQL, not started yet."""
    name = f"{template}_{uuid.uuid4().hex[:8]}"
    on_server(f"CREATE DATABASE {name} TEMPLATE {template}")
    with Installation(tmp_path, sibling(name)) as installation:
        yield installation
    on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Installation]:
    """An installation on SQLite, not started yet."""
    url = f"sqlite:///{tmp_path}/hub.sqlite3"
    make_tables(tmp_path, url)
    with Installation(tmp_path, url) as installation:
        yield installation
