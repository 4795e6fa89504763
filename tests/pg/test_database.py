"""The run uses the database it was asked to use."""

from __future__ import annotations

import os

import pytest
from django.db import connection

from hubpg import ENGINES


@pytest.mark.django_db
def test_the_run_uses_the_database_it_was_asked_to_use() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    assert connection.vendor == ENGINES[os.environ["HUB_TEST_DB"]]


@pytest.mark.pg
def test_a_server_of_our_own_is_a_current_postgresql(db: None) -> None:
    assert connection.vendor == "postgresql"
    version: int = connection.pg_version  # type: ignore[attr-defined]
    assert version >= 140000, "Django 5.2 supports PostgreSQL 14 and newer"
